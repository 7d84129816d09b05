"""Kiosks: how each of them stands, how one comes in, is tried out, changed, swapped, and taken out of use."""

import json
from collections.abc import Mapping
from typing import Any

import segno
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidBody, InvalidProfile, UnreadableQueue
from survey_app.i18n import current_language
from survey_app.services import device_import, device_silence, devices
from survey_app.services.device_import import MAX_FILE_BYTES, SealedQueue
from survey_app.services.device_intake import Envelope
from survey_app.services.devices import Enrolment
from survey_app.services.office_calendar import REASON_WORDS
from survey_app.services.submissions import Submission
from survey_app.web.current import settings, signer, today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.device_forms import DeviceForm, MessageForm, profile_of, reason_choices
from survey_app.web.parsing import Arrival, envelope_from_json, submission_from_json
from survey_app.web.security import Role, current_account, requires, takes_body

KEEPERS = (Role.ADMIN, Role.PAR_OFFICE)
READERS = (*KEEPERS, Role.MANAGER)


@bp.get("/devices")
@requires(*READERS)
def device_list() -> ResponseReturnValue:
    standings = devices.all_standings(db.session, viewer=current_account(), on=today())
    quiet = device_silence.silences(db.session, standings, today=today(), zone=settings().TIME_ZONE)
    words = 0 if current_language() == "vi" else 1
    reasons = {code: each[words] for code, each in REASON_WORDS.items()}
    return render_template(
        "fieldwork/devices/list.html", standings=standings, now=utc_now(), quiet=quiet, closure_reasons=reasons,
        language=current_language(),
    )  # fmt: skip


@bp.get("/devices/new")
@requires(*KEEPERS)
def device_new() -> ResponseReturnValue:
    return _new_page(_form())


@bp.post("/devices/new", endpoint="device_new_post")
@requires(*KEEPERS)
@writes
def expect_device() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _new_page(form), 422
    try:
        profile = profile_of(form)
    except InvalidProfile as refused:
        form.refuse(refused.field)
        return _new_page(form), 422
    enrolment = devices.expect_device(
        db.session, signer=signer(), point_id=form.point_id.data, name=form.name.data.strip(), profile=profile,
        viewer=current_account(), now=utc_now(), on=today(),
    )  # fmt: skip
    return _enrolment_page(enrolment)


@bp.get("/devices/<int(max=2147483647):device_id>")
@requires(*READERS)
def device(device_id: int) -> ResponseReturnValue:
    return _device_page(device_id)


@bp.post("/devices/<int(max=2147483647):device_id>/profile")
@requires(*KEEPERS)
@writes
def device_profile(device_id: int) -> ResponseReturnValue:
    form = _form(device_id)
    try:
        if not form.validate_on_submit():
            return _device_page(device_id, form), 422
        profile = profile_of(form)
    except InvalidProfile as refused:
        form.refuse(refused.field)
        return _device_page(device_id, form), 422
    devices.change_profile(
        db.session,
        device_id,
        profile,
        name=form.name.data.strip(),
        viewer=current_account(),
        now=utc_now(),
        on=today(),
    )
    return _back(device_id, _("Đã lưu cài đặt. Máy nhận cài đặt mới trong vòng một phút khi có mạng."))


@bp.post("/devices/<int(max=2147483647):device_id>/enrolment")
@requires(*KEEPERS)
@writes
def device_enrolment(device_id: int) -> ResponseReturnValue:
    """Another one-time code, shown once."""
    who = {"viewer": current_account(), "now": utc_now(), "on": today()}
    return _enrolment_page(devices.renew_enrolment(db.session, device_id, signer=signer(), **who))


@bp.post("/devices/<int(max=2147483647):device_id>/commission")
@requires(*KEEPERS)
@writes
def device_commission(device_id: int) -> ResponseReturnValue:
    devices.commission(db.session, device_id, viewer=current_account(), now=utc_now(), on=today())
    return _back(device_id, _("Máy đã được đưa vào sử dụng. Từ nay phiếu của máy được tính."))


@bp.post("/devices/<int(max=2147483647):device_id>/revoke")
@requires(*KEEPERS)
@writes
def device_revoke(device_id: int) -> ResponseReturnValue:
    devices.revoke(db.session, device_id, viewer=current_account(), now=utc_now(), on=today())
    return _back(device_id, _("Máy đã ngừng sử dụng. Khóa của máy không còn hiệu lực."))


