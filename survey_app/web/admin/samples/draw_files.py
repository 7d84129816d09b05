"""A draw as workbooks: the list with how to choose the person, an office's list matched, slips with codes."""

from collections.abc import Sequence

from flask_babel import gettext as _

from analysis.planning.person_selection import KISH_TABLES, MOST_ADULTS
from survey_app.queries.samples import CaseRow, Draw
from survey_app.services.sample_handouts import Slip
from survey_app.services.sample_lists import ListedCase, MatchedList
from survey_app.spreadsheets import workbook_bytes


def list_workbook(drawn: Draw, cases: Sequence[ListedCase]) -> bytes:
    heading = [
        _("Đơn vị"), _("Mã đơn vị"), _("Tầng"), _("Thôn, tổ dân phố"), _("Mã phiếu"), _("Vai trò"), _("Thứ tự"),
        _("Xác suất chọn"), _("Trọng số"), _("Bảng Kish"), _("Đã thay bằng"),
    ]  # fmt: skip
    rows = [
        (case.unit_title, case.unit_code, case.stratum_name, case.cluster, case.label, _role(case), case.place,
         case.probability, case.weight, listed.kish, listed.replaced_by)
        for listed in cases
        for case in [listed.case]
    ]  # fmt: skip
    record = [
        (_("Mã chọn mẫu"), drawn.id),
        (_("Cách chọn"), drawn.method),
        (_("Số khởi tạo (hạt giống)"), drawn.seed),
        (_("Dấu của khung mẫu (SHA-256)"), drawn.frame_digest.hex()),
        (_("Dấu của danh sách (SHA-256)"), drawn.cases_digest.hex()),
        (_("Ngày chọn"), drawn.drawn_on),
        (_("Dữ liệu mô phỏng"), _("có") if drawn.is_simulated else _("không")),
    ]
    sheets: list[tuple[str, Sequence[str], Sequence[Sequence[object]]]] = [
        (_("Danh sách"), heading, rows),
        (_("Biên bản"), [_("Nội dung"), _("Giá trị")], record),
    ]
    if drawn.method == "two_stage":
        sheets.append(_person_sheet())
    return workbook_bytes(sheets)


def matched_workbook(matched: MatchedList) -> bytes:
    heading = [_("Mã phiếu"), _("Vai trò"), _("Thứ tự"), *matched.heading]
    width = len(matched.heading)
    rows = [(case.label, _role(case), case.place, *cells[:width]) for case, cells in matched.rows]
    note = [(_("Số phiếu của mẫu không thấy trong tệp này"), matched.n_missing)]
    return workbook_bytes(
        [(_("Đối chiếu"), heading, rows), (_("Ghi chú"), [_("Nội dung"), _("Giá trị")], note)]
    )


def slips_workbook(slips: Sequence[Slip]) -> bytes:
    rows = [(slip.unit_title, slip.label, slip.link) for slip in slips]
    return workbook_bytes([(_("Mã trả lời"), [_("Đơn vị"), _("Mã phiếu"), _("Đường dẫn")], rows)])


def _person_sheet() -> tuple[str, Sequence[str], Sequence[Sequence[object]]]:
    """Kish's tables with how they are used, to be printed on the sheets of the households."""
    heading = [_("Bảng Kish"), *(_n_adults(n) for n in range(1, MOST_ADULTS + 1))]
    rows: list[Sequence[object]] = [(table.name, *table.chosen) for table in KISH_TABLES]
    rows += [
        (),
        (_("Cách dùng: liệt kê người từ đủ 18 tuổi đang sống trong hộ, nam trước, nữ sau, mỗi giới từ nhiều tuổi đến "
           "ít tuổi, đánh số 1, 2, 3…"),),
        (_("Tra bảng ghi ở phiếu của hộ, cột là số người; số trong ô là người được hỏi. Không hỏi thay người khác."),),
        (_("Khi không lập được danh sách người trong hộ: hỏi người có ngày sinh nhật sắp tới gần nhất."),),
        (_("Trọng số của người = trọng số của hộ × số người từ đủ 18 tuổi trong hộ."),),
    ]  # fmt: skip
    return _("Chọn người"), heading, rows


def _n_adults(n: int) -> str:
    return _("%(n)s người trở lên", n=n) if n == MOST_ADULTS else _("%(n)s người", n=n)


def _role(case: CaseRow) -> str:
    return _("chính") if case.role == "main" else _("dự phòng")
