"""A draw: its record, the list as a file, cases given out, tickets, replacements; and drawn again to check it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import (
    AssignmentRefused,
    CaseClosed,
    DrawRefused,
    LabelsRefused,
    NotFound,
    UnreadableTable,
)
from survey_app.queries import samples as queries
from survey_app.queries import set_asides
from survey_app.services import (
    assignments,
    sample_draws,
    sample_frames,
    sample_handouts,
    sample_lists,
    sample_set_asides,
)
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.policy import current_policy
from survey_app.services.sample_draws import own_draw
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.samples import draw_words
from survey_app.web.admin.samples.draw_files import list_workbook, matched_workbook, slips_workbook
from survey_app.web.admin.samples.draw_form import draw_form
from survey_app.web.admin.samples.frames import frame_page, title_of
from survey_app.web.admin.samples.plans import MOST_BYTES, OFFICE
from survey_app.web.admin.uploads import chosen_file, unreadable_words
from survey_app.web.bodies import clean_text
from survey_app.web.current import settings, signer, today
from survey_app.web.downloads import XLSX, download
from survey_app.web.security import current_account, requires, takes_body


@bp.post("/samples/frames/<int(max=2147483647):frame_id>/draw")
@requires(*OFFICE)
def draw_from_frame(frame_id: int) -> ResponseReturnValue:
    wave, frame = sample_frames.own_frame(db.session, frame_id=frame_id, viewer=current_account())
    form = draw_form(frame)
    if not form.validate_on_submit():
        return frame_page(frame_id, form), 422
    try:
        with own_transaction() as session:
            draw_id = sample_draws.draw_sample(
                session, form.asked(frame_id), viewer=current_account(), now=utc_now(), today=today(),
                is_simulated=wave.is_simulated or settings().IS_DEMO,
            )  # fmt: skip
    except DrawRefused as refused:
        return frame_page(frame_id, form, refusal=draw_words.refusal_words(refused.reason)), 422
    flash(_("Đã chọn mẫu. Biên bản chọn mẫu dưới đây không sửa được."))
    return redirect(url_for("admin.sample_draw", draw_id=draw_id), code=303)


@bp.get("/samples/draws/<int(max=2147483647):draw_id>")
@requires(*OFFICE)
def sample_draw(draw_id: int) -> ResponseReturnValue:
    return _page(draw_id)


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/check")
@requires(*OFFICE)
def check_sample_draw(draw_id: int) -> ResponseReturnValue:
    own_draw(db.session, draw_id=draw_id, viewer=current_account())
    try:
        checked = sample_draws.check_draw(db.session, draw_id)
    except DrawRefused as refused:
        return _page(draw_id, refusal=draw_words.refusal_words(refused.reason)), 422
    if not checked.is_same:
        return _page(
            draw_id, refusal=_("Chọn lại KHÔNG ra đúng danh sách đã lưu. Xin báo bộ phận kiểm soát.")
        ), 409
    flash(_("Chọn lại từ khung mẫu và số khởi tạo: trùng khớp từng phiếu với danh sách đã lưu."))
    return redirect(url_for("admin.sample_draw", draw_id=draw_id), code=303)


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/list")
@requires(*OFFICE)
@writes
def sample_draw_list(draw_id: int) -> ResponseReturnValue:
    """The drawn list; taking it is an entry of the audit."""
    try:
        drawn, cases = sample_lists.take_list(
            db.session, draw_id=draw_id, viewer=current_account(), now=utc_now()
        )
    except DrawRefused as refused:
        return _page(draw_id, refusal=draw_words.refusal_words(refused.reason)), 422
    return download(list_workbook(drawn, cases), XLSX, f"mau-da-chon-{draw_id}.xlsx")


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/match")
@requires(*OFFICE)
@takes_body(MOST_BYTES)
def match_sample_list(draw_id: int) -> ResponseReturnValue:
    """The office's own list back, cut down to the drawn cases with their labels; nothing of it is kept."""
    upload = chosen_file("file")
    if upload is None:
        return _page(draw_id, refusal=_("Xin chọn tệp danh sách gốc.")), 422
    try:
        with own_transaction() as session:
            matched = sample_lists.match_list(
                session,
                upload.content,
                draw_id=draw_id,
                viewer=current_account(),
                signer=signer(),
                now=utc_now(),
            )
    except UnreadableTable as unreadable:
        return _page(draw_id, refusal=unreadable_words(unreadable)), 422
    except DrawRefused as refused:
        return _page(draw_id, refusal=draw_words.refusal_words(refused.reason)), 422
    return download(matched_workbook(matched), XLSX, f"doi-chieu-mau-{draw_id}.xlsx")


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/give")
@requires(*OFFICE)
@writes
def give_sample(draw_id: int) -> ResponseReturnValue:
    try:
        n = sample_handouts.give_to_interviewers(
            db.session, draw_id=draw_id, account_ids=request.form.getlist("interviewer", type=int),
            mode=request.form.get("mode", "interview"), viewer=current_account(), today=today(), now=utc_now(),
        )  # fmt: skip
    except (DrawRefused, AssignmentRefused, LabelsRefused) as refused:
        db.session.rollback()
        return _page(draw_id, refusal=_give_words(refused)), 422
    flash(_("Đã giao %(n)s phiếu cho phỏng vấn viên.", n=n))
    return redirect(url_for("admin.sample_draw", draw_id=draw_id), code=303)


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/tickets")
@requires(*OFFICE)
@writes
def sample_tickets(draw_id: int) -> ResponseReturnValue:
    """Codes for the drawn cases, in one file that exists only in this answer."""
    try:
        slips = sample_handouts.tickets_for_cases(
            db.session, draw_id=draw_id, viewer=current_account(), base_url=settings().PUBLIC_BASE_URL,
            signer=signer(), today=today(), now=utc_now(),
        )  # fmt: skip
    except DrawRefused as refused:
        db.session.rollback()
        return _page(draw_id, refusal=draw_words.refusal_words(refused.reason)), 422
    return download(slips_workbook(slips), XLSX, f"ma-tra-loi-mau-{draw_id}.xlsx")


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/replace")
@requires(*OFFICE)
@writes
def replace_sample_case(draw_id: int) -> ResponseReturnValue:
    try:
        label = sample_handouts.replace(
            db.session, draw_id=draw_id, unit_id=request.form.get("unit", 0, type=int),
            label=(request.form.get("label") or "").strip()[:20], reason=request.form.get("reason", ""),
            viewer=current_account(), today=today(), now=utc_now(),
        )  # fmt: skip
    except (DrawRefused, AssignmentRefused, LabelsRefused) as refused:
        db.session.rollback()
        return _page(draw_id, refusal=_give_words(refused)), 422
    except CaseClosed:
        db.session.rollback()
        return _page(draw_id, refusal=_("Phiếu này đã phỏng vấn xong nên không thay được.")), 409
    except NotFound:
        db.session.rollback()
        return _page(draw_id, refusal=_("Không có phiếu đang dùng mang mã này ở đơn vị đã chọn.")), 422
    flash(_("Đã thay bằng phiếu dự phòng %(label)s.", label=label))
    return redirect(url_for("admin.sample_draw", draw_id=draw_id), code=303)


