"""How far a wave is: answers against targets, what is still needed for a margin, and where nothing comes any more."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from analysis.planning.selection import cluster_design_effect
from analysis.planning.sizes import margin_of_error, sample_size
from survey_app.queries import snapshots, wave_progress, waves
from survey_app.queries.wave_progress import PointRow
from survey_app.queries.waves import Member, PlannedWave
from survey_app.services import devices, interview_report
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.devices import IN_USE, DeviceStanding
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.working_days import load_calendar

SEED = Path(__file__).resolve().parents[2] / "seeds" / "wave_progress.json"


@dataclass(frozen=True, slots=True)
class Rule:
    """What progress is judged by: the margin aimed at, the share and likeness assumed, days of silence."""

    margin: float
    share: float
    intraclass_correlation: float
    silent_days: int
    days_shown: int


@dataclass(frozen=True, slots=True)
class Line:
    """A unit, or a stratum of it, against its target.

    `margin` is what its answers give now; None below the smallest base that an index is said of.
    """

    unit_id: int
    title: str
    stratum: int
    n: int
    target: int | None
    margin: float | None
    n_needed: int

    @property
    def n_missing(self) -> int:
        return max(0, (self.target or 0) - self.n)

    @property
    def percent(self) -> int | None:
        """How much of the target is there, never more than all of it."""
        return None if not self.target else min(100, 100 * self.n // self.target)


@dataclass(frozen=True, slots=True)
class Silent:
    """A point without an answer for some working days; None where it never gave one in this wave."""

    point: PointRow
    n_open_days: int


@dataclass(frozen=True, slots=True)
class Cases:
    """Interviews by what became of them."""

    n_done: int
    n_open: int
    n_not_reached: int
    n_refused: int
    n_replaced: int


@dataclass(frozen=True, slots=True)
class WaveProgress:
    """Everything on the page. `n_needed` brings the whole wave to the margin aimed at."""

    wave: PlannedWave
    n: int
    n_late: int
    lines: tuple[Line, ...]
    channels: tuple[tuple[int, int], ...]
    days: tuple[tuple[date, int], ...]
    silent: tuple[Silent, ...]
    owing: tuple[DeviceStanding, ...]
    cases: Cases | None
    margin: float | None
    n_needed: int
    design_effect: float
    minimum: int
    rule: Rule

    @property
    def target(self) -> int | None:
        targets = [line.target for line in self.lines if line.target is not None]
        return sum(targets) if targets else None

    @property
    def most_a_day(self) -> int:
        return max((n for _, n in self.days), default=0)


@cache
def rule() -> Rule:
    """The office's rule, from the seeds."""
    loaded = json.loads(SEED.read_text(encoding="utf-8"))
    return Rule(**{name: loaded[name] for name in Rule.__dataclass_fields__})


def wave_progress_of(session: Session, wave: PlannedWave, *, viewer: Viewer, today: date) -> WaveProgress:
    """The progress of a wave in the units that the viewer may see."""
    visible = visible_unit_ids(session, viewer=viewer)
    members = [m for m in waves.members(session, wave.row.id, today) if m.unit_id in visible]
    unit_ids = sorted({member.unit_id for member in members})
    counts = wave_progress.unit_counts(session, wave.row.id, unit_ids)
    effects = _design_effects(session, wave, unit_ids, counts)
    policy = current_policy(session, today)
    lines = tuple(_line(member, counts, members, effects, policy) for member in members)
    n = sum(counts.values())
    effect = max(1.0, sum(effects.get(unit, 1.0) * k for (unit, _), k in counts.items()) / n) if n else 1.0
    population = _population(members) if wave.row.basis == "sample" else None
    return WaveProgress(
        wave=wave, n=n, lines=lines,
        n_late=snapshots.n_late(session, wave.row.id) if wave.row.is_closed else 0,
        channels=tuple(sorted(wave_progress.channel_counts(session, wave.row.id, unit_ids).items())),
        days=_days(session, wave, unit_ids, today),
        silent=_silent(session, wave, unit_ids, today),
        owing=_owing(session, unit_ids, viewer, today),
        cases=_cases(session, wave, viewer, today),
        margin=_margin(n, population, effect, policy), n_needed=_needed(n, population, effect, policy),
        design_effect=effect, minimum=policy.min_index, rule=rule(),
    )  # fmt: skip


