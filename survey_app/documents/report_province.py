"""The report of all units together, from the same content as the pages."""

from collections.abc import Iterable
from functools import partial

from flask_babel import gettext as _

from survey_app import report_sentences, sentences
from survey_app.documents import report_figures as figures
from survey_app.documents.conversion_tables import conversion_table, conversion_warnings
from survey_app.documents.report import Block, Numbering, Report, Section, Style, Text, texts
from survey_app.documents.report_parts import (
    Setting,
    Subject,
    assemble,
    counts_table,
    method_table,
    modes,
    scope,
    share_line,
    shared_method,
)
from survey_app.result_tables import Cell, Column, Kind, Missing, ResultTable, comparison_tables, unit_tables
from survey_app.services.figures import Comparison, MixTable, Scorecard
from survey_app.services.report_content import ReportContent

# As many rows of a figure as a page of paper holds.
ROWS_A_FIGURE = 26


def province_report(content: ReportContent, setting: Setting) -> Report:
    """The comparison, what is known of all units together, and the figures behind both."""
    comparison = content.comparison
    subject = subject_of(comparison)
    number = Numbering()
    sections = (
        Section(_("I. Tóm tắt"), texts(report_sentences.province_summary(comparison))),
        Section(_("II. Phạm vi và cách đo"), scope(subject, mark=_counted_from(comparison))),
        Section(_("III. Kết quả chung"), tuple(_whole(content, number))),
        Section(_("IV. Kết quả theo đơn vị"), tuple(_units(comparison, setting, number))),
        Section(_("V. Chất lượng số liệu"), tuple(_quality(comparison, number))),
    )
    annexes = (
        Section(_("Công bố phương pháp"), (*number.table(method_table(_method(content, setting, subject))),)),
        Section(_("Số liệu chi tiết"), tuple(_detail(content, number))),
    )
    return assemble(
        setting, subject,
        about=_("Kết quả khảo sát mức độ hài lòng tại %(unit)s, %(period)s", unit=comparison.root.label,
                period=comparison.period.title),
        sections=sections, annexes=annexes, sealed=sealed_tables(comparison),
    )  # fmt: skip


def sealed_tables(comparison: Comparison) -> tuple[ResultTable, ...]:
    """The figures that the code of the report stands for."""
    return comparison_tables(comparison)


def subject_of(comparison: Comparison) -> Subject:
    return Subject(
        comparison.root.code, comparison.basis, comparison.period, comparison.is_simulated,
        comparison.minimum_shown, comparison.minimum_base, comparison.method_version,
    )  # fmt: skip


def _counted_from(comparison: Comparison) -> str | None:
    return sentences.counted_from(comparison.counted_from) if comparison.counted_from else None


def _whole(content: ReportContent, number: Numbering) -> Iterable[Block]:
    comparison = content.comparison
    yield Text(share_line(comparison.province, comparison.minimum_shown))
    yield from number.table(comparison_tables(comparison)[0])
    if content.whole is None:
        return
    tables = {table.code: table for table in unit_tables(content.whole)}
    for code in ("levels", "factors", "reasons_bad"):
        if code in tables:
            yield from number.table(tables[code])
    if any(factor.share.estimate for factor in content.whole.factors):
        title = _("Các yếu tố, xếp theo cận dưới")
        draw = partial(figures.factors, content.whole.factors, title, is_simulated=comparison.is_simulated)
        yield number.figure(title, _("Vạch ngang là khoảng tin cậy."), draw)
    yield from texts(
        (
            sentences.lowest_factor(content.whole.factors, is_separate=content.whole.lowest_is_separate),
            report_sentences.most_named(content.whole.reasons_bad),
        )
    )


def _units(comparison: Comparison, setting: Setting, number: Numbering) -> Iterable[Block]:
    yield from texts(
        (
            report_sentences.tiers(comparison),
            sentences.why_not_different(comparison),
            report_sentences.targets(comparison),
            report_sentences.not_counted(comparison),
        )
    )
    if comparison.basis != "sample":
        yield Text(_("Chỉ để tham khảo, không dùng xếp loại; không nêu hạng của đơn vị."), Style.NOTE)
    yield from number.table(
        shown_columns(comparison_tables(comparison)[1], comparison),
        _("Xếp theo tên đơn vị, không xếp theo điểm."),
    )
    yield from _forests(comparison, number)
    named = [(row.unit.code, row.unit.label, row.share) for row in comparison.rows]
    for conversion in setting.conversions:
        yield number.heading(_("Điểm quy đổi"))
        yield from number.table(conversion_table(conversion, named), conversion.legal_basis)
        yield from texts(conversion_warnings(conversion, named), Style.NOTE)


def shown_columns(table: ResultTable, comparison: Comparison) -> ResultTable:
    """Without ranks where nobody was drawn: there they say nothing."""
    dropped = set() if comparison.basis == "sample" else {"rank_low", "rank_high"}
    kept = [place for place, column in enumerate(table.columns) if column.code not in dropped]
    return ResultTable(
        table.code, table.title, tuple(table.columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in table.rows),
    )  # fmt: skip


