"""A release with what its findings name taken out, in scorecards and comparison alike."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from analysis.types import Tier
from survey_app.services.figures import ComparedUnit, Comparison, MixTable, Scorecard, Showing, UnitMix
from survey_app.services.release_cells import (
    OVERALL,
    PARTITIONS,
    Cell,
    partition,
    withheld,
    without_cells,
    without_figures,
)
from survey_app.services.release_checks import Finding, Leak, revisions, smallest
from survey_app.services.report_content import ReportContent


def with_cards(content: ReportContent, change: Callable[[Scorecard], Scorecard]) -> ReportContent:
    """The content with every scorecard changed, and the comparison saying the same of each unit."""
    cards = tuple(change(card) for card in content.cards)
    whole = None if content.whole is None else change(content.whole)
    return replace(content, cards=cards, whole=whole, comparison=_as_the_cards(content.comparison, cards))


def remedied(
    content: ReportContent, earlier: Sequence[ReportContent], found: Sequence[Finding]
) -> ReportContent:
    """One round: each named cell withheld, or the unit left as an earlier revision had it."""
    cells: dict[int | None, set[Cell]] = defaultdict(set)
    kept = {each.unit_id for each in found if each.leak is Leak.REVISION and each.cell == OVERALL}
    for each in found:
        if each.leak is not Leak.UNITS and each.unit_id not in kept:
            cells[each.unit_id].add(each.cell)
    if not cells and not kept:
        # One unit a round: the next may be safe by it.
        cells[found[0].unit_id].add(found[0].cell)
    content = _as_before(content, earlier, kept) if kept else content
    names = {id(card): card.unit.id for card in content.cards}

    def cut(card: Scorecard) -> Scorecard:
        return without_cells(card, _spread(card, cells.get(names.get(id(card)), set())))

    return with_cards(content, cut)


def without_units(content: ReportContent, found: Sequence[Finding]) -> ReportContent:
    """No figure of any unit that a finding names; with the whole named, none of the whole."""
    named = {each.unit_id for each in found}
    if None in named:
        province = withheld(content.comparison.province)
        content = replace(content, comparison=replace(content.comparison, province=province, reference=None))
    units = {id(card): card.unit.id for card in content.cards}

    def cut(card: Scorecard) -> Scorecard:
        return without_figures(card) if units.get(id(card)) in named else card

    return with_cards(content, cut)


def _spread(card: Scorecard, cells: set[Cell]) -> set[Cell]:
    """The cells, and for one that is withheld already the smallest beside it that is not."""
    wider = set(cells)
    for table, code in cells:
        if (table, code) == OVERALL or table not in PARTITIONS:
            continue
        rows = partition(card, table)
        if rows.get(code, 0) is None:
            shown = {other: n for other, n in rows.items() if n is not None}
            wider.add((table, smallest(shown)) if shown else OVERALL)
    return wider


def _as_before(
    content: ReportContent, earlier: Sequence[ReportContent], kept: set[int | None]
) -> ReportContent:
    """These units as the latest earlier revision told of them: too few joined them since."""
    before = revisions(content, earlier)[-1]
    rows = {row.unit.id: row for row in before.comparison.rows}
    compared = replace(
        content.comparison,
        rows=tuple(
            rows.get(row.unit.id, row) if row.unit.id in kept else row for row in content.comparison.rows
        ),
    )
    if None in kept or _is_moved_little(compared, before.comparison):
        compared = replace(
            compared, province=before.comparison.province, reference=before.comparison.reference
        )
    cards = tuple(
        (before.card(card.unit.id) or card) if card.unit.id in kept else card for card in content.cards
    )
    whole = before.whole if None in kept and before.whole is not None else content.whole
    return replace(content, comparison=compared, cards=cards, whole=whole)


def _is_moved_little(ours: Comparison, before: Comparison) -> bool:
    if ours.province.n is None or before.province.n is None:
        return False
    return 0 < abs(ours.province.n - before.province.n) < ours.minimum_base


def _as_the_cards(compared: Comparison, cards: Sequence[Scorecard]) -> Comparison:
    """The comparison with everything withheld that a scorecard withholds."""
    by_unit = {card.unit.id: card for card in cards}
    rows = tuple(_row(row, by_unit.get(row.unit.id)) for row in compared.rows)
    channels = _mix_table(compared.channels, by_unit, "channels")
    stages = _mix_table(compared.stages, by_unit, "stages")
    tiers = [row.tier for row in rows]
    shown = {row.unit.id for row in rows if row.share.estimate is not None}
    return replace(
        compared,
        rows=rows,
        channels=channels,
        stages=stages,
        n_withheld=sum(row.share.showing is Showing.WITHHELD for row in rows),
        n_by_tier={tier: tiers.count(tier) for tier in Tier if tier in tiers},
        flagged=tuple(each for each in compared.flagged if each.unit.id in shown),
    )


def _row(row: ComparedUnit, card: Scorecard | None) -> ComparedUnit:
    """A row whose scorecard has no figure has none either."""
    if (
        card is None
        or card.overall.estimate is not None
        or (row.share.estimate is None and row.share.n is None)
    ):
        return row
    share = (
        withheld(row.share)
        if card.overall.n is None
        else replace(card.overall, code=row.share.code, label=row.share.label)
    )
    return ComparedUnit(
        unit=row.unit, share=share, shrunk=None,
        response_rate=None if card.overall.n is None else row.response_rate,
        tier=Tier.INSUFFICIENT, p_adjusted=None, rank=None, verdict=None,
    )  # fmt: skip


def _mix_table(table: MixTable, cards: Mapping[int, Scorecard], name: str) -> MixTable:
    return MixTable(
        table.columns, tuple(_mix(row, table.columns, cards.get(row.unit.id), name) for row in table.rows)
    )


def _mix(row: UnitMix, columns: tuple[str, ...], card: Scorecard | None, name: str) -> UnitMix:
    if card is None:
        return row
    shown = {each.label for each in getattr(card, name) if each.n is not None}
    listed = {each.label for each in getattr(card, name)}
    if not listed:
        return UnitMix(row.unit, None, (None,) * len(columns))
    # A column that a unit does not list is empty for it, which its scorecard says too.
    shares = tuple(
        share if label in shown or label not in listed else None
        for label, share in zip(columns, row.shares, strict=True)
    )
    return UnitMix(row.unit, row.n, shares)
