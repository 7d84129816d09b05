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
    (_("Phiếu hỏi"), ()),
    (_("Đợt khảo sát"), ()),
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
    (_("Kiểm soát"), ()),
)
