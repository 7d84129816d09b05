"""The forms of accounts: shape and wording; rules are the service's."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from survey_app.services.accounts import MAX_NAME_LENGTH, Mandate, Viewer
from survey_app.services.people import GRANTABLE
from survey_app.web.choices import own_units
from survey_app.web.form_fields import ChoiceField, DayField
from survey_app.web.security import ROLE_TITLES, Role

_TOO_LONG = _("Nội dung nhập quá dài.")


class PersonForm(FlaskForm):  # type: ignore[misc]
    """What is asked of every account."""

    full_name = StringField(
        _("Họ và tên"), [InputRequired(_("Xin nhập họ và tên.")), Length(max=120, message=_TOO_LONG)]
    )
    role = ChoiceField(_("Vai trò"))
    unit_id = ChoiceField(_("Đơn vị trên cùng được xem"), coerce=int)
    decision_number = StringField(_("Số quyết định"), [Length(max=60, message=_TOO_LONG)])
    decision_on = DayField(_("Ngày quyết định"), [Optional()])
    valid_until = DayField(_("Dùng được đến hết ngày"), [Optional()])

    def offer(self, viewer: Viewer, *, kept: tuple[int, str] | None = None) -> None:
        """The roles and units that this viewer may give; `kept` is the account's unit, which may have ended."""
        roles = [role for role in ROLE_TITLES if role in GRANTABLE[viewer.role]]
        self.role.choices = [SelectChoice(role.value, ROLE_TITLES[role]) for role in roles]
        units_today = own_units(viewer)
        if kept is not None and kept[0] not in {each.value for each in units_today}:
            units_today.insert(0, SelectChoice(*kept))
        self.unit_id.choices = units_today

    @property
    def chosen_role(self) -> Role:
        return Role(self.role.data)

    @property
    def mandate(self) -> Mandate | None:
        """What opens an inspection; None while a part of it is missing."""
        if not (self.decision_number.data and self.decision_on.data and self.valid_until.data):
            return None
        return Mandate(self.decision_number.data, self.decision_on.data, self.valid_until.data)


class InvitationForm(PersonForm):
    name = StringField(
        _("Tên đăng nhập"),
        [
            InputRequired(_("Xin nhập tên đăng nhập.")),
            Length(max=MAX_NAME_LENGTH, message=_TOO_LONG),
            Regexp(r"^[^\s<>\"']+$", message=_("Tên đăng nhập không có dấu cách.")),
        ],
    )
    language = RadioField(
        _("Ngôn ngữ"),
        choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")],
        default="vi",
    )


class ChangeForm(PersonForm):
    is_active = BooleanField(_("Được đăng nhập"))
