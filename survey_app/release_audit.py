"""The brute-force audit of a release plan: every sum that a reader can make from the tables, tried and counted.

It reads the tables that files and pages are written from, knows nothing of how cells were withheld, and compares
every published figure with every other, every whole with its parts, every period, revision and unit old and new.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

import numpy as np
from scipy import sparse

from analysis.disclosure.audit import audit_release
from analysis.disclosure.differencing import nested_differences
from survey_app.result_tables import ResultTable, comparison_tables, unit_tables
from survey_app.services.figures import Scorecard
from survey_app.services.release_cells import PARTITIONS, n_responses
from survey_app.services.report_content import ReportContent

ALL = "*"
TABLES = ("overall", *PARTITIONS, "factors", "items", "reasons_bad", "reasons_good")
# (unit as first known, row of the table, stretch of days, release by which the answer had come)
Atom = tuple[int, str, date, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """A published base and whom it counts."""

    name: str
    atoms: frozenset[Atom]
    n: int


@dataclass(frozen=True, slots=True)
class AuditResult:
    """How many comparisons were made, and what was laid open, by name."""

    n_figures: int
    n_comparisons: int
    disclosures: tuple[str, ...]

    def __add__(self, other: "AuditResult") -> "AuditResult":
        return AuditResult(
            self.n_figures + other.n_figures,
            self.n_comparisons + other.n_comparisons,
            (*self.disclosures, *other.disclosures),
        )


NOTHING = AuditResult(0, 0, ())


def audit_releases(
    releases: Sequence[ReportContent], *, successors: Mapping[int, int], k: int, is_solved: bool = False
) -> AuditResult:
    """Every difference over releases in their order; `is_solved` also solves all figures together: small ones only."""
    series: dict[tuple[int, str], list[ReportContent]] = defaultdict(list)
    for content in releases:
        # Answers of a sample and those that came by themselves are other people's.
        series[content.comparison.root.id, content.comparison.basis].append(content)
    result = NOTHING
    for contents in series.values():
        for table in TABLES:
            figures = list(_figures(contents, table, successors))
            if figures:
                result += _pairs(figures, k) + _parts(figures, k)
                if is_solved and table in PARTITIONS:
                    result += _solved(figures, k)
    return result


@dataclass(frozen=True, slots=True)
class _Reading:
    """One table over all releases, and how a figure of it is written as persons."""

    table: str
    codes: tuple[str, ...]
    stretches: tuple[date, ...]

    def figure(
        self,
        came: int,
        content: ReportContent,
        told: tuple[str, int],
        *,
        units: Iterable[int],
        name: str,
        release: int,
    ) -> Figure:
        """A figure of a release that counts who had come by the release `came`."""
        row, n = told
        period = content.comparison.period
        days = [day for day in self.stretches if period.starts_on <= day <= period.ends_on]
        rows = self.codes if row == ALL else (row,)
        atoms = product(sorted(units), rows, days, range(came + 1))
        return Figure(f"{release + 1}/{period.code}/{name}/{self.table}.{row}", frozenset(atoms), n)


def _figures(
    releases: Sequence[ReportContent], table: str, successors: Mapping[int, int]
) -> Iterator[Figure]:
    """The bases of one table; the units' totals where its rows are parts of them; the same of the whole."""
    cards = [unit_tables(card) for content in releases for card in content.cards]
    codes = sorted({code for tables in cards for code in _bases(tables, table)})
    reading = _Reading(table, tuple(codes), _stretches(releases))
    for number, content in enumerate(releases):
        everyone: set[int] = set()
        for card in content.cards:
            # A unit that took others in counts their people too, once a release is made by the units of today.
            units = {old for old, new in successors.items() if new == card.unit.id} or {card.unit.id}
            everyone |= units
            since = _told_since(releases, number, card)
            for told in _with_total(unit_tables(card), table):
                yield reading.figure(since, content, told, units=units, name=card.unit.code, release=number)
        whole = () if content.whole is None else unit_tables(content.whole)
        since = number if content.whole is None else _told_since(releases, number, content.whole)
        for told in _with_total(whole, table):
            if told[0] == ALL or told[0] in reading.codes:
                yield reading.figure(since, content, told, units=everyone, name=ALL, release=number)
        if table == "overall" and content.whole is None:
            for n in _bases(comparison_tables(content.comparison), "whole").values():
                if n is not None:
                    yield reading.figure(
                        number, content, ("overall", n), units=everyone, name=ALL, release=number
                    )


