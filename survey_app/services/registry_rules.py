"""The rules a registry keeps as a whole: parents, dates, lineage, and one unit for a point on every day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey_app.names import same_name_key, unit_label
from survey_app.services.registry_formats import DeskEntry, Key, LineageEntry, PointEntry, UnitEntry
from survey_app.services.registry_import import Parsed, Place

SHARE_TOLERANCE = 0.005
STORED = Place("(sổ đăng ký đang dùng / registry in use)", 0)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Registry:
    """What the registry would be after the import."""

    units: Mapping[str, UnitEntry]
    lineage: Mapping[Key, LineageEntry]
    points: Mapping[str, Sequence[PointEntry]]
    desks: Mapping[str, DeskEntry]
    # Units that were put below another one on some day: their parent of today need not be as old as they are.
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """The unit of a point between two dates."""

    unit_code: str
    valid_from: date
    valid_to: date | None


def check_registry(registry: Registry, parsed: Parsed) -> None:
    """Add to `parsed.errors` whatever the registry would break; what is stored already keeps every rule."""
    for unit in registry.units.values():
        _check_dates(unit, parsed)
        _check_parent(unit, registry, parsed)
    _check_twins(registry, parsed)
    for link in registry.lineage.values():
        _check_link(link, registry, parsed)
    _check_lineage_shares(registry, parsed)
    _check_lineage_cycles(registry, parsed)
    for rows in registry.points.values():
        _check_point(rows, registry, parsed)
    for desk in registry.desks.values():
        if desk.point_code not in registry.points:
            parsed.refuse(
                _place(parsed, "desks", desk.code),
                "point_code",
                f"mã của một điểm đặt, {desk.point_code} không có",
                f"the code of a point, {desk.point_code} is unknown",
            )


def assignments(rows: Sequence[PointEntry], units: Mapping[str, UnitEntry]) -> Iterator[Assignment]:
    """A point's units in turn: each until the day before the next, the last until its unit ends."""
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        end = following.valid_from - _ONE_DAY if following else units[row.unit_code].valid_to
        yield Assignment(row.unit_code, row.valid_from, end)


def _place(parsed: Parsed, table: str, *keys: object) -> Place:
    """The row of the first of these keys that the files hold."""
    for key in keys:
        found = parsed.places.get((table, key if isinstance(key, tuple) else (key,)))
        if found:
            return found
    return STORED


def _covers(outer: UnitEntry, first: date, last: date | None) -> bool:
    if first < outer.valid_from:
        return False
    return outer.valid_to is None or (last is not None and last <= outer.valid_to)


def _period(unit: UnitEntry) -> str:
    return f"{unit.valid_from:%d/%m/%Y}–{f'{unit.valid_to:%d/%m/%Y}' if unit.valid_to else '…'}"


def _check_dates(unit: UnitEntry, parsed: Parsed) -> None:
    if unit.valid_to is not None and unit.valid_to < unit.valid_from:
        parsed.refuse(
            _place(parsed, "units", unit.code),
            "valid_to",
            "ngày kết thúc không trước ngày bắt đầu",
            "an end that is not before the start",
        )


def _check_parent(unit: UnitEntry, registry: Registry, parsed: Parsed) -> None:
    if unit.parent_code is None:
        return
    parent = registry.units.get(unit.parent_code)
    place = _place(parsed, "units", unit.code, unit.parent_code)
    if parent is None:
        parsed.refuse(
            place,
            "parent_code",
            f"mã của một đơn vị, {unit.parent_code} không có",
            f"the code of a unit, {unit.parent_code} is unknown",
        )
    elif parent.level >= unit.level:
        # Strictly growing levels are also what makes a circle of parents impossible.
        parsed.refuse(
            place,
            "level",
            f"cấp lớn hơn cấp {parent.level} của đơn vị cha {parent.code}",
            f"a level above level {parent.level} of the parent {parent.code}",
        )
    elif unit.code not in registry.moved and not _covers(parent, unit.valid_from, unit.valid_to):
        parsed.refuse(
            place,
            "valid_from",
            f"{unit.code} nằm trong thời gian của đơn vị cha {parent.code} ({_period(parent)})",
            f"{unit.code} within the dates of its parent {parent.code} ({_period(parent)})",
        )


def _check_twins(registry: Registry, parsed: Parsed) -> None:
    """Two units at one time may share neither kind, name and parent, nor GSO code."""
    by_name: defaultdict[Key, list[UnitEntry]] = defaultdict(list)
    by_gso: defaultdict[Key, list[UnitEntry]] = defaultdict(list)
    for unit in registry.units.values():
        by_name[unit.kind, same_name_key(unit.name), unit.parent_code].append(unit)
        if unit.gso_code:
            by_gso[unit.level, unit.gso_code].append(unit)
    for column, groups in (("name", by_name), ("gso_code", by_gso)):
        for one, other in _overlapping(groups.values()):
            label = unit_label(one.kind, one.name)
            parsed.refuse(
                _place(parsed, "units", other.code, one.code),
                column,
                f"không trùng với {label} (mã {one.code}, {_period(one)}) cùng thời gian",
                f"nothing already held at the same time by {label} (code {one.code}, {_period(one)})",
            )


