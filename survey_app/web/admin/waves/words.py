"""Words of the wave pages: states, bases, channels, checks before opening, and why something was refused."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from survey_app.errors import WaveRefused
from survey_app.i18n import current_language, in_page_language
from survey_app.queries.lookups import WaveRow
from survey_app.services.wave_states import Check
from survey_app.vocabulary import Channel
from survey_app.web.security import Role

_ = lazy_gettext

OFFICE = (Role.PAR_OFFICE, Role.ADMIN)
READERS = (*OFFICE, Role.MANAGER, Role.VIEWER)

STATES: Mapping[str, LazyString] = {
    "draft": _("Đang soạn"),
    "open": _("Đang mở"),
    "closed": _("Đã khóa sổ"),
    "archived": _("Đã lưu trữ"),
}
BASES: Mapping[str, LazyString] = {
    "continuous": _("Phản hồi thường xuyên (người trả lời tự chọn)"),
    "sample": _("Khảo sát chọn mẫu"),
}
# What figures of each basis may be called.
NAMED: Mapping[str, LazyString] = {
    "continuous": _(
        "Chỉ gọi là “Chỉ số phản hồi tại Một cửa”; không gọi là chỉ số hài lòng của tỉnh, không phải SIPAS."
    ),
    "sample": _(
        "Gọi là “Chỉ số hài lòng – khảo sát chọn mẫu của tỉnh”; không phải SIPAS do Bộ Nội vụ công bố."
    ),
}
CHANNELS: Mapping[int, LazyString] = {
    int(Channel.KIOSK): _("Máy tại chỗ"),
    int(Channel.QR): _("Mã QR"),
    int(Channel.LINK): _("Đường dẫn"),
    int(Channel.PHONE): _("Điện thoại"),
    int(Channel.PAPER): _("Phiếu giấy"),
    int(Channel.INTERVIEW): _("Phỏng vấn trực tiếp"),
}
WEEKDAYS = (
    _("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"),
)  # fmt: skip

_REFUSALS: Mapping[str, LazyString] = {
    "code": _("Mã đợt gồm chữ thường không dấu, số và dấu gạch nối, từ 2 đến 40 ký tự."),
    "dates_reversed": _("Ngày kết thúc trước ngày bắt đầu."),
    "grace": _("Số ngày chờ phiếu đến muộn từ 0 đến %(most)s."),
    "channels": _("Chọn ít nhất một kênh."),
    "languages": _("Tiếng Việt luôn phải có."),
    "not_published": _("Chỉ dùng phiên bản phiếu hỏi đã ban hành."),
    "same_form": _("Phiếu thứ hai phải khác phiếu thứ nhất."),
    "target": _("Chỉ tiêu là số nguyên từ 0 đến 1.000.000."),
    "not_draft": _("Đợt đã mở thì không sửa nữa."),
    "has_frame": _(
        "Bản thảo đã có khung mẫu nên không xóa được. Danh sách chưa nhận bỏ được ở trang Chọn mẫu; "
        "mẫu đã chọn thì được giữ."
    ),
    "not_open": _("Đợt này không ở trạng thái đang mở."),
    "not_closed": _("Đợt này chưa khóa sổ, hoặc đã lưu trữ."),
    "nothing_counted": _("Chưa có phiếu nào được tính. Xin ghi lý do khóa sổ."),
    "not_begun": _("Đợt mới bắt đầu hôm nay nên chưa có ngày nào trọn để khóa sổ."),
    "released_today": _("Hôm nay đợt này vừa được nhập phiếu. Xin khóa sổ từ ngày mai."),
    "coarsened": _("Ngày trả lời của đợt này nay chỉ còn tháng nên không mở lại được."),
    "not_over": _("Ngày kết thúc đã qua."),
    "no_reason": _("Xin ghi lý do."),
    "changed_meanwhile": _("Trạng thái của đợt vừa được người khác đổi. Xin mở lại trang."),
    "published": _("Phiếu hỏi chưa ban hành."),
    "units": _("Chưa có đơn vị nào tham gia."),
    "points": _("%(n)s đơn vị chưa có điểm đặt: %(units)s."),
    "end": _("Khảo sát chọn mẫu cần ngày kết thúc."),
    "targets": _("%(n)s đơn vị chưa có chỉ tiêu số phiếu: %(units)s."),
}
_MET: Mapping[str, LazyString] = {
    "published": _("Phiếu hỏi đã ban hành."),
    "units": _("%(n)s đơn vị tham gia."),
    "points": _("Mọi đơn vị đều có điểm đặt."),
    "not_over": _("Ngày kết thúc chưa qua."),
    "end": _("Có ngày kết thúc."),
    "targets": _("Mọi đơn vị đều có chỉ tiêu số phiếu."),
    "frames": _("Mọi đơn vị đều có quy mô danh sách, nên tính được hiệu chỉnh tổng thể hữu hạn."),
}
_FRAMES = _("%(n)s đơn vị chưa có quy mô danh sách, nên không tính hiệu chỉnh tổng thể hữu hạn: %(units)s.")


def title_of(row: WaveRow) -> str:
    return in_page_language(row.title_vi, row.title_en)


def refusal(refused: WaveRefused) -> str:
    """Every obstacle in one text."""
    return " ".join(_said(_REFUSALS[name], about) for name, about in refused.reasons)


def check_words(check: Check) -> str:
    """What was found when looking at one thing before opening."""
    about = dict(check.about)
    if check.name == "overlap":
        return _overlap(about)
    if check.is_met:
        return _said(_MET[check.name], about)
    return _said(_FRAMES if check.name == "frames" else _REFUSALS[check.name], about)


def _overlap(about: Mapping[str, Any]) -> str:
    title = about["title"] if current_language() == "vi" else about["title_en"]
    if about["answers"]:
        return gettext(
            "Chạy cùng lúc với “%(title)s” ở %(n)s đơn vị. Ở mỗi đơn vị chỉ một đợt hỏi: đợt mở sau. Khi mở đợt này, "
            "“%(title)s” thôi hỏi ở các đơn vị đó.",
            title=title, n=about["n"],
        )  # fmt: skip
    return gettext(
        "Chạy cùng lúc với “%(title)s” ở %(n)s đơn vị. Ở mỗi đơn vị chỉ một đợt hỏi: đợt mở sau, là “%(title)s”. "
        "Đợt này không hỏi ở các đơn vị đó cho đến khi đợt kia kết thúc.",
        title=title, n=about["n"],
    )  # fmt: skip


def _said(words: LazyString, about: Mapping[str, Any]) -> str:
    values = dict(about)
    if "units" in values and isinstance(values["units"], list):
        values["units"] = ", ".join(values["units"]) + (" …" if values.get("has_more") else "")
    return str(words) % values if values else str(words)
