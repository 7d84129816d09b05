"""A made-up office beside the province: three communes that merged in summer, with answers before and after."""

import secrets
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.demo.bridge import add_bridge
from survey_app.demo.fieldwork import DemoAccount
from survey_app.demo.records import random_ids
from survey_app.demo.truth import FIRST_DAY, FORM_CHANGE, LAST_DAY, TODAY
from survey_app.models import Period, ScoreRelease, Unit, Wave, WaveUnit
from survey_app.names import sort_key, unit_search_key
from survey_app.queries import lookups, units
from survey_app.services import forms, registry_edits
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.approvals import Moment
from survey_app.services.questionnaires import load_seed_questionnaires
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.rollups import rebuild_rollups
from survey_app.services.submissions import store_rows
from survey_app.vocabulary import Channel, Stage

ROOT, ACCOUNT, WAVE = "MAU", "tinhmau", "mau-sap-nhap"
MERGED_ON = date(2026, 7, 1)
BEGAN = date(2025, 7, 1)
COMMUNES = (("An Bình", 9_400, 0.78, 8.0), ("An Hòa", 7_100, 0.84, 6.0), ("An Lạc", 5_300, 0.71, 4.0))
"""Name, people, share of satisfied answers, answers a working day."""
CHANGE = 0.05
MERGED = NewUnit("MAU.AN", "An Bình Hòa Lạc", "commune", None, 21_800)


def add_merger(session: Session, *, seed: int) -> DemoAccount:
    """Build and commit the office; its account. Its root is its own, so that no province counts its answers."""
    rng = np.random.default_rng([seed, 7])
    root_id = _unit(session, ROOT, "Mẫu (mô phỏng)", parent_id=None, people=sum(each[1] for each in COMMUNES))
    password = secrets.token_urlsafe(12)
    viewer = create_account(
        session, name=ACCOUNT, password=password, role=Role.ADMIN, unit_id=root_id, now=_at(FIRST_DAY)
    )
    old = [
        _unit(session, f"MAU.{place}", name, parent_id=root_id, people=people)
        for place, (name, people, _share, _rate) in enumerate(COMMUNES, start=1)
    ]
    points = [_point(session, place, unit_id, viewer, seed) for place, unit_id in enumerate(old, start=1)]
    wave_id = _wave(session, root_id, old)
    request = ChangeRequest(
        kind="merge", unit_ids=tuple(old), on=MERGED_ON, successors=(MERGED,), parent_id=root_id
    )
    carry_out_simulated(session, request, viewer=viewer, at=Moment(_at(MERGED_ON), MERGED_ON))
    made = units.unit_by_code(session, MERGED.code).id
    rows = _rows(session, wave_id, old, made, points=points, rng=rng)
    store_rows(session, rows, today=TODAY)
    released = {"wave_id": wave_id, "released_through": LAST_DAY}
    session.execute(insert(ScoreRelease), [{"unit_id": unit_id, **released} for unit_id in (*old, made)])
    add_bridge(session, root_id=root_id, unit_id=made, point_id=points[0], seed=seed)
    session.commit()
    rebuild_rollups(session, today=TODAY)
    session.commit()
    return DemoAccount(ACCOUNT, password, Role.ADMIN.value, "tỉnh Mẫu (mô phỏng)")


def _unit(session: Session, code: str, name: str, *, parent_id: int | None, people: int) -> int:
    kind, level = ("province", 1) if parent_id is None else ("commune", 2)
    unit = Unit(
        code=code, name=name, kind=kind, level=level, parent_id=parent_id, population=people, valid_from=BEGAN,
        search_key=unit_search_key(kind, name), sort_key=sort_key(name),
    )  # fmt: skip
    session.add(unit)
    session.flush()
    return unit.id


def _point(session: Session, place: int, unit_id: int, viewer: Viewer, seed: int) -> int:
    name = f"Trung tâm phục vụ hành chính công {COMMUNES[place - 1][0]}"
    return registry_edits.add_point(
        session, unit_id=unit_id, code=f"MAU.{place}.1", name=name, valid_from=BEGAN, viewer=viewer,
        now=_at(FIRST_DAY), today=FIRST_DAY, rng=Random(1_000 * seed + place),
    )  # fmt: skip


def _wave(session: Session, root_id: int, unit_ids: list[int]) -> int:
    version = load_seed_questionnaires(session, FIRST_DAY)["one_tap"]
    wave = Wave(
        code=WAVE, title_vi="Phản hồi thường xuyên (mô phỏng)", title_en="Continuous feedback (simulated)",
        basis="continuous", root_unit_id=root_id, version_id=version.id, opens_on=FORM_CHANGE,
        is_simulated=True,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    session.add_all(WaveUnit(wave_id=wave.id, unit_id=unit_id) for unit_id in unit_ids)
    session.add(
        Period(code="MAU-2026", root_unit_id=root_id, title_vi="Năm 2026", title_en="Year 2026",
               starts_on=date(2026, 1, 1), ends_on=LAST_DAY)
    )  # fmt: skip
    session.flush()
    return wave.id


def _rows(
    session: Session,
    wave_id: int,
    old: list[int],
    made: int,
    *,
    points: list[int],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    wave = lookups.wave_row(session, wave_id)
    form = forms.load_form(session, version_id=wave.version_id)
    shared = {"wave_id": wave_id, "version_id": wave.version_id, "channel": Channel.QR, "language": "vi",
              "stage": Stage.COLLECT_RESULT}  # fmt: skip
    packed = {
        code: form.pack({"overall": code}, stage=Stage.COLLECT_RESULT, channel=Channel.QR,
                        reached=frozenset({"overall"}))
        for code in ("very_satisfied", "satisfied", "neutral", "dissatisfied")
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    day = FORM_CHANGE
    while day <= LAST_DAY:
        is_after = day >= MERGED_ON
        for place, (_name, _people, share, rate) in enumerate(COMMUNES):
            for _ in range(int(rng.poisson(rate)) if day.weekday() < 5 else 0):
                satisfied = rng.random() < share + CHANGE * is_after
                code = rng.choice(
                    ["very_satisfied", "satisfied"] if satisfied else ["neutral", "dissatisfied"]
                )
                owner = {"unit_id": made if is_after else old[place], "point_id": points[place]}
                found.append({**shared, **owner, "collected_on": day, "received_on": day,
                              "answers": packed[str(code)], "digest": rng.bytes(16)})  # fmt: skip
        day += timedelta(days=1)
    for row, key in zip(found, random_ids(rng, len(found)), strict=True):
        row["id"] = key
    return sorted(found, key=lambda row: bytes(row["id"].bytes))


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
