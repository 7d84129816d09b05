"""What one release gives away, alone or beside earlier ones: every sum that leaves fewer people than may be told.

All checks read published bases only, as a reader would: what is withheld enters as what the sums leave over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from survey_app.services.figures import Scorecard
from survey_app.services.release_cells import OVERALL, PARTITIONS, Cell, bases, n_responses, partition
from survey_app.services.report_content import ReportContent

# Bases that readers have from earlier releases, by unit and cell.
Known = Mapping[tuple[int, Cell], int]


class Leak(StrEnum):
    """The way by which a small group would be told."""

    SMALL = "small"
    ROW = "row"
    COLUMN = "column"
    UNITS = "units"
    REVISION = "revision"
    PERIOD = "period"
    LINEAGE = "lineage"


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that gives a small group away, and how. It never says how many they are.

    `unit_id` is None for all units together; `cell` is what should be withheld.
    """

    leak: Leak
    unit_id: int | None
    unit: str
    cell: Cell


def is_small(n: int, k: int) -> bool:
    """Whether a group is too small to be told; an empty one tells of nobody."""
    return 0 < n < k


def within_release(content: ReportContent, known: Known, k: int) -> Iterator[Finding]:
    """Small cells, rows that the total gives away, and units that the whole gives away."""
    for card in all_cards(content):
        yield from _small(content, card, k)
        for table in PARTITIONS:
            yield from _row(content, card, table, k)
    yield from _units(content, k)
    if content.whole is not None:
        yield from _columns(content, content.whole, known, k)


def all_cards(content: ReportContent) -> tuple[Scorecard, ...]:
    """The scorecards of a release, that of the whole last."""
    return content.cards if content.whole is None else (*content.cards, content.whole)


def _small(content: ReportContent, card: Scorecard, k: int) -> Iterator[Finding]:
    for cell, n in bases(card).items():
        if n is not None and is_small(n, k):
            yield _finding(Leak.SMALL, content, card, cell)


def leaves_one_open(left: int, n_hidden: int, k: int) -> bool:
    """Whether what is left over for withheld cells tells of them: one alone, or together too few."""
    return (
        n_hidden == 1
        or (n_hidden > 0 and left < max(k, n_hidden + 1))
        or (not n_hidden and is_small(left, k))
    )


def _row(content: ReportContent, card: Scorecard, table: str, k: int) -> Iterator[Finding]:
    rows, total = partition(card, table), n_responses(card)
    if total is None or not rows:
        return
    shown = {code: n for code, n in rows.items() if n is not None}
    left, n_hidden = total - sum(shown.values()), len(rows) - len(shown)
    # Rows that do not add up to the responses are no parts of them, so nothing is left over.
    if left < 0 or not leaves_one_open(left, n_hidden, k):
        return
    yield _finding(Leak.ROW, content, card, (table, smallest(shown)) if shown else OVERALL)


def _units(content: ReportContent, k: int) -> Iterator[Finding]:
    """The whole less the units told of."""
    shown = {card.unit.id: card.overall.n for card in content.cards if card.overall.n}
    n_hidden = len(content.cards) - len(shown)
    for whole in _wholes(content):
        left = whole - sum(shown.values())
        if left > 0 and shown and leaves_one_open(left, n_hidden, k):
            card = content.card(min(shown, key=lambda unit_id: (shown[unit_id], unit_id)))
            assert card is not None
            yield _finding(Leak.UNITS, content, card, OVERALL)


def _wholes(content: ReportContent) -> set[int]:
    told = {content.comparison.province.n, content.whole.overall.n if content.whole else None}
    return {n for n in told if n}


def remembered(content: ReportContent, earlier: Sequence[ReportContent]) -> Known:
    """Cells of this very period that an earlier revision told, of units that nobody joined since: known for good."""
    same = [each for each in earlier if _is_same_series(content, each)]
    found: dict[tuple[int, Cell], int] = {}
    for before in revisions(content, same):
        for card in content.cards:
            old = before.card(card.unit.id)
            if old is not None and n_responses(old) == n_responses(card):
                found |= {(card.unit.id, cell): n for cell, n in bases(old).items() if n is not None}
    return found


