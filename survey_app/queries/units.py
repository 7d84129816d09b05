"""Units as at a day, their subtrees, lineage and names; points, codes, desks and service fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.errors import NotFound, UnknownCode
from survey_app.models import Desk, Device, Point, PointCode, PointUnit, ServiceField, Unit, UnitLineage
from survey_app.names import same_name_key, search_key, unit_label
from survey_app.queries.unit_days import (
    kind_on,
    name_on,
    on_day,
    parent_id_on,
    population_on,
    search_key_on,
    sort_key_on,
)

SEARCH_LIMIT = 20


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit between two dates, with what is needed to name it apart from its namesakes."""

    id: int
    code: str
    name: str
    kind: str
    level: int
    parent_id: int | None
    gso_code: str | None
    population: int | None
    valid_from: date
    valid_to: date | None
    search_key: str
    sort_key: str
    parent_kind: str | None
    parent_name: str | None

    @property
    def label(self) -> str:
        """As inside a sentence: "phường Đông Hà"."""
        return unit_label(self.kind, self.name)

    @property
    def parent_label(self) -> str:
        """The parent's label, empty for a root."""
        if self.parent_kind is None or self.parent_name is None:
            return ""
        return unit_label(self.parent_kind, self.parent_name)

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class LineageRow:
    """A predecessor or successor, the day it changed, and the share of the predecessor's people."""

    unit: UnitRow
    effective_on: date
    population_share: float


@dataclass(frozen=True, slots=True)
class PointRow:
    """A collection point and one printed code that opens it; None when all of them are revoked."""

    id: int
    code: str
    name: str
    public_code: str | None


@dataclass(frozen=True, slots=True)
class DeskRow:
    id: int
    code: str
    point_id: int
    name: str
    is_single_officer: bool


@dataclass(frozen=True, slots=True)
class ServiceFieldRow:
    id: int
    code: str
    name_vi: str
    name_en: str
    icon: str
    position: int


_Parent = aliased(Unit)
_UNIT_COLUMNS = (
    Unit.id, Unit.code, Unit.name, Unit.kind, Unit.level, Unit.parent_id, Unit.gso_code, Unit.population,
    Unit.valid_from, Unit.valid_to, Unit.search_key, Unit.sort_key, _Parent.kind, _Parent.name,
)  # fmt: skip


def units_as_at(session: Session, on: date, root_id: int | None = None) -> list[UnitRow]:
    """Every unit of that day, or the root and all below it, in Vietnamese order."""
    statement = _units(on).where(on_day(Unit, on))
    if root_id is not None:
        statement = statement.where(Unit.id.in_(unit_subtree_ids(session, root_id, on)))
    return _rows(session, statement, on)


def unit_subtree_ids(session: Session, root_id: int, on: date) -> list[int]:
    """The root and all below it on that day, ascending; empty when the root is not valid then."""
    root = select(Unit.id).where(Unit.id == root_id, on_day(Unit, on)).cte("subtree", recursive=True)
    below = select(Unit.id).join(root, parent_id_on(on) == root.c.id).where(on_day(Unit, on))
    subtree = root.union(below)
    return list(session.scalars(select(subtree.c.id).order_by(subtree.c.id)))


def unit_by_id(session: Session, unit_id: int, on: date | None = None) -> UnitRow:
    """A unit as it is described today, or as it was on a day."""
    return _one(session, Unit.id == unit_id, f"unit {unit_id}", on)


def point_names(session: Session) -> dict[int, str]:
    """Every point by id, as it is called now."""
    return dict(session.execute(select(Point.id, Point.name)).all())


def labels(session: Session) -> dict[int, str]:
    """All units, past ones included, as inside a sentence."""
    rows = session.execute(select(Unit.id, Unit.kind, Unit.name))
    return {id_: unit_label(kind, name) for id_, kind, name in rows}


def unit_by_code(session: Session, code: str) -> UnitRow:
    return _one(session, Unit.code == code, f"unit {code}")


def is_code_taken(session: Session, code: str) -> bool:
    """Whether a unit carries this code, or did once."""
    return session.execute(select(Unit.id).where(Unit.code == code)).first() is not None


