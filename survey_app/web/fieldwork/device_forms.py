"""The forms of a kiosk: shape and wording, and the profile that the fields make."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey_app.languages import NAMES
from survey_app.services.device_profile import (
    DAYS,
    MIN_WARNING,
    KioskProfile,
    hashed_pin,
    read_hours,
    written_hours,
)
from survey_app.services.devices import DeviceStanding
from survey_app.web.form_fields import CheckListField, ChoiceField, NumberField
from survey_app.web.weekdays import DAY_NAMES

_MISSING = _("Xin điền mục này.")
_NUMBER = _("Xin nhập số giây trong khoảng cho phép.")
REFUSALS: dict[str, LazyString] = {
    "hours": _("Giờ mở cửa viết như 07:30-11:30, 13:30-17:00; để trống nếu nghỉ."),
    "pin": _("Mã PIN gồm 4 đến 8 chữ số."),
    "languages": _("Tiếng Việt luôn có trong danh sách ngôn ngữ."),
}


def reason_choices() -> list[tuple[str, LazyString]]:
    """Why a kiosk stands still."""
    return [
        ("power", _("Mất điện")),
        ("network", _("Mất mạng")),
        ("storage", _("Hết bộ nhớ")),
        ("broken", _("Máy hỏng")),
    ]


class MessageForm(FlaskForm):  # type: ignore[misc]
    text = StringField(_("Lời nhắn hiện trên máy (để trống để bỏ)"), [Length(max=200)])


class DeviceForm(FlaskForm):  # type: ignore[misc]
    point_id = ChoiceField(_("Điểm đặt"), coerce=int)
    name = StringField(_("Tên máy"), [InputRequired(_MISSING), Length(max=120)])
    form = RadioField(
        _("Phiếu hỏi"),
        choices=[
            SelectChoice("full", _("Một chạm, rồi mời trả lời phiếu đầy đủ")),
            SelectChoice("one_tap", _("Chỉ một chạm")),
        ],
    )
    languages = CheckListField(
        _("Ngôn ngữ"),
        choices=[SelectChoice(code, name) for code, name in NAMES.items()],
    )
    idle_seconds = NumberField(
        _("Chờ ở màn hình đầu (giây)"), [InputRequired(_MISSING), NumberRange(15, 300, _NUMBER)]
    )
    idle_seconds_full = NumberField(
        _("Chờ khi trả lời phiếu đầy đủ (giây)"), [InputRequired(_MISSING), NumberRange(15, 600, _NUMBER)]
    )
    warning_seconds = NumberField(
        _("Báo trước khi kết thúc (giây, ít nhất 20)"),
        [InputRequired(_MISSING), NumberRange(MIN_WARNING, 120, _NUMBER)],
    )
    partial = RadioField(
        _("Khi người trả lời bỏ đi giữa chừng"),
        choices=[
            SelectChoice("keep", _("Giữ phần đã trả lời, ghi là phiếu chưa xong")),
            SelectChoice("discard", _("Bỏ phần đã trả lời")),
        ],
    )
    is_full_screen = BooleanField(_("Toàn màn hình"))
    keeps_awake = BooleanField(_("Không để máy tắt màn hình"))
    pin = PasswordField(_("Mã PIN của bảng điều khiển (4–8 chữ số)"), [Optional(), Length(max=8)])
    mon = StringField(DAY_NAMES["mon"], [Length(max=80)])
    tue = StringField(DAY_NAMES["tue"], [Length(max=80)])
    wed = StringField(DAY_NAMES["wed"], [Length(max=80)])
    thu = StringField(DAY_NAMES["thu"], [Length(max=80)])
    fri = StringField(DAY_NAMES["fri"], [Length(max=80)])
    sat = StringField(DAY_NAMES["sat"], [Length(max=80)])
    sun = StringField(DAY_NAMES["sun"], [Length(max=80)])

    @classmethod
    def fresh(cls) -> "DeviceForm":
        """A new kiosk, which needs a PIN of its own."""
        form = cls(**_data(KioskProfile()))
        form.pin.validators = [InputRequired(REFUSALS["pin"])]
        return form

    @classmethod
    def of(cls, standing: DeviceStanding) -> "DeviceForm":
        return cls(name=standing.device.name, point_id=standing.device.point_id, **_data(standing.profile))

    @property
    def days(self) -> list[Any]:
        return [self[day] for day in DAYS]

    def refuse(self, name: str) -> None:
        """Put the words of a refused profile at its field."""
        field = self["mon" if name == "hours" else name]
        field.errors = [*field.errors, REFUSALS.get(name, _NUMBER)]


def profile_of(form: DeviceForm) -> KioskProfile:
    """The profile that the fields say; raises `InvalidProfile` with the name of what cannot be."""
    pin = (form.pin.data or "").strip()
    return KioskProfile(
        idle_seconds=form.idle_seconds.data,
        idle_seconds_full=form.idle_seconds_full.data,
        warning_seconds=form.warning_seconds.data,
        keeps_partial=form.partial.data == "keep",
        offers_full_form=form.form.data == "full",
        languages=tuple(form.languages.data),
        is_full_screen=form.is_full_screen.data,
        keeps_awake=form.keeps_awake.data,
        hours=tuple(read_hours(form[day].data or "") for day in DAYS),
        **(hashed_pin(pin) if pin else {}),
    )


def _data(profile: KioskProfile) -> dict[str, Any]:
    return {
        "form": "full" if profile.offers_full_form else "one_tap",
        "languages": list(profile.languages),
        "idle_seconds": profile.idle_seconds,
        "idle_seconds_full": profile.idle_seconds_full,
        "warning_seconds": profile.warning_seconds,
        "partial": "keep" if profile.keeps_partial else "discard",
        "is_full_screen": profile.is_full_screen,
        "keeps_awake": profile.keeps_awake,
        **{day: written_hours(spans) for day, spans in zip(DAYS, profile.hours, strict=True)},
    }
