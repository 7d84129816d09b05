"""A small bridge wave with answers, in the made-up office: the measured break between two forms has something to show.

It is a wave of the basis "sample", of a unit that has no other, so that no figure of another wave counts its answers.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.demo.records import random_ids
from survey_app.demo.truth import LAST_DAY, TODAY
from survey_app.models import ScoreRelease, Wave, WaveBridge, WaveUnit
from survey_app.queries import questionnaires as versions
from survey_app.services import forms
from survey_app.services.submissions import store_rows
from survey_app.vocabulary import Channel, Stage

WAVE = "mau-bac-cau"
FROM, TO = date(2026, 8, 3), date(2026, 8, 28)
ON_EACH_FORM = 180
OLD, NEW = ("full_form", 0.82), ("vi_du_2027", 0.66)
"""The two forms, and the share of satisfied answers that is true of each."""


def add_bridge(session: Session, *, root_id: int, unit_id: int, point_id: int, seed: int) -> None:
    """The wave, its answers on both forms, and their release; the caller commits and counts."""
    rng = np.random.default_rng([seed, 11])
    old_id, new_id = (_version(session, code) for code, _share in (OLD, NEW))
    wave = Wave(
        code=WAVE, title_vi="Bắc cầu sang phiếu ví dụ 2027 (mô phỏng)",
        title_en="Bridge to the example form of 2027 (simulated)", basis="sample", root_unit_id=root_id,
        version_id=old_id, opens_on=FROM, closes_on=TO, is_simulated=True,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    session.add_all(
        [
            WaveUnit(wave_id=wave.id, unit_id=unit_id),
            WaveBridge(wave_id=wave.id, version_id=new_id, share=0.5),
        ]
    )
    session.flush()
    rows: list[dict[str, Any]] = []
    for version_id, (_code, share) in ((old_id, OLD), (new_id, NEW)):
        place = {"wave_id": wave.id, "version_id": version_id, "unit_id": unit_id, "point_id": point_id}
        rows += _answers(forms.load_form(session, version_id=version_id), place, share=share, rng=rng)
    for row, key in zip(rows, random_ids(rng, len(rows)), strict=True):
        row["id"] = key
    store_rows(session, sorted(rows, key=lambda row: bytes(row["id"].bytes)), today=TODAY)
    session.execute(
        insert(ScoreRelease), [{"unit_id": unit_id, "wave_id": wave.id, "released_through": LAST_DAY}]
    )


def _answers(
    form: forms.Form, place: Mapping[str, int], *, share: float, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """People with a mood of their own, so that the answers of one person go together."""
    items = [form.headline, *(item for factor in form.factors for item in factor.counted_items)]
    days = [FROM + timedelta(days=n) for n in range((TO - FROM).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    found = []
    for number in range(ON_EACH_FORM):
        own = float(np.clip(share + rng.normal(0, 0.15), 0.02, 0.98))
        said = {}
        for item in items:
            wanted = rng.random() < own
            fitting = [choice.code for choice in item.choices if choice.is_satisfied == wanted]
            said[item.code] = fitting[int(rng.integers(len(fitting)))]
        packed = form.pack(
            said, stage=Stage.COLLECT_RESULT, channel=Channel.QR,
            reached=frozenset(item.code for item in items),
        )  # fmt: skip
        day = days[number % len(days)]
        found.append({**place, "channel": Channel.QR, "language": "vi", "stage": Stage.COLLECT_RESULT,
                      "collected_on": day, "received_on": day, "answers": packed, "digest": rng.bytes(16)})  # fmt: skip
    return found


def _version(session: Session, code: str) -> int:
    found = versions.find_version(session, code=code, version=1)
    if found is None:
        raise LookupError(code)
    return found.id
