"""Thông báo kết quả: groups and ranges of ranks of a designed survey, never an ordinal alone."""

from collections.abc import Iterable

from flask_babel import gettext as _

from analysis.types import Tier
from survey_app import report_sentences, sentences
from survey_app.documents.report import Block, Numbering, Report, Section, Style, Text, texts
from survey_app.documents.report_parts import Setting, assemble, scope
from survey_app.documents.report_province import sealed_tables, subject_of
from survey_app.errors import NotFound
from survey_app.result_tables import Cell, Column, Kind, Missing, ResultTable, estimate_cells
from survey_app.services.figures import ComparedUnit, Comparison, Showing

GROUPS = (Tier.HIGHER, Tier.NOT_DIFFERENT, Tier.LOWER)


def result_notice(comparison: Comparison, setting: Setting) -> Report:
    """The notice of a sample survey; self-selected answers rank nobody, so there is none of them."""
    if comparison.basis != "sample":
        raise NotFound("a notice of results on a self-selected basis")
    subject = subject_of(comparison)
    number = Numbering()
    sections = (
        Section(_("I. Kết quả chung"), texts(report_sentences.province_summary(comparison))),
        Section(_("II. Phạm vi và cách đo"), scope(subject, mark=None)),
        Section(_("III. Kết quả của các đơn vị"), tuple(_groups(comparison, number))),
    )
    return assemble(
        setting, subject, kind=_("Thông báo"), code="TB",
        about=_("Kết quả khảo sát mức độ hài lòng tại %(unit)s, %(period)s", unit=comparison.root.label,
                period=comparison.period.title),
        sections=sections, annexes=(), sealed=sealed_tables(comparison),
    )  # fmt: skip


def _groups(comparison: Comparison, number: Numbering) -> Iterable[Block]:
    yield Text(
        _(
            "Các đơn vị được xếp theo nhóm, trong nhóm theo tên. Khoảng hạng gồm các hạng chưa loại trừ được; hai đơn "
            "vị có khoảng hạng chồng lên nhau thì chưa thể nói đơn vị nào hơn."
        )
    )
    for tier in GROUPS:
        rows = [row for row in comparison.rows if row.tier is tier]
        yield from number.table(group_table(tier, rows, comparison))
    left = [row for row in comparison.rows if row.tier is Tier.INSUFFICIENT]
    if left:
        listed = ", ".join(row.unit.label for row in left)
        yield Text(_("Chưa đủ dữ liệu để nêu kết quả: %(units)s.", units=listed), Style.NOTE)


def group_table(tier: Tier, rows: Iterable[ComparedUnit], comparison: Comparison) -> ResultTable:
    """The units of a group with their interval and the ranks that they may hold."""
    columns = (
        Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
        Column("unit", _("Đơn vị"), Kind.TEXT),
        Column("n", _("Số phiếu"), Kind.COUNT),
        Column("share", _("Tỷ lệ"), Kind.SHARE),
        Column("ci_low", _("Cận dưới"), Kind.SHARE),
        Column("ci_high", _("Cận trên"), Kind.SHARE),
        Column("ranks", _("Khoảng hạng"), Kind.TEXT),
    )
    title = _("Nhóm %(tier)s so với mức chung", tier=sentences.tier_word(tier))
    named = sorted(rows, key=lambda row: row.unit.sort_key)
    return ResultTable(
        f"group_{tier.name.lower()}", title, columns, tuple(_row(row, comparison) for row in named)
    )


def _row(row: ComparedUnit, comparison: Comparison) -> tuple[Cell, ...]:
    n_ranked = sum(each.rank is not None for each in comparison.rows)
    ranks: Cell = Missing.NOT_APPLICABLE
    if row.rank is not None and row.share.showing is Showing.SHOWN:
        ranks = report_sentences.rank_range(row.rank.low, row.rank.high, n_ranked)
    n: Cell = Missing.WITHHELD if row.share.n is None else row.share.n
    return (row.unit.code, row.unit.label, n, *estimate_cells(row.share.estimate), ranks)
