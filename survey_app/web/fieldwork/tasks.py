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
        "fieldwork.paper_home",
        _("Phiếu giấy"),
        _("Tập phiếu đánh số, mở hòm phiếu, nhập liệu, nhập lần hai và ghi sổ."),
    ),
    Task(
        "fieldwork.my_interviews",
        _("Phiếu phỏng vấn của tôi"),
        _("Danh sách phiếu được giao theo đơn vị; mở phiếu để hỏi và ghi câu trả lời."),
    ),
    Task(
        "fieldwork.case_assignments",
        _("Giao phiếu phỏng vấn"),
        _("Giao phiếu cho phỏng vấn viên theo đơn vị, theo số lượng hoặc theo danh sách mã."),
    ),
    Task(
        "fieldwork.due_call_backs",
        _("Phúc tra"),
        _("Hỏi lại một phần phiếu đã phỏng vấn; chỉ đối chiếu sự việc, không hỏi lại mức hài lòng."),
    ),
    Task(
        "fieldwork.interviewer_report",
        _("Kết quả phỏng vấn và phúc tra"),
        _("Tiến độ, tỷ lệ trả lời và dấu hiệu cần kiểm tra theo phỏng vấn viên."),
    ),
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
    Task(
        "fieldwork.recording_list",
        _("Bản đọc"),
        _("Tiếng nói đọc câu hỏi và câu trả lời, bằng tiếng Việt và tiếng dân tộc; câu nào còn thiếu."),
    ),
)
