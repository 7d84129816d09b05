"""What is done to one account by a single button: its link, its sessions, its second factor."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.services import people
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.people.listing import link_page
from survey_app.web.admin.people.words import KEEPERS
from survey_app.web.security import current_account, requires


@bp.post("/people/<int(max=2147483647):account_id>/invitation", endpoint="people_invitation")
@requires(*KEEPERS)
@writes
def renew_invitation(account_id: int) -> ResponseReturnValue:
    invited = people.renew_invitation(db.session, account_id=account_id, by=current_account(), now=utc_now())
    return link_page(invited)


@bp.post("/people/<int(max=2147483647):account_id>/invitation/revoke", endpoint="people_revoke")
@requires(*KEEPERS)
@writes
def revoke_invitation(account_id: int) -> ResponseReturnValue:
    people.revoke_invitation(db.session, account_id=account_id, by=current_account(), now=utc_now())
    return _back(account_id, _("Đã thu hồi liên kết. Liên kết cũ không mở được nữa."))


@bp.post("/people/<int(max=2147483647):account_id>/sessions/end", endpoint="people_end_sessions")
@requires(*KEEPERS)
@writes
def end_sessions(account_id: int) -> ResponseReturnValue:
    n = people.end_sessions(db.session, account_id=account_id, by=current_account(), now=utc_now())
    return _back(account_id, _("Đã kết thúc %(n)s phiên đăng nhập của tài khoản này.", n=n))


@bp.post("/people/<int(max=2147483647):account_id>/second-factor/reset", endpoint="people_reset_factor")
@requires(*KEEPERS)
@writes
def reset_second_factor(account_id: int) -> ResponseReturnValue:
    people.reset_second_factor(db.session, account_id=account_id, by=current_account(), now=utc_now())
    return _back(account_id, _("Đã xóa xác thực hai lớp. Chủ tài khoản thiết lập lại khi đăng nhập."))


def _back(account_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("admin.people_account", account_id=account_id), code=303)