def _forests(comparison: Comparison, number: Numbering) -> Iterable[Block]:
    if comparison.province.estimate is None:
        return
    shown = tuple(row for row in comparison.rows if row.share.estimate is not None)
    n_parts = -(-len(shown) // ROWS_A_FIGURE)
    for part in range(n_parts):
        title = _("Tỷ lệ hài lòng của từng đơn vị so với mức tỉnh")
        if n_parts > 1:
            title = f"{title} ({part + 1}/{n_parts})"
        rows = shown[part * ROWS_A_FIGURE : (part + 1) * ROWS_A_FIGURE]
        note = _(
            "Dải xám là khoảng tin cậy của mức tỉnh. Đơn vị xếp theo tên; đơn vị chưa đủ dữ liệu chỉ có trong bảng."
        )
        yield number.figure(title, note, partial(figures.forest, comparison, rows, title))


def _quality(comparison: Comparison, number: Numbering) -> Iterable[Block]:
    withheld, too_few = report_sentences.withheld_counts(row.share for row in comparison.rows)
    yield from number.table(
        counts_table(
            (
                ("n_units", _("Đơn vị trong kỳ"), len(comparison.rows)),
                ("n_too_few", _("Đơn vị chưa đủ dữ liệu"), too_few),
                ("n_withheld", _("Đơn vị không hiển thị để bảo vệ người trả lời"), withheld),
                ("n_flagged", _("Đơn vị có phiếu mang dấu hiệu cần kiểm tra"), len(comparison.flagged)),
            )
        )
    )
    yield from number.table(
        flagged_table(comparison),
        _("Dấu hiệu không phải là kết luận vi phạm; phiếu có dấu hiệu vẫn được tính."),
    )


def flagged_table(comparison: Comparison) -> ResultTable:
    """Units with signs to be looked at: their share with and without those responses."""
    columns = (
        Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
        Column("unit", _("Đơn vị"), Kind.TEXT),
        Column("n_flagged", _("Phiếu có dấu hiệu"), Kind.COUNT),
        Column("with_flagged", _("Tính cả"), Kind.SHARE),
        Column("without_flagged", _("Nếu bỏ ra"), Kind.SHARE),
    )
    rows = tuple(
        (row.unit.code, row.unit.label, row.n_flagged, row.with_flagged.value, row.without_flagged.value)
        for row in comparison.flagged
    )
    return ResultTable("flagged", _("Đơn vị có phiếu mang dấu hiệu cần kiểm tra"), columns, rows)


def mix_table(code: str, title: str, mix: MixTable) -> ResultTable:
    """How the responses of each unit split; a withheld part stays withheld."""
    columns = (
        Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
        Column("unit", _("Đơn vị"), Kind.TEXT),
        Column("n", _("Số phiếu"), Kind.COUNT),
        *(Column(f"part_{place}", words, Kind.SHARE) for place, words in enumerate(mix.columns, 1)),
    )
    rows = tuple(
        (
            row.unit.code,
            row.unit.label,
            Missing.WITHHELD if row.n is None else row.n,
            *(_part(share, is_withheld=row.n is None) for share in row.shares),
        )
        for row in mix.rows
    )
    return ResultTable(code, title, columns, rows)


def _part(share: float | None, *, is_withheld: bool) -> Cell:
    return Missing.WITHHELD if share is None or is_withheld else share


def _method(content: ReportContent, setting: Setting, subject: Subject) -> list[tuple[str, str | None]]:
    comparison = content.comparison
    return [
        *shared_method(setting, subject, wording=_wording(content), estimate=comparison.province.estimate),
        (_("Hình thức thu thập"), modes(setting, content.whole.channels) if content.whole else None),
        (_("Số phiếu và mức phản hồi"), report_sentences.coverage(content.whole) if content.whole else None),
        (_("So sánh nhiều đơn vị"), sentences.multiplicity(comparison)),
    ]


def _wording(content: ReportContent) -> str:
    cards: list[Scorecard] = [*([content.whole] if content.whole else []), *content.cards]
    return next((card.overall.label for card in cards if card.overall.label), "")


def _detail(content: ReportContent, number: Numbering) -> Iterable[Block]:
    comparison = content.comparison
    if content.whole is not None:
        tables = {table.code: table for table in unit_tables(content.whole)}
        for code in ("items", "reasons_good", "channels", "stages", "fields", "assisted"):
            if code in tables:
                yield from number.table(tables[code])
    yield from number.table(mix_table("unit_channels", _("Cơ cấu kênh của từng đơn vị"), comparison.channels))
    yield from number.table(
        mix_table("unit_stages", _("Cơ cấu giai đoạn của từng đơn vị"), comparison.stages)
    )
