"""What an office sets up, in the order in which it is needed, under the headings of the entrance page."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Task(NamedTuple):
    """One card of the entrance page."""

    endpoint: str
    title: LazyString
    text: LazyString


SECTIONS: tuple[tuple[LazyString, tuple[Task, ...]], ...] = (
    (_("Con người và quyền"), ()),
    (
        _("Danh mục"),
        (
            Task(
                "admin.units",
                _("Các đơn vị"),
                _("Cây đơn vị theo ngày, tìm theo tên cũ và mới, điểm đặt, quầy, mã đã in."),
            ),
            Task(
                "admin.unit_change",
                _("Sáp nhập, chia, đổi tên, chuyển đơn vị"),
                _("Từng bước, xem trước, người thứ hai phê duyệt, hoàn tác được."),
            ),
            Task(
                "admin.registry_operations",
                _("Các thay đổi của danh mục đơn vị"),
                _("Đang chờ phê duyệt, đã làm, đã hoàn tác."),
            ),
            Task("admin.service_fields", _("Lĩnh vực"), _("Tên, hình và thứ tự mà người dân thấy.")),
        ),
    ),
    (_("Phiếu hỏi"), ()),
    (_("Đợt khảo sát"), ()),
    (_("Mẫu khảo sát"), ()),
    (_("Kiểm soát"), ()),
)
