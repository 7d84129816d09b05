"""The registry in the database: read in the shape of the files, and written from them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.models import (
    Desk,
    Point,
    PointCode,
    PointUnit,
    Procedure,
    ServiceField,
    Unit,
    UnitLineage,
    UnitPeriod,
)
from survey_app.names import sort_key, unit_search_key
from survey_app.queries.units import is_of_device
from survey_app.services.registry_formats import (
    FORMATS,
    DeskEntry,
    Entry,
    Key,
    LineageEntry,
    PointEntry,
    ProcedureEntry,
    ServiceFieldEntry,
    UnitEntry,
)
from survey_app.services.registry_rules import Assignment, Registry, assignments

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals that nobody mistakes for each other: no 0/O, no 1/I/L, no U."""

CODE_LENGTH = 8


def stored_tables(session: Session) -> dict[str, dict[Key, Any]]:
    """What the registry holds now, by kind of file and key."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    points = {point.id: point for point in session.scalars(select(Point))}
    fields = {field.id: field for field in session.scalars(select(ServiceField))}
    return {
        "units": _by_key("units", (_unit_entry(unit, units) for unit in units.values())),
        "lineage": _by_key(
            "lineage", (_lineage_entry(row, units) for row in session.scalars(select(UnitLineage)))
        ),
        "points": _by_key(
            "points", (_point_entry(row, points, units) for row in session.scalars(select(PointUnit)))
        ),
        "desks": _by_key("desks", (_desk_entry(row, points) for row in session.scalars(select(Desk)))),
        "service_fields": _by_key("service_fields", (_field_entry(row) for row in fields.values())),
        "procedures": _by_key(
            "procedures", (_procedure_entry(row, fields) for row in session.scalars(select(Procedure)))
        ),
    }


def moved_codes(session: Session) -> frozenset[str]:
    """Codes of units that were described otherwise, or stood below another unit, on some day."""
    return frozenset(session.scalars(select(Unit.code).join(UnitPeriod, UnitPeriod.unit_id == Unit.id)))


def store_registry(
    session: Session, registry: Registry, fields: Iterable[ServiceFieldEntry], *, today: date, rng: Random
) -> None:
    """Make the database hold this registry; rows that are right already are not touched."""
    closed = _closed_points(session)
    units = _store_units(session, registry.units)
    _store_lineage(session, registry.lineage.values(), units)
    points = _store_points(session, registry, units, closed)
    _give_codes(session, points.values(), today=today, rng=rng)
    _store_desks(session, registry.desks.values(), points)
    _store_fields(session, fields)
    session.flush()


def new_point_code(rng: Random) -> str:
    """Eight random characters for a poster."""
    return "".join(rng.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _by_key(table: str, rows: Iterable[Entry]) -> dict[Key, Any]:
    return {FORMATS[table].key_of(row): row for row in rows}


def _unit_entry(unit: Unit, units: Mapping[int, Unit]) -> UnitEntry:
    parent_code = None if unit.parent_id is None else units[unit.parent_id].code
    return UnitEntry(unit.code, unit.name, unit.kind, unit.level, parent_code, unit.gso_code, unit.population,
                     unit.valid_from, unit.valid_to)  # fmt: skip


def _lineage_entry(row: UnitLineage, units: Mapping[int, Unit]) -> LineageEntry:
    codes = units[row.predecessor_id].code, units[row.successor_id].code
    return LineageEntry(*codes, row.effective_on, row.population_share)


def _point_entry(row: PointUnit, points: Mapping[int, Point], units: Mapping[int, Unit]) -> PointEntry:
    point = points[row.point_id]
    return PointEntry(point.code, point.name, units[row.unit_id].code, row.valid_from)


def _desk_entry(desk: Desk, points: Mapping[int, Point]) -> DeskEntry:
    return DeskEntry(desk.code, points[desk.point_id].code, desk.name, desk.is_single_officer)


def _field_entry(row: ServiceField) -> ServiceFieldEntry:
    return ServiceFieldEntry(row.code, row.name_vi, row.name_en, row.icon, row.position)


def _procedure_entry(row: Procedure, fields: Mapping[int, ServiceField]) -> ProcedureEntry:
    field_code = None if row.field_id is None else fields[row.field_id].code
    return ProcedureEntry(row.code, row.name, field_code, row.agency, row.level, row.valid_from, row.valid_to)


def store_procedures(session: Session, entries: Iterable[ProcedureEntry]) -> None:
    """Make the database hold these procedures; their fields are stored already."""
    procedures = {row.code: row for row in session.scalars(select(Procedure))}
    fields = {field.code: field.id for field in session.scalars(select(ServiceField))}
    for entry in entries:
        row = procedures.get(entry.code) or Procedure(code=entry.code)
        row.name, row.agency, row.level = entry.name, entry.agency, entry.level
        row.field_id = None if entry.field_code is None else fields[entry.field_code]
        row.valid_from, row.valid_to = entry.valid_from, entry.valid_to
        session.add(row)
    session.flush()


def _store_units(session: Session, entries: Mapping[str, UnitEntry]) -> dict[str, Unit]:
    """Parents first, level by level, so that each finds its parent's id."""
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    for level in sorted({entry.level for entry in entries.values()}):
        for entry in (each for each in entries.values() if each.level == level):
            unit = units.setdefault(entry.code, Unit(code=entry.code))
            unit.name, unit.kind, unit.level = entry.name, entry.kind, entry.level
            unit.parent_id = None if entry.parent_code is None else units[entry.parent_code].id
            unit.gso_code, unit.population = entry.gso_code, entry.population
            unit.valid_from, unit.valid_to = entry.valid_from, entry.valid_to
            unit.search_key = unit_search_key(entry.kind, entry.name)
            unit.sort_key = sort_key(entry.name)
            session.add(unit)
        session.flush()
    return units


