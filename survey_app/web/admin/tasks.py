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
    (
        _("Đợt khảo sát"),
        (
            Task(
                "admin.waves",
                _("Đợt khảo sát"),
                _("Lập, mở, theo dõi tiến độ và khóa sổ các đợt."),
            ),
            Task("admin.wave_calendar", _("Lịch năm"), _("Các đợt trong năm, đợt nào hỏi khi trùng nhau.")),
            Task(
                "admin.periods",
                _("Kỳ báo cáo"),
                _("Tháng, quý, 6 tháng, năm hoặc theo ngày chốt của cơ quan."),
            ),
        ),
    ),
    (_("Mẫu khảo sát"), ()),
    (_("Kiểm soát"), ()),
)
