"""Import of survey micro-data: compared with the store, shown, and written in one transaction if asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.queries import imports
from survey_app.queries import questionnaires as versions
from survey_app.services import audit, policy, releases, rollups
from survey_app.services.forms import Form, compile_version, load_form
from survey_app.services.import_mapping import ImportMapping
from survey_app.services.import_places import Places, Plan, enter_wave, make_places, plan_places
from survey_app.services.import_rows import Draft, ReadFile, RowError, read_file
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
class _Arrivals:
    """Drafts against the store: new, stored with the same or with other content (the first stays)."""

    new: tuple[Draft, ...]
    n_already: int
    n_different: int


def import_responses(
    session: Session,
    *,
    mapping: ImportMapping,
    content: bytes,
    signer: Signer,
    apply: bool,
    now: datetime,
    today: date,
) -> ImportReport:
    """Compare a file with the store and, if asked, add its new responses. The caller commits.

    Raises `UnreadableFile` or `MappingError` with nothing written. The same file again adds nothing.
    """
    form = _form(session, mapping)
    _check_items(mapping, form)
    found = read_file(content, mapping=mapping, form=form, signer=signer)
    plan = plan_places(session, mapping, found.drafts)
    arrivals = _arrivals(session, found.drafts)
    n_released = 0
    if apply and arrivals.new:
        n_released = _store(session, mapping, plan, arrivals.new, found.batch, now=now, today=today)
    return ImportReport(
        n_rows=found.n_rows,
        n_skipped=found.n_skipped,
        n_new=len(arrivals.new),
        n_already=arrivals.n_already,
        n_different=arrivals.n_different,
        n_rejected=len({error.row for error in found.errors}),
        errors=tuple(found.errors),
        new_units=plan.new_units,
        is_new_wave=plan.is_new_wave,
        n_of_other_files=_n_of_other_files(session, mapping, found),
        n_units_released=n_released,
        is_applied=apply,
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
    path = SEEDS / "questionnaires" / f"{code}_v{number}.json"
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


def _arrivals(session: Session, drafts: Sequence[Draft]) -> _Arrivals:
    stored = imports.stored_digests(session, [draft.id for draft in drafts])
    new = tuple(draft for draft in drafts if draft.id not in stored)
    n_already = sum(stored.get(draft.id) == draft.digest for draft in drafts)
    return _Arrivals(new, n_already, len(drafts) - len(new) - n_already)


def _n_of_other_files(session: Session, mapping: ImportMapping, found: ReadFile) -> int:
    return imports.n_of_other_batches(session, wave_code=mapping.wave.code, batch=found.batch)


def _store(
    session: Session, mapping: ImportMapping, plan: Plan, drafts: Sequence[Draft], batch: UUID, *,
    now: datetime, today: date,
) -> int:  # fmt: skip
    """Write units, wave and responses, then count and release them; how many units show a figure."""
    stored = versions.find_version(session, code=mapping.version[0], version=mapping.version[1])
    version = stored or publish(session, _seed(mapping), today)
    places = make_places(session, mapping, plan, version_id=version.id)
    enter_wave(session, places, sorted({(draft.unit, draft.columns["stratum"]) for draft in drafts}))
    n_new = 0
    for start in range(0, len(drafts), ROWS_AT_A_TIME):
        part = drafts[start : start + ROWS_AT_A_TIME]
        rows = [_row(draft, places, version_id=version.id, batch=batch, today=today) for draft in part]
        n_new += store_rows(session, rows, today=today)
    details = {"batch": str(batch), "new": n_new}
    audit.record(session, "responses.imported", target=mapping.wave.code, by=None, at=now, details=details)
    minimum = policy.current_policy(session, today).release_min_new
    n_released = releases.release_import(session, wave_id=places.wave_id, minimum_new=minimum, today=today)
    _count_months(session, drafts, places, today=today)
    return n_released


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
