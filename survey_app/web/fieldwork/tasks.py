"""The tasks of fieldwork in the order in which an office meets them."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Task(NamedTuple):
    """One card of the entrance page."""

    endpoint: str
    title: LazyString
    text: LazyString


TASKS: tuple[Task, ...] = (
    Task(
        "fieldwork.device_list",
        _("Máy lấy ý kiến"),
        _("Đăng ký, chạy thử, theo dõi và thay máy; biết máy nào còn nợ phiếu."),
    ),
    Task(
        "fieldwork.print_points",
        _("Mã QR và bộ in"),
        _("Áp phích, bảng để bàn, nhãn dán, dải in trên bốn loại phiếu, tờ hướng dẫn khi máy hỏng."),
    ),
    Task(
        "fieldwork.recording_list",
        _("Bản đọc"),
        _("Tiếng nói đọc câu hỏi và câu trả lời, bằng tiếng Việt và tiếng dân tộc; câu nào còn thiếu."),
    ),
)
