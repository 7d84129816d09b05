"""Answers by unit, point and month, and the same carried to other units: by point, else by share of people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.comparing.lineage import counts_as_now, counts_as_then, counts_of_points
from analysis.types import FloatArray
from survey_app.months import months_between
from survey_app.queries import point_months
from survey_app.services.counting import Selection
from survey_app.services.unit_lines import Origin

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Satisfied and answering respondents of each unit at each point (rows) by month (columns).

    `versions` are the forms on which each unit was answered.
    """

    rows: tuple[tuple[int, int], ...]
    months: tuple[date, ...]
    k: FloatArray
    n: FloatArray
    versions: dict[int, frozenset[int]]

    def of_unit(self, unit_id: int) -> FloatArray:
        """Answering respondents of a unit by month."""
        return np.asarray(self.n[self.where(unit_id)].sum(axis=0), dtype=np.float64)

    def where(self, unit_id: int) -> Marks:
        """The rows of a unit."""
        return np.array([unit == unit_id for unit, _ in self.rows], dtype=bool)

    def only(self, rows: Marks) -> "Answers":
        kept = tuple(row for row, is_kept in zip(self.rows, rows, strict=True) if is_kept)
        return replace(self, rows=kept, k=self.k[rows], n=self.n[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Counts by month under another unit; months in which a share of people decided are estimates."""

    k: FloatArray
    n: FloatArray
    is_estimated: Marks


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """The unit of each point: on the last day asked about, and on the last day of each old unit."""

    at_the_end: dict[int, int]
    at_the_change: dict[int, dict[int, int]]

    @property
    def old_points(self) -> frozenset[int]:
        return frozenset(point for points in self.at_the_change.values() for point in points)


def read_answers(session: Session, selection: Selection) -> Answers:
    """The overall item over every form that asks it."""
    totals: dict[tuple[int, int], dict[date, tuple[int, int]]] = {}
    versions: dict[int, set[int]] = {}
    for part in selection.parts:
        item = part.form.headline
        for row in point_months.point_months(session, part.scope, slot=item.slot):
            k = sum(row.counts[choice.position] for choice in item.choices if choice.is_satisfied)
            n = sum(row.counts[choice.position] for choice in item.choices)
            cell = totals.setdefault((row.unit_id, row.point_id), {})
            before = cell.get(row.month, (0, 0))
            cell[row.month] = before[0] + k, before[1] + n
            versions.setdefault(row.unit_id, set()).add(part.scope.version_id)
    months = tuple(months_between(selection.starts_on, selection.ends_on))
    rows = tuple(sorted(totals))
    table = np.array(
        [[totals[row].get(month, (0, 0)) for month in months] for row in rows], dtype=float
    ).reshape(len(rows), len(months), 2)
    fixed = {unit_id: frozenset(found) for unit_id, found in versions.items()}
    return Answers(rows, months, table[..., 0], table[..., 1], fixed)


def read_holdings(session: Session, answers: Answers, origins: Sequence[Origin], on: date) -> Holdings:
    points = [point for _, point in answers.rows]
    return Holdings(
        point_months.units_of_points(session, points, on),
        {each.unit.id: point_months.units_of_points(session, points, each.ended_on) for each in origins},
    )


def carried_to_now(answers: Answers, unit_id: int, origins: Sequence[Origin], holdings: Holdings) -> Carried:
    """What the unit of today would have had.

    A point that belongs to it now brings all its answers, one that belongs to another brings none. The answers at
    points that nobody has any more are divided as the people were.
    """
    now = holdings.at_the_end
    places = [0 if unit == unit_id or now.get(point) == unit_id else -1 for unit, point in answers.rows]
    exact = counts_of_points(answers.k, answers.n, np.array(places, dtype=int), n_units=1)
    is_estimated = np.zeros(len(answers.months), dtype=bool)
    if not origins:
        return Carried(exact.k[0], exact.n[0], is_estimated)
    lost = np.array([point not in now for _, point in answers.rows], dtype=bool)
    k, n = (_of_origins(answers, table, lost, origins) for table in (answers.k, answers.n))
    shared = counts_as_now(k, n, [[origin.share, 1 - origin.share] for origin in origins])
    for row, origin in zip(n, origins, strict=True):
        is_estimated |= (row > 0) & (not origin.is_whole)
    return Carried(exact.k[0] + shared.k[0], exact.n[0] + shared.n[0], is_estimated)


def carried_back(
    answers: Answers, unit_id: int, origin: Origin, origins: Sequence[Origin], holdings: Holdings
) -> Carried:
    """The old unit's own answers, and since its end those at what were its points.

    Answers at points that came later are divided by the people of the old units.
    """
    own = answers.where(origin.unit.id) | at_old_points(answers, unit_id, origin, holdings)
    k, n = answers.k[own].sum(axis=0), answers.n[own].sum(axis=0)
    new = np.array(
        [unit == unit_id and point not in holdings.old_points for unit, point in answers.rows], dtype=bool
    )
    new_k, new_n = (table[new].sum(axis=0)[None, :] for table in (answers.k, answers.n))
    people = [[(each.unit.population or 0) * each.share] for each in origins]
    if new_n.any() and sum(row[0] for row in people) > 0:
        shared, place = counts_as_then(new_k, new_n, people), list(origins).index(origin)
        k, n = k + shared.k[place], n + shared.n[place]
    return Carried(k, n, new_n[0] > 0)


def at_old_points(answers: Answers, unit_id: int, origin: Origin, holdings: Holdings) -> Marks:
    """Rows of the unit of today at points that the old one had on its last day."""
    own = holdings.at_the_change[origin.unit.id]
    return np.array(
        [unit == unit_id and own.get(point) == origin.unit.id for unit, point in answers.rows], dtype=bool
    )


def _of_origins(answers: Answers, table: FloatArray, rows: Marks, origins: Sequence[Origin]) -> FloatArray:
    return np.array([table[rows & answers.where(each.unit.id)].sum(axis=0) for each in origins])
