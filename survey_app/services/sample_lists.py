"""The list of a draw as somebody takes it, and the office's own list cut down to the drawn cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from analysis.planning.person_selection import kish_table
from survey_app.queries import samples as queries
from survey_app.queries.samples import CaseRow, Draw
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.draw_numbers import random_number
from survey_app.services.frame_reader import label_column, label_of
from survey_app.services.sample_draws import standing_draw
from survey_app.signing import Signer


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A drawn case with what its sheet needs; `kish` is empty where a case is a transaction."""

    case: CaseRow
    kish: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class MatchedList:
    """Rows of an uploaded list that were drawn: the case, then the row as it was."""

    heading: tuple[str, ...]
    rows: tuple[tuple[CaseRow, tuple[str, ...]], ...]
    n_missing: int


def take_list(
    session: Session, *, draw_id: int, viewer: Viewer, now: datetime
) -> tuple[Draw, list[ListedCase]]:
    """All drawn cases, audited: a list of raw rows leaves the house."""
    _wave, drawn = standing_draw(session, draw_id=draw_id, viewer=viewer)
    replaced = {
        (row.unit_id, row.label): row.replacement for row in queries.replacements_of(session, draw_id)
    }
    listed = [
        ListedCase(case, _kish(drawn, case), replaced.get((case.unit_id, case.label), ""))
        for case in queries.cases_of_draw(session, draw_id)
    ]
    audit.record(session, "sample.list_taken", target=f"sample_draw:{draw_id}", by=viewer, at=now,
                 details={"n": len(listed)})  # fmt: skip
    return drawn, listed


def match_list(
    session: Session, content: bytes, *, draw_id: int, viewer: Viewer, signer: Signer, now: datetime
) -> MatchedList:
    """The rows of an office's list that were drawn. Read and given back; nothing of it is stored."""
    wave, drawn = standing_draw(session, draw_id=draw_id, viewer=viewer)
    frame = queries.frame_by_id(session, drawn.frame_id)
    wanted: dict[str, list[CaseRow]] = {}
    for case in queries.cases_of_draw(session, draw_id):
        wanted.setdefault(case.label, []).append(case)
    heading, place, rows = label_column(content)
    found: list[tuple[CaseRow, tuple[str, ...]]] = []
    for row in rows:
        text = row.cells[place] if place < len(row.cells) else ""
        label = label_of(text, is_keyed=frame.is_keyed, key=wave.code, signer=signer)
        found += [(case, row.cells) for case in wanted.get(label, ()) if text]
    n_missing = sum(map(len, wanted.values())) - len({(case.unit_id, case.label) for case, _cells in found})
    audit.record(session, "sample.list_matched", target=f"sample_draw:{draw_id}", by=viewer, at=now,
                 details={"n": len(found)})  # fmt: skip
    found.sort(key=lambda each: (each[0].unit_code, each[0].role, each[0].stratum, each[0].place))
    return MatchedList(heading.cells, tuple(found), n_missing)


def _kish(drawn: Draw, case: CaseRow) -> str:
    """The table on a household's sheet: it follows from the seed, as the draw does."""
    if drawn.method != "two_stage":
        return ""
    return kish_table(random_number(drawn.seed, "person", case.unit_code, case.label)).name
