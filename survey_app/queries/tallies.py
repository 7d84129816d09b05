"""Stored answers to counts and moments: whole months from the rollup, everything else from the responses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import LargeBinary, Select, and_, exists, false, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments, item_moments, respondent_moments
from analysis.counting.scoring import Scoring
from analysis.counting.tallies import level_counts
from analysis.packing import N_CODES, Missing
from survey_app.models import (
    CountCell,
    MomentCell,
    Point,
    Response,
    RollupDirty,
    RollupMonth,
    ScoreRelease,
    Wave,
)
from survey_app.months import last_day, months_between
from survey_app.queries import frozen
from survey_app.queries.cells import CLUSTER, SPARSE, is_excluded, stacked_moments
from survey_app.queries.joined import joined
from survey_app.queries.snapshots import TallyRow
from survey_app.vocabulary import INTERVIEWED

CLUSTERS_AT_A_TIME = 2_000
CHOSEN, NOT_CHOSEN = 1, 2  # the byte of an option in a question of many choices


@dataclass(frozen=True, slots=True)
class Scope:
    """Which responses are meant: of these units, waves and form, collected between two days, and released."""

    unit_ids: tuple[int, ...]
    wave_ids: tuple[int, ...]
    version_id: int
    n_slots: int
    starts_on: date
    ends_on: date
    is_excluded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LevelTallies:
    """Level counts (U, S, 32) and responses (U,), in the order of the scope's units."""

    counts: NDArray[np.integer[Any]]
    n_responses: NDArray[np.int64]

    def __add__(self, other: "LevelTallies") -> "LevelTallies":
        counts = np.add(self.counts, other.counts)
        return LevelTallies(counts, np.add(self.n_responses, other.n_responses))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A batch of responses as columns: index of the unit, label of the cluster, packed answers; wave and stratum."""

    units: NDArray[np.int64]
    clusters: NDArray[np.int64]
    answers: NDArray[np.uint8]
    designs: NDArray[np.int64]


def level_tallies(session: Session, scope: Scope) -> LevelTallies:
    """How often each level was given, by unit and slot; of closed waves as it was counted when they were closed."""
    parts = frozen.split(session, scope)
    total = _stored_levels(scope, parts.rows)
    return (
        total + _counted_levels(session, replace(scope, wave_ids=parts.wave_ids)) if parts.wave_ids else total
    )


def _stored_levels(scope: Scope, rows: Sequence[TallyRow]) -> LevelTallies:
    n_units = len(scope.unit_ids)
    counts = np.zeros((n_units, scope.n_slots, N_CODES), dtype=np.int64)
    n_responses = np.zeros(n_units, dtype=np.int64)
    for row in rows:
        (unit,) = _unit_indices(scope, [row.unit_id])
        entries = np.frombuffer(row.counts, dtype=SPARSE)
        counts[unit].reshape(-1)[entries["cell"]] += entries["n"]
        n_responses[unit] += row.n_responses
    return LevelTallies(counts, n_responses)


def _counted_levels(session: Session, scope: Scope) -> LevelTallies:
    n_units = len(scope.unit_ids)
    counts = np.zeros((n_units, scope.n_slots, N_CODES), dtype=np.int64)
    n_responses = np.zeros(n_units, dtype=np.int64)
    plan = plan_of(session, scope)
    position = {unit_id: index for index, unit_id in enumerate(scope.unit_ids)}
    for unit_id, n, packed in session.execute(cells_of(CountCell, CountCell.counts, scope, plan)):
        unit = position[unit_id]
        entries = np.frombuffer(packed, dtype=SPARSE)
        counts[unit].reshape(-1)[entries["cell"]] += entries["n"]
        n_responses[unit] += n
    for rows in stream_rows(session, scope, plan):
        counts += level_counts(rows.answers, rows.units, n_units=n_units)
        n_responses += np.bincount(rows.units, minlength=n_units)
    return LevelTallies(counts, n_responses)


def moment_tallies(session: Session, scope: Scope, scoring: Scoring) -> Moments:
    """Sums and products of respondents and of clusters (device-days, interviewer-months), by unit."""
    parts = frozen.split(session, scope)
    stored = [(row.unit_id, row.n_responses, row.moments, row.n_clusters) for row in parts.rows]
    total = _stored_moments(scope, scoring.columns, stored)
    if not parts.wave_ids:
        return total
    return total + _counted_moments(session, replace(scope, wave_ids=parts.wave_ids), scoring)


def _stored_moments(scope: Scope, columns: tuple[str, ...], rows: Sequence[Any]) -> Moments:
    n_units = len(scope.unit_ids)
    if not rows:
        return Moments.empty(columns, n_units=n_units)
    units = _unit_indices(scope, [row[0] for row in rows])
    return stacked_moments(columns, rows).sum_over(units, n_units)


def _counted_moments(session: Session, scope: Scope, scoring: Scoring) -> Moments:
    n_units = len(scope.unit_ids)
    plan = plan_of(session, scope)
    cells = session.execute(
        cells_of(MomentCell, MomentCell.moments, scope, plan, MomentCell.n_clusters)
    ).all()
    total = _stored_moments(scope, scoring.columns, cells)
    for rows in stream_rows(session, scope, plan):
        total = total + respondent_moments(rows.answers, scoring, rows.units, rows.clusters, n_units=n_units)
    return total


def item_moment_tallies(session: Session, scope: Scope, scoring: Scoring) -> Moments:
    """Products between all items, recounted: only the mean of item shares needs them."""
    n_units = len(scope.unit_ids)
    nobody = np.zeros((0, scope.n_slots), dtype=np.uint8)
    total = item_moments(nobody, scoring, np.zeros(0, np.int64), n_units=n_units)
    parts = frozen.split(session, scope)
    stored = [(row.unit_id, row.n_responses, row.item_moments, row.n_clusters) for row in parts.rows]
    total = total + _stored_moments(scope, total.columns, stored)
    if not parts.wave_ids:
        return total
    for rows in stream_rows(session, replace(scope, wave_ids=parts.wave_ids), None):
        total = total + item_moments(rows.answers, scoring, rows.units, rows.clusters, n_units=n_units)
    return total


def dimension_tallies(session: Session, scope: Scope, *, by: str) -> dict[Any, LevelTallies]:
    """Level counts of all units together, split by the value of a column such as `channel`."""
    return _split_tallies(session, scope, getattr(Response, by), key=lambda value, _: value)


def chosen_among(
    session: Session, scope: Scope, groups: Sequence[Sequence[int]]
) -> tuple[int, tuple[int, ...]]:
    """Of the people who saw a question of many choices: how many, and how many chose any slot of each group."""
    n_asked, n_chosen = 0, np.zeros(len(groups), dtype=np.int64)
    every = sorted({slot for group in groups for slot in group})
    for rows in stream_rows(session, scope, None):
        saw = np.isin(rows.answers[:, every], (CHOSEN, NOT_CHOSEN, Missing.LEFT_BLANK)).any(axis=1)
        n_asked += int(saw.sum())
        n_chosen += [int((rows.answers[:, list(group)] == CHOSEN).any(axis=1).sum()) for group in groups]
    return n_asked, tuple(int(n) for n in n_chosen)


def place_tallies(session: Session, scope: Scope) -> dict[tuple[int, int | None], LevelTallies]:
    """Level counts of all units together by point and desk; None is a desk that nobody named."""
    statement = released_responses(scope, Response.point_id, Response.desk_id, joined(Response.answers))
    rows = session.execute(statement.group_by(Response.point_id, Response.desk_id))
    return {(point_id, desk_id): _tally_of(scope, [packed]) for point_id, desk_id, packed in rows}


def answer_tallies(session: Session, scope: Scope, *, by_slot: int) -> dict[int, LevelTallies]:
    """Level counts of all units together, split by the answer to another question of the same form."""
    split: dict[int, LevelTallies] = {}
    for rows in stream_rows(session, scope, None):
        for value in np.unique(rows.answers[:, by_slot]).tolist():
            answers = rows.answers[rows.answers[:, by_slot] == value]
            counts = level_counts(answers, np.zeros(len(answers), np.int64), n_units=1)
            mine = LevelTallies(counts, np.array([len(answers)]))
            split[value] = split[value] + mine if value in split else mine
    return split


def interviewer_levels(session: Session, scope: Scope) -> dict[str, LevelTallies]:
    """Level counts of all units together by interviewer, of interviews and calls only."""
    statement = released_responses(scope, Response.collector, joined(Response.answers))
    rows = session.execute(
        statement.where(Response.channel.in_(INTERVIEWED), Response.collector.is_not(None)).group_by(
            Response.collector
        )
    )
    return {collector: _tally_of(scope, [packed]) for collector, packed in rows}


def unit_dimension_counts(session: Session, scope: Scope, *, by: str) -> dict[tuple[int, Any], int]:
    """Responses by unit and value of a column such as `channel`."""
    column = getattr(Response, by)
    statement = released_responses(scope, Response.unit_id, column, func.count())
    rows = session.execute(statement.group_by(Response.unit_id, column))
    return {(unit_id, value): n for unit_id, value, n in rows}


def unit_channel_answers(session: Session, scope: Scope, *, slot: int) -> list[tuple[int, int, int, int]]:
    """Unit, channel, byte of one slot and how many answered so: counted by the database, in a total order."""
    code = func.substr(
        Response.answers, literal_column(str(slot + 1)), literal_column("1"), type_=LargeBinary
    )
    statement = released_responses(scope, Response.unit_id, Response.channel, code, func.count())
    rows = session.execute(statement.group_by(Response.unit_id, Response.channel, code))
    return sorted((unit_id, channel, bytes(byte)[0], n) for unit_id, channel, byte, n in rows)


def unit_day_answers(session: Session, scope: Scope, *, slot: int) -> list[tuple[int, date, int, int]]:
    """Unit, day, byte of one slot and how many answered so; nothing of waves of which only months are known."""
    scope = replace(scope, wave_ids=_dated_waves(session, scope))
    code = func.substr(
        Response.answers, literal_column(str(slot + 1)), literal_column("1"), type_=LargeBinary
    )
    columns = (Response.unit_id, Response.collected_on, code)
    rows = session.execute(released_responses(scope, *columns, func.count()).group_by(*columns))
    return sorted((unit_id, day, bytes(byte)[0], n) for unit_id, day, byte, n in rows)


def flagged_level_tallies(session: Session, scope: Scope) -> LevelTallies:
    """Level counts of the responses that carry a sign to be looked at, by unit."""
    n_units = len(scope.unit_ids)
    statement = released_responses(scope, Response.unit_id, Response.answers).where(Response.flags != 0)
    rows = session.execute(statement).all()
    if not rows:
        shape = (n_units, scope.n_slots, N_CODES)
        return LevelTallies(np.zeros(shape, np.int64), np.zeros(n_units, np.int64))
    unit_ids, packed = zip(*rows, strict=True)
    units = _unit_indices(scope, unit_ids)
    counts = level_counts(_matrix(packed, scope.n_slots), units, n_units=n_units)
    return LevelTallies(counts, np.bincount(units, minlength=n_units))


def flag_tallies(session: Session, scope: Scope) -> dict[bool, LevelTallies]:
    """Level counts of responses with and without a sign to be looked at."""
    split = _split_tallies(session, scope, Response.flags, key=lambda flags, _: bool(flags))
    return {flagged: split.get(flagged, _tally_of(scope, [])) for flagged in (False, True)}


def weekly_tallies(session: Session, scope: Scope) -> dict[date, LevelTallies]:
    """Level counts by week, Monday to Sunday, keyed by the Monday; nothing of waves of which only months are known."""
    scope = replace(scope, wave_ids=_dated_waves(session, scope))
    split = _split_tallies(
        session, scope, Response.channel, key=lambda _, day: day - timedelta(days=day.weekday())
    )
    return {monday: split[monday] for monday in sorted(split)}


def _dated_waves(session: Session, scope: Scope) -> tuple[int, ...]:
    statement = select(Wave.id).where(Wave.id.in_(scope.wave_ids), Wave.coarsened_on.is_(None))
    return tuple(sorted(session.scalars(statement)))


def _split_tallies(
    session: Session, scope: Scope, column: Any, *, key: Callable[[Any, date], Any]
) -> dict[Any, LevelTallies]:
    """Level counts of all units together by a key of a column's value and the day, a day at a time."""
    statement = released_responses(scope, column, Response.collected_on, joined(Response.answers))
    split: dict[Any, list[bytes]] = {}
    for value, day, packed in session.execute(statement.group_by(column, Response.collected_on)):
        split.setdefault(key(value, day), []).append(packed)
    return {part: _tally_of(scope, packed) for part, packed in split.items()}


