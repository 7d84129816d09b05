"""A scorecard as cells of people, each the base of one published figure; and the scorecard without some of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from survey_app.services.figures import (
    FactorFigure,
    IndexFigure,
    MixRow,
    QualityFigure,
    Scorecard,
    ShareFigure,
    Showing,
)

# The tables that split one unit's responses into parts which together are all of them.
PARTITIONS = ("channels", "stages", "fields", "assisted")
REASONS = ("reasons_bad", "reasons_good")
OVERALL = ("overall", "overall")
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Minimums:
    """From which base a cell may be told, and from which it has an index."""

    base: int
    index: int


def n_responses(card: Scorecard) -> int | None:
    """All responses that the page counts, as its levels and missing answers add up; None where not shown."""
    if card.overall.n is None:
        return None
    levels = (*card.overall.levels, *card.overall.missing)
    return sum(level.n for level in levels) if levels else card.overall.n


def bases(card: Scorecard) -> dict[Cell, int | None]:
    """The base of every figure of a scorecard; None where it is withheld."""
    found: dict[Cell, int | None] = {OVERALL: card.overall.n}
    for factor in card.factors:
        found["factors", factor.share.code] = factor.share.n
        found |= {("items", item.code): item.n for item in factor.items}
    found |= {("indices", index.name): index.n for index in card.indices}
    for table in REASONS:
        found |= {(table, share.code): share.n for share in getattr(card, table)}
    for table in PARTITIONS:
        found |= {(table, row.code): row.n for row in getattr(card, table)}
    return found


def partition(card: Scorecard, table: str) -> Mapping[str, int | None]:
    """The rows of one partition by their code."""
    rows: tuple[MixRow, ...] = getattr(card, table)
    return {row.code: row.n for row in rows}


def without_cells(card: Scorecard, cells: Collection[Cell]) -> Scorecard:
    """The scorecard with these cells withheld: base, share, limits and levels together, since each tells the others."""
    if not cells:
        return card
    if OVERALL in cells:
        return without_figures(card)
    changed: dict[str, object] = {
        table: tuple(_share_without(share, (table, share.code) in cells) for share in getattr(card, table))
        for table in REASONS
    }
    changed |= {table: _rows_without(getattr(card, table), table, cells) for table in PARTITIONS}
    changed["factors"] = tuple(_factor_without(factor, cells) for factor in card.factors)
    changed["indices"] = tuple(
        IndexFigure(index.name, index.label, None, None) if ("indices", index.name) in cells else index
        for index in card.indices
    )
    return replace(card, **changed)  # type: ignore[arg-type]


def without_figures(card: Scorecard) -> Scorecard:
    """The scorecard of a unit that may not be told of at all: its name, its period and the reason."""
    return replace(
        card, overall=withheld(card.overall), n_responses=None, n_transactions=None, response_rate=None,
        design_effect=None, target=None, change=None, trend=None, reasons_bad=(), reasons_good=(), factors=(),
        lowest_is_separate=None, indices=(), channels=(), stages=(), assisted=(), fields=(),
        quality=QualityFigure(None, None, None, 0),
    )  # fmt: skip


def withheld(share: ShareFigure) -> ShareFigure:
    return ShareFigure(share.code, share.label, Showing.WITHHELD, None, None, None)


def at_minimums(share: ShareFigure, minimums: Minimums) -> ShareFigure:
    """The share cut down to what its base allows."""
    if share.n is None or share.n < minimums.base:
        return withheld(share)
    if share.n < minimums.index or share.estimate is None:
        return ShareFigure(share.code, share.label, Showing.INSUFFICIENT, share.n, None, None)
    return share


def small_cells(card: Scorecard, minimums: Minimums) -> frozenset[Cell]:
    """Cells whose base is too small to be told. An empty one tells of nobody."""
    return frozenset(cell for cell, n in bases(card).items() if n is not None and 0 < n < minimums.base)


def at_index_minimum(card: Scorecard, minimums: Minimums) -> Scorecard:
    """No share or index on a base below the minimum for one."""
    changed: dict[str, object] = {
        table: tuple(at_minimums(share, minimums) for share in getattr(card, table)) for table in REASONS
    }
    changed |= {table: tuple(_row_at(row, minimums) for row in getattr(card, table)) for table in PARTITIONS}
    changed["factors"] = tuple(
        FactorFigure(
            at_minimums(factor.share, minimums),
            factor.mean if factor.mean and factor.mean.n_respondents >= minimums.index else None,
            tuple(at_minimums(item, minimums) for item in factor.items),
        )
        for factor in card.factors
    )
    changed["indices"] = tuple(
        index if index.n is not None and index.n >= minimums.index else replace(index, estimate=None)
        for index in card.indices
    )
    return replace(card, **changed)  # type: ignore[arg-type]


def _row_at(row: MixRow, minimums: Minimums) -> MixRow:
    if row.n is None or row.n >= minimums.index:
        return row
    return replace(row, satisfied=None, showing=Showing.INSUFFICIENT)


def _share_without(share: ShareFigure, is_hidden: bool) -> ShareFigure:
    return withheld(share) if is_hidden else share


def _factor_without(factor: FactorFigure, cells: Collection[Cell]) -> FactorFigure:
    is_hidden = ("factors", factor.share.code) in cells
    return FactorFigure(
        _share_without(factor.share, is_hidden),
        None if is_hidden else factor.mean,
        tuple(_share_without(item, ("items", item.code) in cells) for item in factor.items),
    )


def _rows_without(rows: tuple[MixRow, ...], table: str, cells: Collection[Cell]) -> tuple[MixRow, ...]:
    """Withheld rows come last, by code: their place among the others would tell their size."""
    cut = [
        replace(row, showing=Showing.WITHHELD, n=None, share=None, satisfied=None)
        if (table, row.code) in cells
        else row
        for row in rows
    ]
    hidden = sorted((row for row in cut if row.n is None), key=lambda row: row.code)
    return (*(row for row in cut if row.n is not None), *hidden)
