"""The unit registry: import of its files, whole or not at all, and the one unit that a written name means."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound, SurveyError
from survey_app.models import Point, Response
from survey_app.queries.units import UnitRow, units_named
from survey_app.services import audit
from survey_app.services.registry_formats import Key, PointEntry
from survey_app.services.registry_import import Parsed, RowError, SourceFile, read_sources
from survey_app.services.registry_rules import Registry, check_registry
from survey_app.services.registry_store import moved_codes, store_procedures, store_registry, stored_tables

__all__ = [
    "AmbiguousUnit",
    "Changes",
    "Difference",
    "ImportReport",
    "RowError",
    "SourceFile",
    "import_registry",
    "resolve_unit",
]

TARGET_LENGTH = 200

Tables = Mapping[str, Mapping[Key, Any]]


class AmbiguousUnit(SurveyError):
    """More than one unit carries this name; `candidates` are told apart by their parents."""

    def __init__(self, name: str, candidates: Sequence[UnitRow]) -> None:
        self.candidates = tuple(candidates)
        listed = "; ".join(f"{each.label}, {each.parent_label} ({each.code})" for each in self.candidates)
        super().__init__(f"{name}: {listed}")


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows that an import adds, changes and finds as they are."""

    n_added: int
    n_changed: int
    n_unchanged: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that an import adds (`before` is None, `column` empty), or one cell of a row that it changes."""

    table: str
    key: str
    column: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. With any error nothing is written."""

    changes: Mapping[str, Changes]
    errors: tuple[RowError, ...]
    is_applied: bool
    differences: tuple[Difference, ...] = ()

    @property
    def total(self) -> Changes:
        counts = self.changes.values()
        return Changes(
            sum(each.n_added for each in counts),
            sum(each.n_changed for each in counts),
            sum(each.n_unchanged for each in counts),
        )


def import_registry(
    session: Session,
    *,
    files: Sequence[SourceFile],
    apply: bool,
    now: datetime,
    today: date,
    rng: Random | None = None,
    by: audit.Actor | None = None,
) -> ImportReport:
    """Compare the files with the registry and, if asked and without an error, make it hold what they say.

    Rows are joined by code, never by name, and what the files do not mention stays. The caller commits.
    """
    parsed = read_sources(files)
    if parsed.errors:
        return ImportReport({}, _in_order(parsed.errors), is_applied=False)
    stored = stored_tables(session)
    registry = replace(_merged(stored, parsed.tables), moved=moved_codes(session))
    check_registry(registry, parsed)
    _check_history(session, stored, parsed)
    _check_procedures(stored, parsed)
    differences = tuple(_differences(stored, parsed))
    changes = {table: _changes(rows, stored[table]) for table, rows in parsed.tables.items() if rows}
    if parsed.errors or not apply:
        return ImportReport(changes, _in_order(parsed.errors), is_applied=False, differences=differences)
    report = ImportReport(changes, (), is_applied=True, differences=differences)
    if report.total.n_added or report.total.n_changed:
        given = parsed.tables["service_fields"].values()
        store_registry(session, registry, given, today=today, rng=rng or secrets.SystemRandom())
        store_procedures(session, parsed.tables["procedures"].values())
        _record(session, files, report, now, by)
    return report


def resolve_unit(
    session: Session, *, name: str, on: date, kind: str | None = None, within_id: int | None = None
) -> UnitRow:
    """The one unit of this name on that day, its kind before it or not, in whatever spelling."""
    found = units_named(session, name, on=on, kind=kind, root_id=within_id)
    if not found:
        raise NotFound(f"{name} ({on:%d/%m/%Y})")
    if len(found) > 1:
        raise AmbiguousUnit(name, found)
    return found[0]


def _in_order(errors: Iterable[RowError]) -> tuple[RowError, ...]:
    return tuple(sorted(errors, key=lambda each: (each.file, each.row, each.column, each.expected.en)))