def units_named(
    session: Session, name: str, *, on: date, kind: str | None = None, root_id: int | None = None
) -> list[UnitRow]:
    """Units whose name, alone or after its kind, is this one in any spelling; more than one may be."""
    wanted = same_name_key(name)
    statement = _units(on).where(on_day(Unit, on), *_word_filters(name, search_key_on(on)))
    if kind is not None:
        statement = statement.where(kind_on(on) == kind)
    if root_id is not None:
        statement = statement.where(Unit.id.in_(unit_subtree_ids(session, root_id, on)))
    found = _rows(session, statement, on) if wanted else []
    return [row for row in found if wanted in {same_name_key(row.name), same_name_key(row.label)}]


def search_units(session: Session, text: str, on: date | None, *, limit: int = SEARCH_LIMIT) -> list[UnitRow]:
    """Units a reader may mean by these words or this code, the likeliest first; `on=None` is at any time."""
    key = search_key(text)
    if not key:
        return []
    typed = text.strip()
    keys: ColumnElement[str] = Unit.search_key.expression if on is None else search_key_on(on)
    statement = _units(on).where(
        or_(and_(*_word_filters(text, keys)), Unit.gso_code == typed, Unit.code == typed)
    )
    if on is not None:
        statement = statement.where(on_day(Unit, on))
    found = _rows(session, statement, on)
    return sorted(found, key=lambda row: _distance(row, typed, key))[:limit]


def predecessors(session: Session, unit_id: int) -> list[LineageRow]:
    """The units this one came from, the latest change first."""
    return _lineage(session, Unit.id == UnitLineage.predecessor_id, UnitLineage.successor_id == unit_id)


def successors(session: Session, unit_id: int) -> list[LineageRow]:
    """The units this one went into, the latest change first."""
    return _lineage(session, Unit.id == UnitLineage.successor_id, UnitLineage.predecessor_id == unit_id)


def point_unit_on(session: Session, point_id: int, on: date) -> UnitRow:
    """The unit a point belongs to on a day."""
    statement = _units(on).join(PointUnit, PointUnit.unit_id == Unit.id)
    found = _rows(session, statement.where(PointUnit.point_id == point_id, on_day(PointUnit, on)), on)
    if not found:
        raise NotFound(f"unit of point {point_id} on {on}")
    return found[0]


def point_by_code(session: Session, code8: str, on: date | None = None) -> PointRow:
    """The point behind a printed code in either case of letters, unless revoked (by that day)."""
    code = code8.strip().upper()
    is_live: ColumnElement[bool] = PointCode.revoked_on.is_(None)
    if on is not None:
        is_live = or_(is_live, PointCode.revoked_on > on)
    row = session.execute(
        select(Point.id, Point.code, Point.name, PointCode.code)
        .join(PointCode, PointCode.point_id == Point.id)
        .where(PointCode.code == code, is_live)
    ).one_or_none()
    if row is None:
        raise UnknownCode(code)
    return PointRow(*row)


def points_of_unit(session: Session, unit_id: int, on: date) -> list[PointRow]:
    """The points of a unit on a day, each with its newest live code."""
    live = or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > on)
    rows = session.execute(
        select(Point.id, Point.code, Point.name, PointCode.code)
        .join(PointUnit, PointUnit.point_id == Point.id)
        .outerjoin(PointCode, and_(PointCode.point_id == Point.id, live, ~is_of_device()))
        .where(PointUnit.unit_id == unit_id, on_day(PointUnit, on))
        .order_by(Point.code, PointCode.created_on.desc(), PointCode.code)
    )
    newest: dict[int, PointRow] = {}
    for row in rows:
        newest.setdefault(row[0], PointRow(*row))
    return list(newest.values())


def is_of_device() -> ColumnElement[bool]:
    """Whether a code is a kiosk's own: the address of its page, which is never printed."""
    return exists().where(Device.code == PointCode.code)


def desks_of_point(session: Session, point_id: int) -> list[DeskRow]:
    """The counters of a point that are in use."""
    columns = (Desk.id, Desk.code, Desk.point_id, Desk.name, Desk.is_single_officer)
    statement = select(*columns).where(Desk.point_id == point_id, Desk.closed_on.is_(None))
    return [DeskRow(*row) for row in session.execute(statement.order_by(Desk.code))]


