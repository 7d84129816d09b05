"""Keying sheets of a batch: each is a draft of its own, stored as soon as it is keyed, until the batch is booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.errors import BatchNotReady, NotFound, RowKeyedElsewhere
from survey_app.models import PaperBatch, PaperRow
from survey_app.queries import accounts as account_queries
from survey_app.queries import paper, units, upserts
from survey_app.queries.paper import BatchRow, KeyedRow
from survey_app.services import forms
from survey_app.services.accounts import Viewer
from survey_app.services.paper_pads import require_point
from survey_app.services.paper_sheet import Column, is_blank, read_cells, sheet_columns
from survey_app.vocabulary import Channel, Stage

FIRST, SECOND = 1, 2
STATE_OF_ROUND = {FIRST: "keying", SECOND: "checking"}
# No box holds more; a position beyond it is a slip.
MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedSheet:
    """A sheet as somebody keys it. `before` is what they last saw stored there; None for nothing."""

    keyed_round: int
    position: int
    cells: tuple[str, ...]
    is_finished: bool
    before: tuple[str, ...] | None


def require_batch(session: Session, *, batch_id: int, viewer: Viewer, today: date) -> BatchRow:
    batch = paper.batch(session, batch_id)
    require_point(session, point_id=batch.point_id, viewer=viewer, today=today)
    return batch


def lock_batch(session: Session, batch_id: int, *states: str) -> PaperBatch:
    """The batch in one of these states, held until the transaction ends: no sheet slips in beside a step."""
    batch = session.scalars(select(PaperBatch).where(PaperBatch.id == batch_id).with_for_update()).one()
    session.refresh(batch)
    if batch.state not in states:
        raise BatchNotReady(batch.state)
    return batch


def batch_columns(session: Session, version_id: int) -> tuple[Column, ...]:
    form = forms.load_form(session, version_id=version_id)
    return sheet_columns(form, units.service_fields(session))


def check_sheet(session: Session, version_id: int, cells: Sequence[str]) -> None:
    """Whatever is stored as a draft can be booked: its digits are offered, and the form packs them."""
    form = forms.load_form(session, version_id=version_id)
    answers = read_cells(sheet_columns(form, units.service_fields(session)), cells)
    form.pack(answers.values, stage=Stage.COLLECT_RESULT, channel=Channel.PAPER, reached=None)


def rows_to_key(session: Session, *, batch_id: int, keyed_round: int) -> list[KeyedRow]:
    """The sheets of the first keying; of the second only those keyed a second time, never the first answers."""
    return paper.keyed_rows(session, batch_id, keyed_round=keyed_round)


def sampled_positions(session: Session, batch_id: int) -> tuple[int, ...]:
    first = paper.keyed_rows(session, batch_id, keyed_round=FIRST)
    return tuple(row.position for row in first if row.is_sampled)


def is_own_staff(session: Session, *, batch: BatchRow, viewer: Viewer) -> bool:
    """Whether the account belongs to the unit that is rated, or to a part of it."""
    return viewer.unit_id in account_queries.subtree_unit_ids(session, batch.unit_id)


def save_row(session: Session, sheet: KeyedSheet, *, batch_id: int, viewer: Viewer, today: date) -> None:
    """Store a sheet as keyed so far; the same again changes nothing, and a sheet without an answer is no row."""
    batch = require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    lock_batch(session, batch_id, STATE_OF_ROUND[sheet.keyed_round])
    check_sheet(session, batch.version_id, sheet.cells)
    _check_position(session, batch_id, sheet)
    stored = paper.keyed_row(session, batch_id, keyed_round=sheet.keyed_round, position=sheet.position)
    if stored is not None and tuple(stored.cells) not in (sheet.before, sheet.cells):
        raise RowKeyedElsewhere(str(sheet.position))
    key = {"batch_id": batch_id, "round": sheet.keyed_round, "position": sheet.position}
    if is_blank(sheet.cells):
        session.execute(delete(PaperRow).filter_by(**key))
        return
    values = {
        "cells": list(sheet.cells),
        "is_finished": sheet.is_finished,
        "is_sampled": False,
        "is_own_staff": is_own_staff(session, batch=batch, viewer=viewer),
        "keyed_by": viewer.account_id,
    }
    upserts.upsert(session, PaperRow, key, values)


def _check_position(session: Session, batch_id: int, sheet: KeyedSheet) -> None:
    is_there = 1 <= sheet.position <= MOST_ROWS
    if sheet.keyed_round == SECOND:
        is_there = sheet.position in sampled_positions(session, batch_id)
    if not is_there:
        raise NotFound(f"sheet {sheet.position}")
