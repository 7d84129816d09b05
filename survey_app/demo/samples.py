"""The demo's sample plans, and the drawn sample of its sample wave: simulated hamlets that add up to its frame."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import ROOT, UnitPlace
from survey_app.demo.visits import SampleUnit
from survey_app.models import Account
from survey_app.queries import lookups, units
from survey_app.services.accounts import Role, Viewer
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.sample_draws import DrawAsked, draw_sample
from survey_app.services.sample_frames import accept_frame, keep_frame
from survey_app.services.sample_questions import PlanAsked
from survey_app.services.saved_plans import save_plan

OFFICE, WAVE = "sonoivu", "mau-2026"
PLANNED_ON, DRAWN_ON = date(2026, 7, 20), date(2026, 7, 27)
SEED = "XSMT 27/07/2026: 583921"
HOUSEHOLDS = 160
TAKES = (10, 11, 9, 12, 8, 7, 6, 5, 4, 3, 2, 1)
RESIDENTIAL = ("commune", "ward", "special_zone")
COSTS = {"cost_interview": 45_000, "cost_unit": 200_000, "cost_fixed": 20_000_000, "n_interviewers": 40}
PLANS = (
    (
        "Cả tỉnh ±1,5 điểm, ít nhất 30 phiếu mỗi đơn vị",
        {"margin": 0.015, "minimum": 30, "allocation": "power"},
    ),
    ("Từng đơn vị ±5 điểm", {"aim": "units", "margin": 0.05, "minimum": 30}),
)


def plan_and_draw(
    session: Session, places: Sequence[UnitPlace], design: Sequence[SampleUnit], rng: np.random.Generator
) -> None:
    """Two saved scenarios, and a two-stage sample with reserves that agrees with the wave's targets."""
    root = units.unit_by_code(session, ROOT)
    account_id = session.scalars(select(Account.id).where(Account.name == OFFICE)).one()
    office = Viewer(account_id, Role.PAR_OFFICE, root.id)
    for title, changes in PLANS:
        asked = PlanAsked(kinds=RESIDENTIAL, intraclass_correlation=0.03, take=10, **COSTS | changes)
        save_plan(session, unit_id=root.id, title=title, asked=asked, viewer=office, now=_at(PLANNED_ON),
                  today=PLANNED_ON, is_simulated=True)  # fmt: skip
    target = max(unit.target for unit in design)
    drawn = [unit for unit in design if unit.target == target]
    entries = tuple(sorted(_hamlets(places, drawn, rng), key=lambda entry: entry.sort_key))
    frame_id = keep_frame(
        session, FrameRead(entries, False, (), ()), wave_id=lookups.wave_by_code(session, WAVE).id, kind="residents",
        title="Thôn, tổ dân phố (mô phỏng)", viewer=office, now=_at(DRAWN_ON), today=DRAWN_ON, is_simulated=True,
    )  # fmt: skip
    accept_frame(session, frame_id=frame_id, viewer=office, now=_at(DRAWN_ON))
    take = next(take for take in TAKES if target % take == 0)
    asked_draw = DrawAsked(frame_id=frame_id, method="two_stage", seed=SEED, n=target * len(drawn), take=take,
                           allocation="equal", reserve_share=0.2)  # fmt: skip
    draw_sample(session, asked_draw, viewer=office, now=_at(DRAWN_ON), today=DRAWN_ON, is_simulated=True)


def _hamlets(
    places: Sequence[UnitPlace], drawn: Sequence[SampleUnit], rng: np.random.Generator
) -> Iterator[Entry]:
    """Hamlets of about as many households, together the frame that the wave says the unit has."""
    for unit in drawn:
        place = places[unit.unit]
        n = max(1, round(unit.population / HOUSEHOLDS))
        shares = rng.uniform(0.5, 1.5, size=n)
        ends = np.round(np.cumsum(shares) / shares.sum() * unit.population).astype(int)
        sizes = np.diff(ends, prepend=0)
        for number, size in enumerate(sizes.tolist(), 1):
            yield Entry(place.id, place.code, f"T{number:02d}", "", f"Thôn {number} (mô phỏng)", size)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)
