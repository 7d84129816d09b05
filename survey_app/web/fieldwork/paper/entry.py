"""Keying sheets: the grid for a keyboard, and one sheet a page for a browser without a script."""

from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from survey_app.db import db, writes
from survey_app.errors import InvalidBody
from survey_app.i18n import current_language
from survey_app.queries.paper import BatchRow, KeyedRow
from survey_app.services import paper_entry
from survey_app.services.paper_entry import FIRST, MOST_ROWS, SECOND, KeyedSheet
from survey_app.services.paper_sheet import Column
from survey_app.web.bodies import read_json_body
from survey_app.web.current import today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.paper.access import KEYING
from survey_app.web.fieldwork.paper.words import grid_words
from survey_app.web.raw_views import SHEETS, note_view
from survey_app.web.security import current_account, requires

ROWS_A_PAGE = 50
# Lines beyond those counted in the box: a count can be wrong, and no sheet may be left without a line.
SPARE_ROWS = 2


@bp.get("/paper/batches/<int:batch_id>/entry")
@requires(*KEYING)
def paper_entry_grid(batch_id: int) -> ResponseReturnValue:
    batch = _batch(batch_id)
    keyed_round = _round(batch)
    if keyed_round is None:
        return redirect(url_for("fieldwork.paper_batch", batch_id=batch_id), 303)
    note_view(SHEETS, f"paper_batch:{batch_id}")
    rows = paper_entry.rows_to_key(db.session, batch_id=batch_id, keyed_round=keyed_round)
    places = _positions(batch, rows, keyed_round)
    columns = paper_entry.batch_columns(db.session, batch.version_id)
    if "sheet" in request.args:
        return _sheet_page(batch, keyed_round, places, rows, columns)
    start = _first_place(places, rows)
    shown = places[start : start + ROWS_A_PAGE]
    return render_template(
        "fieldwork/paper_grid.html",
        batch=batch,
        keyed_round=keyed_round,
        shown=shown,
        n_places=len(places),
        previous=places[max(0, start - ROWS_A_PAGE)] if start else None,
        next=places[start + ROWS_A_PAGE] if start + ROWS_A_PAGE < len(places) else None,
        grid=_grid(batch, keyed_round, shown, rows, columns),
    )


@bp.post("/paper/batches/<int:batch_id>/rows")
@requires(*KEYING)
@writes
def paper_row_save(batch_id: int) -> ResponseReturnValue:
    """One sheet from the grid, as it stands; said back only when it is stored."""
    body = read_json_body(request)
    before = body.get("before")
    sheet = KeyedSheet(
        keyed_round=_one_of(body.get("round"), FIRST, SECOND),
        position=_position(body.get("position")),
        cells=_cells(body.get("cells")),
        is_finished=body.get("finished") is True,
        before=None if before is None else _cells(before),
    )
    paper_entry.save_row(db.session, sheet, batch_id=batch_id, viewer=current_account(), today=today())
    return jsonify({"status": "saved"})


@bp.post("/paper/batches/<int:batch_id>/entry")
@requires(*KEYING)
@writes
def paper_sheet_save(batch_id: int) -> ResponseReturnValue:
    """One sheet from the plain page; then the next one."""
    batch = _batch(batch_id)
    keyed_round, position = (
        _one_of(request.form.get("round", 0, int), FIRST, SECOND),
        _position(request.form.get("position", 0, int)),
    )
    columns = paper_entry.batch_columns(db.session, batch.version_id)
    before = request.form.get("before", "")
    sheet = KeyedSheet(
        keyed_round=keyed_round,
        position=position,
        cells=tuple("".join(request.form.getlist(f"c{place}")) for place in range(len(columns))),
        is_finished=True,
        before=tuple(before.split(",")) if before else None,
    )
    paper_entry.save_row(db.session, sheet, batch_id=batch_id, viewer=current_account(), today=today())
    rows = paper_entry.rows_to_key(db.session, batch_id=batch_id, keyed_round=keyed_round)
    later = [place for place in _positions(batch, rows, keyed_round) if place > position]
    if not later:
        return redirect(url_for("fieldwork.paper_batch", batch_id=batch_id), 303)
    return redirect(url_for("fieldwork.paper_entry_grid", batch_id=batch_id, sheet=later[0]), 303)


def _batch(batch_id: int) -> BatchRow:
    return paper_entry.require_batch(db.session, batch_id=batch_id, viewer=current_account(), today=today())


def _round(batch: BatchRow) -> int | None:
    """Which keying the batch is in; None when it is over."""
    return {"keying": FIRST, "checking": SECOND}.get(batch.state)


def _positions(batch: BatchRow, rows: list[KeyedRow], keyed_round: int) -> list[int]:
    """The places in the pile: all of them and a few more, or those drawn for the second keying."""
    if keyed_round == SECOND:
        return list(paper_entry.sampled_positions(db.session, batch.id))
    last = max([batch.n_to_key, *(row.position for row in rows)])
    return list(range(1, min(last + SPARE_ROWS, MOST_ROWS) + 1))


def _first_place(places: list[int], rows: list[KeyedRow]) -> int:
    """The page of lines asked for, or the one with the first sheet that is not finished."""
    finished = {row.position for row in rows if row.is_finished}
    open_places = [place for place in places if place not in finished]
    wanted = request.args.get("from", open_places[0] if open_places else places[0], int)
    at = sum(place < wanted for place in places)
    return min(at, len(places) - 1) // ROWS_A_PAGE * ROWS_A_PAGE


def _grid(
    batch: BatchRow, keyed_round: int, shown: list[int], rows: list[KeyedRow], columns: tuple[Column, ...]
) -> dict[str, Any]:
    """All that the script of the grid needs; of the second keying nothing of the first."""
    return {
        "batch": batch.id,
        "round": keyed_round,
        "url": url_for("fieldwork.paper_row_save", batch_id=batch.id),
        "csrf": generate_csrf(),
        "expected": batch.n_to_key,
        "positions": shown,
        "rows": {row.position: {"cells": row.cells, "finished": row.is_finished} for row in rows},
        "columns": [_column(column) for column in columns],
        "words": grid_words(),
    }


def _column(column: Column) -> dict[str, Any]:
    language = current_language()
    return {
        "number": column.number,
        "text": column.text.in_language(language),
        "heading": column.heading.in_language(language) if column.heading else "",
        "note": column.note.in_language(language) if column.note else "",
        "choices": [[choice.key, choice.label.in_language(language)] for choice in column.choices],
        "multiple": column.is_multiple,
        "most": column.max_choices,
        "length": column.key_length,
    }


def _sheet_page(
    batch: BatchRow, keyed_round: int, places: list[int], rows: list[KeyedRow], columns: tuple[Column, ...]
) -> str:
    wanted = request.args.get("sheet", places[0], int)
    position = wanted if wanted in places else places[0]
    stored = next((row for row in rows if row.position == position), None)
    at = places.index(position)
    return render_template(
        "fieldwork/paper_sheet.html",
        batch=batch,
        keyed_round=keyed_round,
        position=position,
        n_places=len(places),
        columns=columns,
        cells=stored.cells if stored else [""] * len(columns),
        before=",".join(stored.cells) if stored else "",
        previous=places[at - 1] if at else None,
    )


def _one_of(value: object, *allowed: int) -> int:
    if type(value) is not int or value not in allowed:
        raise InvalidBody("round")
    return value


def _position(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MOST_ROWS:
        raise InvalidBody("position")
    return value


def _cells(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(cell, str) and len(cell) <= 10 for cell in value):
        raise InvalidBody("cells")
    return tuple(value)
