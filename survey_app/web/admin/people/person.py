"""One account: what it is, and changing it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidField
from survey_app.queries.people import Person
from survey_app.services import people
from survey_app.services.people import Change
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.people.forms import ChangeForm
from survey_app.web.admin.people.listing import refuse
from survey_app.web.admin.people.words import KEEPERS, STATE_TITLES
from survey_app.web.current import settings
from survey_app.web.security import ROLE_TITLES, Role, current_account, requires


@bp.get("/people/<int(max=2147483647):account_id>", endpoint="people_account")
@requires(*KEEPERS)
def see(account_id: int) -> ResponseReturnValue:
    return _page(_person(account_id))


@bp.post("/people/<int(max=2147483647):account_id>", endpoint="people_change")
@requires(*KEEPERS)
@writes
def change(account_id: int) -> ResponseReturnValue:
    person, viewer = _person(account_id), current_account()
    form = ChangeForm()
    form.offer(viewer, kept=(person.unit_id, person.unit_title))
    if not form.validate_on_submit():
        return _page(person, form), 422
    new = Change(
        full_name=form.full_name.data or "", role=form.chosen_role, unit_id=form.unit_id.data,
        is_active=form.is_active.data, mandate=form.mandate,
    )  # fmt: skip
    try:
        people.change(db.session, account_id, new, by=viewer, now=utc_now())
    except InvalidField as refused:
        refuse(form, refused)
        return _page(person, form), 422
    flash(_("Đã lưu. Nếu vai trò, đơn vị hoặc trạng thái đổi, các phiên đang mở đã kết thúc."))
    return redirect(url_for("admin.people_account", account_id=account_id), code=303)


def _person(account_id: int) -> Person:
    return people.see_person(db.session, account_id=account_id, viewer=current_account())


def _page(person: Person, form: ChangeForm | None = None) -> str:
    viewer, now = current_account(), utc_now()
    may_manage = people.may_manage(person, viewer=viewer)
    if form is None and may_manage:
        form = ChangeForm(obj=person)
        form.offer(viewer, kept=(person.unit_id, person.unit_title))
    until = person.invited_until
    return render_template(
        "admin/people/account.html",
        person=person,
        form=form,
        may_manage=may_manage,
        is_own=person.account_id == viewer.account_id,
        role_title=ROLE_TITLES[Role(person.role)],
        state=people.state_of(person, now=now),
        state_titles=STATE_TITLES,
        invited_until=until.astimezone(settings().TIME_ZONE) if until and until > now else None,
    )
