"""What is said of a foreign form, in the reader's words: one sentence for each code of `xlsform.findings`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.services.xlsform.findings import Finding

ROWS_NAMED = 40
WORDS: Mapping[str, LazyString] = {
    "open_question": _("Câu trả lời mở (chữ, số, ngày, ảnh, vị trí)"),
    "metadata": _("Dữ liệu tự ghi của máy (giờ, số máy, tên đăng nhập): không thu để giữ ẩn danh"),
    "note": _("Dòng chú thích"),
    "calculation": _("Ô tính toán, giá trị ẩn"),
    "repeat": _("Nhóm lặp và mọi câu trong đó"),
    "external_list": _("Danh sách lựa chọn ở tệp khác hoặc lấy từ nhóm lặp"),
    "filtered_list": _("Câu có danh sách lọc theo câu trước (choice_filter)"),
    "ranking": _("Câu xếp thứ tự"),
    "empty_group": _("Nhóm không còn câu nào"),
    "other_sheet": _("Trang tính khác"),
    "unused_list": _("Danh sách lựa chọn không câu nào dùng"),
    "or_other": _("Lựa chọn “khác, ghi rõ” (or_other)"),
    "hint": _("Lời gợi ý"),
    "required": _("Bắt buộc trả lời: chỉ câu chung được bắt buộc"),
    "constraint": _("Điều kiện giá trị (constraint)"),
    "appearance": _("Cách hiển thị (appearance)"),
    "default": _("Giá trị mặc định"),
    "media": _("Ảnh, phim"),
    "audio": _("Tệp âm thanh: ghi âm ở trang “Bản đọc”"),
    "parameters": _("Tham số của câu hỏi"),
    "read_only": _("Câu chỉ đọc"),
    "language_unknown": _("Cột chữ ở ngôn ngữ không nhận ra"),
    "condition_dropped": _("Điều kiện hỏi không đọc được: câu sẽ hỏi mọi người"),
    "unknown_column": _("Cột không rõ"),
    "second_column": _("Cột thứ hai cùng ý nghĩa: chỉ đọc cột đầu"),
    "renamed": _("Tên được viết lại thành mã"),
    "no_vietnamese": _("Không có chữ tiếng Việt: tạm dùng ngôn ngữ khác, cần dịch trước khi công bố"),
    "group_without_label": _("Nhóm không có tên: tạm dùng mã làm tên"),
    "missing_recognised": _("Lựa chọn được hiểu là “không biết / không trả lời / không liên quan”"),
    "scores_recognised": _("Thang năm mức hài lòng: tính điểm từ 1 đến 5"),
    "not_scored": _("Câu một lựa chọn không tính điểm"),
    "markup": _("Chữ có mã định dạng: giữ nguyên như chữ thường"),
    "piping": _("Chữ chèn câu trả lời khác (${…}): giữ nguyên như chữ thường"),
    "settings_assumed": _("Mã, phiên bản, câu chung và các yếu tố được đặt tạm, cần xem lại"),
    "no_survey": _("Không có trang tính “survey”"),
    "no_header": _("Trang tính “survey” không có cột type"),
    "duplicate_column": _("Hai cột cùng tên"),
    "too_many_rows": _("Quá nhiều dòng hoặc quá nhiều ô"),
    "formula": _("Ô có công thức"),
    "bidi": _("Ô có ký tự đổi chiều chữ"),
    "too_long": _("Chữ quá dài (trên 1.000 ký tự)"),
    "pyxform": _("pyxform không nhận biểu mẫu này"),
    "unknown_type": _("Loại dòng không rõ"),
    "no_name": _("Thiếu tên (name)"),
    "no_label": _("Thiếu chữ (label)"),
    "bad_name": _("Tên không viết thành mã được"),
    "duplicate_name": _("Tên trùng với một dòng trước"),
    "duplicate_choice": _("Lựa chọn trùng trong danh sách"),
    "unknown_list": _("Không có danh sách lựa chọn này"),
    "too_many_choices": _("Quá 20 lựa chọn cho câu một lựa chọn"),
    "group_not_closed": _("Nhóm mở mà không đóng"),
    "group_not_open": _("Đóng nhóm mà chưa mở"),
    "too_deep": _("Nhóm lồng nhau quá sâu"),
    "nothing_left": _("Không còn câu nào đọc được"),
    "too_many_slots": _("Phiếu quá dài: tối đa 255 ô trả lời"),
    "bad_own_value": _("Giá trị không hợp lệ"),
    "list_differs_from_scale": _("Danh sách khác với thang đo được nêu"),
    "relevant_grammar": _("Điều kiện hỏi không đọc được"),
    "relevant_function": _("Điều kiện hỏi dùng hàm không hỗ trợ"),
    "relevant_shape": _("Điều kiện hỏi quá phức tạp"),
    "relevant_unknown_question": _("Điều kiện hỏi nêu câu không có"),
    "relevant_dropped_question": _("Điều kiện hỏi nêu câu đã bỏ qua"),
    "relevant_later_question": _("Điều kiện hỏi nêu câu đứng sau"),
    "relevant_unknown_choice": _("Điều kiện hỏi nêu lựa chọn không có"),
    "relevant_equals_on_multiple": _("Điều kiện hỏi dùng “=” với câu chọn nhiều; cần selected(…)"),
}
KINDS: Mapping[str, LazyString] = {
    "aspect": _("Khía cạnh"),
    "factor": _("Yếu tố"),
    "section": _("Phần"),
    "satisfaction": _("Hài lòng"),
    "assertion": _("Nhận định"),
    "fact": _("Sự việc"),
    "profile": _("Thông tin người trả lời"),
    "confidential": _("Câu kín"),
    "multi": _("Chọn nhiều"),
    "expectation": _("Mong đợi"),
}


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind together: where they stand, and what stands there first."""

    words: str
    places: tuple[str, ...]
    n_more: int
    example: str


def finding_groups(findings: Iterable[Finding]) -> list[FindingGroup]:
    """By kind, in the order of their first appearance, each with the rows it concerns."""
    by_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.what, []).append(finding)
    return [
        FindingGroup(
            words=str(WORDS[what]),
            places=tuple(_places(found[:ROWS_NAMED])),
            n_more=max(len(found) - ROWS_NAMED, 0),
            example=next((each.detail for each in found if each.detail), ""),
        )
        for what, found in by_kind.items()
    ]


def _places(findings: Iterable[Finding]) -> list[str]:
    """`survey, cột relevant: dòng 12, 14`: the rows of each column together."""
    rows: dict[tuple[str, str], list[int]] = {}
    for finding in findings:
        rows.setdefault((finding.sheet, finding.column), []).append(finding.row)
    return [_place(sheet, column, sorted(set(numbers) - {0})) for (sheet, column), numbers in rows.items()]


def _place(sheet: str, column: str, rows: Iterable[int]) -> str:
    place = gettext("%(sheet)s, cột %(column)s", sheet=sheet, column=column) if column else sheet
    numbers = ", ".join(str(row) for row in rows)
    return gettext("%(place)s: dòng %(rows)s", place=place, rows=numbers) if numbers else place


def place_words(finding: Finding) -> str:
    """`survey, dòng 12, cột relevant`; parts that are not known are left out."""
    parts = [finding.sheet]
    if finding.row:
        parts.append(gettext("dòng %(row)s", row=finding.row))
    if finding.column:
        parts.append(gettext("cột %(column)s", column=finding.column))
    return ", ".join(part for part in parts if part)
