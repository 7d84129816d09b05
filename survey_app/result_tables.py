"""A Scorecard or a Comparison as tables of typed cells: what CSV, XLSX, DOCX, PDF and the API all write out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from flask_babel import gettext as _

from analysis.types import Estimate
from survey_app import formatting, sentences
from survey_app.services.figures import Comparison, MixRow, Scorecard, ShareFigure, Showing


class Kind(Enum):
    """What a column holds, and so how every writer formats it. A share is in [0, 1], a difference too."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    DIFFERENCE = "difference"
    NUMBER = "number"
    DATE = "date"


class Missing(Enum):
    """Why a cell has no value; every writer prints the same words."""

    WITHHELD = "withheld"
    TOO_FEW = "too_few"
    NOT_APPLICABLE = "not_applicable"


Cell = str | int | float | date | Missing


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code for programs, its title for people, and what it holds."""

    code: str
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One table of results; `code` is stable across languages and releases."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def cell_text(cell: Cell, kind: Kind, *, language: str, minimum_base: int | None = None) -> str:
    """A cell as people read it: the one way that documents print a number or the reason why there is none."""
    if isinstance(cell, Missing):
        return missing_word(cell, minimum_base=minimum_base)
    if isinstance(cell, date):
        return formatting.short_date(cell, language=language)
    if kind is Kind.SHARE and isinstance(cell, int | float):
        return formatting.percent(cell, language=language)
    if kind is Kind.DIFFERENCE and isinstance(cell, int | float):
        return formatting.points(cell, language=language)
    if kind is Kind.COUNT and isinstance(cell, int):
        return formatting.count(cell, language=language)
    if kind is Kind.NUMBER and isinstance(cell, int | float):
        return formatting.decimal_number(cell, language=language)
    return str(cell)


def missing_word(cell: Missing, *, minimum_base: int | None = None) -> str:
    """Why there is no figure, in the words of the pages."""
    if cell is Missing.WITHHELD:
        if minimum_base is None:
            return sentences.withheld()
        return _("dưới %(n)s phiếu", n=minimum_base)
    return _("chưa đủ dữ liệu") if cell is Missing.TOO_FEW else "–"


SHARE_CODES = ("n", "n_satisfied", "share", "ci_low", "ci_high")


def share_columns(*, counted: str | None = None) -> tuple[Column, ...]:
    """The five columns in which every share is written: base, satisfied (or `counted`), share and its limits."""
    titles = (_("Số phiếu"), counted or _("Hài lòng"), _("Tỷ lệ"), _("Cận dưới"), _("Cận trên"))
    kinds = (Kind.COUNT, Kind.COUNT, Kind.SHARE, Kind.SHARE, Kind.SHARE)
    return tuple(Column(*column) for column in zip(SHARE_CODES, titles, kinds, strict=True))


def share_cells(share: ShareFigure) -> tuple[Cell, ...]:
    """A share's base, satisfied, value and limits, or why they are not shown."""
    if share.showing is Showing.WITHHELD or share.n is None:
        return (Missing.WITHHELD,) * len(SHARE_CODES)
    if share.estimate is None:
        return (share.n, *(Missing.TOO_FEW,) * (len(SHARE_CODES) - 1))
    # A factor is a mean over its items: no count of people stands behind it.
    n_satisfied = Missing.NOT_APPLICABLE if share.n_satisfied is None else share.n_satisfied
    return (share.n, n_satisfied, *estimate_cells(share.estimate))


def estimate_cells(estimate: Estimate | None) -> tuple[Cell, ...]:
    """A value and its two limits."""
    if estimate is None:
        return (Missing.TOO_FEW,) * 3
    return (estimate.value, estimate.ci_low, estimate.ci_high)


