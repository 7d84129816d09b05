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
        "fieldwork.tickets",
        _("Mã trả lời một lần"),
        _("Mã riêng cho từng giấy hẹn, để mỗi lượt giao dịch chỉ trả lời một lần."),
    ),
    Task(
        "fieldwork.import_responses",
        _("Nhập phiếu từ tệp"),
        _("Phiếu đã thu ở hệ thống khác, đọc theo tệp ánh xạ; kiểm tra trước, ghi sau."),
    ),
)
