"""Import of survey micro-data: compared with the store, shown, and written in one transaction if asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.queries import imports
from survey_app.queries import questionnaires as versions
from survey_app.services import audit, policy, releases, rollups
from survey_app.services.forms import Form, compile_version, load_form
from survey_app.services.import_mapping import ImportMapping
from survey_app.services.import_places import Places, enter_wave, make_places, plan_places
from survey_app.services.import_rows import Draft, RowError, read_file
from survey_app.services.import_sources import SingleAnswer
from survey_app.services.json_fields import MappingError
from survey_app.services.questionnaires import SEEDS, publish, with_library_scales
from survey_app.services.submissions import store_rows
from survey_app.signing import Signer

ROWS_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import would add or added. Rows with an error are left out and listed; the others go in."""

    n_rows: int
    n_skipped: int
    n_new: int
    n_already: int
    n_different: int
    n_rejected: int
    errors: tuple[RowError, ...]
    new_units: tuple[str, ...]
    is_new_wave: bool
    n_of_other_files: int
    n_units_released: int
    is_applied: bool


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """A file compared with the store: what would be added, and the report of it."""

    mapping: ImportMapping
    batch: UUID
    new: tuple[Draft, ...]
    report: ImportReport


def plan_import(session: Session, *, mapping: ImportMapping, content: bytes, signer: Signer) -> PlannedImport:
    """Read a file and compare it with the store; nothing is written.

    Raises `UnreadableFile` or `MappingError`. The same file again has nothing new.
    """
    form = _form(session, mapping)
    _check_items(mapping, form)
    found = read_file(content, mapping=mapping, form=form, signer=signer)
    places = plan_places(session, mapping, found.drafts)
    stored = imports.stored_digests(session, [draft.id for draft in found.drafts])
    new = tuple(draft for draft in found.drafts if draft.id not in stored)
    n_already = sum(stored.get(draft.id) == draft.digest for draft in found.drafts)
    report = ImportReport(
        n_rows=found.n_rows,
        n_skipped=found.n_skipped,
        n_new=len(new),
        n_already=n_already,
        n_different=len(found.drafts) - len(new) - n_already,
        n_rejected=len({error.row for error in found.errors}),
        errors=tuple(found.errors),
        new_units=places.new_units,
        is_new_wave=places.is_new_wave,
        n_of_other_files=imports.n_of_other_batches(session, wave_code=mapping.wave.code, batch=found.batch),
        n_units_released=0,
        is_applied=False,
    )
    return PlannedImport(mapping, found.batch, new, report)


def apply_import(
    session: Session, planned: PlannedImport, *, now: datetime, today: date, by: audit.Actor | None = None
) -> ImportReport:
    """Write what was planned: units, wave and responses, counted and released at once. The caller commits."""
    if not planned.new:
        return replace(planned.report, is_applied=True)
    mapping, drafts = planned.mapping, planned.new
    version_id = _version_id(session, mapping, today)
    places = make_places(session, mapping, plan_places(session, mapping, drafts), version_id=version_id)
    enter_wave(session, places, sorted({(draft.unit, draft.columns["stratum"]) for draft in drafts}))
    n_new = 0
    for start in range(0, len(drafts), ROWS_AT_A_TIME):
        part = drafts[start : start + ROWS_AT_A_TIME]
        rows = [
            _row(draft, places, version_id=version_id, batch=planned.batch, today=today) for draft in part
        ]
        n_new += store_rows(session, rows, today=today)
    details = {"batch": str(planned.batch), "new": n_new}
    audit.record(session, "responses.imported", target=mapping.wave.code, by=by, at=now, details=details)
    minimum = policy.current_policy(session, today).release_min_new
    n_released = releases.release_import(session, wave_id=places.wave_id, minimum_new=minimum, today=today)
    _count_months(session, drafts, places, today=today)
    n_already = planned.report.n_already + len(drafts) - n_new
    return replace(
        planned.report, n_new=n_new, n_already=n_already, n_units_released=n_released, is_applied=True
    )


def _form(session: Session, mapping: ImportMapping) -> Form:
    """The published form, or the seed that publishing would make it from; nothing is written."""
    code, number = mapping.version
    stored = versions.find_version(session, code=code, version=number)
    if stored is not None:
        return load_form(session, version_id=stored.id)
    return compile_version(_seed(mapping))


def _seed(mapping: ImportMapping) -> dict[str, Any]:
    code, number = mapping.version
    path = SEEDS / "mappings" / "forms" / f"{code}_v{number}.json"
    if not path.is_file():
        raise MappingError("mapping.questionnaire", f"{code} v{number} is neither published nor a seed")
    library = json.loads((SEEDS / "scales.json").read_text(encoding="utf-8"))
    return with_library_scales(json.loads(path.read_text(encoding="utf-8")), library)


def _check_items(mapping: ImportMapping, form: Form) -> None:
    """Every item and every recoded value must be of the form, before a row is read."""
    for code, source in mapping.items.items():
        path = f"mapping.items.{code}"
        item = form.by_code.get(code)
        if item is None:
            raise MappingError(path, f"no such item in {form.code} v{form.version}")
        if item.is_multiple == isinstance(source, SingleAnswer):
            raise MappingError(path, "options are for a multi-select, column is for a single answer")
        if isinstance(source, SingleAnswer):
            written = set((source.source.recode or {}).values())
        else:
            written = set(source.options)
        unknown = ", ".join(sorted(written - {choice.code for choice in item.choices}))
        if unknown:
            raise MappingError(path, f"no such choice: {unknown}")


def _version_id(session: Session, mapping: ImportMapping, today: date) -> int:
    code, number = mapping.version
    stored = versions.find_version(session, code=code, version=number)
    return (stored or publish(session, _seed(mapping), today)).id


def _row(draft: Draft, places: Places, *, version_id: int, batch: UUID, today: date) -> dict[str, Any]:
    """The response as the table holds it: real, not a test, received today."""
    return draft.columns | {
        "id": draft.id,
        "wave_id": places.wave_id,
        "version_id": version_id,
        "unit_id": places.units[draft.unit],
        "point_id": places.points[draft.unit, draft.point],
        "batch": batch,
        "collected_on": draft.collected_on,
        "received_on": today,
        "answers": draft.answers,
        "digest": draft.digest,
    }


def _count_months(session: Session, drafts: Sequence[Draft], places: Places, *, today: date) -> None:
    """Count the settled months of the import at once; pages recount later ones from the responses."""
    latest = (today - timedelta(days=rollups.SETTLING_DAYS)).replace(day=1)
    touched: dict[date, set[int]] = {}
    for draft in drafts:
        touched.setdefault(draft.collected_on.replace(day=1), set()).add(
            places.points[draft.unit, draft.point]
        )
    for month in sorted(month for month in touched if month < latest):
        rollups.rebuild_month(session, month=month, point_ids=sorted(touched[month]))
