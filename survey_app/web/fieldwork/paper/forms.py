"""The forms of pads, openings and booking: shape and wording only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from survey_app.services.paper_booking import MAX_REASON
from survey_app.services.paper_pads import MOST_SHEETS
from survey_app.web.form_fields import ChoiceField, DayField

_NUMBER_MISSING = _("Xin nhập một số.")
_NOT_A_NUMBER = _("Xin nhập số bằng chữ số.")
_NAME_MISSING = _("Xin nhập họ tên.")
_DAY_MISSING = _("Xin nhập ngày mở hòm.")
_TOO_LONG = _("Nội dung nhập quá dài.")
_LANGUAGES = [SelectChoice("vi", _("Tiếng Việt")), SelectChoice("en", _("Tiếng Anh"))]


class PadForm(FlaskForm):  # type: ignore[misc]
    wave = ChoiceField(_("Đợt khảo sát"), coerce=int, validate_choice=False)
    language = ChoiceField(
        _("Ngôn ngữ của phiếu"), choices=_LANGUAGES, invalid_choice_message=_("Xin chọn ngôn ngữ.")
    )
    n_sheets = IntegerField(
        _("Số phiếu trong tập"),
        [
            InputRequired(_NUMBER_MISSING),
            NumberRange(1, MOST_SHEETS, _("Mỗi tập có từ 1 đến %(max)s phiếu.", max=MOST_SHEETS)),
        ],
        invalid_value_message=_NOT_A_NUMBER,
    )


class PadCountForm(FlaskForm):  # type: ignore[misc]
    n_handed_out = IntegerField(
        _("Đã phát"), [InputRequired(_NUMBER_MISSING)], invalid_value_message=_NOT_A_NUMBER
    )
    n_spoiled = IntegerField(
        _("Hỏng, chưa phát"), [InputRequired(_NUMBER_MISSING)], invalid_value_message=_NOT_A_NUMBER
    )


class OpeningForm(FlaskForm):  # type: ignore[misc]
    opened_on = DayField(_("Ngày mở hòm"), [InputRequired(_DAY_MISSING)], invalid_value_message=_DAY_MISSING)
    first_opener = StringField(
        _("Người mở thứ nhất"), [InputRequired(_NAME_MISSING), Length(max=120, message=_TOO_LONG)]
    )
    second_opener = StringField(
        _("Người mở thứ hai"), [InputRequired(_NAME_MISSING), Length(max=120, message=_TOO_LONG)]
    )


class BookingForm(FlaskForm):  # type: ignore[misc]
    reason = StringField(_("Lý do chênh lệch"), [Length(max=MAX_REASON, message=_TOO_LONG)])