def unit_tables(card: Scorecard) -> tuple[ResultTable, ...]:
    """The tables of one unit's scorecard, those without rows left out."""
    tables = (
        _share_table("overall", _("Chỉ số chung"), [card.overall]),
        _level_table(card.overall),
        _share_table("factors", _("Theo yếu tố"), [factor.share for factor in card.factors]),
        _share_table("items", _("Theo tiêu chí"), [item for factor in card.factors for item in factor.items]),
        _share_table("reasons_bad", _("Điều chưa hài lòng"), card.reasons_bad, counted=_("Nêu ý này")),
        _share_table("reasons_good", _("Điều hài lòng"), card.reasons_good, counted=_("Nêu ý này")),
        _mix_table("channels", _("Theo kênh"), card.channels),
        _mix_table("stages", _("Theo giai đoạn"), card.stages),
        _mix_table("fields", _("Theo lĩnh vực"), card.fields),
        _mix_table("assisted", _("Theo người hỗ trợ"), card.assisted),
    )
    return tuple(table for table in tables if table.rows)


def _share_table(
    code: str, title: str, shares: Iterable[ShareFigure], *, counted: str | None = None
) -> ResultTable:
    columns = (
        Column("code", _("Mã"), Kind.TEXT),
        Column("label", _("Nội dung"), Kind.TEXT),
        *share_columns(counted=counted),
    )
    return ResultTable(
        code, title, columns, tuple((each.code, each.label, *share_cells(each)) for each in shares)
    )


def _level_table(share: ShareFigure) -> ResultTable:
    columns = (
        Column("code", _("Mã"), Kind.TEXT),
        Column("label", _("Mức trả lời"), Kind.TEXT),
        Column("n", _("Số phiếu"), Kind.COUNT),
    )
    rows = tuple((level.code, level.label, level.n) for level in (*share.levels, *share.missing))
    return ResultTable("levels", _("Số phiếu theo mức"), columns, rows)


def _mix_table(code: str, title: str, rows: Iterable[MixRow]) -> ResultTable:
    columns = (
        Column("code", _("Mã"), Kind.TEXT),
        Column("label", _("Nhóm"), Kind.TEXT),
        Column("n", _("Số phiếu"), Kind.COUNT),
        Column("share_of_responses", _("Tỷ trọng"), Kind.SHARE),
        *share_columns()[2:],
    )
    return ResultTable(code, title, columns, tuple(_mix_cells(row) for row in rows))


def _mix_cells(row: MixRow) -> tuple[Cell, ...]:
    if row.showing is Showing.WITHHELD or row.n is None or row.share is None:
        return (row.code, row.label, *(Missing.WITHHELD,) * 5)
    return (row.code, row.label, row.n, row.share, *estimate_cells(row.satisfied))


def comparison_tables(comparison: Comparison) -> tuple[ResultTable, ...]:
    """All units side by side, and the whole; a rank never without its interval."""
    columns = (
        Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
        Column("unit", _("Đơn vị"), Kind.TEXT),
        *share_columns(),
        Column("response_rate", sentences.rate_title(comparison.basis), Kind.SHARE),
        Column("tier", _("Nhóm"), Kind.TEXT),
        Column("rank_low", _("Hạng từ"), Kind.COUNT),
        Column("rank_high", _("Hạng đến"), Kind.COUNT),
        Column("target", _("So với mục tiêu"), Kind.TEXT),
    )
    rows = tuple(
        (
            row.unit.code,
            row.unit.label,
            *share_cells(row.share),
            Missing.NOT_APPLICABLE if row.response_rate is None else row.response_rate,
            sentences.tier_word(row.tier),
            *((row.rank.low, row.rank.high) if row.rank else (Missing.NOT_APPLICABLE,) * 2),
            Missing.NOT_APPLICABLE if row.verdict is None else sentences.verdict(row.verdict),
        )
        for row in comparison.rows
    )
    named = replace(comparison.province, label=comparison.root.label)
    whole = _share_table("whole", _("Tất cả các đơn vị"), [named])
    return (whole, ResultTable("units", _("So sánh đơn vị"), columns, rows))
