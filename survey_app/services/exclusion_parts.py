"""Which part of a figure an exclusion would move: never one to four people of any unit, basis or reporting period.

A figure is of one unit and one basis, over a period, and counts answers that were released and give the headline a
score. A predicate may cover many and still move one of these figures by two; the difference of what is shown with and
without, or of two previews, would then tell what these two said.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import calendar, units
from survey_app.queries import exclusions as queries
from survey_app.queries.exclusions import CountingRow, Predicate
from survey_app.services import forms

Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Counting:
    """The answers of a point that its figures count, and the periods that each of its units reports."""

    rows: tuple[CountingRow, ...]
    spans: dict[int, tuple[Span, ...]]

    def has_small_part(self, predicate: Predicate, minimum: int) -> bool:
        """Whether any figure would move by a few people, as the exclusions of now stand."""
        covered = (row for row in self.rows if _covers(predicate, row) and not row.is_excluded)
        return self._moves_few(covered, minimum)

    def is_too_like(self, one: Predicate, other: Predicate, minimum: int) -> bool:
        """Whether any figure differs by a few people between two predicates, whatever else is excluded meanwhile."""
        apart = [row for row in self.rows if _covers(one, row) != _covers(other, row)]
        left = (row for row in apart if not row.is_excluded)
        return self._moves_few(apart, minimum) or self._moves_few(left, minimum)

    def _moves_few(self, rows: Iterable[CountingRow], minimum: int) -> bool:
        parts: Counter[tuple[int, str, Span | None]] = Counter()
        for row in rows:
            parts[row.unit_id, row.basis, None] += 1
            for span in self.spans[row.unit_id]:
                if span[0] <= row.collected_on <= span[1]:
                    parts[row.unit_id, row.basis, span] += 1
        return any(n < minimum for n in parts.values())


def counting_of(session: Session, point_id: int) -> Counting:
    """What the figures of a point count: released answers, no trial ones, with a score for the headline."""
    scored: dict[int, tuple[int, frozenset[int]]] = {}
    rows = []
    for row, version_id, answers in queries.released_rows(session, point_id):
        if version_id not in scored:
            item = forms.load_form(session, version_id=version_id).headline
            scored[version_id] = (
                item.slot,
                frozenset(choice.position for choice in item.choices if choice.score is not None),
            )
        slot, positions = scored[version_id]
        if answers[slot] in positions:
            rows.append(row)
    spans = {}
    for unit_id in {row.unit_id for row in rows}:
        periods = calendar.periods_of(session, units.ancestor_ids(session, unit_id))
        spans[unit_id] = tuple((period.starts_on, period.ends_on) for period in periods)
    return Counting(tuple(rows), spans)


def _covers(predicate: Predicate, row: CountingRow) -> bool:
    return (
        predicate.from_on <= row.collected_on <= predicate.to_on
        and predicate.channel in (None, row.channel)
        and predicate.collector in (None, row.collector)
        and predicate.batch in (None, row.batch)
    )