def _told_since(releases: Sequence[ReportContent], number: int, card: Scorecard) -> int:
    """The first release that told of this unit and period as this one does: nobody is known to have come since."""
    for index, content in enumerate(releases[:number]):
        others = content.cards if content.whole is None else (*content.cards, content.whole)
        for other in others:
            is_same = other.unit.id == card.unit.id and other.period == card.period
            if is_same and n_responses(other) == n_responses(card):
                return index
    return number


def _with_total(tables: Sequence[ResultTable], table: str) -> Iterator[tuple[str, int]]:
    rows = _bases(tables, table)
    levels = _bases(tables, "levels")
    if rows and table in PARTITIONS and levels:
        yield ALL, sum(n or 0 for n in levels.values())
    yield from ((row, n) for row, n in rows.items() if n is not None)


def _bases(tables: Sequence[ResultTable], code: str) -> dict[str, int | None]:
    """The column `n` of a table by its first column, None where withheld: as any file has it."""
    found = next((each for each in tables if each.code == code), None)
    if found is None:
        return {}
    place = [column.code for column in found.columns].index("n")
    return {str(row[0]): _number(row[place]) for row in found.rows}


def _number(cell: object) -> int | None:
    return cell if isinstance(cell, int) else None


def _stretches(releases: Sequence[ReportContent]) -> tuple[date, ...]:
    """First days of the stretches that no period of any release cuts."""
    periods = {content.comparison.period for content in releases}
    edges = {period.starts_on for period in periods}
    edges |= {period.ends_on + timedelta(days=1) for period in periods}
    return tuple(first for first, _ in pairwise(sorted(edges)))


def _membership(figures: Sequence[Figure]) -> tuple[sparse.csr_array, list[Atom]]:
    atoms = sorted({atom for figure in figures for atom in figure.atoms})
    place = {atom: index for index, atom in enumerate(atoms)}
    matrix = sparse.lil_array((len(figures), len(atoms)))
    for index, figure in enumerate(figures):
        matrix[index, [place[atom] for atom in figure.atoms]] = 1
    return matrix.tocsr(), atoms


def _pairs(figures: Sequence[Figure], k: int) -> AuditResult:
    """Every figure against every other: units, rows, periods, revisions, old and new units."""
    matrix, _ = _membership(figures)
    found = nested_differences(matrix, [figure.n for figure in figures], k=k)
    small = [figure.name for figure in figures if 0 < figure.n < k]
    open_pairs = [
        f"{figures[larger].name} - {figures[smaller].name}"
        for larger, smaller in zip(found.larger.tolist(), found.smaller.tolist(), strict=True)
    ]
    n_pairs = len(figures) * (len(figures) - 1) // 2
    return AuditResult(len(figures), n_pairs, (*small, *open_pairs))


def _parts(figures: Sequence[Figure], k: int) -> AuditResult:
    """Every figure less all figures of a kind that lie in it and not over each other."""
    n_comparisons, found = 0, []
    kinds: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        for kind in _kinds(figure):
            kinds[kind].append(figure)
    for parent in figures:
        for kind, parts in kinds.items():
            inside = [part for part in parts if part is not parent and part.atoms < parent.atoms]
            if len(inside) < 2 or sum(len(part.atoms) for part in inside) != len(
                frozenset().union(*(part.atoms for part in inside))
            ):
                continue
            n_comparisons += 1
            if 0 < parent.n - sum(part.n for part in inside) < k:
                found.append(f"{parent.name} - {'|'.join(kind)}")
    return AuditResult(0, n_comparisons, tuple(found))


def _kinds(figure: Figure) -> Iterator[tuple[str, ...]]:
    """Figures that can stand beside each other: rows of one unit, units in one row, periods of both, by release."""
    release, period, unit, row = figure.name.split("/")
    yield ("rows", release, period, unit)
    yield ("units", release, period, row)
    yield ("periods", unit, row, period)
    yield ("periods of a release", unit, row)


def _solved(figures: Sequence[Figure], k: int) -> AuditResult:
    """All figures at once: what follows of every unit, row and stretch, and of what came between two releases."""
    matrix, atoms = _membership(figures)
    groups = sorted({(unit, row, day) for unit, row, day, _ in atoms})
    targets = sparse.lil_array((len(groups), len(atoms)))
    for index, atom in enumerate(atoms):
        targets[groups.index(atom[:3]), index] = 1
    every = sparse.vstack([targets, sparse.eye_array(len(atoms))], format="csr")
    found = audit_release(matrix, [figure.n for figure in figures], k=k, targets=every)
    names = [*groups, *atoms]
    laid_open = tuple(str(names[index]) for index in np.flatnonzero(found.is_breach))
    return AuditResult(0, every.shape[0], laid_open)
