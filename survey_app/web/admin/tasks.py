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
                "admin.transactions",
                _("Số hồ sơ"),
                _("Hồ sơ theo đơn vị và tháng; nhập tệp, nhập tay, xem chỗ thiếu."),
            ),
        ),
    ),
    (_("Phiếu hỏi"), ()),
    (_("Đợt khảo sát"), ()),
    (_("Mẫu khảo sát"), ()),
    (_("Kiểm soát"), ()),
)
