"""Small changes of the registry that one person makes: other names, points, desks, fields of service; all audited."""

from datetime import date, datetime, timedelta
from random import Random, SystemRandom

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound, RegistryRefused
from survey_app.models import (
    Desk,
    Point,
    PointCode,
    PointUnit,
    Response,
    ServiceField,
    UnitAlias,
)
from survey_app.names import clean_name, search_key
from survey_app.queries.units import unit_by_id
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit
from survey_app.services.registry_changes.rules import CODE
from survey_app.services.registry_store import new_point_code

POINT_NAME, DESK_NAME, FIELD_NAME = 200, 120, 120
MOST_ALIASES = 20
MOST_POSITION = 999
ICONS = (
    "land",
    "family",
    "stamp",
    "shop",
    "crane",
    "hands",
    "briefcase",
    "health",
    "book",
    "leaf",
    "medal",
    "more",
)
"""Pictures that a field of service may carry, as they are drawn on the citizen's page."""


def add_alias(session: Session, *, unit_id: int, name: str, viewer: Viewer, now: datetime) -> None:
    """Another name that finds the unit; the same name twice is one."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    name, key = clean_name(name), search_key(name)
    if not key or len(name) > 200 or len(key) > 200:
        raise RegistryRefused("bad_name")
    known = (
        session.scalar(select(func.count()).select_from(UnitAlias).where(UnitAlias.unit_id == unit_id)) or 0
    )
    if session.get(UnitAlias, (unit_id, key)) is not None:
        return
    if known >= MOST_ALIASES:
        raise RegistryRefused("too_many_aliases")
    session.add(UnitAlias(unit_id=unit_id, search_key=key, name=name))
    _record(session, "registry.alias_added", f"unit:{unit_id}", viewer, now, name=name)


def remove_alias(session: Session, *, unit_id: int, name: str, viewer: Viewer, now: datetime) -> None:
    require_unit(session, unit_id=unit_id, viewer=viewer)
    row = session.get(UnitAlias, (unit_id, search_key(name)))
    if row is None:
        raise NotFound(f"alias of unit {unit_id}")
    session.delete(row)
    _record(session, "registry.alias_removed", f"unit:{unit_id}", viewer, now, name=row.name)


def add_point(
    session: Session,
    *,
    unit_id: int,
    code: str,
    name: str,
    valid_from: date,
    viewer: Viewer,
    now: datetime,
    today: date,
    rng: Random | None = None,
) -> int:
    """A new place where answers are collected, with a code to print."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    name = _name(name, POINT_NAME)
    _check_code(session, Point, code)
    if not unit_by_id(session, unit_id).is_valid(valid_from):
        raise RegistryRefused("not_valid_then", unit_by_id(session, unit_id).label)
    point = Point(code=code, name=name)
    session.add(point)
    session.flush()
    session.add(PointUnit(point_id=point.id, unit_id=unit_id, valid_from=valid_from))
    session.add(
        PointCode(code=_new_code(session, rng or SystemRandom()), point_id=point.id, created_on=today)
    )
    session.flush()
    _record(session, "registry.point_added", f"point:{point.id}", viewer, now, code=code, unit_id=unit_id)
    return point.id


def rename_point(session: Session, *, point_id: int, name: str, viewer: Viewer, now: datetime) -> None:
    """The name of a place is the same on every day: it says where people find it now."""
    point, _stay = _point(session, point_id, viewer)
    before, point.name = point.name, _name(name, POINT_NAME)
    _record(
        session, "registry.point_renamed", f"point:{point_id}", viewer, now, before=before, after=point.name
    )


def move_point(
    session: Session, *, point_id: int, unit_id: int, on: date, viewer: Viewer, now: datetime
) -> None:
    """Give a point to another unit from a day on. Days on which it was answered at keep their unit."""
    _point_row, stay = _point(session, point_id, viewer)
    require_unit(session, unit_id=unit_id, viewer=viewer)
    unit = unit_by_id(session, unit_id)
    if stay.unit_id == unit_id:
        raise RegistryRefused("nothing_new")
    if not unit.is_valid(on) or unit.valid_to is not None:
        raise RegistryRefused("not_valid_then", unit.label)
    _check_free_from(session, point_id, on)
    if stay.valid_from >= on or stay.valid_to is not None:
        raise RegistryRefused("changed_later")
    before, stay.valid_to = stay.unit_id, on - timedelta(days=1)
    session.add(PointUnit(point_id=point_id, unit_id=unit_id, valid_from=on))
    _record(session, "registry.point_moved", f"point:{point_id}", viewer, now, before=before, after=unit_id,
            on=on.isoformat())  # fmt: skip


def close_point(session: Session, *, point_id: int, last_day: date, viewer: Viewer, now: datetime) -> None:
    """A point's last day. Its codes and kiosks say from then on that nothing is asked here."""
    _point_row, stay = _point(session, point_id, viewer)
    if stay.valid_to is not None:
        raise RegistryRefused("ends_already")
    if last_day < stay.valid_from:
        raise RegistryRefused("changed_later")
    _check_free_from(session, point_id, last_day + timedelta(days=1))
    stay.valid_to = last_day
    _record(session, "registry.point_closed", f"point:{point_id}", viewer, now, on=last_day.isoformat())


