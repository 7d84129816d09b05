"""Opening, closing, reopening and archiving a wave from its page."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import WaveRefused
from survey_app.queries import snapshots
from survey_app.services import wave_plans, wave_states
from survey_app.services.approval_kinds import KINDS
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.waves import words
from survey_app.web.admin.waves.forms import CloseForm, ReopenForm
from survey_app.web.admin.waves.listing import page_of
from survey_app.web.admin.waves.words import OFFICE
from survey_app.web.current import today
from survey_app.web.security import current_account, requires


@bp.post("/waves/<code>/open", endpoint="wave_open")
@requires(*OFFICE)
@writes
def open_wave(code: str) -> ResponseReturnValue:
    def act() -> str:
        wave_states.open_planned(db.session, code, by=current_account(), now=utc_now(), today=today())
        return _("Đã mở đợt. Nơi trả lời hỏi theo đợt này từ ngày bắt đầu.")

    return _done(code, act)


@bp.get("/waves/<code>/close")
@requires(*OFFICE)
def wave_closing(code: str) -> ResponseReturnValue:
    """What closing means, before it is done: how many count, and that the rest is late."""
    return _closing_page(code, CloseForm())


@bp.post("/waves/<code>/close", endpoint="wave_close")
@requires(*OFFICE)
@writes
def close_wave(code: str) -> ResponseReturnValue:
    form = CloseForm()
    if not form.validate_on_submit():
        return _closing_page(code, form), 422
    try:
        held = wave_states.close_wave(
            db.session, code, reason=(form.reason.data or "").strip(), by=current_account(), now=utc_now(),
            today=today(),
        )  # fmt: skip
    except WaveRefused as refused:
        db.session.rollback()
        return _closing_page(code, form, refusal=words.refusal(refused)), 422
    flash(_("Đã khóa sổ: %(n)s phiếu được tính.", n=held.n_counted))
    return redirect(url_for("admin.wave", code=code), code=303)


def _closing_page(code: str, form: CloseForm, *, refusal: str | None = None) -> str:
    wave = wave_plans.own_wave(db.session, code, viewer=current_account())
    if wave.row.state != "open":
        return page_of(code, refusal=refusal or words.refusal(WaveRefused(("not_open", {}))))
    ahead = wave_states.closing_ahead(db.session, wave.row, today=today())
    return render_template(
        "admin/waves/closing.html", wave=wave, ahead=ahead, form=form, refusal=refusal, title_of=words.title_of,
        n_revisions=len(snapshots.snapshots_of(db.session, wave.row.id)),
    )  # fmt: skip


@bp.post("/waves/<code>/reopen", endpoint="wave_reopen")
@requires(*OFFICE)
@writes
def reopen_wave(code: str) -> ResponseReturnValue:
    form = ReopenForm()
    if not form.validate_on_submit():
        return page_of(code, reopen=form), 422

    def act() -> str:
        wave_states.propose_reopening(
            db.session, code, closes_on=form.closes_on.data, reason=form.reason.data, kinds=KINDS,
            by=current_account(), now=utc_now(), today=today(),
        )  # fmt: skip
        return _("Đã đề nghị mở lại. Đợt mở lại khi người thứ hai duyệt.")

    return _done(code, act)


@bp.post("/waves/<code>/archive", endpoint="wave_archive")
@requires(*OFFICE)
@writes
def archive_wave(code: str) -> ResponseReturnValue:
    def act() -> str:
        wave_states.archive_wave(db.session, code, by=current_account(), now=utc_now())
        return _("Đã lưu trữ đợt. Số liệu của đợt vẫn dùng được.")

    return _done(code, act)


def _done(code: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do it and say so, or show the wave again with every obstacle."""
    try:
        message = act()
    except WaveRefused as refused:
        db.session.rollback()
        return page_of(code, refusal=words.refusal(refused)), 422
    flash(message)
    return redirect(url_for("admin.wave", code=code), code=303)
