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
    (_("Danh mục"), ()),
    (_("Phiếu hỏi"), (
        Task("admin.questionnaires", _("Thư viện phiếu hỏi"),
             _("Mọi phiên bản, bản thảo, căn cứ pháp lý; soạn và gửi duyệt phiên bản mới.")),
        Task("admin.conformance_sheet", _("Bảng đối chiếu số chính thức"),
             _("Mỗi số chính thức của một đợt, tính lại từ số phiếu theo mức.")),
    )),
    (_("Đợt khảo sát"), ()),
    (_("Mẫu khảo sát"), ()),
    (_("Kiểm soát"), ()),
)  # fmt: skip
