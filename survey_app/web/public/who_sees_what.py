"""Role by data, read off the access table itself, so that the page cannot promise what is not kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.routing import Rule

from survey_app.web.security import ROLE_TITLES, Access, Role, access_table


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: the addresses (by their beginning) that show it; none means that no page shows it."""

    title: LazyString
    note: LazyString
    addresses: tuple[str, ...] = ()

    def is_shown_at(self, address: str) -> bool:
        """Whole parts of an address: what stands under "/admin/units" does not stand under "/admin/unit"."""
        return any(address == each or address.startswith((f"{each}/", f"{each}.")) for each in self.addresses)


@dataclass(frozen=True, slots=True)
class DataRow:
    """A line of the page: for each column whether it is open."""

    title: LazyString
    note: LazyString
    is_open: tuple[bool, ...]


KINDS = (
    Kind(
        _("Từng phiếu trả lời riêng lẻ"),
        _("Không trang nào hiển thị. Phiếu chỉ được cộng lại thành số liệu chung."),
    ),
    Kind(
        _("Tệp dữ liệu cho phân tích thống kê"),
        _(
            "Dòng xếp ngẫu nhiên, đánh mã lại, chỉ còn tháng, ẩn đặc điểm hiếm; không có góp ý. "
            "Mỗi lần xuất phải ghi mục đích và được ghi vào nhật ký."
        ),
        ("/par/datasets",),
    ),
    Kind(
        _("Tờ phiếu giấy đang nhập, chưa ghi sổ"),
        _("Chỉ người nhập của đơn vị và cấp trên, để nhập và đối chiếu. Khi ghi sổ, bản nhập bị xóa."),
        ("/fieldwork/paper/batches",),
    ),
    Kind(
        _("Tên, số điện thoại, số giấy tờ, địa chỉ máy của người trả lời"),
        _("Hệ thống không hỏi và không lưu, nên không ai xem được."),
    ),
    Kind(
        _("Số liệu chung của đơn vị"),
        _("Chỉ khi có từ 5 phiếu trở lên; tỷ lệ chỉ hiện khi có từ 30 phiếu."),
        ("/manager",),
    ),
    Kind(
        _("Kết quả đã công bố"),
        _("Mọi người đọc được khi cơ quan mở trang; mỗi ô có từ 10 phiếu trở lên."),
        ("/results",),
    ),
    Kind(
        _("Kết quả đang lấy ý kiến và ý kiến của đơn vị"),
        _("Đơn vị chỉ thấy số liệu và ý kiến của mình; cơ quan thấy của mọi đơn vị."),
        ("/manager/hearings", "/par/publications"),
    ),
    Kind(
        _("Bảng so sánh các đơn vị"),
        _("Ô ít phiếu được ẩn như ở số liệu của đơn vị."),
        ("/par",),
    ),
    Kind(
        _("Góp ý bằng lời"),
        _(
            "Lưu riêng, chỉ ghi đơn vị và tháng, không gắn với phiếu nào. "
            "Hiện theo đợt, từ 5 ý kiến trở lên, đã xáo trộn."
        ),
        ("/manager",),
    ),
    Kind(
        _("Tình trạng của máy lấy ý kiến và số phiếu máy còn nợ"),
        _("Chỉ là số đếm; không số nào của máy dẫn đến một phiếu."),
        ("/fieldwork/devices",),
    ),
    Kind(
        _("Mã QR, áp phích và giấy in của điểm đặt"),
        _("Mã mở trang trả lời, không mở số liệu nào."),
        ("/fieldwork/print",),
    ),
    Kind(
        _("Tập phiếu giấy và biên bản mở hòm"),
        _("Số tập, số tờ, ai mở hòm; không có câu trả lời."),
        ("/fieldwork/paper",),
    ),
    Kind(
        _("Phiếu phỏng vấn được giao cho chính mình"),
        _("Mã phiếu trong danh sách của cơ quan và tình trạng; không có câu trả lời sau khi gửi."),
        ("/fieldwork/interviews",),
    ),
    Kind(
        _("Danh sách phiếu phỏng vấn đã giao và cần phúc tra"),
        _("Mã phiếu trong danh sách của cơ quan, người phỏng vấn và tình trạng; không có câu trả lời."),
        ("/fieldwork/assignments", "/fieldwork/call-backs"),
    ),
    Kind(
        _("Tiến độ phỏng vấn và kết quả phúc tra"),
        _("Số phiếu theo phỏng vấn viên; phúc tra chỉ ghi khớp hay khác, không lưu câu trả lời."),
        ("/fieldwork/interviewers",),
    ),
    Kind(
        _("Số mã trả lời một lần đã cấp và đã dùng"),
        _(
            "Cập nhật mỗi đêm, chỉ khi có thêm từ 5 mã. "
            "Không ai tra được mã nào đã trả lời thế nào hay vào lúc nào."
        ),
        ("/fieldwork/tickets",),
    ),
    Kind(
        _("Tệp phiếu nhập từ nơi khác"),
        _("Người nhập thấy tệp của mình và lỗi từng dòng; sau khi nhập chỉ còn số đếm."),
        ("/fieldwork/import",),
    ),
    Kind(_("Bản đọc thành tiếng của phiếu hỏi"), _("Chỉ có lời của câu hỏi."), ("/fieldwork/recordings",)),
    Kind(
        _("Dữ liệu mà phần mềm của hệ thống khác đọc được"),
        _(
            "Chỉ danh mục, phiếu hỏi, đợt, kỳ và kết quả đã công bố, theo quyền của khóa; không có phiếu trả lời nào."
        ),
    ),
    Kind(
        _("Danh sách tài khoản cán bộ"),
        _("Tên, vai trò, đơn vị, trạng thái. Mật khẩu và khóa hai lớp không ai đọc được."),
        ("/admin/people",),
    ),
    Kind(
        _("Người qua cổng đăng nhập của tỉnh và phần mềm được cấp khóa"),
        _("Tên do cổng cho biết, tên phần mềm và việc được làm; khóa chỉ hiện một lần khi tạo."),
        ("/admin/sign-on", "/admin/programs"),
    ),
    Kind(
        _("Tài khoản của chính mình: phiên đăng nhập, mật khẩu, xác thực hai lớp"),
        _("Mỗi người chỉ thấy của mình; phiên chỉ ghi loại trình duyệt và giờ, không ghi địa chỉ máy."),
        ("/account", "/sign-out"),
    ),
    Kind(
        _("Nhật ký thao tác của cán bộ"),
        _("Ai đã đổi gì, lúc nào. Việc người dân trả lời không được ghi vào nhật ký."),
        ("/admin/audit",),
    ),
    Kind(
        _("Việc chờ người thứ hai duyệt"),
        _("Người đề nghị, nội dung thay đổi và lý do; người đề nghị không tự duyệt được."),
        ("/admin/approvals",),
    ),
    Kind(
        _("Phiếu bị loại khỏi số liệu"),
        _("Theo máy, ngày hoặc lô, không theo từng phiếu; giữ cả số liệu trước và sau khi loại."),
        ("/admin/exclusions",),
    ),
    Kind(
        _("Việc mở trang kết quả công khai"),
        _("Đang mở hay đóng, và đề nghị đang chờ người thứ hai."),
        ("/admin/public-results",),
    ),
    Kind(
        _("Hồ sơ kiểm chứng của đợt khảo sát"),
        _("Kế hoạch, phiếu hỏi, quyết định, nhật ký và dấu niêm; không có phiếu trả lời nào."),
        ("/admin/evidence",),
    ),
    Kind(
        _("Danh mục đơn vị, điểm đặt, quầy, lĩnh vực"),
        _("Không có dữ liệu về người trả lời."),
        (
            "/admin/registry",
            "/admin/units",
            "/admin/points",
            "/admin/desks",
            "/admin/places",
            "/admin/service-fields",
            "/admin/procedures",
        ),
    ),
    Kind(
        _("Lịch làm việc, ngày nghỉ, ngày đóng cửa"),
        _("Không có dữ liệu về người trả lời."),
        ("/admin/calendar",),
    ),
    Kind(
        _("Số hồ sơ giải quyết của đơn vị"),
        _("Số đếm theo đơn vị, kỳ và lĩnh vực; không có hồ sơ nào của một người."),
        ("/admin/transactions",),
    ),
    Kind(_("Phiếu hỏi và bản dịch"), _("Chỉ có câu hỏi, không có câu trả lời."), ("/admin/questionnaires",)),
    Kind(
        _("Đợt khảo sát và tiến độ thu phiếu"),
        _("Số phiếu đã nhận so với mục tiêu; không có nội dung trả lời."),
        ("/admin/waves", "/admin/wave-new", "/admin/wave-calendar", "/admin/periods"),
    ),
    Kind(
        _("Kế hoạch mẫu và danh sách được chọn"),
        _("Danh sách để đi phỏng vấn; không nối với phiếu đã trả lời."),
        ("/admin/samples",),
    ),
    Kind(
        _("Thể thức văn bản và bảng quy đổi điểm của cơ quan"),
        _("Tên cơ quan, người ký, nơi nhận, các bậc điểm; không có dữ liệu về người trả lời."),
        ("/admin/letterhead", "/admin/conversions"),
    ),
    Kind(
        _("Trang đầu của mỗi phần việc"),
        _("Chỉ liệt kê việc mà vai trò được làm."),
        ("/fieldwork/", "/admin/"),
    ),
    Kind(
        _("Trang giới thiệu, hướng dẫn, phương pháp và trang này"),
        _("Ai cũng xem được, không cần đăng nhập."),
        ("/who-sees-what", "/open-data", "/help", "/methods"),
    ),
)


def role_columns() -> tuple[LazyString, ...]:
    """Headings: everyone first, then the roles from narrow to wide."""
    return (_("Mọi người"), *ROLE_TITLES.values())


def data_rows(app: Flask) -> tuple[DataRow, ...]:
    rules, table = list(app.url_map.iter_rules()), access_table(app)
    return tuple(DataRow(kind.title, kind.note, _openness(_accesses(kind, rules, table))) for kind in KINDS)


def _accesses(kind: Kind, rules: Iterable[Rule], table: dict[str, Access | None]) -> list[Access]:
    shown = (table[rule.endpoint] for rule in rules if kind.is_shown_at(rule.rule))
    return [access for access in shown if access]


def _openness(accesses: list[Access]) -> tuple[bool, ...]:
    is_public = any(access.is_public for access in accesses)
    roles = frozenset[Role]().union(*(access.roles for access in accesses))
    return (is_public, *(is_public or role in roles for role in ROLE_TITLES))