@bp.post("/devices/<int(max=2147483647):device_id>/swap")
@requires(*KEEPERS)
@writes
def device_swap(device_id: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    enrolment = devices.swap(
        db.session,
        device_id,
        reason=reason,
        signer=signer(),
        viewer=current_account(),
        now=utc_now(),
        on=today(),
    )
    return _enrolment_page(enrolment)


@bp.post("/devices/<int(max=2147483647):device_id>/message")
@requires(*KEEPERS)
@writes
def device_message(device_id: int) -> ResponseReturnValue:
    form = MessageForm()
    if not form.validate_on_submit():
        return _back(device_id, _("Lời nhắn dài quá 200 ký tự. Lời nhắn CHƯA được lưu."))
    text = (form.text.data or "").strip()
    devices.leave_message(db.session, device_id, text, viewer=current_account(), now=utc_now(), on=today())
    return _back(device_id, _("Đã lưu lời nhắn. Máy hiện lời nhắn trong vòng một phút khi có mạng."))


@bp.post("/devices/<int(max=2147483647):device_id>/reload")
@requires(*KEEPERS)
@writes
def device_reload(device_id: int) -> ResponseReturnValue:
    devices.ask_reload(db.session, device_id, viewer=current_account(), now=utc_now(), on=today())
    return _back(device_id, _("Đã yêu cầu máy tải lại. Máy tải lại khi không có ai đang trả lời."))


@bp.post("/devices/<int(max=2147483647):device_id>/incident")
@requires(*READERS)
@writes
def device_incident(device_id: int) -> ResponseReturnValue:
    """The office says why a device stands still, or that it works again."""
    who = {"viewer": current_account(), "on": today()}
    reason = request.form.get("reason", "")
    if reason:
        devices.report_incident(db.session, device_id, reason=reason, now=utc_now(), **who)
        return _back(device_id, _("Đã ghi nhận sự cố."))
    devices.end_incident(db.session, device_id, **who)
    return _back(device_id, _("Đã ghi nhận: máy hoạt động trở lại."))


@bp.post("/devices/<int(max=2147483647):device_id>/queue")
@requires(*KEEPERS)
@takes_body(MAX_FILE_BYTES + 64 * 1024)
@writes
def device_queue(device_id: int) -> ResponseReturnValue:
    """Take in the file that this kiosk wrote; brought twice, it adds nothing the second time."""
    viewer, on = current_account(), today()
    standing = devices.device_details(db.session, device_id, viewer=viewer, on=on).standing
    file = request.files.get("file")
    queue = device_import.open_queue(db.session, file.read() if file else b"", signer=signer())
    if queue.device.id != standing.device.id:
        raise UnreadableQueue
    report = device_import.take_in(
        db.session, queue, _reader(queue), signer=signer(), viewer=viewer, now=utc_now(), today=on
    )
    words = _(
        "Tệp có %(n)s phiếu: %(new)s mới được lưu, %(known)s đã có từ trước, %(refused)s bị từ chối.",
        n=len(queue.records),
        new=report.n_new,
        known=report.n_known,
        refused=report.n_refused,
    )
    return _back(device_id, words)


def _reader(queue: SealedQueue) -> Any:
    """Reads a record of the file as if its kiosk sent it now: its day is told by that kiosk's own clock."""
    arrival = Arrival(
        code=queue.device.code,
        signer=signer(),
        now=utc_now(),
        time_zone=settings().TIME_ZONE,
        takes_comment=False,
    )

    def read(record: Mapping[str, Any]) -> tuple[Submission, Envelope]:
        try:
            body = json.loads(str(record.get("body")))
        except ValueError as error:
            raise InvalidBody("body") from error
        if not isinstance(body, dict):
            raise InvalidBody("body")
        times = {"client_time": record.get("at"), "client_now": queue.exported_at}
        envelope = {"number": record.get("number"), "is_trial": body.get("is_trial") is True}
        return submission_from_json(body | times, arrival), envelope_from_json(envelope)

    return read


def _form(device_id: int | None = None) -> DeviceForm:
    if device_id is None:
        form = DeviceForm.fresh()
        points = devices.points_to_choose(db.session, viewer=current_account(), on=today())
        form.point_id.choices = [SelectChoice(*point) for point in points]
        return form
    standing = devices.device_details(db.session, device_id, viewer=current_account(), on=today()).standing
    form = DeviceForm.of(standing)
    form.point_id.choices = [SelectChoice(standing.device.point_id, standing.point_name)]
    return form


def _new_page(form: DeviceForm) -> str:
    return render_template("fieldwork/devices/new.html", form=form)


def _device_page(device_id: int, form: DeviceForm | None = None) -> str:
    details = devices.device_details(db.session, device_id, viewer=current_account(), on=today())
    return render_template(
        "fieldwork/devices/device.html", details=details, standing=details.standing, form=form or _form(device_id),
        message=MessageForm(text=details.standing.device.message), reasons=reason_choices(), now=utc_now(),
        may_keep=current_account().role in KEEPERS,
    )  # fmt: skip


def _enrolment_page(enrolment: Enrolment) -> str:
    """The one-time code and its QR code. The code stands behind the # of the address, which no server logs."""
    door = f"{settings().PUBLIC_BASE_URL}/k/"
    drawing = segno.make(f"{door}#{enrolment.code}", error="q", micro=False)
    until = enrolment.expires_at.astimezone(settings().TIME_ZONE)
    return render_template(
        "fieldwork/devices/enrolment.html",
        enrolment=enrolment,
        qr=drawing.svg_data_uri(scale=6, dark="#12304f"),
        address=door,
        until=f"{until:%H:%M}",
    )


def _back(device_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("fieldwork.device", device_id=device_id), code=303)
