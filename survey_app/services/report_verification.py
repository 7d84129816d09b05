"""Is what was published still what the stored answers count to: every closing and every figure, once more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from survey_app.months import last_day
from survey_app.queries import lookups, snapshots
from survey_app.queries import publications as queries
from survey_app.queries.publications import PublicationRow
from survey_app.services import freezing, publishing, wave_snapshots
from survey_app.services.publication_content import BY_DAY, LANGUAGES, Unlike, unlike


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared, and what differs. `is_by_month` says that days are gone, so that some tables were not."""

    publication: PublicationRow
    fingerprint: str
    n_figures: int
    is_by_month: bool
    differences: tuple[Unlike, ...]


def verify(session: Session, publication_id: int, *, content: Mapping[str, Any] | None = None) -> Checked:
    """Compare a publication, or a file of its content, with what the answers received then count to."""
    row = queries.publication(session, publication_id)
    stored = {language: queries.parts(session, row.id, language=language) for language in LANGUAGES}
    kept = stored if content is None else content
    found: list[Unlike] = []
    mark = freezing.fingerprint(kept)
    if mark != row.fingerprint:
        found.append(Unlike("fingerprint", row.fingerprint, mark))
    is_by_month = False
    for closing in row.terms["closings"]:
        differences, coarse = _closing(session, closing)
        found += differences
        is_by_month = is_by_month or coarse
    leave_out = BY_DAY if is_by_month and not _is_whole_months(row) else frozenset()
    again = publishing.recounted(session, row)
    for language in LANGUAGES:
        found += unlike(kept.get(language), again[language], where=language, leave_out=leave_out)
    return Checked(
        row, mark, sum(_n_numbers(part) for part in stored["vi"].values()), is_by_month, tuple(found)
    )


def _closing(session: Session, closing: Mapping[str, Any]) -> tuple[list[Unlike], bool]:
    """The answers of a closed wave are those of then: the same root, the same tallies."""
    wave = lookups.wave_by_code(session, closing["wave"])
    place = f"{closing['wave']} #{closing['revision']}"
    kept = [each for each in snapshots.snapshots_of(session, wave.id) if each.revision == closing["revision"]]
    found = [
        Unlike(f"{place} root", closing["root"], each.root.hex())
        for each in kept
        if each.root.hex() != closing["root"]
    ]
    in_force = snapshots.in_force(session, [wave.id])
    revisions = [each.revision for each in in_force]
    if revisions != [closing["revision"]]:
        found.append(Unlike(f"{place} closing in force", str(closing["revision"]), str(revisions)))
    checked = wave_snapshots.verify(session, wave_id=wave.id)
    found += [
        Unlike(f"{closing['wave']} {each.what} [{each.where}]", each.frozen, each.found)
        for each in checked.differences
    ]
    return found, checked.is_by_month


def _is_whole_months(row: PublicationRow) -> bool:
    return row.period_starts_on.day == 1 and row.period_ends_on == last_day(row.period_ends_on)


def _n_numbers(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_n_numbers(each) for name, each in value.items() if name != "unit")
    if isinstance(value, list):
        return sum(_n_numbers(each) for each in value)
    return int(isinstance(value, int | float) and not isinstance(value, bool))
