"""Why a value was refused: the words for each reason, for pages and for programs alike."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

REASONS: Mapping[str, LazyString] = {
    "missing": _("Thiếu giá trị bắt buộc."),
    "unknown_field": _("Trường này không có trong mô tả."),
    "wrong_shape": _("Giá trị không đúng kiểu."),
    "empty": _("Thiếu nội dung."),
    "too_long": _("Giá trị dài quá mức cho phép."),
    "too_many": _("Có quá nhiều phần tử."),
    "out_of_range": _("Giá trị nằm ngoài khoảng cho phép."),
    "not_a_date": _("Cần ngày theo dạng năm-tháng-ngày, ví dụ 2026-09-15."),
    "in_the_past": _("Ngày này đã qua."),
    "not_a_number": _("Cần một số."),
    "twice": _("Một dòng được ghi hai lần."),
    "line": _("Có dòng không đọc được."),
    "unknown_unit": _("Có đơn vị không có trong danh mục."),
    "no_population": _("Chưa biết số người hoặc số hồ sơ của đơn vị nào."),
    "below_minimum": _("Cỡ mẫu nhỏ hơn mức tối thiểu của các đơn vị cộng lại."),
    "same_as_before": _("Tỷ lệ sau phải khác tỷ lệ trước."),
    "before_decision": _("Ngày cuối không được trước ngày ra quyết định."),
    "unchanged": _("Chưa có gì khác với bảng nối đang dùng."),
    "disabled": _("Tài khoản đang bị khóa."),
    "not_uuid4": _("Cần mã UUID phiên bản 4 tạo ngẫu nhiên."),
    "unknown": _("Không có mã này, hoặc mã không thuộc đơn vị được phép."),
    "before_wave": _("Ngày trả lời trước ngày bắt đầu đợt."),
    "closed": _("Đợt này đã kết thúc."),
    "not_of_this_wave": _("Phiếu hỏi không phải của đợt này."),
    "unknown_item": _("Phiếu hỏi không có câu này."),
    "unknown_choice": _("Lựa chọn không có trong danh sách."),
    "too_many_choices": _("Chọn quá số ý cho phép."),
    "mandatory": _("Thiếu câu hỏi chung, là câu bắt buộc duy nhất."),
    "rejected_rows": _("Tệp có dòng lỗi nên chưa ghi dòng nào. Xin sửa tệp rồi kiểm tra lại."),
    "different_rows": _("Tệp có phiếu đã lưu với nội dung khác nên chưa ghi dòng nào."),
    "other_files": _("Đợt này đã có phiếu từ tệp khác. Xin xác nhận tệp này chỉ gồm phiếu mới."),
    "nothing_new": _("Tệp không có phiếu nào mới."),
    "duplicate": _("Dòng này lặp lại dòng trước."),
    "overlaps": _("Kỳ chồng lên kỳ khác của cùng đơn vị."),
    "is_a_sum": _("Số này bằng tổng các dòng khác của đơn vị trong kỳ nên bị tính hai lần."),
    "other_detail": _("Kỳ này đã có số liệu phân loại theo cách khác."),
    "stored_overlaps": _("Kỳ chồng lên kỳ đã có số liệu."),
    "links_gone": _("Đường dẫn chỉ tải được trong ngày tạo đợt mã."),
}


def reason_words(reason: str) -> str:
    return str(REASONS[reason])
