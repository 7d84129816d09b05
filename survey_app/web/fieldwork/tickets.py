"""Tickets for slips: make a batch, take its links once, see how many were used, take it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import InputRequired, NumberRange

from survey_app import formatting
from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.documents.ticket_sheet import SlipText, ticket_sheet
from survey_app.errors import InvalidField
from survey_app.i18n import current_language, in_page_language
from survey_app.names import unit_title
from survey_app.queries.tickets import BatchRow
from survey_app.queries.units import service_fields
from survey_app.services import policy, tickets
from survey_app.services.ticket_orders import MAX_DAYS, MAX_SIZE, MIN_SIZE
from survey_app.vocabulary import Stage, label
from survey_app.web.current import settings, signer, today
from survey_app.web.downloads import PDF, csv_download, download
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.form_fields import ChoiceField, DayField, NumberField
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires

STAFF = (Role.MANAGER, Role.PAR_OFFICE, Role.ADMIN)
USUAL_SIZE = 200
USUAL_DAYS = 90
# So many slips are set in a few seconds; a larger batch goes to a printer as a file of links.
MOST_SLIPS = 200


def _size_words() -> str:
    most = formatting.count(MAX_SIZE, language=current_language())
    return gettext("Xin nhập số mã từ %(least)s đến %(most)s.", least=MIN_SIZE, most=most)


_SIZE = LazyString(_size_words)


class BatchForm(FlaskForm):  # type: ignore[misc]
    """What a batch is for. The rules of size and days are the service's."""

    point = ChoiceField(_("Điểm đặt"))
    size = NumberField(
        _("Số mã"),
        [InputRequired(_SIZE), NumberRange(MIN_SIZE, MAX_SIZE, _SIZE)],
        default=USUAL_SIZE,
    )
    stage = ChoiceField(_("Loại phiếu in mã"))
    field = ChoiceField(_("Lĩnh vực"))
    wave = ChoiceField(_("Đợt khảo sát"))
    expires_on = DayField(_("Dùng đến hết ngày"), [InputRequired(_("Xin nhập ngày hết hạn."))])

    def asked(self) -> dict[str, Any]:
        """The order as the service reads it."""
        stage = Stage[self.stage.data.upper()] if self.stage.data else Stage.UNKNOWN
        return {
            "point": self.point.data, "size": self.size.data, "stage": stage, "field": self.field.data,
            "wave": self.wave.data, "expires_on": self.expires_on.data,
        }  # fmt: skip


@bp.get("/tickets", endpoint="tickets")
@requires(*STAFF)
def tickets_page() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/tickets")
@requires(*STAFF)
@writes
def issue_tickets() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        batch = tickets.issue_for_staff(
            db.session, form.asked(), viewer=current_account(), signer=signer(), now=utc_now(), today=today()
        )
    except InvalidField as error:
        field: Field = form[error.field]
        field.errors = [_range_words() if error.field == "expires_on" else reason_words(error.reason)]
        return _page(form), 422
    flash(
        gettext(
            "Đã tạo %(n)s mã. Xin tải tệp đường dẫn ngay hôm nay: sang ngày khác không tải lại được.",
            n=batch.size,
        )
    )
    return redirect(url_for("fieldwork.tickets"), code=303)


@bp.post("/tickets/<uuid:batch_id>/links")
@requires(*STAFF)
@writes
def ticket_links(batch_id: UUID) -> ResponseReturnValue:
    """The links as a file for whoever prints the slips."""
    links = tickets.links_for_staff(
        db.session,
        batch_id,
        viewer=current_account(),
        base_url=settings().PUBLIC_BASE_URL,
        signer=signer(),
        now=utc_now(),
        today=today(),
    )
    heading = [gettext("Số phiếu in"), gettext("Đường dẫn")]
    name = f"ma-tra-loi-{today().isoformat()}-{batch_id.hex[:6]}.csv"
    return csv_download(heading, enumerate(links, 1), name)