@bp.post("/samples/draws/<int(max=2147483647):draw_id>/set-aside")
@requires(*OFFICE)
@writes
def set_sample_aside(draw_id: int) -> ResponseReturnValue:
    """Propose it; another person's approval sets the draw aside."""
    try:
        sample_set_asides.propose_setting_aside(
            db.session, draw_id=draw_id, reason=clean_text(request.form.get("why", "")),
            seed_source=clean_text(request.form.get("seed_source", "")), kinds=KINDS, by=current_account(),
            at=Moment(utc_now(), today()),
        )  # fmt: skip
    except DrawRefused as refused:
        db.session.rollback()
        return _page(draw_id, refusal=draw_words.refusal_words(refused.reason)), 422
    flash(_("Đã đề nghị hủy mẫu. Mẫu còn nguyên cho đến khi người thứ hai duyệt."))
    return redirect(url_for("admin.sample_draw", draw_id=draw_id), code=303)


def _give_words(refused: DrawRefused | AssignmentRefused | LabelsRefused) -> str:
    if isinstance(refused, DrawRefused):
        return draw_words.refusal_words(refused.reason)
    if isinstance(refused, LabelsRefused):
        return _("Có mã phiếu đã được giao trong đợt này.")
    return {
        "not_independent": _(
            "Có đơn vị không còn phỏng vấn viên nào độc lập. Xin chọn thêm người ngoài đơn vị đó."
        ),
        "no_point": _("Có đơn vị chưa có điểm đặt đang hoạt động nên chưa giao được phiếu."),
    }.get(refused.reason, _("Đợt khảo sát đã kết thúc hoặc đơn vị không thuộc đợt."))


def _page(draw_id: int, *, refusal: str | None = None) -> str:
    viewer = current_account()
    wave, drawn = own_draw(db.session, draw_id=draw_id, viewer=viewer)
    strata = queries.strata_of_draw(db.session, draw_id)
    given = queries.handouts_of(db.session, draw_id)
    obstacle = sample_set_asides.obstacle(db.session, wave, drawn, at=Moment(utc_now(), today()))
    is_over = wave.closes_on is not None and wave.closes_on < today()
    return render_template(
        "admin/samples/draw.html", wave=wave, draw=drawn, strata=strata, given=given, refusal=refusal,
        units=dict.fromkeys((row.unit_id, row.unit_title) for row in strata), title_of=title_of,
        frame=queries.frame_by_id(db.session, drawn.frame_id), words=draw_words,
        log=queries.replacements_of(db.session, draw_id), reasons=sample_handouts.REASONS,
        interviewers=assignments.interviewers_for(db.session, viewer=viewer),
        has_waiting=not is_over and any(row.unit_id not in given for row in strata),
        least_of_stratum=current_policy(db.session, today()).min_index,
        set_aside=set_asides.set_aside_of(db.session, draw_id), obstacle=obstacle,
        proposed=sample_set_asides.waiting(db.session, wave, draw_id),
    )  # fmt: skip
