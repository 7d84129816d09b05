"""The attacker's arithmetic: which withheld cells of a release follow from all its sums together.

Row by row and column by column nothing may follow, and yet from several sums at once it may. So each partition by
unit and row is solved as a system: for every withheld cell the smallest and the largest number that fits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.disclosure.audit import audit_release
from analysis.errors import InvalidCounts
from survey_app.services.figures import Scorecard
from survey_app.services.release_cells import PARTITIONS, n_responses, partition
from survey_app.services.release_checks import Finding, Known, Leak
from survey_app.services.report_content import ReportContent


@dataclass(frozen=True, slots=True)
class _Sum:
    """What is left over for some withheld cells, each a unit and a row."""

    cells: tuple[tuple[int, str], ...]
    left: int


def solved_cells(content: ReportContent, known: Known, k: int) -> Iterator[Finding]:
    """Withheld cells known to be small, or known exactly, from rows and columns together."""
    if content.whole is None:
        return
    for table in PARTITIONS:
        yield from _solved(content, table, known, k)


def _solved(content: ReportContent, table: str, known: Known, k: int) -> Iterator[Finding]:
    told = {card.unit.id: _told(card, table, known) for card in content.cards}
    rows, columns = _rows(content, table, told), _columns(content, table, told)
    if not rows or not columns:
        return
    cells = sorted({cell for each in (*rows, *columns) for cell in each.cells})
    place = {cell: index for index, cell in enumerate(cells)}
    sums = [*rows, *columns]
    matrix = sparse.lil_array((len(sums), len(cells)))
    for index, each in enumerate(sums):
        for cell in each.cells:
            matrix[index, place[cell]] = 1
    listed = {cell for each in rows for cell in each.cells}
    # A row that is listed and withheld holds somebody: what can vary is what is above one.
    least = np.array([cell in listed for cell in cells], dtype=float)
    try:
        found = audit_release(matrix.tocsr(), np.array([s.left for s in sums]) - matrix.tocsr() @ least, k=k)
    except InvalidCounts:
        # The whole counts other people than its units do, so nothing follows from taking them off.
        return
    low, high = found.low + least, found.high + least
    for index, (unit_id, code) in enumerate(cells):
        if low[index] > 0.5 and (high[index] < k or found.is_determined[index]):
            card = content.card(unit_id)
            assert card is not None
            yield Finding(Leak.COLUMN, unit_id, card.unit.label, (table, code))


def _told(card: Scorecard, table: str, known: Known) -> Mapping[str, int | None]:
    """The rows of one unit with what readers know of them from earlier releases."""
    return {code: known.get((card.unit.id, (table, code)), n) for code, n in partition(card, table).items()}


def _rows(content: ReportContent, table: str, told: Mapping[int, Mapping[str, int | None]]) -> list[_Sum]:
    found = []
    for card in content.cards:
        rows, total = told[card.unit.id], n_responses(card)
        hidden = tuple((card.unit.id, code) for code, n in rows.items() if n is None)
        if hidden and total is not None:
            found.append(_Sum(hidden, total - sum(n or 0 for n in rows.values())))
    return found


def _columns(content: ReportContent, table: str, told: Mapping[int, Mapping[str, int | None]]) -> list[_Sum]:
    found = []
    whole = {} if content.whole is None else partition(content.whole, table)
    for code, n in whole.items():
        if n is None:
            continue
        hidden = tuple(
            (unit_id, code) for unit_id, rows in told.items() if not rows or rows.get(code, 0) is None
        )
        left = n - sum(rows.get(code) or 0 for rows in told.values())
        if hidden and left >= 0:
            found.append(_Sum(hidden, left))
    return found
