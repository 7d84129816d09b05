"""Numbered pads of sheets: made for a point and a wave, and counted as handed out, collected, spoiled and unused."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import CountsDoNotFit, NotFound
from survey_app.languages import AUTHORITATIVE
from survey_app.models import PaperPad
from survey_app.queries import lookups, paper
from survey_app.queries.paper import PadRow, PointChoice, WaveChoice
from survey_app.services import accounts, audit, bridge_forms
from survey_app.services.accounts import Viewer

# What a person can carry and a printer prints in one go.
MOST_SHEETS = 200
USUAL_SHEETS = 50


@dataclass(frozen=True, slots=True)
class NewPad:
    point_id: int
    wave_id: int
    language: str
    n_sheets: int


def visible_points(session: Session, *, viewer: Viewer, today: date) -> list[PointChoice]:
    """The points of all units that the viewer may see, as of today."""
    visible = accounts.visible_unit_ids(session, viewer=viewer)
    return paper.points_of_units(session, visible, today)


def require_point(session: Session, *, point_id: int, viewer: Viewer, today: date) -> PointChoice:
    """The point, if the unit that it belongs to today is one the viewer may see."""
    point = paper.point_on(session, point_id, today)
    accounts.require_unit(session, unit_id=point.unit_id, viewer=viewer)
    return point


def require_pad(session: Session, *, pad_id: int, viewer: Viewer, today: date) -> PadRow:
    pad = paper.pad(session, pad_id)
    require_point(session, point_id=pad.point_id, viewer=viewer, today=today)
    return pad


def require_wave(session: Session, *, point: PointChoice, wave_id: int, today: date) -> WaveChoice:
    """The wave, if the point's unit takes part in it and it has not ended."""
    for wave in paper.waves_on_paper(session, point.unit_id, today):
        if wave.id == wave_id:
            return wave
    raise NotFound(f"wave {wave_id}")


def add_pad(session: Session, new: NewPad, *, viewer: Viewer, today: date, now: datetime) -> int:
    """A pad whose sheets follow those of the point's last one; its id."""
    point = require_point(session, point_id=new.point_id, viewer=viewer, today=today)
    if not 1 <= new.n_sheets <= MOST_SHEETS:
        raise CountsDoNotFit(str(new.n_sheets))
    wave = require_wave(session, point=point, wave_id=new.wave_id, today=today)
    if wave.languages is not None and new.language not in (*wave.languages, AUTHORITATIVE):
        raise NotFound(f"language {new.language}")
    last_pad, last_sheet = paper.last_numbers(session, new.point_id)
    row = lookups.wave_row(session, wave.id)
    number = bridge_forms.form_of_pad(row, last_pad + 1)
    pad = PaperPad(
        point_id=new.point_id,
        wave_id=new.wave_id,
        version_id=bridge_forms.version_of(row, number),
        language=new.language,
        number=last_pad + 1,
        first_sheet=last_sheet + 1,
        last_sheet=last_sheet + new.n_sheets,
        created_on=today,
    )
    session.add(pad)
    session.flush()
    details = {"point_id": new.point_id, "number": pad.number, "sheets": new.n_sheets}
    audit.record(session, "paper.pad_added", target=f"paper_pad:{pad.id}", by=viewer, at=now, details=details)
    return pad.id


def count_pad(
    session: Session, *, pad_id: int, n_handed_out: int, n_spoiled: int, viewer: Viewer, today: date
) -> None:
    """Say how many sheets of a pad have been handed out, and how many spoiled before that."""
    pad = require_pad(session, pad_id=pad_id, viewer=viewer, today=today)
    if min(n_handed_out, n_spoiled) < 0 or n_handed_out + n_spoiled > pad.n_sheets:
        raise CountsDoNotFit(f"pad {pad_id}")
    statement = update(PaperPad).where(PaperPad.id == pad_id)
    session.execute(statement.values(n_handed_out=n_handed_out, n_spoiled=n_spoiled))
