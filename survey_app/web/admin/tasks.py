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
    (
        _("Con người và quyền"),
        (
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
            Task(
                "admin.people",
                _("Tài khoản cán bộ"),
                _("Mời bằng liên kết, đổi vai trò và đơn vị, khóa, kết thúc phiên, xóa xác thực hai lớp."),
            ),
        ),
    ),
    (_("Danh mục"), ()),
    (_("Phiếu hỏi"), ()),
    (_("Đợt khảo sát"), ()),
    (_("Mẫu khảo sát"), ()),
    (_("Kiểm soát"), ()),
)
