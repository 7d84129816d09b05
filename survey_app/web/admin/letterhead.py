"""What an office puts on its documents, and how its shares become points: both data with the days they hold."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from survey_app import sentences
from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.documents.official_docx import WORDS, letterhead_of, official_texts
from survey_app.errors import InvalidField
from survey_app.names import clean_name
from survey_app.services import conversions, letterheads
from survey_app.services.conversions import Conversion
from survey_app.services.letterheads import OfficeHead
from survey_app.web.admin.blueprint import bp
from survey_app.web.choices import own_units
from survey_app.web.current import today
from survey_app.web.form_fields import ChoiceField, DayField
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires

OFFICE = (Role.ADMIN, Role.PAR_OFFICE)
_NEEDED = InputRequired(_("Xin nhập nội dung này."))


def _most(length: int) -> Length:
    return Length(max=length, message=_("Nội dung nhập quá dài."))


class HeadForm(FlaskForm):  # type: ignore[misc]
    effective_from = DayField(_("Dùng từ ngày"), [_NEEDED])
    superior = StringField(_("Cơ quan cấp trên (không bắt buộc)"), [_most(200)])
    issuer = TextAreaField(_("Cơ quan ban hành"), [_NEEDED, _most(200)])
    abbreviation = StringField(_("Chữ viết tắt trong số, ký hiệu"), [_NEEDED, _most(40)])
    place = StringField(_("Địa danh"), [_NEEDED, _most(100)])
    signer_titles = TextAreaField(_("Quyền hạn, chức vụ của người ký"), [_NEEDED, _most(800)])
    signer_name = StringField(_("Họ tên người ký (không bắt buộc)"), [_most(100)])
    recipients = TextAreaField(_("Nơi nhận"), [_most(4000)])
    bases = TextAreaField(_("Căn cứ"), [_most(5000)])


class ConversionForm(FlaskForm):  # type: ignore[misc]
    title = StringField(_("Tên bảng quy đổi"), [_NEEDED, _most(200)])
    basis = ChoiceField(_("Nguồn số liệu"))
    legal_basis = StringField(_("Căn cứ pháp lý"), [_NEEDED, _most(500)])
    valid_from = DayField(_("Dùng từ ngày"), [_NEEDED])
    valid_to = DayField(_("Đến hết ngày (không bắt buộc)"), [Optional()])
    bands = TextAreaField(_("Các bậc"), [_NEEDED, _most(1000)])


@bp.get("/letterhead")
@requires(*OFFICE)
def letterhead() -> ResponseReturnValue:
    unit_id = _unit_asked_for()
    head = letterheads.head_of(db.session, unit_id=unit_id, on=today())
    return _head_page(_head_form(head), unit_id, head)


@bp.post("/letterhead", endpoint="save_letterhead")
@requires(*OFFICE)
@writes
def save() -> ResponseReturnValue:
    """Preview shows what was typed and stores nothing."""
    unit_id = _unit_asked_for()
    form = HeadForm()
    if not form.validate_on_submit():
        return _head_page(form, unit_id, letterheads.head_of(db.session, unit_id=unit_id, on=today())), 422
    head = _typed_head(form)
    if "preview" in request.form:
        return _head_page(form, unit_id, head, is_preview=True)
    try:
        letterheads.save_head(
            db.session, unit_id=unit_id, head=head, effective_from=form.effective_from.data or today(),
            by=current_account(), now=utc_now(),
        )  # fmt: skip
    except InvalidField as error:
        form[error.field].errors = [reason_words(error.reason)]
        return _head_page(form, unit_id, head), 422
    flash(gettext("Đã lưu thể thức văn bản."))
    return redirect(url_for("admin.letterhead", unit=unit_id), code=303)


@bp.get("/conversions")
@requires(*OFFICE)
def conversion_tables() -> ResponseReturnValue:
    return _conversion_page(_conversion_form(None))


@bp.get("/conversions/<int(max=2147483647):conversion_id>")
@requires(*OFFICE)
def conversion_table(conversion_id: int) -> ResponseReturnValue:
    found = conversions.conversion_of(db.session, conversion_id=conversion_id, viewer=current_account())
    return _conversion_page(_conversion_form(found), conversion_id)


@bp.post("/conversions", endpoint="create_conversion")
@requires(*OFFICE)
@writes
def create_conversion() -> ResponseReturnValue:
    return _save_conversion(0, current_account().unit_id)


@bp.post("/conversions/<int(max=2147483647):conversion_id>", endpoint="change_conversion")
@requires(*OFFICE)
@writes
def change_conversion(conversion_id: int) -> ResponseReturnValue:
    found = conversions.conversion_of(db.session, conversion_id=conversion_id, viewer=current_account())
    return _save_conversion(conversion_id, found.unit_id)


def _unit_asked_for() -> int:
    """The office of the address, else the reader's own."""
    asked = request.values.get("unit", type=int)
    return asked if asked is not None else current_account().unit_id