def add_desk(
    session: Session,
    *,
    point_id: int,
    code: str,
    name: str,
    is_single_officer: bool,
    viewer: Viewer,
    now: datetime,
) -> int:
    _point(session, point_id, viewer)
    _check_code(session, Desk, code)
    desk = Desk(
        code=code, point_id=point_id, name=_name(name, DESK_NAME), is_single_officer=is_single_officer
    )
    session.add(desk)
    session.flush()
    _record(session, "registry.desk_added", f"desk:{desk.id}", viewer, now, code=code, one=is_single_officer)
    return desk.id


def change_desk(
    session: Session, *, desk_id: int, name: str, is_single_officer: bool, viewer: Viewer, now: datetime
) -> int:
    """A desk's name, and whether one named officer sits there; the point it stands at."""
    desk = _desk(session, desk_id, viewer)
    before = [desk.name, desk.is_single_officer]
    desk.name, desk.is_single_officer = _name(name, DESK_NAME), is_single_officer
    _record(session, "registry.desk_changed", f"desk:{desk_id}", viewer, now, before=before,
            after=[desk.name, is_single_officer])  # fmt: skip
    return desk.point_id


def close_desk(session: Session, *, desk_id: int, today: date, viewer: Viewer, now: datetime) -> int:
    """No longer offered from today on; the point it stood at."""
    desk = _desk(session, desk_id, viewer)
    if desk.closed_on is not None:
        raise RegistryRefused("ends_already")
    desk.closed_on = today
    _record(session, "registry.desk_closed", f"desk:{desk_id}", viewer, now, on=today.isoformat())
    return desk.point_id


def point_of_desk(session: Session, *, desk_id: int, viewer: Viewer) -> int:
    """The point at which a desk of the viewer's stands."""
    return _desk(session, desk_id, viewer).point_id


def save_field(
    session: Session,
    *,
    field_id: int | None,
    code: str,
    name_vi: str,
    name_en: str,
    icon: str,
    position: int,
    viewer: Viewer,
    now: datetime,
) -> None:
    """A new field of service, or another wording, picture or place of one; its code never changes."""
    if icon not in ICONS or not 0 <= position <= MOST_POSITION:
        raise RegistryRefused("bad_icon")
    if field_id is None:
        _check_code(session, ServiceField, code)
        field = ServiceField(code=code)
        session.add(field)
    else:
        found = session.get(ServiceField, field_id)
        if found is None:
            raise NotFound(f"service field {field_id}")
        field = found
    field.name_vi, field.name_en = _name(name_vi, FIELD_NAME), _name(name_en, FIELD_NAME)
    field.icon, field.position = icon, position
    session.flush()
    _record(session, "registry.field_saved", f"service_field:{field.code}", viewer, now, name=field.name_vi,
            position=position)  # fmt: skip


def _point(session: Session, point_id: int, viewer: Viewer) -> tuple[Point, PointUnit]:
    """A point and its last stay, which decides who may change it."""
    stay = session.scalar(
        select(PointUnit).where(PointUnit.point_id == point_id).order_by(PointUnit.valid_from.desc()).limit(1)
    )
    if stay is None:
        raise NotFound(f"point {point_id}")
    require_unit(session, unit_id=stay.unit_id, viewer=viewer)
    return session.get_one(Point, point_id), stay


def _desk(session: Session, desk_id: int, viewer: Viewer) -> Desk:
    desk = session.get(Desk, desk_id)
    if desk is None:
        raise NotFound(f"desk {desk_id}")
    _point(session, desk.point_id, viewer)
    return desk


def _check_free_from(session: Session, point_id: int, day: date) -> None:
    last = session.scalar(
        select(func.max(Response.collected_on)).where(
            Response.point_id == point_id, Response.collected_on >= day
        )
    )
    if last is not None:
        raise RegistryRefused("answers_since", f"{last + timedelta(days=1):%d/%m/%Y}")


def _check_code(session: Session, model: type[Point] | type[Desk] | type[ServiceField], code: str) -> None:
    if not CODE.fullmatch(code):
        raise RegistryRefused("bad_code", code[:40])
    if session.execute(select(model.id).where(model.code == code)).first() is not None:
        raise RegistryRefused("code_taken", code)


def _name(text: str, limit: int) -> str:
    name = clean_name(text)
    if not name or len(name) > limit:
        raise RegistryRefused("bad_name")
    return name


def _new_code(session: Session, rng: Random) -> str:
    code = new_point_code(rng)
    while session.get(PointCode, code) is not None:
        code = new_point_code(rng)
    return code


def _record(
    session: Session, action: str, target: str, viewer: Viewer, now: datetime, **details: object
) -> None:
    audit.record(session, action, target=target, by=viewer, at=now, details=details)
