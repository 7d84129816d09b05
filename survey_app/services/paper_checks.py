"""Keying a random sample twice: drawn once, keyed blind, compared; what differs is settled sheet by sheet."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate
from survey_app.errors import BatchNotReady, CountsDoNotFit, NotFound
from survey_app.models import PaperRow
from survey_app.queries import paper
from survey_app.queries.paper import BatchRow, KeyedRow
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.paper_entry import (
    FIRST,
    SECOND,
    batch_columns,
    check_sheet,
    lock_batch,
    require_batch,
    sampled_positions,
)
from survey_app.services.paper_sheet import Column

# The share of sheets keyed twice, and the fewest: chosen by the project, as survey offices usually verify a tenth.
SAMPLE_SHARE = 0.1
SAMPLE_LEAST = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A question of a sheet that was keyed in two ways."""

    position: int
    column: Column
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """How often one question was keyed in two ways, among the sheets keyed twice."""

    code: str
    n_different: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """What the second keying showed. The sheet is what was drawn, so the overall interval is one of sheets."""

    n_sheets: int
    n_sampled: int
    n_sheets_different: int
    n_cells: int
    n_cells_different: int
    n_same_keyer: int
    overall: Estimate
    items: tuple[ItemCheck, ...]


def sample_size(n_sheets: int) -> int:
    return min(n_sheets, max(SAMPLE_LEAST, math.ceil(SAMPLE_SHARE * n_sheets)))


def start_check(session: Session, *, batch_id: int, viewer: Viewer, today: date, rng: Random) -> None:
    """Close the first keying and draw the sheets to be keyed again."""
    require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    batch = lock_batch(session, batch_id, "keying")
    rows = paper.keyed_rows(session, batch_id, keyed_round=FIRST)
    if not rows:
        raise CountsDoNotFit(f"batch {batch_id}")
    if not all(row.is_finished for row in rows):
        raise BatchNotReady(batch.state)
    drawn = rng.sample([row.position for row in rows], sample_size(len(rows)))
    chosen = update(PaperRow).where(PaperRow.batch_id == batch_id, PaperRow.position.in_(drawn))
    session.execute(chosen.values(is_sampled=True))
    batch.state = "checking"
    session.flush()


def n_to_check(session: Session, batch_id: int) -> int:
    """Drawn sheets that have not been keyed the second time yet."""
    again = paper.keyed_rows(session, batch_id, keyed_round=SECOND)
    finished = {row.position for row in again if row.is_finished}
    return sum(position not in finished for position in sampled_positions(session, batch_id))


def compare(session: Session, *, batch_id: int, viewer: Viewer, today: date) -> None:
    """Count, once, where the two keyings differ; the counts stay with the batch, who keyed what does not."""
    row = require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    batch = lock_batch(session, batch_id, "checking")
    if n_to_check(session, batch_id):
        raise BatchNotReady(batch.state)
    pairs = _pairs(session, batch_id)
    columns = batch_columns(session, row.version_id)
    differences = _differences(columns, pairs)
    by_column = Counter(each.column.code for each in differences)
    batch.check_result = {
        "n_sheets": len(paper.keyed_rows(session, batch_id, keyed_round=FIRST)),
        "n_sampled": len(pairs),
        "n_sheets_different": len({each.position for each in differences}),
        "n_same_keyer": sum(first.keyed_by == second.keyed_by for first, second in pairs),
        "columns": [[column.code, by_column[column.code]] for column in columns],
    }
    batch.state = "compared"
    session.flush()


def figures(result: Mapping[str, Any]) -> CheckFigures:
    """The counts of a comparison with their intervals; the batch is the population the sheets were drawn from."""
    n, population = result["n_sampled"], result["n_sheets"]
    counts = [count for _, count in result["columns"]]
    shares = wilson_interval([result["n_sheets_different"], *counts], n, population=population)
    items = tuple(
        ItemCheck(code, count, shares[place])
        for place, (code, count) in enumerate(result["columns"], start=1)
    )
    return CheckFigures(
        n_sheets=population,
        n_sampled=n,
        n_sheets_different=result["n_sheets_different"],
        n_cells=n * len(counts),
        n_cells_different=sum(counts),
        n_same_keyer=result["n_same_keyer"],
        overall=shares[0],
        items=items,
    )


def open_differences(session: Session, batch: BatchRow) -> list[Difference]:
    """What was keyed in two ways and is not settled yet."""
    if batch.state != "compared":
        return []
    return _differences(batch_columns(session, batch.version_id), _pairs(session, batch.id))


def settle(
    session: Session,
    *,
    batch_id: int,
    position: int,
    cells: Mapping[str, str],
    viewer: Viewer,
    today: date,
) -> None:
    """Put down in both keyings what a sheet really says at these columns, of those that differ."""
    batch = require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    lock_batch(session, batch_id, "compared")
    columns = batch_columns(session, batch.version_id)
    places = {column.code: place for place, column in enumerate(columns)}
    differing = {each.column.code for each in open_differences(session, batch) if each.position == position}
    if not cells.keys() <= differing:
        raise NotFound(f"sheet {position}")
    for keyed_round in (FIRST, SECOND):
        row = paper.keyed_row(session, batch_id, keyed_round=keyed_round, position=position)
        if row is None:
            raise NotFound(f"sheet {position}")
        settled = list(row.cells)
        for code, cell in cells.items():
            settled[places[code]] = cell
        check_sheet(session, batch.version_id, settled)
        statement = update(PaperRow).filter_by(batch_id=batch_id, round=keyed_round, position=position)
        session.execute(statement.values(cells=settled))


def reopen(session: Session, *, batch_id: int, viewer: Viewer, today: date, now: datetime) -> None:
    """Go back to the first keying, for sheets that are missing or too many errors; the check begins anew."""
    require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    batch = lock_batch(session, batch_id, "checking", "compared")
    session.execute(delete(PaperRow).filter_by(batch_id=batch_id, round=SECOND))
    session.execute(update(PaperRow).filter_by(batch_id=batch_id).values(is_sampled=False))
    batch.state, batch.check_result = "keying", None
    session.flush()
    audit.record(session, "paper.batch_reopened", target=f"paper_batch:{batch_id}", by=viewer, at=now)


def _pairs(session: Session, batch_id: int) -> list[tuple[KeyedRow, KeyedRow]]:
    """The sheets keyed twice, in the order of the pile."""
    again = {row.position: row for row in paper.keyed_rows(session, batch_id, keyed_round=SECOND)}
    first = paper.keyed_rows(session, batch_id, keyed_round=FIRST)
    return [(row, again[row.position]) for row in first if row.is_sampled and row.position in again]


def _differences(columns: Sequence[Column], pairs: Sequence[tuple[KeyedRow, KeyedRow]]) -> list[Difference]:
    """Several choices are the same in whatever order they were keyed."""
    return [
        Difference(first.position, column, one, other)
        for first, second in pairs
        for column, one, other in zip(columns, first.cells, second.cells, strict=True)
        if sorted(one) != sorted(other) or (not column.is_multiple and one != other)
    ]