def _store_lineage(session: Session, entries: Iterable[LineageEntry], units: Mapping[str, Unit]) -> None:
    stored = {(row.predecessor_id, row.successor_id): row for row in session.scalars(select(UnitLineage))}
    for entry in entries:
        ids = units[entry.predecessor_code].id, units[entry.successor_code].id
        link = stored.get(ids) or UnitLineage(predecessor_id=ids[0], successor_id=ids[1])
        link.effective_on, link.population_share = entry.effective_on, entry.population_share
        session.add(link)


def _closed_points(session: Session) -> dict[tuple[int, date], date]:
    """The last stays of points that were closed while their unit went on, each with its last day: files do not
    know of them, and an import does not open them again.
    """
    later = aliased(PointUnit)
    rows = session.execute(
        select(PointUnit.point_id, PointUnit.valid_from, PointUnit.valid_to)
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(PointUnit.valid_to.is_not(None))
        .where(or_(Unit.valid_to.is_(None), Unit.valid_to > PointUnit.valid_to))
        .where(~exists().where(later.point_id == PointUnit.point_id, later.valid_from > PointUnit.valid_from))
    )
    return {(row[0], row[1]): row[2] for row in rows if row[2] is not None}


def _store_points(
    session: Session,
    registry: Registry,
    units: Mapping[str, Unit],
    closed: Mapping[tuple[int, date], date],
) -> dict[str, Point]:
    points = {point.code: point for point in session.scalars(select(Point))}
    for code, rows in registry.points.items():
        point = points.setdefault(code, Point(code=code))
        point.name = rows[0].name
        session.add(point)
    session.flush()
    stored = {(row.point_id, row.valid_from): row for row in session.scalars(select(PointUnit))}
    for code, rows in registry.points.items():
        for each in assignments(rows, registry.units):
            last_day = each.valid_to or closed.get((points[code].id, each.valid_from))
            kept = replace(each, valid_to=last_day)
            _store_assignment(session, points[code].id, kept, stored, units)
    return points


def _store_assignment(
    session: Session,
    point_id: int,
    assignment: Assignment,
    stored: Mapping[tuple[int, date], PointUnit],
    units: Mapping[str, Unit],
) -> None:
    key = point_id, assignment.valid_from
    row = stored.get(key) or PointUnit(point_id=point_id, valid_from=assignment.valid_from)
    row.unit_id, row.valid_to = units[assignment.unit_code].id, assignment.valid_to
    session.add(row)


def _give_codes(session: Session, points: Iterable[Point], *, today: date, rng: Random) -> None:
    """A code for every point that never had one; a revoked code is not replaced unasked."""
    taken = set(session.scalars(select(PointCode.code)))
    served = set(session.scalars(select(PointCode.point_id).where(~is_of_device())))
    for point in sorted((each for each in points if each.id not in served), key=lambda each: each.code):
        code = new_point_code(rng)
        while code in taken:
            code = new_point_code(rng)
        taken.add(code)
        session.add(PointCode(code=code, point_id=point.id, created_on=today))


def _store_desks(session: Session, entries: Iterable[DeskEntry], points: Mapping[str, Point]) -> None:
    desks = {desk.code: desk for desk in session.scalars(select(Desk))}
    for entry in entries:
        desk = desks.get(entry.code) or Desk(code=entry.code)
        desk.point_id, desk.name = points[entry.point_code].id, entry.name
        desk.is_single_officer = entry.is_single_officer
        session.add(desk)


def _store_fields(session: Session, entries: Iterable[ServiceFieldEntry]) -> None:
    fields = {field.code: field for field in session.scalars(select(ServiceField))}
    for entry in entries:
        field = fields.get(entry.code) or ServiceField(code=entry.code)
        field.name_vi, field.name_en = entry.name_vi, entry.name_en
        field.icon, field.position = entry.icon, entry.position
        session.add(field)
