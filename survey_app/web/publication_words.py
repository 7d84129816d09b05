"""States of a publication, why a step is refused, and what units and the office said: in words for every audience."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app import formatting
from survey_app.errors import PublicationRefused
from survey_app.i18n import current_language, in_page_language
from survey_app.queries.publications import PublicationRow

STATES: Mapping[str, LazyString] = {
    "draft": _("Dự thảo"),
    "review": _("Soát xét"),
    "hearing": _("Lấy ý kiến đơn vị"),
    "approved": _("Đã duyệt"),
    "published": _("Đã công bố"),
    "superseded": _("Đã thay bằng lần sau"),
    "withdrawn": _("Đã rút"),
}
STEPS = ("draft", "review", "hearing", "approved", "published")
STANCES: Mapping[str, LazyString] = {"agrees": _("Thống nhất"), "objects": _("Có ý kiến khác")}
ANSWERS: Mapping[str, LazyString] = {"accepted": _("Tiếp thu"), "declined": _("Không tiếp thu")}

REFUSALS: Mapping[str, LazyString] = {
    "no_period": _("Cơ quan chưa có kỳ báo cáo này."),
    "no_wave": _("Kỳ này không có đợt khảo sát nào."),
    "wave_open": _("Đợt chưa khóa sổ: %(waves)s. Khóa sổ xong mới lập được kết quả."),
    "period_running": _("Kỳ chưa hết (đến hết ngày %(ends_on)s)."),
    "unfinished": _("Kỳ này đang có một bản kết quả chưa công bố xong."),
    "revision_reason": _("Kỳ này đã có kết quả. Xin ghi lý do phải có lần sau."),
    "too_few": _("Toàn tỉnh có dưới %(minimum)s phiếu, chưa đủ để công bố."),
    "wrong_state": _("Bước này không còn làm được ở trạng thái hiện tại. Xin xem lại trang."),
    "reason_needed": _("Xin ghi lý do."),
    "hearing_runs": _("Đơn vị còn được góp ý kiến đến hết ngày %(reply_by)s."),
    "unanswered": _("Còn %(n)s ý kiến của đơn vị chưa được trả lời."),
    "already_proposed": _("Đã trình, đang chờ người thứ hai."),
    "changed_since": _("Kết quả đã thay đổi sau khi trình. Xin trình lại."),
    "content_changed": _(
        "Số liệu tính lại không còn như bản đã lấy ý kiến (%(n)s chỗ khác): %(places)s. Xin tính lại từ đầu."
    ),
    "discloses": _(
        "So với lần công bố trước, %(n)s ô chỉ hơn kém vài phiếu nên có thể lộ người trả lời: %(places)s."
    ),
    "hearing_over": _("Đã hết hạn góp ý kiến (ngày %(reply_by)s), hoặc cơ quan đã trả lời."),
    "stance_needed": _("Xin chọn thống nhất hoặc có ý kiến khác."),
    "objection_needs_text": _("Xin viết nội dung ý kiến khác."),
    "text_too_long": _("Nội dung dài quá %(most)s ký tự."),
    "answer_needed": _("Xin chọn tiếp thu hoặc không tiếp thu."),
    "file_too_large": _("Tệp lớn hơn 5 MB."),
    "file_kind": _("Chỉ nhận tệp PDF hoặc DOCX không có macro."),
}


def refusal(refused: PublicationRefused) -> str:
    """Every obstacle in one text."""
    return " ".join(obstacle_words(name, about) for name, about in refused.reasons)


def obstacle_words(name: str, about: Mapping[str, Any]) -> str:
    return str(REFUSALS[name]) % {key: _said(value) for key, value in about.items()}


def _said(value: Any) -> str:
    if isinstance(value, date):
        return formatting.short_date(value, language=current_language())
    return formatting.count(value, language=current_language()) if isinstance(value, int) else str(value)


def period_title(row: PublicationRow) -> str:
    return in_page_language(row.period_vi, row.period_en)


def revision_title(row: PublicationRow) -> str:
    return gettext("Lần %(n)s", n=row.revision)


def day(stored: str) -> str:
    """A day as it is kept in the terms of a publication."""
    return formatting.short_date(date.fromisoformat(stored), language=current_language())
