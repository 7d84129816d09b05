"""The draft of a remedy plan (kế hoạch khắc phục) as a Word file: its table lies across the page."""

from collections.abc import Sequence

from docx.shared import Pt
from flask_babel import gettext as _

from survey_app import report_sentences, sentences
from survey_app.documents.official_docx import Column, OfficialDocument, letterhead_of, official_texts
from survey_app.documents.report_parts import Setting
from survey_app.remedy_drafts import PlanRow
from survey_app.services.figures import Scorecard


def remedy_plan_docx(card: Scorecard, rows: Sequence[PlanRow], setting: Setting) -> bytes:
    """The rows as given; what is empty stays empty for the hand."""
    head, texts = setting.head, official_texts("report")
    document = OfficialDocument(
        letterhead_of(head, "KH"), kind=_("Kế hoạch"), language=setting.language,
        about=_("Khắc phục những nội dung chưa hài lòng tại %(unit)s, %(period)s", unit=card.unit.label,
                period=card.period.title),
        mark=_("DỮ LIỆU MÔ PHỎNG") if card.is_simulated else "",
    )  # fmt: skip
    document.bases(head.bases or [base["text"] for base in texts["bases"]])
    document.section(_("I. Căn cứ số liệu"))
    document.paragraph(
        _("%(basis)s, %(period)s. %(note)s", basis=sentences.basis_title(card.basis),
          period=report_sentences.period(card.period), note=sentences.basis_note(card.basis))
    )  # fmt: skip
    for words in report_sentences.unit_summary(card):
        document.paragraph(words)
    document.section(_("II. Nội dung khắc phục"))
    document.paragraph(
        _(
            "Các nội dung cần khắc phục nêu tại Phụ lục kèm theo. Số liệu chỉ cho biết nội dung nào thấp, không cho "
            "biết nguyên nhân; nguyên nhân do đơn vị xác định."
        )
        if rows
        else _(
            "Trong kỳ chưa có nội dung nào thấp rõ rệt ngoài dao động ngẫu nhiên; không lập nội dung khắc phục."
        )
    )
    document.section(_("III. Tổ chức thực hiện"))
    document.paragraph(
        _(
            "Kết quả thực hiện được báo cáo cùng báo cáo của kỳ sau, nêu rõ nội dung đã làm, chưa làm và lý do."
        )
    )
    document.sign(
        recipients=head.recipients or texts["recipients"], titles=head.signer_titles, name=head.signer_name
    )
    if rows:
        document.annex(_("Nội dung khắc phục"), is_landscape=True)
        document.table(_columns(), [_cells(number, row) for number, row in enumerate(rows, 1)], size=Pt(11))
    return document.as_bytes()


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("STT"), 1.4, is_number=True), Column(_("Vấn đề"), 4.0), Column(_("Số liệu (n, khoảng)"), 5.0),
        Column(_("Nguyên nhân"), 3.3), Column(_("Giải pháp"), 3.6), Column(_("Người chịu trách nhiệm"), 2.7),
        Column(_("Thời hạn"), 2.2), Column(_("Kết quả quý trước"), 2.9),
    )  # fmt: skip


def _cells(number: int, row: PlanRow) -> tuple[str, ...]:
    return (
        str(number), row.problem, row.evidence, row.cause, row.remedy, row.responsible, row.due, row.last_quarter,
    )  # fmt: skip
