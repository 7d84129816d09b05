"""Words about frames and draws: kinds, methods, faults of a file, refusals, reasons of a replacement."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.services.frame_reader import FrameRead


def kind_words(kind: str) -> str:
    return {"transactions": _("Hồ sơ"), "residents": _("Thôn, tổ dân phố")}[kind]


def method_words(method: str) -> str:
    return {
        "simple": _("Ngẫu nhiên đơn trong từng tầng"),
        "systematic": _("Hệ thống theo ngày, trong từng tầng"),
        "two_stage": _("Hai giai đoạn: thôn theo số hộ, rồi hộ"),
    }[method]


def reason_words(reason: str) -> str:
    return {
        "refused": _("Từ chối"),
        "not_reached": _("Không gặp được"),
        "moved": _("Đã chuyển đi"),
        "not_found": _("Không tìm thấy"),
        "not_eligible": _("Không thuộc đối tượng"),
    }[reason]


def fault_words(reason: str) -> str:
    return {
        "empty": _("Tệp không có dòng nào."),
        "no_heading": _(
            "Không thấy dòng tiêu đề. Danh sách hồ sơ cần cột “Mã hồ sơ”; danh sách thôn cần cột “Thôn” và “Số hộ”."
        ),
        "no_unit_column": _("Tệp không có cột “Đơn vị”. Xin thêm cột hoặc chọn đơn vị ở trên."),
        "unknown_unit": _("Đơn vị không thuộc đợt khảo sát này, hoặc tên trùng nhau (dùng mã đơn vị)."),
        "no_label": _("Thiếu mã."),
        "no_name": _("Thiếu tên thôn, tổ dân phố."),
        "no_cluster_code": _("Mã thôn gồm chữ không dấu và số, có chữ số, tối đa 14 ký tự."),
        "twice": _("Mã bị lặp trong cùng đơn vị."),
        "bad_day": _("Ngày không đúng, cần dạng 31/12/2026."),
        "bad_number": _("Số hộ phải là số nguyên từ 1 đến 20.000."),
        "personal_number": _("Có số trông như số điện thoại hoặc số căn cước."),
        "too_long": _("Nội dung dài quá 120 ký tự."),
        "too_many_strata": _("Một đơn vị có quá 60 tầng; xin gộp bớt."),
    }[reason]


def fault_lines(faults: Sequence[tuple[int, str]], most: int) -> list[str]:
    """A sentence a fault, by the number of its row; nothing of a cell is shown."""
    lines = [
        fault_words(reason) if not row else _("Dòng %(row)s: %(fault)s", row=row, fault=fault_words(reason))
        for row, reason in faults[:most]
    ]
    return lines if len(faults) <= most else [*lines, _("và %(n)s dòng lỗi khác.", n=len(faults) - most)]


def left_out_words(read: FrameRead) -> list[str]:
    """What of a file was not kept."""
    found = []
    if read.personal_columns:
        found.append(
            _(
                "Đã bỏ cột có thông tin cá nhân, không lưu: %(columns)s.",
                columns=", ".join(read.personal_columns),
            )
        )
    if read.other_columns:
        found.append(_("Đã bỏ cột không dùng đến: %(columns)s.", columns=", ".join(read.other_columns)))
    return found


def refusal_words(reason: str) -> str:
    return {
        "already_drawn": _("Có đơn vị đã được chọn mẫu trong đợt này. Mỗi đơn vị chỉ chọn một lần: không chọn lại cho "
                           "đến khi vừa ý."),
        "needs_new_seed": _("Có đơn vị đã có mẫu bị hủy trong đợt này. Chọn lại thì phải nhập số khởi tạo lấy từ nguồn "
                            "đã nêu khi hủy, khác số của mẫu bị hủy."),
        "set_aside": _("Mẫu này đã hủy, chỉ còn là hồ sơ."),
        "in_use": _("Mẫu này đã dùng: đã giao phiếu, phát mã, thay phiếu hoặc đã có phiếu trả lời ở các đơn vị này "
                    "trong đợt, nên không hủy được."),
        "unit_changed": _("Có đơn vị của mẫu đã hoặc sắp sắp xếp, chia tách nên không hủy được."),
        "no_reason": _("Xin nêu lý do hủy mẫu."),
        "no_seed_source": _("Xin nêu số khởi tạo của lần chọn sau sẽ lấy ở đâu."),
        "waiting": _("Đã có đề nghị hủy mẫu này đang chờ duyệt."),
        "frame_not_taken": _("Danh sách chưa được nhận làm khung mẫu."),
        "frame_taken": _("Danh sách đã nhận làm khung mẫu nên không bỏ được."),
        "frame_too_small": _("Danh sách không đủ số phiếu này."),
        "frame_gone": _("Danh sách gốc đã được xóa theo thời hạn lưu trữ nên không chọn lại để kiểm tra được."),
        "wave_over": _("Đợt khảo sát đã kết thúc."),
        "wrong_method": _("Cách chọn không hợp với loại danh sách."),
        "long_seed": _("Số khởi tạo dài quá 40 ký tự."),
        "wrong_number": _("Xin chọn phương án, hoặc nhập tổng số phiếu từ 1 đến 50.000; dự phòng tối đa gấp ba."),
        "nothing_drawn": _("Phương án không có đơn vị nào của danh sách này."),
        "no_interviewer": _("Xin chọn ít nhất một phỏng vấn viên."),
        "all_given": _("Mọi đơn vị đã được giao phiếu hoặc phát mã."),
        "no_tickets": _("Không đơn vị nào có từ 20 phiếu và có điểm đặt có mã QR đang dùng."),
        "no_reserve": _("Đã hết danh sách dự phòng của tầng (thôn) này. Không thay bằng người ngoài danh sách."),
        "replaced_before": _("Phiếu này đã được thay."),
    }[reason]  # fmt: skip


def day_words(day: date) -> str:
    return formatting.short_date(day, language=current_language())
