"""Kinds of units as they stand alone: at the head of a list, in a choice."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

UNIT_KINDS: Mapping[str, LazyString] = {
    "commune": _("Xã"),
    "ward": _("Phường"),
    "special_zone": _("Đặc khu"),
    "township": _("Thị trấn"),
    "district": _("Huyện"),
    "town": _("Thị xã"),
    "city": _("Thành phố"),
    "urban_district": _("Quận"),
    "province": _("Tỉnh"),
    "municipality": _("Thành phố trực thuộc trung ương"),
    "department": _("Sở, ban, ngành"),
    "service_centre": _("Trung tâm phục vụ hành chính công"),
    "agency": _("Cơ quan khác"),
    "ministry": _("Bộ, cơ quan ngang bộ"),
}
COMPARED = ("commune", "ward", "special_zone", "department", "service_centre")
"""Kinds whose units are many and do the same work."""