def service_fields(session: Session) -> list[ServiceFieldRow]:
    """The fields of service in the order in which citizens see them."""
    field = ServiceField
    columns = (field.id, field.code, field.name_vi, field.name_en, field.icon, field.position)
    rows = session.execute(select(*columns).order_by(field.position, field.code))
    return [ServiceFieldRow(*row) for row in rows]


def _units(on: date | None = None) -> Select[Any]:
    """Units as they are described today, or as they were on a day; a parent is named as on the same day."""
    if on is None:
        today: tuple[Any, ...] = _UNIT_COLUMNS
        return select(*today).select_from(Unit).outerjoin(_Parent, Unit.parent_id == _Parent.id)
    parent_id = parent_id_on(on)
    columns: tuple[Any, ...] = (
        Unit.id, Unit.code, name_on(on), kind_on(on), Unit.level, parent_id, Unit.gso_code, population_on(on),
        Unit.valid_from, Unit.valid_to, search_key_on(on), sort_key_on(on), kind_on(on, _Parent),
        name_on(on, _Parent),
    )  # fmt: skip
    return select(*columns).select_from(Unit).outerjoin(_Parent, parent_id == _Parent.id)


def _rows(session: Session, statement: Select[Any], on: date | None = None) -> list[UnitRow]:
    key: ColumnElement[str] = Unit.sort_key.expression if on is None else sort_key_on(on)
    return [UnitRow(*row) for row in session.execute(statement.order_by(key, Unit.valid_from, Unit.code))]


def _one(session: Session, condition: ColumnElement[bool], wanted: str, on: date | None = None) -> UnitRow:
    found = _rows(session, _units(on).where(condition), on)
    if not found:
        raise NotFound(wanted)
    return found[0]


def _word_filters(text: str, key: ColumnElement[str]) -> Iterable[ColumnElement[bool]]:
    """Each word typed begins a word of the key; a search key holds no character that LIKE would read."""
    padded = literal_column("' '").concat(key)
    return [padded.like(f"% {word}%") for word in search_key(text).split()]


def _distance(row: UnitRow, typed: str, key: str) -> tuple[bool, bool, bool, bool, str, date, str]:
    """How far a unit is from what was typed: same code, spelling, words, beginning, then order."""
    name = search_key(row.name)
    wanted = same_name_key(typed)
    return (
        typed not in {row.code, row.gso_code},
        wanted not in {same_name_key(row.name), same_name_key(row.label)},
        key not in {name, row.search_key},
        not name.startswith(key),
        row.sort_key,
        row.valid_from,
        row.code,
    )


def merged_into(session: Session) -> dict[int, int]:
    """The one successor of every unit that ended in a single other; a unit that was split is not here."""
    statement = (
        select(UnitLineage.predecessor_id, func.min(UnitLineage.successor_id))
        .group_by(UnitLineage.predecessor_id)
        .having(func.count(UnitLineage.successor_id.distinct()) == 1)
        .order_by(UnitLineage.predecessor_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _lineage(
    session: Session, joined: ColumnElement[bool], condition: ColumnElement[bool]
) -> list[LineageRow]:
    statement = (
        _units()
        .join(UnitLineage, joined)
        .where(condition)
        .add_columns(UnitLineage.effective_on, UnitLineage.population_share)
        .order_by(UnitLineage.effective_on.desc(), Unit.sort_key, Unit.valid_from, Unit.code)
    )
    return [LineageRow(UnitRow(*row[:-2]), row[-2], row[-1]) for row in session.execute(statement)]


def ancestor_ids(session: Session, unit_id: int) -> list[int]:
    """The unit and all above it, itself first: the offices whose periods and targets apply to it."""
    chain: list[int] = []
    above: int | None = unit_id
    while above is not None and above not in chain:
        chain.append(above)
        above = session.scalar(select(Unit.parent_id).where(Unit.id == above))
    return chain


def units_with_points(session: Session, root_id: int, on: date) -> list[int]:
    """Units at or below a root that have a collection point on that day, ascending."""
    statement = (
        select(PointUnit.unit_id)
        .where(PointUnit.unit_id.in_(unit_subtree_ids(session, root_id, on)), on_day(PointUnit, on))
        .distinct()
        .order_by(PointUnit.unit_id)
    )
    return list(session.scalars(statement))
