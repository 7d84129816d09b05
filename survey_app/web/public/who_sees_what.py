"""Role by data, read off the access table itself, so that the page cannot promise what is not kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.web.security import ROLE_TITLES, Access, Role


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: the endpoints (by their beginning) that show it; none means that no page shows it."""

    title: LazyString
    note: LazyString
    endpoints: tuple[str, ...] = ()


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
        _("Tờ phiếu giấy đang nhập, chưa ghi sổ"),
        _("Chỉ người nhập của đơn vị và cấp trên, để nhập và đối chiếu. Khi ghi sổ, bản nhập bị xóa."),
        ("fieldwork.paper_entry",),
    ),
    Kind(
        _("Tên, số điện thoại, số giấy tờ, địa chỉ máy của người trả lời"),
        _("Hệ thống không hỏi và không lưu, nên không ai xem được."),
    ),
    Kind(
        _("Số liệu chung của đơn vị"),
        _("Chỉ khi có từ 5 phiếu trở lên; tỷ lệ chỉ hiện khi có từ 30 phiếu."),
        ("manager.",),
    ),
    Kind(
        _("Bảng so sánh các đơn vị"),
        _("Ô ít phiếu được ẩn như ở số liệu của đơn vị."),
        ("par_office.",),
    ),
    Kind(
        _("Góp ý bằng lời"),
        _(
            "Lưu riêng, chỉ ghi đơn vị và tháng, không gắn với phiếu nào. "
            "Hiện theo đợt, từ 5 ý kiến trở lên, đã xáo trộn."
        ),
        ("manager.",),
    ),
    Kind(
        _("Tình trạng của máy lấy ý kiến và số phiếu máy còn nợ"),
        _("Chỉ là số đếm; không số nào của máy dẫn đến một phiếu."),
        ("fieldwork.device",),
    ),
    Kind(
        _("Phiếu phỏng vấn được giao cho chính mình"),
        _("Mã phiếu trong danh sách của cơ quan và tình trạng; không có câu trả lời sau khi gửi."),
        ("fieldwork.my_interviews",),
    ),
    Kind(
        _("Tiến độ phỏng vấn và kết quả phúc tra"),
        _("Số phiếu theo phỏng vấn viên; phúc tra chỉ ghi khớp hay khác, không lưu câu trả lời."),
        ("fieldwork.interviewer_report",),
    ),
    Kind(
        _("Số mã trả lời một lần đã cấp và đã dùng"),
        _(
            "Cập nhật mỗi đêm, chỉ khi có thêm từ 5 mã. "
            "Không ai tra được mã nào đã trả lời thế nào hay vào lúc nào."
        ),
        ("fieldwork.tickets",),
    ),
    Kind(
        _("Dữ liệu mà phần mềm của hệ thống khác đọc được"),
        _("Không có: phần mềm được cấp khóa chỉ gửi phiếu đến và lấy mã để in, không đọc được gì."),
    ),
    Kind(
        _("Danh sách tài khoản và nhật ký thao tác của cán bộ"),
        _("Không có trang hiển thị; người vận hành máy chủ quản lý bằng lệnh."),
    ),
    Kind(_("Trang giới thiệu và trang này"), _("Ai cũng xem được, không cần đăng nhập."), ("public.",)),
)


def role_columns() -> tuple[LazyString, ...]:
    """Headings: everyone first, then the roles from narrow to wide."""
    return (_("Mọi người"), *ROLE_TITLES.values())


def data_rows(table: Mapping[str, Access | None]) -> tuple[DataRow, ...]:
    return tuple(DataRow(kind.title, kind.note, _openness(kind, table)) for kind in KINDS)


def _openness(kind: Kind, table: Mapping[str, Access | None]) -> tuple[bool, ...]:
    accesses = [
        access for endpoint, access in table.items() if access and endpoint.startswith(kind.endpoints)
    ]
    is_public = any(access.is_public for access in accesses)
    roles = frozenset[Role]().union(*(access.roles for access in accesses))
    return (is_public, *(is_public or role in roles for role in ROLE_TITLES))
