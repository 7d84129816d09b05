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
        "fieldwork.recording_list",
        _("Bản đọc"),
        _("Tiếng nói đọc câu hỏi và câu trả lời, bằng tiếng Việt và tiếng dân tộc; câu nào còn thiếu."),
    ),
)