def _changes(rows: Mapping[Key, Any], stored: Mapping[Key, Any]) -> Changes:
    n_added = sum(key not in stored for key in rows)
    n_unchanged = sum(stored.get(key) == row for key, row in rows.items())
    return Changes(n_added, len(rows) - n_added - n_unchanged, n_unchanged)


def _merged(stored: Tables, given: Tables) -> Registry:
    """The registry as it would be: what is stored, and over it what the files say."""
    merged = {table: {**rows, **given[table]} for table, rows in stored.items()}
    return Registry(
        units={unit.code: unit for unit in merged["units"].values()},
        lineage=merged["lineage"],
        points=_by_point(merged["points"].values(), given["points"].values()),
        desks={desk.code: desk for desk in merged["desks"].values()},
    )


def _by_point(rows: Iterable[PointEntry], given: Iterable[PointEntry]) -> dict[str, list[PointEntry]]:
    """Each point's rows by date; a name in the files is the point's name on its stored rows too."""
    new_rows = {(row.code, row.valid_from): row for row in given}
    new_names = {row.code: row.name for row in new_rows.values()}
    points: defaultdict[str, list[PointEntry]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each.code, each.valid_from)):
        is_new = (row.code, row.valid_from) in new_rows
        points[row.code].append(row if is_new else replace(row, name=new_names.get(row.code, row.name)))
    return dict(points)


def _differences(stored: Tables, parsed: Parsed) -> Iterator[Difference]:
    for table, rows in parsed.tables.items():
        for key, row in rows.items():
            written, before = " · ".join(map(str, key)), stored[table].get(key)
            if before is None:
                yield Difference(table, written, "", None, getattr(row, "name", None) or written)
            else:
                for each in fields(row):
                    old, new = getattr(before, each.name), getattr(row, each.name)
                    if old != new:
                        yield Difference(table, written, each.name, old, new)


def _check_procedures(stored: Tables, parsed: Parsed) -> None:
    """A procedure's field is one of the registry or of the same import, and its dates are in order."""
    known = {row.code for rows in (stored, parsed.tables) for row in rows["service_fields"].values()}
    for key, row in parsed.tables["procedures"].items():
        place = parsed.places["procedures", key]
        if row.field_code is not None and row.field_code not in known:
            parsed.refuse(place, "field_code", "mã lĩnh vực trong danh mục", "the code of a service field")
        if row.valid_to is not None and row.valid_to < row.valid_from:
            parsed.refuse(place, "valid_to", "ngày không trước valid_from", "a day not before valid_from")


def _check_history(session: Session, stored: Tables, parsed: Parsed) -> None:
    """Answers keep the unit they were given to: an assignment that has answers gets no other unit."""
    for key, row in parsed.tables["points"].items():
        old = stored["points"].get(key)
        if old is not None and old.unit_code != row.unit_code and _has_answers(session, row):
            parsed.refuse(
                parsed.places["points", key],
                "unit_code",
                f"{old.unit_code}: điểm đã có phiếu từ ngày này; chuyển bằng một dòng với ngày mới",
                f"{old.unit_code}: the point has answers since; move it by a row with a new date",
            )


def _has_answers(session: Session, row: PointEntry) -> bool:
    given_since = select(Response.point_id).join(Point, Point.id == Response.point_id)
    given_since = given_since.where(Point.code == row.code, Response.collected_on >= row.valid_from)
    return bool(session.scalar(select(given_since.exists())))


def _record(
    session: Session,
    files: Sequence[SourceFile],
    report: ImportReport,
    now: datetime,
    by: audit.Actor | None,
) -> None:
    details: dict[str, object] = {
        table: [each.n_added, each.n_changed] for table, each in sorted(report.changes.items())
    }
    changed = [each for each in report.differences if each.column]
    if changed:
        details["changed"] = [
            [each.table, each.key, each.column, str(each.before), str(each.after)] for each in changed
        ]
    target = ", ".join(file.name for file in files)[:TARGET_LENGTH]
    audit.record(session, "registry.imported", target=target, by=by, at=now, details=details)