def _overlapping(groups: Iterable[Sequence[UnitEntry]]) -> Iterator[tuple[UnitEntry, UnitEntry]]:
    """Each unit that starts before the longest of the earlier ones has ended, with that one."""
    for group in groups:
        by_start = sorted(group, key=lambda unit: (unit.valid_from, unit.code))
        longest = by_start[0]
        for unit in by_start[1:]:
            if unit.valid_from <= (longest.valid_to or date.max):
                yield longest, unit
            longest = max(longest, unit, key=lambda each: each.valid_to or date.max)


def _check_link(link: LineageEntry, registry: Registry, parsed: Parsed) -> None:
    place = _place(parsed, "lineage", (link.predecessor_code, link.successor_code))
    on = link.effective_on
    for column, code, day in (
        ("predecessor_code", link.predecessor_code, on - _ONE_DAY),
        ("successor_code", link.successor_code, on),
    ):
        unit = registry.units.get(code)
        if unit is None:
            parsed.refuse(
                place, column, f"mã của một đơn vị, {code} không có", f"the code of a unit, {code} is unknown"
            )
        elif not _covers(unit, day, day):
            parsed.refuse(
                place,
                "effective_on",
                f"ngày mà {code} ({_period(unit)}) có hiệu lực vào {day:%d/%m/%Y}",
                f"a date such that {code} ({_period(unit)}) is valid on {day:%d/%m/%Y}",
            )


def _check_lineage_shares(registry: Registry, parsed: Parsed) -> None:
    """A unit that ended has given away all its people; one that goes on, not more than all."""
    shares: defaultdict[tuple[str, date], list[LineageEntry]] = defaultdict(list)
    for link in registry.lineage.values():
        shares[link.predecessor_code, link.effective_on].append(link)
    for (code, on), links in shares.items():
        total = sum(link.population_share for link in links)
        unit = registry.units.get(code)
        is_end = unit is not None and unit.valid_to == on - _ONE_DAY
        if total > 1 + SHARE_TOLERANCE or (is_end and total < 1 - SHARE_TOLERANCE):
            place = _place(
                parsed, "lineage", *((link.predecessor_code, link.successor_code) for link in links)
            )
            parsed.refuse(
                place,
                "population_share",
                f"các phần của {code} cộng lại bằng 1 (nay là {total:g})",
                f"shares of {code} that add up to 1 (now {total:g})",
            )


def _check_lineage_cycles(registry: Registry, parsed: Parsed) -> None:
    """Peel off links that nothing leads to, or on from; what cannot be peeled runs in a circle."""
    left = set(registry.lineage.values())
    while left:
        successors = {link.successor_code for link in left}
        predecessors = {link.predecessor_code for link in left}
        peeled = {
            link
            for link in left
            if link.predecessor_code not in successors or link.successor_code not in predecessors
        }
        if not peeled:
            break
        left -= peeled
    for link in sorted(left, key=lambda each: (each.predecessor_code, each.successor_code)):
        parsed.refuse(
            _place(parsed, "lineage", (link.predecessor_code, link.successor_code)),
            "successor_code",
            "đơn vị kế thừa không phải là tiền thân của chính nó",
            "a successor that is not its own predecessor",
        )


def _check_point(rows: Sequence[PointEntry], registry: Registry, parsed: Parsed) -> None:
    for row in rows:
        if row.unit_code not in registry.units:
            parsed.refuse(
                _place(parsed, "points", (row.code, row.valid_from)),
                "unit_code",
                f"mã của một đơn vị, {row.unit_code} không có",
                f"the code of a unit, {row.unit_code} is unknown",
            )
            return
    _check_point_names(rows, parsed)
    for row, assignment in zip(rows, assignments(rows, registry.units), strict=True):
        _check_assignment(row, assignment, registry, parsed)
    _check_heirs(rows[-1], registry, parsed)


def _check_point_names(rows: Sequence[PointEntry], parsed: Parsed) -> None:
    for row in rows[1:]:
        if row.name != rows[0].name:
            parsed.refuse(
                _place(parsed, "points", (row.code, row.valid_from)),
                "name",
                f"cùng một tên cho mọi dòng của điểm {row.code}",
                f"one name on every row of point {row.code}",
            )


def _check_assignment(row: PointEntry, assignment: Assignment, registry: Registry, parsed: Parsed) -> None:
    """The unit exists on every day that the point is given to it."""
    unit = registry.units[row.unit_code]
    if not _covers(unit, assignment.valid_from, assignment.valid_to):
        parsed.refuse(
            _place(parsed, "points", (row.code, row.valid_from)),
            "valid_from",
            f"điểm {row.code} chỉ thuộc {unit.code} trong {_period(unit)}",
            f"point {row.code} belongs to {unit.code} only within {_period(unit)}",
        )


def _check_heirs(last: PointEntry, registry: Registry, parsed: Parsed) -> None:
    """A point of a unit that others took over goes to one of them; one abolished without heirs closes it."""
    unit = registry.units[last.unit_code]
    if unit.valid_to is None:
        return
    heirs = sorted(
        link.successor_code for link in registry.lineage.values() if link.predecessor_code == unit.code
    )
    if not heirs:
        return
    place = _place(parsed, "points", (last.code, last.valid_from))
    since = f"{unit.valid_to + _ONE_DAY:%d/%m/%Y}"
    parsed.refuse(
        _place(parsed, "units", unit.code) if place is STORED else place,
        "unit_code",
        f"dòng tiếp theo của điểm {last.code} từ {since} (kế thừa: {', '.join(heirs)})",
        f"a further row for point {last.code} from {since} (successors: {', '.join(heirs)})",
    )