def _columns(content: ReportContent, whole: Scorecard, known: Known, k: int) -> Iterator[Finding]:
    """A row of the whole less the same row of every unit told of, now or before."""
    units = {card.unit.id: bases(card) for card in content.cards}
    tables = {unit_id: {table for table, _ in cells} for unit_id, cells in units.items()}
    for cell, n in bases(whole).items():
        if n is None or cell == OVERALL or cell[0] == "indices":
            continue
        told = {unit_id: cells[cell] or 0 for unit_id, cells in units.items() if cells.get(cell) is not None}
        before = {unit_id: known[unit_id, cell] for unit_id in units if (unit_id, cell) in known}
        n_hidden = sum(
            (cells.get(cell, 0) is None or cell[0] not in tables[unit_id]) and unit_id not in before
            for unit_id, cells in units.items()
        )
        left = n - sum((before | told).values())
        if left <= 0 or not leaves_one_open(left, n_hidden, k):
            continue
        # What readers already have is not withheld by leaving it out now.
        new = {unit_id: number for unit_id, number in told.items() if unit_id not in before}
        card = content.card(min(new, key=lambda unit_id: (new[unit_id], unit_id))) if new else whole
        assert card is not None
        yield _finding(Leak.COLUMN, content, card, cell)


def against_earlier(
    content: ReportContent, earlier: Sequence[ReportContent], *, successors: Mapping[int, int], k: int
) -> Iterator[Finding]:
    """What this release gives away beside those that readers already have."""
    same = [each for each in earlier if _is_same_series(content, each)]
    for before in revisions(content, same):
        now, then = content.comparison.province.n, before.comparison.province.n
        if now is not None and then is not None and is_small(abs(now - then), k):
            root = content.comparison.root
            yield Finding(Leak.REVISION, None, root.label, OVERALL)
    for card in all_cards(content):
        for leak, parent, parts in _sums(content, card, same, successors):
            yield from (
                _finding(leak, content, card, cell) for cell in _small_differences(card, parent, parts, k)
            )
        for before in revisions(content, same):
            previous = _counterpart(content, card, before)
            if previous is not None:
                yield from _since(content, card, previous, k)


def _is_same_series(content: ReportContent, earlier: ReportContent) -> bool:
    ours, theirs = content.comparison, earlier.comparison
    return ours.basis == theirs.basis and ours.root.id == theirs.root.id


def revisions(content: ReportContent, earlier: Iterable[ReportContent]) -> list[ReportContent]:
    """Earlier releases of the same period, oldest first."""
    return [each for each in earlier if _span(each) == _span(content)]


def _span(content: ReportContent) -> tuple[object, object]:
    return content.comparison.period.starts_on, content.comparison.period.ends_on


def _counterpart(content: ReportContent, card: Scorecard, other: ReportContent) -> Scorecard | None:
    return other.whole if card is content.whole else other.card(card.unit.id)


Sum = tuple[Leak, Scorecard, tuple[Scorecard, ...]]


def _sums(
    content: ReportContent, card: Scorecard, earlier: Sequence[ReportContent], successors: Mapping[int, int]
) -> Iterator[Sum]:
    """Scorecards of which one holds the people of the others: revisions, merged units, periods in a period."""
    before_this = revisions(content, earlier)
    for before in before_this:
        previous = _counterpart(content, card, before)
        if previous is not None:
            yield Leak.REVISION, card, (previous,)
        if card is not content.whole:
            old = tuple(
                each for each in before.cards if successors.get(each.unit.id, each.unit.id) == card.unit.id
            )
            if old and old != (previous,):
                yield Leak.LINEAGE, card, old
                yield from ((Leak.LINEAGE, card, (each,)) for each in old)
    others = [(each, _counterpart(content, card, each)) for each in earlier if each not in before_this]
    known = [(each, other) for each, other in others if other is not None]
    inside = [(each, other) for each, other in known if _holds(content, each)]
    for parts in _disjoint(inside):
        yield Leak.PERIOD, card, parts
    for outer, parent in known:
        if _holds(outer, content):
            beside = [
                (each, other) for each, other in known if _holds(outer, each) and not _overlap(each, content)
            ]
            yield Leak.PERIOD, parent, (card,)
            for parts in _disjoint(beside):
                yield Leak.PERIOD, parent, (card, *parts)


