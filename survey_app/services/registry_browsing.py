"""The registry as a reader sees it on a day: a tree, a list, one unit with everything that stands on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.names import search_key
from survey_app.queries import registry_changes, unit_search, unit_sheets, units
from survey_app.queries.registry_changes import AccountAt, OperationRow, PeriodAt
from survey_app.queries.unit_search import Found
from survey_app.queries.unit_sheets import PointSheet, Stay, WaveAt
from survey_app.queries.units import LineageRow, UnitRow
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit of the tree with those below it."""

    unit: UnitRow
    n_points: int
    below: tuple["Branch", ...]

    @property
    def n_below(self) -> int:
        return sum(1 + branch.n_below for branch in self.below)


@dataclass(frozen=True, slots=True)
class Affects:
    """How much would go elsewhere with the unit."""

    n_codes: int
    n_devices: int
    n_pads: int
    n_tickets: int
    n_cases: int
    n_children: int


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """One unit as at a day. `unit` is described as then, or as on its last or first day where the day lies outside."""

    unit: UnitRow
    is_of_the_day: bool
    above: tuple[UnitRow, ...]
    below: tuple[UnitRow, ...]
    periods: tuple[PeriodAt, ...]
    aliases: tuple[str, ...]
    points: tuple[PointSheet, ...]
    before: tuple[LineageRow, ...]
    after: tuple[LineageRow, ...]
    waves: tuple[WaveAt, ...]
    accounts: tuple[AccountAt, ...]
    affects: Affects
    operations: tuple[OperationRow, ...]


def readable_unit_ids(session: Session, *, viewer: Viewer) -> frozenset[int]:
    """The viewer's units and all that they came from: old names lead somewhere, whatever office they were under."""
    visible = visible_unit_ids(session, viewer=viewer)
    return visible | unit_search.ancestors_of(session, visible)


def require_readable(session: Session, *, unit_id: int, viewer: Viewer) -> None:
    """Refuse any other unit exactly as one that does not exist."""
    if unit_id not in readable_unit_ids(session, viewer=viewer):
        raise NotFound(f"unit {unit_id}")


def tree(session: Session, *, on: date, viewer: Viewer) -> tuple[Branch, ...]:
    """The viewer's units of that day, each below its parent of that day."""
    rows = visible_units(session, on=on, viewer=viewer)
    counts = unit_sheets.point_counts(session, [row.id for row in rows], on)
    known = {row.id for row in rows}
    by_parent: dict[int | None, list[UnitRow]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def branch(row: UnitRow) -> Branch:
        below = tuple(branch(child) for child in by_parent.get(row.id, []))
        return Branch(row, counts.get(row.id, 0), below)

    return tuple(branch(row) for row in by_parent.get(None, []))


def named_like(rows: Sequence[UnitRow], text: str) -> frozenset[int]:
    """The units in whose name each word stands, whatever its marks; all of them for no text."""
    words = search_key(text).split()
    return frozenset(row.id for row in rows if all(f" {word}" in f" {row.search_key}" for word in words))


def visible_units(session: Session, *, on: date, viewer: Viewer) -> list[UnitRow]:
    """The viewer's units of that day, and those that they came from later, in Vietnamese order."""
    readable = readable_unit_ids(session, viewer=viewer)
    return [row for row in units.units_as_at(session, on) if row.id in readable]


def search(session: Session, text: str, *, on: date, viewer: Viewer) -> Found:
    """What was typed, by any name that a unit has or had."""
    return unit_search.find_units(session, text, on=on, within=readable_unit_ids(session, viewer=viewer))


def unit_sheet(session: Session, *, unit_id: int, on: date, viewer: Viewer) -> UnitSheet:
    """Everything of one unit that its page shows; another's unit does not exist."""
    require_readable(session, unit_id=unit_id, viewer=viewer)
    unit = units.unit_by_id(session, unit_id)
    day = max(unit.valid_from, min(on, unit.valid_to or on))
    unit = units.unit_by_id(session, unit_id, day)
    readable = readable_unit_ids(session, viewer=viewer)
    ids = [unit_id]
    points = registry_changes.points_at(session, ids, day)
    below = registry_changes.child_ids(session, ids, day)
    affects = Affects(
        n_codes=sum(point.n_codes for point in points),
        n_devices=sum(point.n_devices for point in points),
        n_pads=sum(point.n_pads for point in points),
        n_tickets=sum(point.n_tickets for point in points),
        n_cases=len(registry_changes.unfinished_cases(session, ids)),
        n_children=len(below),
    )
    return UnitSheet(
        unit=unit,
        is_of_the_day=day == on,
        above=_above(session, unit, day, readable),
        below=tuple(units.unit_by_id(session, child, day) for child in below),
        periods=registry_changes.periods_at(session, ids),
        aliases=tuple(unit_search.aliases_of(session, unit_id)),
        points=tuple(_sheets(session, unit_sheets.point_ids_of(session, unit_id, day), day)),
        before=tuple(link for link in units.predecessors(session, unit_id) if link.unit.id in readable),
        after=tuple(link for link in units.successors(session, unit_id) if link.unit.id in readable),
        waves=tuple(unit_sheets.waves_of(session, unit_id)),
        accounts=registry_changes.accounts_at(session, ids),
        affects=affects,
        operations=_operations_of(session, unit_id, readable),
    )


def point_page(session: Session, *, point_id: int, on: date, viewer: Viewer) -> tuple[PointSheet, list[Stay]]:
    """A point and the units it belonged to; its last one decides who may see it."""
    stays = unit_sheets.stays_of(session, point_id)
    sheet = unit_sheets.point_sheet(session, point_id, on)
    if sheet is None or not stays:
        raise NotFound(f"point {point_id}")
    require_unit(session, unit_id=stays[-1].unit_id, viewer=viewer)
    return sheet, stays


def _sheets(session: Session, point_ids: list[int], day: date) -> list[PointSheet]:
    found = (unit_sheets.point_sheet(session, point_id, day) for point_id in point_ids)
    return [sheet for sheet in found if sheet is not None]


def _above(session: Session, unit: UnitRow, day: date, readable: frozenset[int]) -> tuple[UnitRow, ...]:
    """From the root down to the parent, as far as the viewer may read."""
    chain: list[UnitRow] = []
    parent_id = unit.parent_id
    while parent_id is not None and parent_id in readable and len(chain) < 10:
        parent = units.unit_by_id(session, parent_id, day)
        chain.append(parent)
        parent_id = parent.parent_id
    return tuple(reversed(chain))


def _operations_of(session: Session, unit_id: int, readable: frozenset[int]) -> tuple[OperationRow, ...]:
    return tuple(
        row
        for row in registry_changes.operations(session, readable)
        if unit_id in row.request["unit_ids"]
        or any(change["table"] == "unit" and change["key"] == {"id": unit_id} for change in row.changes)
    )