def _typed_head(form: HeadForm) -> OfficeHead:
    return OfficeHead(
        superior=clean_name(form.superior.data or ""),
        issuer="\n".join(_lines(form.issuer.data)),
        place=clean_name(form.place.data or ""),
        abbreviation=clean_name(form.abbreviation.data or ""),
        signer_titles=_lines(form.signer_titles.data),
        signer_name=clean_name(form.signer_name.data or ""),
        recipients=_lines(form.recipients.data),
        bases=_lines(form.bases.data),
    )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line for each in (text or "").splitlines() if (line := clean_name(each)))


def _head_form(head: OfficeHead) -> HeadForm:
    texts = official_texts("report")
    return HeadForm(
        formdata=None, effective_from=today(), superior=head.superior, issuer=head.issuer,
        abbreviation=head.abbreviation, place=head.place, signer_titles="\n".join(head.signer_titles),
        signer_name=head.signer_name, recipients="\n".join(head.recipients or texts["recipients"]),
        bases="\n".join(head.bases or [base["text"] for base in texts["bases"]]),
    )  # fmt: skip


def _head_page(form: HeadForm, unit_id: int, head: OfficeHead, *, is_preview: bool = False) -> str:
    viewer = current_account()
    texts = official_texts("report")
    return render_template(
        "admin/letterhead.html", form=form, unit_id=unit_id, head=head, is_preview=is_preview,
        versions=letterheads.versions(db.session, unit_id=unit_id, viewer=viewer), units=own_units(viewer),
        shown=letterhead_of(head, "BC"), words=WORDS["vi"], recipients=head.recipients or texts["recipients"],
        bases=head.bases or [base["text"] for base in texts["bases"]],
    )  # fmt: skip


def _conversion_form(found: Conversion | None) -> ConversionForm:
    form = ConversionForm(formdata=None) if found is None else ConversionForm(
        formdata=None, title=found.title, basis=found.basis, legal_basis=found.legal_basis,
        valid_from=found.valid_from, valid_to=found.valid_to, bands=conversions.written_bands(found.bands),
    )  # fmt: skip
    form.basis.choices = _bases()
    return form


def _bases() -> list[SelectChoice]:
    return [SelectChoice(basis, sentences.basis_title(basis)) for basis in conversions.BASES]


def _save_conversion(conversion_id: int, unit_id: int) -> ResponseReturnValue:
    form = ConversionForm()
    form.basis.choices = _bases()
    if not form.validate_on_submit():
        return _conversion_page(form, conversion_id), 422
    try:
        typed = Conversion(
            clean_name(form.title.data or ""), form.basis.data, clean_name(form.legal_basis.data or ""),
            form.valid_from.data or date.min, form.valid_to.data,
            conversions.read_bands(form.bands.data or ""), conversion_id, unit_id,
        )  # fmt: skip
        conversions.save_conversion(db.session, conversion=typed, by=current_account(), now=utc_now())
    except InvalidField as error:
        form[error.field].errors = [reason_words(error.reason)]
        return _conversion_page(form, conversion_id), 422
    flash(gettext("Đã lưu bảng quy đổi."))
    return redirect(url_for("admin.conversion_tables"), code=303)


def _conversion_page(form: ConversionForm, conversion_id: int = 0) -> str:
    viewer = current_account()
    rows = conversions.conversions_of(db.session, unit_id=viewer.unit_id, viewer=viewer)
    return render_template(
        "admin/conversion_tables.html", form=form, rows=rows, conversion_id=conversion_id,
        bands={row.id: conversions.written_bands(row.bands).split("\n") for row in rows}, today=today(),
    )  # fmt: skip