def _line(
    member: Member,
    counts: Mapping[tuple[int, int], int],
    members: Sequence[Member],
    effects: Mapping[int, float],
    policy: PolicyValues,
) -> Line:
    # Answers that carry no stratum belong to the one that their unit has.
    strata = [other.stratum for other in members if other.unit_id == member.unit_id]
    n = counts.get((member.unit_id, member.stratum), 0)
    if strata == [member.stratum] and member.stratum:
        n += counts.get((member.unit_id, 0), 0)
    effect = effects.get(member.unit_id, 1.0)
    margin = _margin(n, member.population, effect, policy)
    needed = _needed(n, member.population, effect, policy)
    return Line(member.unit_id, member.title, member.stratum, n, member.target, margin, needed)


def _design_effects(
    session: Session, wave: PlannedWave, unit_ids: Sequence[int], counts: Mapping[tuple[int, int], int]
) -> dict[int, float]:
    """By unit, from how many answers a day of a point gives and how alike they are taken to be."""
    if wave.coarsened_on is not None:
        return {}
    clusters = wave_progress.n_point_days(session, wave.row.id, unit_ids)
    totals: dict[int, int] = {}
    for (unit_id, _), n in counts.items():
        totals[unit_id] = totals.get(unit_id, 0) + n
    likeness = rule().intraclass_correlation
    return {
        unit_id: float(cluster_design_effect(max(1.0, totals[unit_id] / n), likeness))
        for unit_id, n in clusters.items()
    }


def _population(members: Sequence[Member]) -> int | None:
    sizes = [member.population for member in members]
    return None if not sizes or None in sizes else sum(size or 0 for size in sizes)


def _margin(n: int, population: int | None, effect: float, policy: PolicyValues) -> float | None:
    if n < policy.min_index:
        return None
    size = max(population, n) if population else None
    return float(
        margin_of_error(
            rule().share, n, population=size, design_effect=effect, confidence_level=policy.confidence_level
        )
    )


def _needed(n: int, population: int | None, effect: float, policy: PolicyValues) -> int:
    """How many more answers bring the margin down to the one aimed at."""
    plan = sample_size(
        rule().share, rule().margin, population=population or None, design_effect=effect,
        confidence_level=policy.confidence_level,
    )  # fmt: skip
    return max(0, int(plan.n) - n)


def _days(
    session: Session, wave: PlannedWave, unit_ids: Sequence[int], today: date
) -> tuple[tuple[date, int], ...]:
    """The last days of the wave, also those without an answer; nothing where only months are known."""
    if wave.coarsened_on is not None or wave.row.opens_on > today:
        return ()
    last = today if wave.row.closes_on is None else min(today, wave.row.closes_on)
    first = max(wave.row.opens_on, last - timedelta(days=rule().days_shown - 1))
    counts = wave_progress.day_counts(session, wave.row.id, unit_ids, since=first)
    n_days = (last - first).days + 1
    return tuple((day, counts.get(day, 0)) for day in (first + timedelta(days=i) for i in range(n_days)))


def _silent(session: Session, wave: PlannedWave, unit_ids: Sequence[int], today: date) -> tuple[Silent, ...]:
    """Points that gave nothing on several working days up to yesterday; only while the wave is asked."""
    if not wave.row.is_open(today):
        return ()
    points = wave_progress.points(session, wave.row.id, unit_ids, on=today)
    # A year of silence says no more than a quarter of it.
    earliest, yesterday = today - timedelta(days=93), today - timedelta(days=1)
    calendar = load_calendar(
        session, earliest, yesterday, unit_ids=unit_ids, point_ids=[point.point_id for point in points]
    )
    found = []
    for point in points:
        last_on = point.last_on or wave.row.opens_on - timedelta(days=1)
        n_open = calendar.open_days(
            max(last_on, earliest), yesterday, unit_id=point.unit_id, point_id=point.point_id
        )
        if n_open >= rule().silent_days:
            found.append(Silent(point, n_open))
    return tuple(found)


def _owing(
    session: Session, unit_ids: Sequence[int], viewer: Viewer, today: date
) -> tuple[DeviceStanding, ...]:
    standings = devices.all_standings(session, viewer=viewer, on=today)
    return tuple(
        each for each in standings if each.unit_id in unit_ids and each.device.state in IN_USE and each.n_owed
    )


def _cases(session: Session, wave: PlannedWave, viewer: Viewer, today: date) -> Cases | None:
    rows = interview_report.wave_progress(session, wave_id=wave.row.id, viewer=viewer, today=today)
    if not rows:
        return None
    names = ("n_done", "n_open", "n_not_reached", "n_refused", "n_replaced")
    return Cases(*(sum(getattr(done, name) for _, _, done in rows) for name in names))