def _holds(outer: ReportContent, inner: ReportContent) -> bool:
    ours, theirs = outer.comparison.period, inner.comparison.period
    is_inside = ours.starts_on <= theirs.starts_on and theirs.ends_on <= ours.ends_on
    return is_inside and _span(outer) != _span(inner)


def _overlap(one: ReportContent, other: ReportContent) -> bool:
    a, b = one.comparison.period, other.comparison.period
    return a.starts_on <= b.ends_on and b.starts_on <= a.ends_on


def _disjoint(parts: Sequence[tuple[ReportContent, Scorecard]]) -> Iterator[tuple[Scorecard, ...]]:
    """Each part alone, and the parts that fit beside each other, longest first and shortest first."""
    if not parts:
        return
    yield from ((card,) for _, card in parts)

    def length(part: tuple[ReportContent, Scorecard]) -> int:
        period = part[0].comparison.period
        return (period.ends_on - period.starts_on).days

    for ordered in (sorted(parts, key=length), sorted(parts, key=length, reverse=True)):
        kept: list[tuple[ReportContent, Scorecard]] = []
        # The newest revision of each period.
        for each in reversed(ordered):
            if not any(_overlap(each[0], other[0]) for other in kept):
                kept.append(each)
        if len(kept) > 1:
            yield tuple(card for _, card in kept)


def _small_differences(
    card: Scorecard, parent: Scorecard, parts: tuple[Scorecard, ...], k: int
) -> Iterator[Cell]:
    """Cells told in the parent that leave few people once the same cells of its parts are taken off."""
    whole, told, mine = bases(parent), [bases(part) for part in parts], bases(card)
    for cell, n in whole.items():
        known = [each[cell] for each in told if each.get(cell) is not None]
        if n is None or not known or mine.get(cell) is None:
            continue
        if is_small(abs(n - sum(value or 0 for value in known)), k):
            yield cell


def _since(content: ReportContent, card: Scorecard, previous: Scorecard, k: int) -> Iterator[Finding]:
    """Of a partition: what came to the rows withheld in either release must be nobody, or enough."""
    now, before = n_responses(card), n_responses(previous)
    if now is None or before is None:
        return
    for table in PARTITIONS:
        rows, old = partition(card, table), partition(previous, table)
        if not rows or not old:
            continue
        both = {
            code: n - (old.get(code, 0) or 0)
            for code, n in rows.items()
            if n is not None and _told(old, code)
        }
        left = now - before - sum(both.values())
        was_hidden = [code for code, n in old.items() if n is None and rows.get(code) is not None]
        if was_hidden and abs(left) < k:
            # Nobody or few came: what was withheld then would be told by what is told now.
            yield from (_finding(Leak.REVISION, content, card, (table, code)) for code in was_hidden)
        elif both and is_small(abs(left), k):
            shown = {code: rows[code] or 0 for code in both}
            yield _finding(Leak.REVISION, content, card, (table, smallest(shown)))


def _told(rows: Mapping[str, int | None], code: str) -> bool:
    return code not in rows or rows[code] is not None


def smallest(rows: Mapping[str, int]) -> str:
    return min(rows, key=lambda code: (rows[code], code))


def _finding(leak: Leak, content: ReportContent, card: Scorecard, cell: Cell) -> Finding:
    is_whole = card is content.whole
    unit = content.comparison.root if is_whole else card.unit
    return Finding(leak, None if is_whole else unit.id, unit.label, cell)


def findings(
    content: ReportContent, earlier: Sequence[ReportContent], *, successors: Mapping[int, int], k: int
) -> tuple[Finding, ...]:
    """Everything that this release gives away, each once."""
    known = remembered(content, earlier)
    alone = within_release(content, known, k)
    return tuple(dict.fromkeys(chain(alone, against_earlier(content, earlier, successors=successors, k=k))))
