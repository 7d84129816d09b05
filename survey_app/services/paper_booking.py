"""Booking a batch: its sheets become responses all at once, in random order, and the drafts are gone.

After it nothing leads from a sheet, a pad, an account or a place in the pile to a response.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_app.errors import BatchNotReady, CountsDoNotFit, DifferenceUnexplained
from survey_app.models import PaperBatch, PaperRow
from survey_app.queries import lookups, paper, units
from survey_app.queries.lookups import WaveRow
from survey_app.queries.paper import BatchRow, KeyedRow
from survey_app.services import audit, forms
from survey_app.services.accounts import Viewer
from survey_app.services.forms import Form
from survey_app.services.paper_checks import open_differences
from survey_app.services.paper_entry import FIRST, lock_batch, require_batch
from survey_app.services.paper_sheet import Column, read_cells, sheet_columns
from survey_app.services.submissions import store_rows, straight_line_flag
from survey_app.signing import Signer
from survey_app.vocabulary import AssistedBy, Capacity, Channel, Residence, Stage

_CODED = {"stage": Stage, "capacity": Capacity, "assisted_by": AssistedBy, "residence": Residence}
MAX_REASON = 400


@dataclass(frozen=True, slots=True)
class Booked:
    """How many sheets of a batch became responses. `is_new` is false when they had been booked before."""

    n_booked: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Booking:
    """What every row of one batch shares."""

    batch: BatchRow
    wave: WaveRow
    form: Form
    columns: tuple[Column, ...]
    fields: dict[str, int]
    unit_id: int
    collected_on: date
    signer: Signer
    today: date


def book_batch(
    session: Session,
    *,
    batch_id: int,
    reason: str,
    viewer: Viewer,
    signer: Signer,
    today: date,
    now: datetime,
    rng: Random,
) -> Booked:
    """Store every sheet of a checked batch once; called again it finds them booked and adds nothing."""
    row = require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    batch = lock_batch(session, batch_id, "compared", "booked")
    if batch.state == "booked":
        return Booked(batch.n_booked, is_new=False)
    if open_differences(session, row):
        raise BatchNotReady(batch.state)
    keyed = paper.keyed_rows(session, batch_id, keyed_round=FIRST)
    _check_total(batch, len(keyed), " ".join(reason.split())[:MAX_REASON])
    booking = _prepare(session, row, signer=signer, today=today)
    rows = [_response(booking, each) for each in keyed]
    rng.shuffle(rows)
    n_new = store_rows(session, rows, today=today)
    if n_new != len(rows):
        raise CountsDoNotFit(f"batch {batch_id}")
    session.execute(delete(PaperRow).filter_by(batch_id=batch_id))
    batch.state, batch.booked_on = "booked", today
    batch.n_booked, batch.n_own_staff = n_new, sum(each.is_own_staff for each in keyed)
    session.flush()
    details = {"booked": n_new, "counted": batch.n_to_key}
    target = f"paper_batch:{batch_id}"
    audit.record(session, "paper.batch_booked", target=target, by=viewer, at=now, details=details)
    return Booked(n_new, is_new=True)


def _check_total(batch: PaperBatch, n_keyed: int, reason: str) -> None:
    """As many sheets keyed as were counted in the box, or a reason why not, which stays with the batch."""
    if n_keyed == batch.n_to_key:
        return
    if not reason:
        raise DifferenceUnexplained(f"{n_keyed} of {batch.n_to_key}")
    batch.difference_reason = reason


def _prepare(session: Session, row: BatchRow, *, signer: Signer, today: date) -> _Booking:
    wave = lookups.wave_row(session, row.wave_id)
    fields = units.service_fields(session)
    form = forms.load_form(session, version_id=row.version_id)
    collected_on = collection_day(row.opened_on, wave)
    return _Booking(
        batch=row,
        wave=wave,
        form=form,
        columns=sheet_columns(form, fields),
        fields={each.code: each.id for each in fields},
        unit_id=units.point_unit_on(session, row.point_id, collected_on).id,
        collected_on=collected_on,
        signer=signer,
        today=today,
    )


def collection_day(opened_on: date, wave: WaveRow) -> date:
    """The day sheets count for: that of the opening, as no sheet says when it was filled in; never after the wave."""
    return opened_on if wave.closes_on is None else min(opened_on, wave.closes_on)


def _response(booking: _Booking, keyed: KeyedRow) -> dict[str, Any]:
    """A response as the table holds it. Its key is random, so that no order or number is left in it."""
    answers = read_cells(booking.columns, keyed.cells)
    visit = _visit_columns(booking, answers.visit)
    packed = booking.form.pack(answers.values, stage=visit["stage"], channel=Channel.PAPER, reached=None)
    batch = booking.batch
    return visit | {
        "id": uuid4(),
        "wave_id": batch.wave_id,
        "version_id": batch.version_id,
        "unit_id": booking.unit_id,
        "point_id": batch.point_id,
        "channel": Channel.PAPER,
        "language": batch.language,
        "batch": batch.key,
        "is_late": booking.wave.is_late(booking.today),
        "flags": straight_line_flag(booking.form, packed),
        "collected_on": booking.collected_on,
        "received_on": booking.today,
        "answers": packed,
        "digest": booking.signer.digest("response", _content(batch, packed, visit)),
    }


def _content(batch: BatchRow, packed: bytes, visit: dict[str, Any]) -> bytes:
    about: Sequence[Any] = [batch.version_id, batch.point_id, packed.hex(), visit]
    return json.dumps(about, sort_keys=True, separators=(",", ":")).encode()


def _visit_columns(booking: _Booking, visit: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: int(kind[visit[name].upper()]) if visit.get(name) else 0 for name, kind in _CODED.items()
    }
    columns["field_id"] = booking.fields.get(visit.get("field", ""))
    proxy = visit.get("is_proxy")
    columns["is_proxy"] = None if proxy is None else int(proxy == "yes")
    return columns
