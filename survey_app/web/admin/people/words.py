"""The words of accounts: their states, and why one is refused."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.web.security import Role

KEEPERS = (Role.ADMIN, Role.PAR_OFFICE)

STATE_TITLES: Mapping[str, LazyString] = {
    "active": _("Đang dùng"),
    "invited": _("Đã mời, chưa vào"),
    "invitation_over": _("Lời mời quá hạn"),
    "disabled": _("Đã khóa"),
    "ended": _("Hết thời hạn"),
}
# What stands at a field when a rule refuses it, by field and reason.
REFUSALS: Mapping[tuple[str, str], LazyString] = {
    ("name", "missing"): _("Xin nhập tên đăng nhập."),
    ("decision_number", "missing"): _("Tài khoản Đoàn kiểm tra cần số, ngày quyết định và ngày kết thúc."),
    ("valid_until", "before_decision"): _("Ngày kết thúc không được trước ngày quyết định."),
}
