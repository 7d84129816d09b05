"""What an office sets up, what is needed most often first, under the headings of the entrance page."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Task(NamedTuple):
    """One card of the entrance page."""

    endpoint: str
    title: LazyString
    text: LazyString


SECTIONS: tuple[tuple[LazyString, tuple[Task, ...]], ...] = (
    (
        _("Việc thường làm"),
        (
            Task(
                "admin.approvals",
                _("Việc chờ người thứ hai"),
                _("Xem và duyệt các thay đổi do người khác đề nghị."),
            ),
            Task(
                "admin.transactions",
                _("Số hồ sơ"),
                _("Hồ sơ theo đơn vị và tháng; nhập tệp, nhập tay, xem chỗ thiếu."),
            ),
            Task(
                "admin.public_results",
                _("Trang kết quả công khai"),
                _("Mở hoặc đóng trang mà mọi người đọc được kết quả đã công bố."),
            ),
            Task(
                "admin.calendar",
                _("Lịch làm việc"),
                _(
                    "Ngày lễ, ngày làm bù, ngày ngừng tiếp dân vì bão, lũ, mất điện; giờ làm việc của từng điểm."
                ),
            ),
        ),
    ),
    (
        _("Con người và quyền"),
        (
            Task(
                "admin.people",
                _("Tài khoản cán bộ"),
                _("Mời bằng liên kết, đổi vai trò và đơn vị, khóa, kết thúc phiên, xóa xác thực hai lớp."),
            ),
            Task(
                "admin.sign_on_identities",
                _("Đăng nhập một lần"),
                _("Nối người đã qua cổng đăng nhập của tỉnh với tài khoản ở đây."),
            ),
            Task(
                "admin.programs",
                _("Phần mềm được gọi API"),
                _("Khóa của phần mềm hệ thống khác: được làm gì, cho đơn vị nào, đến bao giờ."),
            ),
        ),
    ),
    (
        _("Các đợt khảo sát"),
        (
            Task("admin.waves", _("Các đợt khảo sát"), _("Lập, mở, theo dõi tiến độ và khóa sổ các đợt.")),
            Task("admin.wave_calendar", _("Lịch năm"), _("Các đợt trong năm, đợt nào hỏi khi trùng nhau.")),
            Task(
                "admin.periods",
                _("Kỳ báo cáo"),
                _("Tháng, quý, 6 tháng, năm hoặc theo ngày chốt của cơ quan."),
            ),
        ),
    ),
    (
        _("Mẫu khảo sát"),
        (
            Task(
                "admin.sample_plan",
                _("Tính cỡ mẫu"),
                _("Cần bao nhiêu phiếu, sai số bao nhiêu, mất bao nhiêu tiền và ngày."),
            ),
            Task(
                "admin.sample_plan_list",
                _("Phương án mẫu"),
                _("Các phương án đã lưu, đặt cạnh nhau; tải Excel và dự thảo kế hoạch."),
            ),
            Task(
                "admin.samples",
                _("Chọn mẫu"),
                _("Tải danh sách hồ sơ hoặc thôn, chọn ngẫu nhiên có số khởi tạo, giao phiếu, thay phiếu."),
            ),
        ),
    ),
    (
        _("Đơn vị và danh mục"),
        (
            Task(
                "admin.units",
                _("Các đơn vị"),
                _("Cây đơn vị theo ngày, tìm theo tên cũ và mới, điểm đặt, quầy, mã đã in."),
            ),
            Task(
                "admin.unit_change",
                _("Sáp nhập, chia, đổi tên, chuyển đơn vị"),
                _("Từng bước, xem trước, người thứ hai duyệt, hoàn tác được."),
            ),
            Task(
                "admin.registry_operations",
                _("Các thay đổi của danh mục đơn vị"),
                _("Đang chờ duyệt, đã làm, đã hoàn tác."),
            ),
            Task("admin.service_fields", _("Các lĩnh vực"), _("Tên, hình và thứ tự mà người dân thấy.")),
            Task(
                "admin.registry_import",
                _("Nhập và tải danh mục"),
                _(
                    "Đơn vị, điểm đặt, quầy, lĩnh vực, thủ tục từ tệp Excel hoặc CSV: kiểm tra trước, ghi sau."
                ),
            ),
        ),
    ),
    (
        _("Phiếu hỏi và cách tính"),
        (
            Task(
                "admin.questionnaires",
                _("Thư viện phiếu hỏi"),
                _("Mọi phiên bản, bản thảo, căn cứ pháp lý; soạn và gửi duyệt phiên bản mới."),
            ),
            Task(
                "admin.questionnaire_import",
                _("Nhập và xuất phiếu hỏi"),
                _("Đọc thử XLSForm, CSV, JSON; tải các phiên bản đã ban hành."),
            ),
            Task(
                "admin.conformance_sheet",
                _("Bảng đối chiếu số chính thức"),
                _("Mỗi số chính thức của một đợt, tính lại từ số phiếu theo mức."),
            ),
        ),
    ),
    (
        _("Văn bản"),
        (
            Task(
                "admin.letterhead",
                _("Thể thức văn bản"),
                _("Cơ quan ban hành, địa danh, người ký, nơi nhận, căn cứ của báo cáo, thông báo, kế hoạch."),
            ),
            Task(
                "admin.conversion_tables",
                _("Bảng quy đổi điểm"),
                _("Tỷ lệ hài lòng thành điểm của bộ chỉ số: các bậc, căn cứ, thời gian áp dụng."),
            ),
        ),
    ),
    (
        _("Kiểm soát"),
        (
            Task("admin.audit", _("Nhật ký"), _("Ai đã làm gì, lúc nào; kiểm tra nhật ký còn nguyên vẹn.")),
            Task(
                "admin.exclusions",
                _("Loại phiếu khỏi tính toán"),
                _("Loại theo máy, ngày hoặc lô nhập, có hai người; tính lại được."),
            ),
            Task(
                "admin.evidence",
                _("Hồ sơ kiểm chứng"),
                _("Một tệp cho mỗi đợt: kế hoạch, phiếu hỏi, quyết định, kết quả kiểm tra."),
            ),
        ),
    ),
)
