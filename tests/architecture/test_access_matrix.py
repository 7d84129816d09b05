"""Every address and method, really asked for by everyone, answers as its declaration says."""

import shutil

import pytest
from sqlalchemy import select

from survey_app.db import db, write_transaction
from survey_app.models import Account, Unit
from survey_app.services import api_clients
from survey_app.services.accounts import Role, Viewer
from survey_app.services.api_clients import Scope
from survey_app.services.second_factors import REQUIRED_FOR
from survey_app.web.access_listing import access_page
from survey_app.web.display import ENTRANCES, staff_pages
from survey_app.web.public.who_sees_what import KINDS
from survey_app.web.security import ROLE_TITLES, access_table
from tests.architecture.asking import Reader, addresses, build, keep_signed_in
from tests.survey_app.staffing import NOW, make_account

ASKED_TO_SIGN_IN = "/sign-in?next="


@pytest.fixture(scope="module")
def app(sqlite_template, tmp_path_factory):
    database = tmp_path_factory.mktemp("matrix") / "survey.sqlite3"
    shutil.copy(sqlite_template, database)
    app = build(database)
    with app.app_context(), write_transaction(db.session):
        province = top_unit()
        for role in Role:
            make_account(db.session, role.value, role, province)
        # So that the administrator of the matrix is never the last one.
        make_account(db.session, "another", Role.ADMIN, province)
        # An inspection's last day lies behind the clock of whoever runs this.
        for account in db.session.scalars(select(Account)):
            account.valid_until = None
    yield app
    with app.app_context():
        db.engine.dispose()


def top_unit():
    return db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None))).first()


@pytest.fixture(scope="module")
def viewers(app):
    with app.app_context():
        rows = db.session.execute(select(Account.name, Account.id, Account.unit_id)).all()
    return {Role(name): Viewer(id_, Role(name), unit_id) for name, id_, unit_id in rows if name in set(Role)}


@pytest.fixture(scope="module")
def keys(app):
    """A key of a program for each scope."""
    with app.app_context(), write_transaction(db.session):
        return {
            scope: api_clients.create_client(
                db.session, name=f"program-{number}", unit_id=top_unit(), scopes=[scope], is_trial=False, now=NOW,
                today=NOW.date(),
            )
            for number, scope in enumerate(Scope)
        }  # fmt: skip


@pytest.fixture(scope="module")
def reader(app):
    return Reader.of(app)


def expected(access, method, role):
    """The status that must come back, or None where the view itself decides once the reader is let in."""
    if access.is_public:
        return None
    if access.scope is not None:
        return 401
    if role is None:
        return 303 if method == "GET" else 401
    return None if role in access.roles else 403


def is_let_in(status, location):
    return status not in {401, 403} and status < 500 and not location.startswith(ASKED_TO_SIGN_IN)


def surprises(reader, role, token_of):
    app = reader.app
    table = access_table(app)
    for address in addresses(app):
        access = table[address.endpoint]
        status, location = reader.ask(address.method, address.path(app), token_of())
        wanted = expected(access, address.method, role)
        # A kiosk's page refuses a device that does not say who it is: everyone may ask.
        is_right = (
            status == wanted
            if wanted
            else is_let_in(status, location) or (access.is_public and status == 401)
        )
        if not is_right or (wanted == 303 and not location.startswith(ASKED_TO_SIGN_IN)):
            yield address.method, address.rule.rule, status, location, wanted


@pytest.mark.parametrize("role", Role)
def test_every_role_is_let_in_where_the_table_says_and_nowhere_else(reader, viewers, role):
    assert list(surprises(reader, role, lambda: keep_signed_in(reader.app, viewers[role]))) == []


def test_nobody_signed_in_is_let_in_nowhere_but_where_everyone_is(reader):
    assert list(surprises(reader, None, lambda: None)) == []


def test_a_program_is_let_in_by_its_scope_and_to_no_page_of_the_staff(app, reader, keys):
    table = access_table(app)
    for scope, key in keys.items():
        for address in addresses(app):
            access = table[address.endpoint]
            status, location = reader.ask(
                address.method, address.path(app), None, Authorization=f"Bearer {key}"
            )
            if access.scope is None:
                wanted = expected(access, address.method, None)
                assert status == wanted if wanted else status != 403, (address, status)
            else:
                assert (status == 403) == (scope is not access.scope), (address, status)
                assert status not in {401, 303} and status < 500, (address, status, location)


def test_who_must_have_a_second_factor_gets_nowhere_before_it(app, viewers, tmp_path):
    strict = build(tmp_path / "unused.sqlite3", DATABASE_URL=app.extensions["settings"].DATABASE_URL,
                   REQUIRES_SECOND_FACTOR=True)  # fmt: skip
    open_before, strict_reader = set(), Reader.of(strict)
    for role in REQUIRED_FOR:
        for address in addresses(strict):
            access = access_table(strict)[address.endpoint]
            if access.is_public or role not in access.roles:
                continue
            status, location = strict_reader.ask(
                address.method, address.path(strict), keep_signed_in(app, viewers[role])
            )
            if status == 403 or (location == "/account/second-factor" and address.method == "GET"):
                continue
            open_before.add(address.endpoint)
    with strict.app_context():
        db.engine.dispose()
    assert open_before == {
        "auth.second_factor", "auth.second_factor_begin", "auth.second_factor_confirm", "auth.sign_out",
    }  # fmt: skip


def test_the_page_of_the_documentation_is_what_the_application_says(app):
    from survey_app.cli.access import PAGE

    assert PAGE.read_text(encoding="utf-8") == access_page(app), "run: flask access table --write"


def test_every_address_of_the_staff_is_in_who_sees_what(app):
    table = access_table(app)
    forgotten = {
        address.rule.rule
        for address in addresses(app)
        if table[address.endpoint].roles and not any(kind.is_shown_at(address.rule.rule) for kind in KINDS)
    }
    assert forgotten == set(), "name a kind of data for these in web/public/who_sees_what.py"


@pytest.mark.parametrize("role", Role)
def test_the_navigation_names_pages_that_open_and_rooms_in_which_something_is(app, role):
    table = access_table(app)
    with app.test_request_context("/"):
        shown = [page.endpoint for page in staff_pages(role)]
    assert shown, "a role without any page"
    for endpoint in shown:
        assert role in table[endpoint].roles
        room = endpoint.partition(".")[0]
        inside = {
            each for each, access in table.items() if each.startswith(f"{room}.") and role in access.roles
        }
        assert endpoint not in ENTRANCES or inside - ENTRANCES


def test_every_role_has_a_name_that_officials_use(app):
    assert set(ROLE_TITLES) == set(Role)
    with app.test_request_context("/"):
        assert f"{ROLE_TITLES[Role.VIEWER]}" == "Người xem (lãnh đạo cấp trên)"


def test_inspections_read_results_and_change_nothing(app):
    table = access_table(app)
    # Their own account, and asking for proof: it adds an entry to the log and changes nothing.
    own = ("auth.", "admin.audit_check", "admin.audit_export", "admin.evidence_take")
    for address in addresses(app):
        roles = table[address.endpoint].roles
        if address.method != "GET" and not address.endpoint.startswith(own):
            assert not roles & {Role.INSPECTION_TEAM, Role.STATE_INSPECTOR}, address.endpoint