def released_responses(scope: Scope, *columns: Any) -> Select[Any]:
    """Responses of the scope that count: no tests, received up to the unit's last release."""
    excluded = is_excluded()
    return (
        select(*columns)
        .join(
            ScoreRelease,
            and_(ScoreRelease.unit_id == Response.unit_id, ScoreRelease.wave_id == Response.wave_id),
        )
        .where(Response.received_on <= ScoreRelease.released_through)
        .where(Response.unit_id.in_(scope.unit_ids), Response.wave_id.in_(scope.wave_ids))
        .where(Response.version_id == scope.version_id, Response.is_test.is_(False))
        .where(Response.collected_on.between(scope.starts_on, scope.ends_on))
        .where(excluded if scope.is_excluded else ~excluded)
        .where(_has_days(scope))
    )


def _has_days(scope: Scope) -> Any:
    """Where only the month of an answer is known, it is split up only with its whole month."""
    month = scope.ends_on.replace(day=1)
    if scope.ends_on == last_day(month):
        return true()
    coarse = select(Wave.id).where(Wave.coarsened_on.is_not(None))
    return or_(Response.collected_on < month, Response.wave_id.not_in(coarse))


def stream_rows(session: Session, scope: Scope, plan: "Plan | None") -> Iterator[Rows]:
    """The responses that the rollup does not serve, in batches; no cluster lies across two."""
    columns = (Response.unit_id, joined(Response.answers), Response.wave_id, Response.stratum)
    statement = released_responses(scope, *columns).group_by(*CLUSTER)
    if plan is not None:
        if not plan.recount:
            return
        statement = statement.where(or_(*plan.recount))
    result = session.execute(statement, execution_options={"yield_per": CLUSTERS_AT_A_TIME})
    for part in result.partitions():
        unit_ids, packed, wave_ids, strata = zip(*part, strict=True)
        sizes = [len(answers) // scope.n_slots for answers in packed]
        units = np.repeat(_unit_indices(scope, unit_ids), sizes)
        designs = np.repeat(np.column_stack([wave_ids, strata]), sizes, axis=0)
        yield Rows(units, np.repeat(np.arange(len(sizes)), sizes), _matrix(packed, scope.n_slots), designs)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which months the rollup serves, and the conditions under which responses are recounted instead."""

    served: dict[date, tuple[int, ...] | None]
    recount: tuple[Any, ...]


def _whole_months(starts_on: date, ends_on: date) -> list[date]:
    spanned = months_between(starts_on, ends_on)
    return [month for month in spanned if starts_on <= month and last_day(month) <= ends_on]


def plan_of(session: Session, scope: Scope) -> Plan:
    """Whole months whose points are all counted and clean come from the rollup; None marks such a month."""
    whole = _whole_months(scope.starts_on, scope.ends_on)
    if not whole:
        return Plan({}, (Response.collected_on.between(scope.starts_on, scope.ends_on),))
    every = set(session.scalars(select(Point.id)))
    clean = ~exists().where(
        RollupDirty.point_id == RollupMonth.point_id, RollupDirty.month == RollupMonth.month
    )
    built: dict[date, set[int]] = {month: set() for month in whole}
    for month, point_id in session.execute(
        select(RollupMonth.month, RollupMonth.point_id).where(RollupMonth.month.in_(whole), clean)
    ):
        built[month].add(point_id)
    served: dict[date, tuple[int, ...] | None] = {}
    recount: list[Any] = [
        Response.collected_on.between(start, end)
        for start, end in ((scope.starts_on, whole[0] - timedelta(days=1)),
                           (last_day(whole[-1]) + timedelta(days=1), scope.ends_on))
        if start <= end
    ]  # fmt: skip
    for month in whole:
        missing = every - built[month]
        served[month] = tuple(sorted(built[month])) if missing else None
        if missing:
            days = Response.collected_on.between(month, last_day(month))
            recount.append(and_(days, Response.point_id.in_(sorted(missing))))
    return Plan(served, tuple(recount))


def cells_of(
    model: type[CountCell] | type[MomentCell], blob: Any, scope: Scope, plan: Plan, *more: Any
) -> Select[Any]:
    """The cells of the scope in the months that the plan serves."""
    months = [
        model.month == month if points is None else and_(model.month == month, model.point_id.in_(points))
        for month, points in plan.served.items()
    ]
    return (
        select(model.unit_id, model.n_responses, blob, *more)
        .where(or_(*months) if months else false())
        .where(model.unit_id.in_(scope.unit_ids), model.wave_id.in_(scope.wave_ids))
        .where(model.version_id == scope.version_id, model.is_excluded.is_(scope.is_excluded))
    )


def _unit_indices(scope: Scope, unit_ids: Any) -> NDArray[np.int64]:
    order = np.argsort(scope.unit_ids)
    sorted_ids = np.asarray(scope.unit_ids)[order]
    return np.asarray(order[np.searchsorted(sorted_ids, np.asarray(unit_ids))], dtype=np.int64)


def _matrix(packed: Any, n_slots: int) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(packed), dtype=np.uint8).reshape(-1, n_slots)


def _tally_of(scope: Scope, packed: list[bytes]) -> LevelTallies:
    answers = _matrix(packed, scope.n_slots)
    counts = level_counts(answers, np.zeros(len(answers), np.int64), n_units=1)
    return LevelTallies(counts, np.array([len(answers)]))
