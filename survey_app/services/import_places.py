"""The root, units, points, wave and periods that a mapping names: looked for, made where missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from survey_app.models import Period, Point, PointUnit, Unit, Wave, WaveUnit
from survey_app.names import search_key, sort_key, unit_search_key
from survey_app.queries import imports, upserts
from survey_app.services.import_mapping import ImportMapping
from survey_app.services.import_rows import Draft
from survey_app.services.json_fields import MappingError

MAX_UNITS = 5_000
UNIT_CODE_LENGTH, POINT_CODE_LENGTH = 37, 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Codes of the units and points that the rows name, by their values in the file; and what is new."""

    units: Mapping[str, str]
    points: Mapping[tuple[str, str], str]
    new_units: tuple[str, ...]
    is_new_wave: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Ids in the database, by the values in the file."""

    wave_id: int
    units: Mapping[str, int]
    points: Mapping[tuple[str, str], int]


def plan_places(session: Session, mapping: ImportMapping, drafts: Iterable[Draft]) -> Plan:
    """What would be used and what would be made; raises `MappingError` where stored units forbid it."""
    pairs = sorted({(draft.unit, draft.point) for draft in drafts})
    units = _codes(sorted({unit for unit, _ in pairs}), mapping)
    if len(units) > MAX_UNITS or len(pairs) > MAX_UNITS:
        raise MappingError("mapping.units.column", f"names more than {MAX_UNITS} units or points")
    points = {pair: _point_code(units[pair[0]], pair[1], mapping) for pair in pairs}
    _check_distinct(points, "mapping.points.codes")
    stored = imports.unit_places(session, [mapping.root.code, *units.values()])
    root = stored.get(mapping.root.code)
    for code in units.values():
        if code in stored and mapping.units.creates and (root is None or stored[code][1] != root[0]):
            raise MappingError("mapping.units", f"{code} is a unit elsewhere")
        if code not in stored and not mapping.units.creates:
            raise MappingError("mapping.units", f"no unit {code}; name it in codes, or say create")
    new = tuple(mapping.units.name(value) for value, code in units.items() if code not in stored)
    return Plan(units, points, new, imports.stored_wave(session, mapping.wave.code) is None)


def make_places(session: Session, mapping: ImportMapping, plan: Plan, *, version_id: int) -> Places:
    """Store what is missing. Safe to run twice."""
    root_id, level = _root(session, mapping)
    units = _units(session, mapping, plan, root_id=root_id, level=level + 1)
    points = _points(session, mapping, plan, units)
    _periods(session, mapping, root_id)
    return Places(_wave(session, mapping, root_id=root_id, version_id=version_id), units, points)


def enter_wave(session: Session, places: Places, strata: Iterable[tuple[str, int]]) -> None:
    """Say which units take part in the wave, by stratum."""
    rows = [
        {"wave_id": places.wave_id, "unit_id": places.units[unit], "stratum": stratum}
        for unit, stratum in strata
    ]
    upserts.insert_each_once(session, WaveUnit, rows)


def _codes(values: Iterable[str], mapping: ImportMapping) -> dict[str, str]:
    rule = mapping.units
    codes = {
        value: rule.codes.get(value)
        or (_code(mapping.root.code, value, UNIT_CODE_LENGTH) if rule.creates else value)
        for value in values
    }
    _check_distinct(codes, "mapping.units.codes")
    return codes


def _point_code(unit_code: str, value: str, mapping: ImportMapping) -> str:
    if mapping.points is None:
        return f"{unit_code[:UNIT_CODE_LENGTH]}.1"
    return mapping.points.codes.get(value) or _code(unit_code, value, POINT_CODE_LENGTH)


def _code(above: str, value: str, length: int) -> str:
    """A readable code below another; a long or unspeakable value ends in a piece of its digest."""
    words = search_key(value).encode("ascii", "ignore").decode().strip().replace(" ", "-")
    code = f"{above}.{words}"
    if words and len(code) <= length:
        return code
    digest = sha256(f"{above}\n{value}".encode()).hexdigest()[:6]
    return f"{above[: length - 8]}.{words}"[: length - 7].rstrip("-.") + f"-{digest}"


def _check_distinct(codes: Mapping[str, str] | Mapping[tuple[str, str], str], path: str) -> None:
    first: dict[str, object] = {}
    for value, code in codes.items():
        if first.setdefault(code, value) != value:
            raise MappingError(path, f"{first[code]!r} and {value!r} both get {code}; name their codes")


def _root(session: Session, mapping: ImportMapping) -> tuple[int, int]:
    rule = mapping.root
    stored = imports.unit_places(session, [rule.code]).get(rule.code)
    if stored is not None:
        return stored[0], stored[2]
    root = _unit(code=rule.code, name=rule.name, kind=rule.kind, level=1, parent_id=None, mapping=mapping)
    session.add(root)
    session.flush()
    return root.id, root.level


def _units(
    session: Session, mapping: ImportMapping, plan: Plan, *, root_id: int, level: int
) -> dict[str, int]:
    stored = imports.unit_places(session, list(plan.units.values()))
    new = {
        value: _unit(code=code, name=mapping.units.name(value), kind=mapping.units.kind, level=level,
                     parent_id=root_id, mapping=mapping)
        for value, code in plan.units.items() if code not in stored
    }  # fmt: skip
    session.add_all(new.values())
    session.flush()
    return {value: new[value].id if value in new else stored[code][0] for value, code in plan.units.items()}


def _unit(
    *, code: str, name: str, kind: str, level: int, parent_id: int | None, mapping: ImportMapping
) -> Unit:
    return Unit(
        code=code, name=name, kind=kind, level=level, parent_id=parent_id, valid_from=mapping.root.valid_from,
        search_key=unit_search_key(kind, name), sort_key=sort_key(name),
    )  # fmt: skip


def _points(
    session: Session, mapping: ImportMapping, plan: Plan, units: Mapping[str, int]
) -> dict[tuple[str, str], int]:
    """A point of each unit, or of each value of a column; none has a code that opens a form."""
    stored = imports.point_ids(session, list(plan.points.values()))
    new = {}
    for pair, code in plan.points.items():
        if code not in stored:
            named = mapping.units.name(pair[0]) if mapping.points is None else mapping.points.name(pair[1])
            new[pair] = Point(code=code, name=named)
    session.add_all(new.values())
    session.flush()
    assigned = [
        {"point_id": point.id, "unit_id": units[pair[0]], "valid_from": mapping.root.valid_from}
        for pair, point in new.items()
    ]
    upserts.insert_each_once(session, PointUnit, assigned)
    return {pair: new[pair].id if pair in new else stored[code] for pair, code in plan.points.items()}


def _wave(session: Session, mapping: ImportMapping, *, root_id: int, version_id: int) -> int:
    rule = mapping.wave
    stored = imports.stored_wave(session, rule.code)
    if stored is None:
        wave = Wave(
            code=rule.code, title_vi=rule.title_vi, title_en=rule.title_en, basis=rule.basis,
            root_unit_id=root_id, version_id=version_id, opens_on=rule.opens_on, closes_on=rule.closes_on,
            is_simulated=False,
        )  # fmt: skip
        session.add(wave)
        session.flush()
        return wave.id
    same = (stored.basis, stored.root_unit_id, stored.version_id, stored.opens_on, stored.closes_on) == (
        rule.basis, root_id, version_id, rule.opens_on, rule.closes_on,
    )  # fmt: skip
    if not same:
        raise MappingError("mapping.wave", f"{rule.code} is stored with other basis, root, version or dates")
    if stored.state != "open":
        raise MappingError(
            "mapping.wave", f"{rule.code} is closed: its figures stand, and new answers would not count"
        )
    return stored.id


def _periods(session: Session, mapping: ImportMapping, root_id: int) -> None:
    stored = imports.period_roots(session, [period.code for period in mapping.periods])
    for period in mapping.periods:
        if stored.get(period.code, root_id) != root_id:
            raise MappingError("mapping.periods", f"{period.code} is a period of another root")
        if period.code not in stored:
            new = Period(code=period.code, root_unit_id=root_id)
            new.title_vi, new.title_en = period.title_vi, period.title_en
            new.starts_on, new.ends_on = period.starts_on, period.ends_on
            session.add(new)
    session.flush()
