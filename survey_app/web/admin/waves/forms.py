"""Forms of the wave pages."""

from collections.abc import Iterable
from typing import TypeVar

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey_app.db import db
from survey_app.i18n import current_language, in_page_language
from survey_app.languages import NAMES
from survey_app.queries import waves
from survey_app.services import periods
from survey_app.services.wave_plans import WavePlan
from survey_app.web.admin.waves.words import BASES, CHANNELS
from survey_app.web.choices import own_units
from survey_app.web.form_fields import CheckListField, ChoiceField, DayField, NumberField
from survey_app.web.security import current_account

T = TypeVar("T", int, str)
MISSING = _("Xin điền mục này.")
BAD_NUMBER = _("Xin nhập số nguyên trong khoảng cho phép.")


class WaveForm(FlaskForm):  # type: ignore[misc]
    code = StringField(_("Mã đợt"), [InputRequired(MISSING), Length(max=40, message=_("Tối đa 40 ký tự."))])
    title_vi = StringField(
        _("Tên đợt"), [InputRequired(MISSING), Length(max=200, message=_("Tối đa 200 ký tự."))]
    )
    title_en = StringField(_("Tên tiếng Anh"), [Length(max=200, message=_("Tối đa 200 ký tự."))])
    basis = RadioField(
        _("Cách chọn người trả lời"),
        choices=[SelectChoice(code, name) for code, name in BASES.items()],
        default="continuous",
    )
    root = ChoiceField(_("Cơ quan thực hiện"), coerce=int)
    version = ChoiceField(_("Phiếu hỏi"), coerce=int)
    bridge = ChoiceField(_("Phiếu thứ hai (đợt bắc cầu)"), coerce=int, default=0)
    period = ChoiceField(_("Kỳ"), default="")
    opens_on = DayField(_("Ngày bắt đầu"), [Optional()])
    closes_on = DayField(_("Ngày kết thúc"), [Optional()])
    grace_days = NumberField(
        _("Chờ phiếu đến muộn (ngày)"), [InputRequired(MISSING), NumberRange(0, 180, BAD_NUMBER)], default=30
    )
    channels = CheckListField(
        _("Kênh"),
        coerce=int,
        choices=[SelectChoice(code, name) for code, name in CHANNELS.items()],
        default=list(CHANNELS),
    )
    languages = CheckListField(
        _("Ngôn ngữ"),
        choices=[SelectChoice(code, name) for code, name in NAMES.items()],
        default=list(NAMES),
    )

    def dates_from_period(self) -> None:
        """A chosen period gives the days; days that were typed are then not read."""
        for row in periods.visible_periods(db.session, viewer=current_account()):
            if row.code == self.period.data:
                self.opens_on.data, self.closes_on.data = row.starts_on, row.ends_on

    def plan(self, code: str | None = None) -> WavePlan:
        return WavePlan(
            code=code or self.code.data.strip(),
            title_vi=self.title_vi.data.strip(),
            title_en=self.title_en.data.strip() or self.title_vi.data.strip(),
            basis=self.basis.data,
            root_unit_id=self.root.data,
            version_id=self.version.data,
            bridge_version_id=self.bridge.data or None,
            opens_on=self.opens_on.data,
            closes_on=self.closes_on.data,
            grace_days=self.grace_days.data,
            channels=_all_or_some(self.channels.data, CHANNELS),
            languages=_all_or_some(self.languages.data, NAMES),
        )


def _all_or_some(chosen: list[T], known: Iterable[T]) -> tuple[T, ...] | None:
    """Everything ticked is said as "all", so that what is added later is in it."""
    return None if set(chosen) == set(known) else tuple(chosen)


class TargetsForm(FlaskForm):  # type: ignore[misc]
    same = NumberField(_("Một chỉ tiêu cho mọi đơn vị"), [Optional(), NumberRange(0, 1_000_000, BAD_NUMBER)])
    file = FileField(_("hoặc tệp (XLSX, CSV)"))


class UnitsForm(FlaskForm):  # type: ignore[misc]
    """Only the token: the boxes are many and are read from the body."""


class CloseForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_("Ghi chú (không bắt buộc)"), [Length(max=1000)])


class ReopenForm(FlaskForm):  # type: ignore[misc]
    closes_on = DayField(_("Mở lại đến hết ngày"), [InputRequired(MISSING)])
    reason = TextAreaField(_("Lý do mở lại"), [InputRequired(MISSING), Length(max=1000)])


class YearForm(FlaskForm):  # type: ignore[misc]
    root = ChoiceField(_("Cơ quan"), coerce=int)
    year = NumberField(_("Năm"), [InputRequired(MISSING), NumberRange(2020, 2100, BAD_NUMBER)])
    rule = ChoiceField(
        _("Loại kỳ"),
        choices=[
            SelectChoice("month", _("Tháng")),
            SelectChoice("quarter", _("Quý")),
            SelectChoice("half", _("6 tháng")),
            SelectChoice("year", _("Năm")),
        ],
        default="quarter",
    )
    first_day = NumberField(
        _("Kỳ bắt đầu từ ngày"), [InputRequired(MISSING), NumberRange(1, 28, BAD_NUMBER)], default=1
    )


def wave_form() -> WaveForm:
    form = WaveForm()
    language = current_language()
    form.root.choices = own_units(current_account())
    versions = [SelectChoice(v.id, v.title(language)) for v in waves.published_versions(db.session)]
    form.version.choices = versions
    form.bridge.choices = [SelectChoice(0, _("Không, chỉ một phiếu")), *versions]
    known = periods.visible_periods(db.session, viewer=current_account())
    form.period.choices = [
        SelectChoice("", _("Tự chọn ngày")),
        *(SelectChoice(p.code, in_page_language(p.title_vi, p.title_en)) for p in known),
    ]
    return form
