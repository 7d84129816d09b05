"""Days of the week, as forms and tables name them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

DAY_NAMES: Mapping[str, LazyString] = {
    "mon": _("Thứ Hai"), "tue": _("Thứ Ba"), "wed": _("Thứ Tư"), "thu": _("Thứ Năm"), "fri": _("Thứ Sáu"),
    "sat": _("Thứ Bảy"), "sun": _("Chủ nhật"),
}  # fmt: skip
DAY_SHORT = (_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN"))
