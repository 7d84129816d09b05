"""The report of one unit in one period, from its scorecard and its row of the comparison."""

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
from survey_app.result_tables import ResultTable, unit_tables
from survey_app.services.figures import ComparedUnit, Comparison, Scorecard, ShareFigure

# Tables of the annex, in the order in which they stand there.
ANNEXED = ("items", "channels", "stages", "fields", "assisted")


def unit_report(
    card: Scorecard,
    setting: Setting,
    *,
    row: ComparedUnit | None = None,
    comparison: Comparison | None = None,
) -> Report:
    """Everything of a unit's period; `row` is its place in the comparison, where there is one."""
    subject = subject_of(card)
    tables = {table.code: table for table in unit_tables(card)}
    number = Numbering()
    standing = _standing(card, row, comparison)
    sections = (
        Section(_("I. Tóm tắt"), (*texts(report_sentences.unit_summary(card)), *texts(standing))),
        Section(_("II. Phạm vi và cách đo"), scope(subject, mark=_counted_from(card))),
        Section(_("III. Kết quả"), tuple(_results(card, setting, standing, tables, number))),
        Section(_("IV. Chất lượng số liệu"), tuple(_quality(card, number))),
    )
    annexes = (
        Section(_("Công bố phương pháp"), (*number.table(method_table(_method(card, setting, subject))),)),
        Section(_("Số liệu chi tiết"), tuple(_detail(tables, number))),
    )
    return assemble(
        setting, subject,
        about=_("Kết quả khảo sát mức độ hài lòng tại %(unit)s, %(period)s", unit=card.unit.label,
                period=card.period.title),
        sections=sections, annexes=annexes, sealed=sealed_tables(card),
    )  # fmt: skip


def sealed_tables(card: Scorecard) -> tuple[ResultTable, ...]:
    """The figures that the code of a unit's report stands for."""
    return unit_tables(card)


def subject_of(card: Scorecard) -> Subject:
    return Subject(
        card.unit.code, card.basis, card.period, card.is_simulated, card.minimum_shown, card.minimum_base,
        card.method_version,
    )  # fmt: skip


def _standing(card: Scorecard, row: ComparedUnit | None, comparison: Comparison | None) -> list[str]:
    """The unit among all units: its group always, its ranks only where people were drawn."""
    if row is None or comparison is None or card.overall.estimate is None:
        return []
    said = [sentences.tier(row)]
    if row.rank is not None:
        said.append(sentences.rank(row, n_units=len(comparison.rows)))
    return said


def _counted_from(card: Scorecard) -> str | None:
    return sentences.counted_from(card.counted_from) if card.counted_from else None


def _results(
    card: Scorecard,
    setting: Setting,
    standing: list[str],
    tables: dict[str, ResultTable],
    number: Numbering,
) -> Iterable[Block]:
    yield number.heading(_("Chỉ số chung"))
    yield Text(share_line(card.overall, card.minimum_shown))
    yield from _table(tables, "overall", number)
    yield from _table(tables, "levels", number)
    if card.overall.levels:
        title = _("Số phiếu theo mức trả lời")
        draw = partial(figures.levels, card.overall.levels, title, is_simulated=card.is_simulated)
        yield number.figure(title, _("Số liệu ở bảng số phiếu theo mức."), draw)
    yield number.heading(_("So với mục tiêu và kỳ trước"))
    said = [
        sentences.target(card.target, card.overall) if card.target else None,
        sentences.change(card.change) if card.change else _("Không có kỳ trước để so sánh."),
        sentences.same_form(card.change) if card.change and card.change.same_form_from else None,
    ]
    yield from texts(said)
    if standing:
        yield number.heading(_("So với các đơn vị khác"))
        yield from texts(standing)
    if card.is_composite:
        yield Text(sentences.composite_period(), Style.NOTE)
    yield from _parts(card, tables, number)
    yield from _converted(card, setting, number)


def _parts(card: Scorecard, tables: dict[str, ResultTable], number: Numbering) -> Iterable[Block]:
    """Factors and reasons."""
    if "factors" in tables:
        yield number.heading(_("Các yếu tố"))
        lowest = sentences.lowest_factor(card.factors, is_separate=card.lowest_is_separate)
        yield from texts((lowest, _("Tính trên phiếu đầy đủ; phiếu một chạm không có các yếu tố này.")))
        yield from _table(tables, "factors", number)
        if any(factor.share.estimate for factor in card.factors):
            title = _("Các yếu tố, xếp theo cận dưới")
            draw = partial(figures.factors, card.factors, title, is_simulated=card.is_simulated)
            yield number.figure(title, _("Vạch ngang là khoảng tin cậy."), draw)
    if "reasons_bad" in tables or "reasons_good" in tables:
        yield number.heading(_("Điều hài lòng và chưa hài lòng"))
        yield from texts((report_sentences.most_named(card.reasons_bad),))
        yield from _table(tables, "reasons_bad", number)
        yield from _table(tables, "reasons_good", number)


def _converted(card: Scorecard, setting: Setting, number: Numbering) -> Iterable[Block]:
    named = [(card.unit.code, card.unit.label, card.overall)]
    for conversion in setting.conversions:
        yield number.heading(_("Điểm quy đổi"))
        yield from number.table(conversion_table(conversion, named), conversion.legal_basis)
        yield from texts(conversion_warnings(conversion, named), Style.NOTE)


def _quality(card: Scorecard, number: Numbering) -> Iterable[Block]:
    flagged = sentences.flagged(card.quality)
    none = _("Không có phiếu nào mang dấu hiệu cần kiểm tra.") if card.quality.n_flagged == 0 else None
    yield from texts((flagged or none,))
    withheld, too_few = report_sentences.withheld_counts(_shares(card))
    yield from number.table(
        counts_table(
            (
                ("n_responses", _("Số phiếu được tính"), card.n_responses),
                ("n_flagged", _("Phiếu có dấu hiệu cần kiểm tra"), card.quality.n_flagged),
                (
                    "n_excluded",
                    _("Phiếu đã loại theo quyết định có hai người duyệt"),
                    card.quality.n_excluded,
                ),
                ("n_late", _("Phiếu đến sau khi khóa sổ, không được tính"), card.closing.n_late),
                ("n_too_few", _("Tỷ lệ chưa đủ dữ liệu"), too_few),
                ("n_withheld", _("Tỷ lệ không hiển thị để bảo vệ người trả lời"), withheld),
            )
        )
    )


def _shares(card: Scorecard) -> Iterable[ShareFigure]:
    yield card.overall
    for factor in card.factors:
        yield factor.share
        yield from factor.items
    yield from card.reasons_bad
    yield from card.reasons_good


def _method(card: Scorecard, setting: Setting, subject: Subject) -> list[tuple[str, str | None]]:
    rate = report_sentences.coverage(card)
    return [
        *shared_method(setting, subject, wording=card.overall.label, estimate=card.overall.estimate),
        (_("Hình thức thu thập"), modes(setting, card.channels)),
        (_("Số phiếu và mức phản hồi"), rate),
    ]


def _detail(tables: dict[str, ResultTable], number: Numbering) -> Iterable[Block]:
    for code in ANNEXED:
        yield from _table(tables, code, number)


def _table(tables: dict[str, ResultTable], code: str, number: Numbering) -> Iterable[Block]:
    return number.table(tables[code]) if code in tables else ()