# Only noting the download needs the lock; setting the pages takes its time without it.
@bp.post("/tickets/<uuid:batch_id>/sheet")
@requires(*STAFF)
def ticket_slips(batch_id: UUID) -> ResponseReturnValue:
    """The same links as slips to cut apart, for an office whose software prints no codes."""
    with own_transaction() as session:
        batch = tickets.own_batch(session, batch_id, viewer=current_account(), today=today())
        if batch.size > MOST_SLIPS:
            raise InvalidField("batch", "too_many")
        links = tickets.links_for_staff(
            session,
            batch_id,
            viewer=current_account(),
            base_url=settings().PUBLIC_BASE_URL,
            signer=signer(),
            now=utc_now(),
            today=today(),
        )
    name = f"phieu-ma-tra-loi-{today().isoformat()}-{batch_id.hex[:6]}.pdf"
    return download(ticket_sheet(links, _slip_text(batch)), PDF, name)


@bp.post("/tickets/<uuid:batch_id>/revoke")
@requires(*STAFF)
@writes
def revoke_tickets(batch_id: UUID) -> ResponseReturnValue:
    tickets.revoke_batch(db.session, batch_id, viewer=current_account(), now=utc_now(), today=today())
    flash(gettext("Đã thu hồi đợt mã. Phiếu đã trả lời bằng mã của đợt này vẫn được giữ nguyên."))
    return redirect(url_for("fieldwork.tickets"), code=303)


def _form() -> BatchForm:
    points, waves = tickets.choices_of(db.session, viewer=current_account(), today=today())
    language = current_language()
    form = BatchForm()
    form.point.choices = [
        (point.code, f"{unit_title(point.unit_kind, point.unit_name)} – {point.point_name} ({point.code})")
        for point in points
    ]
    form.stage.choices = [
        ("", gettext("Không ghi sẵn")),
        *((stage.name.lower(), label(stage, language)) for stage in Stage if stage),
    ]
    form.field.choices = [
        ("", gettext("Không ghi sẵn")),
        *((row.code, in_page_language(row.name_vi, row.name_en)) for row in service_fields(db.session)),
    ]
    form.wave.choices = [
        ("", gettext("Đợt đang chạy khi người dân trả lời")),
        *((wave.code, in_page_language(wave.title_vi, wave.title_en)) for wave in waves),
    ]
    if form.expires_on.data is None and not form.is_submitted():
        form.expires_on.data = today() + timedelta(days=USUAL_DAYS)
    return form


def _page(form: BatchForm) -> str:
    return render_template(
        "fieldwork/tickets.html",
        form=form,
        batches=tickets.list_batches(db.session, viewer=current_account(), today=today()),
        fewest=policy.current_policy(db.session, today()).release_min_new,
        state_of=_state,
        can_download=_can_download,
        most_slips=MOST_SLIPS,
        stage_words=lambda stage: label(Stage(stage), current_language()),
        unit_title=unit_title,
        least=MIN_SIZE,
        most=MAX_SIZE,
    )


def _state(batch: BatchRow) -> str:
    if batch.revoked_on is not None:
        return gettext("Đã thu hồi")
    return gettext("Hết hạn") if batch.expires_on < today() else gettext("Đang dùng")


def _can_download(batch: BatchRow) -> bool:
    return batch.created_on == today() and batch.revoked_on is None and batch.origin == "staff"


def _slip_text(batch: BatchRow) -> SlipText:
    day = formatting.short_date(batch.expires_on, language=current_language())
    return SlipText(
        lang=current_language(),
        unit=unit_title(batch.unit_kind, batch.unit_name),
        ask=gettext("Mời Ông/Bà quét mã để đánh giá lần phục vụ này."),
        once=gettext("Mã trên phiếu chỉ để tránh trả lời hai lần, không gắn với câu trả lời."),
        until=" ".join(filter(None, (gettext("Dùng đến hết ngày %(day)s.", day=day), _demo_mark()))),
    )


def _demo_mark() -> str:
    """A slip of the demo leads nowhere that counts, and says so."""
    return gettext("BẢN TRÌNH DIỄN") if settings().IS_DEMO else ""


def _range_words() -> str:
    return gettext("Ngày hết hạn từ hôm nay đến không quá %(days)s ngày nữa.", days=MAX_DAYS)
