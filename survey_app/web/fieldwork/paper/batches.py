"""A batch from keying to booking: totals, the second keying, what differs, and the share of the unit's own staff."""

from random import SystemRandom

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import BatchNotReady, CountsDoNotFit, DifferenceUnexplained, InvalidAnswer
from survey_app.services import paper_booking, paper_checks, paper_comments, paper_entry, paper_overview
from survey_app.web import errors
from survey_app.web.bodies import clean_text
from survey_app.web.current import signer, today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.paper.access import KEYING, MANAGING
from survey_app.web.fieldwork.paper.forms import BookingForm
from survey_app.web.fieldwork.paper.words import STATES
from survey_app.web.raw_views import SHEETS, note_view
from survey_app.web.security import current_account, requires


@bp.get("/paper/batches/<int:batch_id>")
@requires(*KEYING)
def paper_batch(batch_id: int) -> ResponseReturnValue:
    batch = paper_entry.require_batch(db.session, batch_id=batch_id, viewer=current_account(), today=today())
    if paper_checks.open_differences(db.session, batch):
        note_view(SHEETS, f"paper_batch:{batch_id}")
    return _batch_page(batch_id, None)


@bp.post("/paper/batches/<int:batch_id>/check")
@requires(*KEYING)
@writes
def paper_check_start(batch_id: int) -> ResponseReturnValue:
    try:
        paper_checks.start_check(
            db.session, batch_id=batch_id, viewer=current_account(), today=today(), rng=SystemRandom()
        )
    except (BatchNotReady, CountsDoNotFit):
        return _batch_page(batch_id, _("Còn phiếu chưa nhập xong, hoặc chưa có phiếu nào được nhập.")), 409
    flash(_("Đã rút mẫu. Xin giao các phiếu được rút cho người khác nhập lần hai."))
    return _to_batch(batch_id)


@bp.post("/paper/batches/<int:batch_id>/compare")
@requires(*KEYING)
@writes
def paper_compare(batch_id: int) -> ResponseReturnValue:
    try:
        paper_checks.compare(db.session, batch_id=batch_id, viewer=current_account(), today=today())
    except BatchNotReady:
        return _batch_page(batch_id, _("Còn phiếu được rút chưa nhập xong lần hai.")), 409
    return _to_batch(batch_id)


@bp.post("/paper/batches/<int:batch_id>/settle")
@requires(*KEYING)
@writes
def paper_settle(batch_id: int) -> ResponseReturnValue:
    """Put down what one sheet really says, wherever its two keyings differ and one was chosen."""
    try:
        paper_checks.settle(
            db.session, batch_id=batch_id, position=request.form.get("position", 0, int), cells=_settled(),
            viewer=current_account(), today=today(),
        )  # fmt: skip
    except InvalidAnswer:
        return _batch_page(batch_id, _("Câu này không có số đó.")), 422
    return redirect(url_for("fieldwork.paper_batch", batch_id=batch_id, _anchor="differences"), 303)


@bp.post("/paper/batches/<int:batch_id>/comments")
@requires(*KEYING)
@writes
def paper_comment_add(batch_id: int) -> ResponseReturnValue:
    """Words written on a sheet, stored apart from it."""
    try:
        paper_comments.add_comment(
            db.session, batch_id=batch_id, text=clean_text(request.form.get("text", "")),
            polarity=request.form.get("polarity", ""), viewer=current_account(), today=today(),
        )  # fmt: skip
    except InvalidAnswer:
        return _batch_page(batch_id, _("Góp ý có từ 1 đến %(n)s ký tự.", n=paper_comments.MAX_COMMENT)), 422
    flash(_("Đã lưu góp ý, không gắn với phiếu nào."))
    return redirect(url_for("fieldwork.paper_batch", batch_id=batch_id, _anchor="comments"), 303)


@bp.post("/paper/batches/<int:batch_id>/reopen")
@requires(*MANAGING)
@writes
def paper_reopen(batch_id: int) -> ResponseReturnValue:
    paper_checks.reopen(db.session, batch_id=batch_id, viewer=current_account(), today=today(), now=utc_now())
    flash(_("Đã mở lại để nhập tiếp. Lần nhập thứ hai sẽ làm lại từ đầu."))
    return _to_batch(batch_id)


@bp.post("/paper/batches/<int:batch_id>/book")
@requires(*MANAGING)
@writes
def paper_book(batch_id: int) -> ResponseReturnValue:
    form = BookingForm()
    if not form.validate_on_submit():
        return _batch_page(batch_id, _("Nội dung nhập quá dài.")), 422
    try:
        booked = paper_booking.book_batch(
            db.session, batch_id=batch_id, reason=form.reason.data or "", viewer=current_account(),
            signer=signer(), today=today(), now=utc_now(), rng=SystemRandom(),
        )  # fmt: skip
    except (BatchNotReady, DifferenceUnexplained) as error:
        words = errors.words_for(error)
        return _batch_page(batch_id, words.text), words.status
    if booked.is_new:
        flash(_("Đã ghi sổ %(n)s phiếu.", n=booked.n_booked))
    return _to_batch(batch_id)


def _settled() -> dict[str, str]:
    """The cells chosen on the page, by column; a number of one's own counts where "other" is chosen."""
    chosen = {}
    for name, value in request.form.items():
        code = name.removeprefix("cell-")
        if code != name:
            chosen[code] = request.form.get(f"other-{code}", "").strip() if value == "other" else value
    return chosen


def _to_batch(batch_id: int) -> ResponseReturnValue:
    return redirect(url_for("fieldwork.paper_batch", batch_id=batch_id), 303)


def _batch_page(batch_id: int, refusal: object) -> str:
    viewer = current_account()
    batch = paper_entry.require_batch(db.session, batch_id=batch_id, viewer=viewer, today=today())
    status = paper_overview.batch_status(db.session, batch)
    checked = paper_checks.figures(batch.check_result) if batch.check_result else None
    return render_template(
        "fieldwork/paper_batch.html",
        batch=batch,
        status=status,
        state=STATES[batch.state],
        checked=checked,
        numbers={column.code: column for column in paper_entry.batch_columns(db.session, batch.version_id)},
        differences=paper_checks.open_differences(db.session, batch),
        sampled=paper_entry.sampled_positions(db.session, batch_id),
        form=BookingForm(),
        may_manage=viewer.role in MANAGING,
        refusal=refusal,
    )
