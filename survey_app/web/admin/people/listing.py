"""The list of accounts, and inviting somebody into it."""

from urllib.parse import urljoin

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import AccountExists, InvalidField, NotFound
from survey_app.services import people
from survey_app.services.invitations import Invited
from survey_app.services.people import STATES, NewPerson
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.people.forms import InvitationForm, PersonForm
from survey_app.web.admin.people.words import KEEPERS, REFUSALS, STATE_TITLES
from survey_app.web.bodies import id_in
from survey_app.web.choices import own_units
from survey_app.web.current import settings
from survey_app.web.security import ROLE_TITLES, Role, current_account, requires

MAX_SEARCH = 100


@bp.get("/people", endpoint="people")
@requires(*KEEPERS)
def list_people() -> ResponseReturnValue:
    viewer, now = current_account(), utc_now()
    role, unit_id, state = _chosen_role(), _chosen_unit(), request.args.get("state") or None
    if state is not None and state not in STATES:
        raise NotFound(f"state {state!r}")
    text = (request.args.get("q") or "")[:MAX_SEARCH]
    found = people.list_people(
        db.session, viewer=viewer, now=now, text=text, role=role, unit_id=unit_id, state=state
    )
    return render_template(
        "admin/people/list.html",
        people=[(person, people.state_of(person, now=now)) for person in found],
        is_searched=bool(text or role or unit_id or state),
        chosen={"q": text, "role": role, "unit": unit_id, "state": state},
        roles=ROLE_TITLES,
        states=STATE_TITLES,
        units=[(each.value, each.label) for each in own_units(viewer)],
    )


@bp.get("/people/new", endpoint="people_new")
@requires(*KEEPERS)
def ask_to_invite() -> ResponseReturnValue:
    viewer = current_account()
    form = InvitationForm(unit_id=viewer.unit_id, role=Role.MANAGER.value)
    form.offer(viewer)
    return _new_page(form)


@bp.post("/people/new", endpoint="people_new_post")
@requires(*KEEPERS)
@writes
def invite() -> ResponseReturnValue:
    viewer = current_account()
    form = InvitationForm()
    form.offer(viewer)
    if not form.validate_on_submit():
        return _new_page(form), 422
    new = NewPerson(
        name=form.name.data or "", full_name=form.full_name.data or "", role=form.chosen_role,
        unit_id=form.unit_id.data, language=form.language.data, mandate=form.mandate,
    )  # fmt: skip
    try:
        invited = people.invite(db.session, new, by=viewer, now=utc_now())
    except AccountExists:
        form.name.errors = [_("Đã có tài khoản mang tên này.")]
        return _new_page(form), 422
    except InvalidField as refused:
        refuse(form, refused)
        return _new_page(form), 422
    return link_page(invited)


def link_page(invited: Invited) -> str:
    """The link, shown once; it is built from the configured address, never from the request's."""
    path = url_for("auth.invitation", token=invited.token, lang=None, contrast=None)
    return render_template(
        "admin/people/link.html",
        person=people.see_person(db.session, account_id=invited.account_id, viewer=current_account()),
        link=urljoin(f"{settings().PUBLIC_BASE_URL}/", path),
        until=invited.expires_at.astimezone(settings().TIME_ZONE),
    )


def refuse(form: PersonForm, refused: InvalidField) -> None:
    """Put the words of a refusal at its field."""
    field = form[refused.field]
    field.errors = [REFUSALS[refused.field, refused.reason]]


def _new_page(form: InvitationForm) -> str:
    return render_template("admin/people/new.html", form=form)


def _chosen_role() -> Role | None:
    wanted = request.args.get("role")
    if not wanted:
        return None
    if wanted not in set(Role):
        raise NotFound(f"role {wanted!r}")
    return Role(wanted)


def _chosen_unit() -> int | None:
    wanted = request.args.get("unit")
    if not wanted:
        return None
    unit_id = id_in(wanted)
    if unit_id is None:
        raise NotFound(f"unit {wanted!r}")
    return unit_id
