"""Codes on paper: who may print which, and replacing one so that what was printed with it stops."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import PointCode
from survey_app.queries import lookups, printing
from survey_app.queries.printing import CodeOnPaper, PrintPoint
from survey_app.services import audit
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.registry_store import new_point_code


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A live code with its point, its unit of today, and whether what runs there is made up."""

    code: str
    point: PrintPoint
    is_simulated: bool


def printable_points(session: Session, *, viewer: Viewer, today: date) -> tuple[PrintPoint, ...]:
    """Every point of the viewer's units, with its codes."""
    unit_ids = visible_unit_ids(session, viewer=viewer)
    return printing.print_points(session, unit_ids=unit_ids, on=today)


def printable_point(session: Session, *, point_id: int, viewer: Viewer, today: date) -> PrintPoint:
    """One of them; any other point does not exist for the viewer."""
    for point in printable_points(session, viewer=viewer, today=today):
        if point.id == point_id:
            return point
    raise NotFound(f"point {point_id}")


def printable_code(session: Session, *, code: str, viewer: Viewer, today: date) -> PrintedCode:
    """A live code of one of the viewer's points; a revoked one and a kiosk's own are not there."""
    point = point_of_code(session, code=code, viewer=viewer, today=today)
    if code not in {each.code for each in point.codes}:
        raise NotFound(f"code {code}")
    return PrintedCode(code, point, is_simulated(session, point=point, today=today))


def newest_codes(session: Session, *, viewer: Viewer, today: date) -> tuple[PrintedCode, ...]:
    """The newest code of every point that has one: what a poster for each of them carries."""
    return tuple(
        PrintedCode(_newest(point.codes).code, point, is_simulated(session, point=point, today=today))
        for point in printable_points(session, viewer=viewer, today=today)
        if point.codes
    )


def is_simulated(session: Session, *, point: PrintPoint, today: date) -> bool:
    """Whether answers given here today are counted as made up."""
    wave = lookups.open_continuous_wave(session, unit_id=point.unit_id, on=today)
    return wave is not None and wave.is_simulated


def issue_code(
    session: Session, *, point_id: int, by: Viewer, today: date, now: datetime, rng: Random | None = None
) -> str:
    """A code for a point that has none left; where one is live already, that one."""
    point = printable_point(session, point_id=point_id, viewer=by, today=today)
    if point.codes:
        return _newest(point.codes).code
    code = _add_code(session, point.id, today=today, rng=rng)
    details = {"point": point.code}
    audit.record(session, "point_code.issued", target=_target(code), by=by, at=now, details=details)
    return code


def replace_code(
    session: Session, *, code: str, by: Viewer, today: date, now: datetime, rng: Random | None = None
) -> str | None:
    """Revoke a code from today on and give its point a new one; None if it was revoked before.

    What was printed with the old code opens no form any more. Answers already begun with it still arrive.
    """
    point = point_of_code(session, code=code, viewer=by, today=today)
    is_live = or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > today)
    statement = update(PointCode).where(PointCode.code == code, is_live).values(revoked_on=today)
    # Two people, or one who clicks twice: only the first gets a new code.
    if session.scalar(statement.returning(PointCode.code)) is None:
        return None
    new = _add_code(session, point.id, today=today, rng=rng)
    details = {"point": point.code, "new_code": new}
    audit.record(session, "point_code.replaced", target=_target(code), by=by, at=now, details=details)
    return new


def point_of_code(session: Session, *, code: str, viewer: Viewer, today: date) -> PrintPoint:
    """Where a printed code stands or stood, if that is one of the viewer's points."""
    point_id = printing.point_of_printed_code(session, code)
    if point_id is None:
        raise NotFound(f"code {code}")
    return printable_point(session, point_id=point_id, viewer=viewer, today=today)


def _newest(codes: tuple[CodeOnPaper, ...]) -> CodeOnPaper:
    return max(codes, key=lambda each: (each.created_on, each.code))


def _add_code(session: Session, point_id: int, *, today: date, rng: Random | None) -> str:
    rng = rng or secrets.SystemRandom()
    code = new_point_code(rng)
    while printing.code_exists(session, code):
        code = new_point_code(rng)
    session.add(PointCode(code=code, point_id=point_id, created_on=today))
    session.flush()
    return code


def _target(code: str) -> str:
    return f"point_code:{code}"
