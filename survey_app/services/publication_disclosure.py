"""Whether a release, beside those before it, would let a small group be worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure.differencing import release_differences
from survey_app.queries import publications as queries
from survey_app.queries.publications import PublicationRow
from survey_app.services.publication_content import Score


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A figure whose difference from one released before is fewer people than may be told."""

    unit_id: int
    code: str
    period_code: str
    revision: int
    n: int


def disclosure_findings(
    session: Session, new: PublicationRow, scores: Sequence[Score], *, minimum: int
) -> tuple[Disclosure, ...]:
    """What this release gives away beside every earlier one of the same office and basis.

    Two releases tell of each other where one's days lie within the other's: the same period again, or a part of it.
    """
    earlier = [
        row
        for row in queries.publications_of(session, root_unit_ids=[new.root_unit_id], states=queries.RELEASED)
        if row.basis == new.basis and row.id != new.id and _is_nested(row, new)
    ]
    found: list[Disclosure] = []
    for row in earlier:
        before = {(each.unit_id, each.code): each.n for each in queries.scores(session, row.id)}
        pairs = [
            (each, before[each.unit_id, each.code]) for each in scores if (each.unit_id, each.code) in before
        ]
        shown = [(each, each.n, n) for each, n in pairs if each.n is not None and n is not None]
        if not shown:
            continue
        counts = np.array([[min(one, other), max(one, other)] for _, one, other in shown], dtype=float).T
        differences = release_differences(counts, k=minimum)
        found += [
            Disclosure(shown[cell][0].unit_id, shown[cell][0].code, row.period_code, row.revision, int(n))
            for cell, n in zip(differences.cell.tolist(), differences.n.tolist(), strict=True)
        ]
    return tuple(found)


def _is_nested(one: PublicationRow, other: PublicationRow) -> bool:
    return _lies_in(_days(one), _days(other)) or _lies_in(_days(other), _days(one))


def _days(row: PublicationRow) -> tuple[date, date]:
    return row.period_starts_on, row.period_ends_on


def _lies_in(inner: tuple[date, date], outer: tuple[date, date]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
