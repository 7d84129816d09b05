"""Drawing a sample: once a unit in a wave, from a seed that is kept, so that anybody can draw it again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from analysis.planning.stratified import allocate
from survey_app.errors import DrawRefused
from survey_app.models import SampleCase, SampleDraw, SampleStratum, WaveUnit
from survey_app.queries import samples as queries
from survey_app.queries import set_asides
from survey_app.queries.samples import Draw, Frame, SampleWave
from survey_app.services import audit, saved_plans
from survey_app.services.accounts import Viewer
from survey_app.services.frame_reader import Entry
from survey_app.services.sample_frames import entries_of, frame_digest, own_frame, own_wave
from survey_app.services.selection import METHODS, Drawn, Recipe, cases_digest, draw

MOST_CASES = 50_000
LONGEST_SEED = 40
MOST_RESERVES = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawAsked:
    """How many cases, shared out how, and how drawn. With a plan, its numbers of each unit count."""

    frame_id: int
    method: str
    seed: str = ""
    n: int = 0
    allocation: str = "proportional"
    minimum: int = 1
    plan_id: int | None = None
    reserve_share: float = 0.3
    take: int = 10


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a draw, made again, is the one that is stored."""

    is_frame_same: bool
    is_sample_same: bool
    is_list_same: bool

    @property
    def is_same(self) -> bool:
        return self.is_frame_same and self.is_sample_same and self.is_list_same


def draw_sample(
    session: Session,
    asked: DrawAsked,
    *,
    viewer: Viewer,
    now: datetime,
    today: date,
    is_simulated: bool = False,
) -> int:
    """Draw, keep the record and the list, and give the wave its targets and frame sizes; the draw's id."""
    wave, frame = own_frame(session, frame_id=asked.frame_id, viewer=viewer)
    set_asides.lock_wave(session, wave.id)
    _check(asked, wave, frame, today=today)
    entries = entries_of(session, frame.id)
    seed = asked.seed.strip() or secrets.token_hex(8)
    wanted = _wanted(session, asked, entries, viewer=viewer, today=today)
    recipe = Recipe(asked.method, seed, wanted, asked.reserve_share, asked.take)
    _refuse_drawn(session, wave, entries, wanted, typed=asked.seed.strip())
    drawn = draw(entries, recipe)
    row = SampleDraw(
        frame_id=frame.id, method=asked.method, seed=seed,
        asked={"wanted": dict(wanted), "reserve_share": asked.reserve_share, "take": asked.take,
               "allocation": asked.allocation, "minimum": asked.minimum, "plan_id": asked.plan_id},
        frame_digest=frame_digest(entries), cases_digest=cases_digest(drawn.cases), n_cases=len(drawn.mains),
        n_reserves=len(drawn.cases) - len(drawn.mains), drawn_on=today, drawn_by_id=viewer.account_id,
        is_simulated=is_simulated,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _store(session, row.id, drawn)
    _tell_wave(session, wave.id, drawn)
    audit.record(
        session, "sample.drawn", target=f"sample_draw:{row.id}", by=viewer, at=now,
        details={"wave": wave.code, "seed": seed, "method": asked.method, "n": row.n_cases,
                 "frame": row.frame_digest.hex(), "list": row.cases_digest.hex()},
    )  # fmt: skip
    return row.id


def own_draw(session: Session, *, draw_id: int, viewer: Viewer) -> tuple[SampleWave, Draw]:
    """A draw of an office that the viewer may see; any other does not exist."""
    found = queries.draw_by_id(session, draw_id)
    return own_wave(session, wave_id=found.wave_id, viewer=viewer), found


def standing_draw(session: Session, *, draw_id: int, viewer: Viewer) -> tuple[SampleWave, Draw]:
    """A draw to work with: one that was set aside is a record only. Nobody sets it aside while this runs."""
    wave, _draw = own_draw(session, draw_id=draw_id, viewer=viewer)
    set_asides.lock_wave(session, wave.id)
    found = queries.draw_by_id(session, draw_id)
    if found.set_aside_on is not None:
        raise DrawRefused("set_aside")
    return wave, found


def check_draw(session: Session, draw_id: int) -> Checked:
    """Draw again from the stored frame and seed, and compare frame, sample and stored list."""
    stored = queries.draw_by_id(session, draw_id)
    entries = entries_of(session, stored.frame_id)
    if not entries:
        raise DrawRefused("frame_gone")
    again = draw(entries, recipe_of(stored))
    listed = {
        (row.unit_id, row.label, row.stratum, row.cluster, row.role, row.place, row.probability)
        for row in queries.cases_of_draw(session, draw_id)
    }
    redrawn = {
        (case.unit_id, case.label, case.stratum, case.cluster, case.role, case.place, case.probability)
        for case in again.cases
    }
    return Checked(
        frame_digest(entries) == stored.frame_digest,
        cases_digest(again.cases) == stored.cases_digest,
        listed == redrawn,
    )


def recipe_of(stored: Draw) -> Recipe:
    asked = stored.asked
    return Recipe(stored.method, stored.seed, asked["wanted"], asked["reserve_share"], asked["take"])


def _check(asked: DrawAsked, wave: SampleWave, frame: Frame, *, today: date) -> None:
    if not frame.is_accepted:
        raise DrawRefused("frame_not_taken")
    if wave.closes_on is not None and wave.closes_on < today:
        raise DrawRefused("wave_over")
    if asked.method not in METHODS[frame.kind]:
        raise DrawRefused("wrong_method")
    if len(asked.seed.strip()) > LONGEST_SEED or "\n" in asked.seed:
        raise DrawRefused("long_seed")
    if not 0 <= asked.reserve_share <= MOST_RESERVES or not 1 <= asked.take <= 1000 or asked.minimum < 0:
        raise DrawRefused("wrong_number")
    if asked.plan_id is None and not 1 <= asked.n <= MOST_CASES:
        raise DrawRefused("wrong_number")


def _wanted(
    session: Session, asked: DrawAsked, entries: list[Entry], *, viewer: Viewer, today: date
) -> Mapping[str, int]:
    """Cases by unit code, never more than the frame holds."""
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.unit_code] = sizes.get(entry.unit_code, 0) + entry.size
    if asked.plan_id is not None:
        _stored, plan = saved_plans.computed(session, plan_id=asked.plan_id, viewer=viewer, today=today)
        planned = {row.code: row.n for row in plan.rows}
        return {code: min(planned.get(code, 0), size) for code, size in sizes.items() if planned.get(code)}
    codes = list(sizes)
    least = min(asked.minimum, asked.n // len(codes))
    if asked.n > sum(sizes.values()):
        raise DrawRefused("frame_too_small")
    n = allocate(asked.allocation, asked.n, [sizes[code] for code in codes], share=0.5, minimum=least).n
    return {code: int(each) for code, each in zip(codes, n.tolist(), strict=True) if each}


def _refuse_drawn(
    session: Session, wave: SampleWave, entries: list[Entry], wanted: Mapping[str, int], *, typed: str
) -> None:
    """Drawing until the list pleases is no drawing: each unit once a wave.

    Where a draw was set aside, the next one needs the seed that was said then, which the system must not make up.
    """
    units = {entry.unit_id for entry in entries if wanted.get(entry.unit_code)}
    if units & queries.drawn_unit_ids(session, wave.id):
        raise DrawRefused("already_drawn")
    seeds = set_asides.seeds_set_aside(session, wave.id, units)
    if seeds and (not typed or typed in seeds):
        raise DrawRefused("needs_new_seed")


def _store(session: Session, draw_id: int, drawn: Drawn) -> None:
    counts: dict[tuple[int, int], list[int]] = {}
    for case in drawn.cases:
        of_stratum = counts.setdefault((case.unit_id, case.stratum), [0, 0])
        of_stratum[case.role == "reserve"] += 1
    session.execute(
        insert(SampleStratum),
        [
            {"draw_id": draw_id, "unit_id": each.unit_id, "number": each.number, "name": each.name,
             "population": each.population, "n_cases": counts.get((each.unit_id, each.number), [0, 0])[0],
             "n_reserves": counts.get((each.unit_id, each.number), [0, 0])[1]}
            for each in drawn.strata
        ],
    )  # fmt: skip
    session.execute(
        insert(SampleCase),
        [
            {"draw_id": draw_id, "unit_id": case.unit_id, "label": case.label, "stratum": case.stratum,
             "cluster": case.cluster, "role": case.role, "place": case.place, "probability": case.probability,
             "weight": case.weight}
            for case in sorted(drawn.cases, key=lambda case: (case.unit_id, case.label))
        ],
    )  # fmt: skip


def _tell_wave(session: Session, wave_id: int, drawn: Drawn) -> None:
    """Targets and frame sizes by unit and stratum: what progress counts against and what corrects for a finite list."""
    n_of: dict[tuple[int, int], int] = {}
    for case in drawn.mains:
        n_of[case.unit_id, case.stratum] = n_of.get((case.unit_id, case.stratum), 0) + 1
    unit_ids = {stratum.unit_id for stratum in drawn.strata}
    session.execute(delete(WaveUnit).where(WaveUnit.wave_id == wave_id, WaveUnit.unit_id.in_(unit_ids)))
    rows = [
        WaveUnit(wave_id=wave_id, unit_id=each.unit_id, stratum=each.number, population=each.population,
                 target=n_of.get((each.unit_id, each.number), 0))
        for each in drawn.strata
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
