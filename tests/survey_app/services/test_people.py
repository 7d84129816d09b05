"""Managing accounts: who may give what to whom, and what ends with a change."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from survey_app.errors import (
    AccountExists,
    InvalidField,
    LastAdministrator,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OwnAccount,
)
from survey_app.models import Account, AccountSession, AuditEntry, Invitation
from survey_app.services import accounts, people
from survey_app.services.accounts import Mandate, Role
from survey_app.services.people import Change, NewPerson
from tests.survey_app.staffing import MANDATE, NOW, make_account, transactions


@pytest.fixture
def admin(session, world):
    return make_account(session, "quantri", Role.ADMIN, world.province)


@pytest.fixture
def office(session, world):
    return make_account(session, "sonoivu", Role.PAR_OFFICE, world.province)


@pytest.fixture
def manager(session, world):
    return make_account(
        session, "lan.nt", Role.MANAGER, world.units["Đông Hà"], full_name="Nguyễn Thị Đặng Lan"
    )


def new_person(world, **changes):
    values = {
        "name": "hoa.tt",
        "full_name": "Trần Thị Hoa",
        "role": Role.MANAGER,
        "unit_id": world.units["Hòa Xuân"],
    }
    return NewPerson(**values | changes)


def changed(world, **changes):
    """The manager as the fixture made it, but for these."""
    values = {
        "full_name": "Nguyễn Thị Đặng Lan", "role": Role.MANAGER, "unit_id": world.units["Đông Hà"], "is_active": True,
    }  # fmt: skip
    return Change(**values | changes)


def begin(session, viewer) -> str:
    return accounts.begin_session(
        session,
        account_id=viewer.account_id,
        how="password",
        now=NOW,
        previous_token=None,
        browser="firefox-linux",
    ).token


def last_entry(session) -> AuditEntry:
    return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


@pytest.mark.parametrize("text", ["dang lan", "ĐẶNG", "nguyen lan", "lan.nt", "Thi\u0323 Lan"])
def test_people_are_found_with_and_without_marks(session, world, admin, manager, text):
    found = people.list_people(session, viewer=admin, now=NOW, text=text)
    assert [person.account_id for person in found] == [manager.account_id]


def test_people_are_listed_by_role_unit_and_state(session, world, admin, manager):
    invited = people.invite(session, new_person(world), by=admin, now=NOW)
    inspection = make_account(session, "doan", Role.INSPECTION_TEAM, world.units["Cồn Cỏ"])
    by_state = {
        state: {p.account_id for p in people.list_people(session, viewer=admin, now=NOW, state=state)}
        for state in people.STATES
    }
    assert by_state["invited"] == {invited.account_id}
    assert by_state["active"] == {admin.account_id, manager.account_id, inspection.account_id}
    assert by_state["disabled"] == by_state["ended"] == by_state["invitation_over"] == set()
    later = NOW + timedelta(days=20)
    ended = people.list_people(session, viewer=admin, now=later, state="ended")
    assert [person.account_id for person in ended] == [inspection.account_id]
    over = people.list_people(session, viewer=admin, now=later, state="invitation_over")
    assert [person.account_id for person in over] == [invited.account_id]
    of_role = people.list_people(
        session, viewer=admin, now=NOW, role=Role.MANAGER, unit_id=world.units["Đông Hà"]
    )
    assert [person.account_id for person in of_role] == [manager.account_id]


def test_an_office_of_one_unit_sees_and_manages_its_own_people_only(session, world, manager):
    office = make_account(session, "hoaxuan", Role.PAR_OFFICE, world.units["Hòa Xuân"])
    assert [p.name for p in people.list_people(session, viewer=office, now=NOW)] == ["hoaxuan"]
    for act in (
        lambda: people.see_person(session, account_id=manager.account_id, viewer=office),
        lambda: people.change(session, manager.account_id, changed(world), by=office, now=NOW),
        lambda: people.end_sessions(session, account_id=manager.account_id, by=office, now=NOW),
        lambda: people.renew_invitation(session, account_id=manager.account_id, by=office, now=NOW),
        lambda: people.revoke_invitation(session, account_id=manager.account_id, by=office, now=NOW),
        lambda: people.reset_second_factor(session, account_id=manager.account_id, by=office, now=NOW),
        lambda: people.list_people(session, viewer=office, now=NOW, unit_id=world.units["Đông Hà"]),
        lambda: people.invite(session, new_person(world, unit_id=world.province), by=office, now=NOW),
        lambda: people.invite(session, new_person(world, unit_id=world.units["Đông Hà"]), by=office, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("role", [role for role in Role if role not in people.GRANTABLE])
def test_a_role_that_manages_nobody_manages_nobody(session, world, manager, role):
    nosy = make_account(session, "nosy", role, world.province)
    with pytest.raises(NotAllowed):
        people.invite(session, new_person(world), by=nosy, now=NOW)
    with pytest.raises(NotAllowed):
        people.change(session, manager.account_id, changed(world, is_active=False), by=nosy, now=NOW)


def test_nobody_gives_or_manages_a_role_above_the_own(session, world, admin, office, manager):
    with pytest.raises(NotAllowed):
        people.invite(session, new_person(world, role=Role.ADMIN), by=office, now=NOW)
    with pytest.raises(NotAllowed):
        people.change(session, manager.account_id, changed(world, role=Role.ADMIN), by=office, now=NOW)
    for act in (people.end_sessions, people.renew_invitation, people.reset_second_factor):
        with pytest.raises(NotAllowed):
            act(session, account_id=admin.account_id, by=office, now=NOW)
    assert not people.may_manage(
        people.see_person(session, account_id=admin.account_id, viewer=office), viewer=office
    )
    assert people.invite(session, new_person(world, role=Role.ADMIN), by=admin, now=NOW)


def test_nobody_changes_the_own_account(session, world, admin):
    with pytest.raises(OwnAccount):
        people.change(session, admin.account_id, changed(world, role=Role.ADMIN), by=admin, now=NOW)


def test_the_last_administrator_stays_even_when_two_end_each_other(session, world, admin):
    other = make_account(session, "quantri2", Role.ADMIN, world.province)
    make_account(session, "moi", Role.ADMIN, world.province, is_invited=True)
    demoted = changed(world, role=Role.PAR_OFFICE, unit_id=world.province)
    people.change(session, other.account_id, demoted, by=admin, now=NOW)
    # The second one's request was let in while it still was an administrator.
    with pytest.raises(NotSignedIn):
        people.change(session, admin.account_id, demoted, by=other, now=NOW)
    session.get_one(Account, other.account_id).role = "admin"
    session.get_one(Account, admin.account_id).is_active = False
    session.flush()
    third = make_account(session, "quantri3", Role.ADMIN, world.province)
    session.get_one(Account, third.account_id).password_hash = ""
    session.flush()
    with pytest.raises(LastAdministrator):
        people.change(session, other.account_id, demoted, by=third, now=NOW)


def test_of_two_administrators_who_end_each_other_at_once_one_remains(engine, session, world, admin):
    other = make_account(session, "quantri2", Role.ADMIN, world.province)
    session.commit()
    transaction, outcomes = transactions(engine), []
    demoted = changed(world, role=Role.PAR_OFFICE, unit_id=world.province)

    def end(target, by):
        try:
            with transaction() as own:
                people.change(own, target.account_id, demoted, by=by, now=NOW)
            outcomes.append("ended")
        except (NotSignedIn, LastAdministrator):
            outcomes.append("refused")

    threads = [threading.Thread(target=end, args=pair) for pair in ((admin, other), (other, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "refused"]


@pytest.mark.parametrize(
    "change",
    [{"role": Role.VIEWER}, {"unit": "Hòa Xuân"}, {"is_active": False}],
    ids=["role", "unit", "disabled"],
)
def test_a_change_of_access_ends_sessions_and_is_recorded_before_and_after(
    session, world, admin, manager, change
):
    token = begin(session, manager)
    values = dict(change)
    if "unit" in values:
        values["unit_id"] = world.units[values.pop("unit")]
    people.change(session, manager.account_id, changed(world, **values), by=admin, now=NOW)
    assert accounts.find_session(session, token=token, now=NOW) is None
    entry = last_entry(session)
    assert (entry.action, entry.account_id, entry.target) == (
        "account.changed", admin.account_id, f"account:{manager.account_id}",
    )  # fmt: skip
    (key,) = values
    before, after = entry.details["before"][key], entry.details["after"][key]
    assert before != after == (values[key].value if isinstance(values[key], Role) else values[key])


def test_a_new_spelling_of_the_name_ends_nothing_and_no_change_is_no_entry(session, world, admin, manager):
    token = begin(session, manager)
    people.change(session, manager.account_id, changed(world, full_name="Nguyễn Lan"), by=admin, now=NOW)
    assert accounts.find_session(session, token=token, now=NOW)
    n_entries = session.scalar(select(func.count()).select_from(AuditEntry))
    people.change(session, manager.account_id, changed(world, full_name="Nguyễn Lan"), by=admin, now=NOW)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == n_entries
    assert people.list_people(session, viewer=admin, now=NOW, text="nguyen lan")


def test_an_interviewer_has_a_code_from_the_invitation_on(session, world, admin, manager):
    invited = people.invite(session, new_person(world, role=Role.INTERVIEWER), by=admin, now=NOW)
    code = people.see_person(session, account_id=invited.account_id, viewer=admin).interviewer_code
    assert code is not None and code.startswith("PV")
    people.change(session, manager.account_id, changed(world, role=Role.INTERVIEWER), by=admin, now=NOW)
    other = people.see_person(session, account_id=manager.account_id, viewer=admin).interviewer_code
    assert other not in (None, code)


def test_an_inspection_needs_a_decision_and_ends_by_itself_after_its_last_day(session, world, admin):
    new = new_person(world, role=Role.INSPECTION_TEAM)
    for mandate in (
        None,
        replace(MANDATE, decision_number=" "),
        Mandate("1/QĐ", date(2026, 9, 2), date(2026, 9, 1)),
    ):
        with pytest.raises(InvalidField):
            people.invite(session, replace(new, mandate=mandate), by=admin, now=NOW)
    invited = people.invite(session, replace(new, mandate=MANDATE), by=admin, now=NOW)
    person = people.see_person(session, account_id=invited.account_id, viewer=admin)
    assert (person.decision_number, person.decision_on, person.valid_until) == (
        "12/QĐ-SNV", date(2026, 9, 1), date(2026, 9, 30),
    )  # fmt: skip
    viewer = make_account(session, "doan", Role.INSPECTION_TEAM, world.units["Cồn Cỏ"])
    # 23:50 of the last day at the office, which is 16:50 at Greenwich, and ten past midnight.
    token = accounts.begin_session(
        session,
        account_id=viewer.account_id,
        how="password",
        now=NOW.replace(day=30, hour=16, minute=40),
        previous_token=None,
        browser="other",
    ).token
    assert accounts.find_session(session, token=token, now=NOW.replace(day=30, hour=16, minute=50))
    assert accounts.find_session(session, token=token, now=NOW.replace(day=30, hour=17, minute=5)) is None


def test_another_role_forgets_the_decision(session, world, admin):
    viewer = make_account(session, "doan", Role.INSPECTION_TEAM, world.units["Cồn Cỏ"])
    people.change(
        session, viewer.account_id, changed(world, role=Role.VIEWER, mandate=MANDATE), by=admin, now=NOW
    )
    person = people.see_person(session, account_id=viewer.account_id, viewer=admin)
    assert (person.decision_number, person.valid_until) == (None, None)


def test_a_name_that_is_taken_is_refused(session, world, admin, manager):
    with pytest.raises(AccountExists):
        people.invite(session, new_person(world, name="LAN.NT"), by=admin, now=NOW)


def test_an_invitation_taken_back_leaves_an_account_that_nobody_opens(session, world, admin):
    invited = people.invite(session, new_person(world), by=admin, now=NOW)
    people.revoke_invitation(session, account_id=invited.account_id, by=admin, now=NOW)
    person = people.see_person(session, account_id=invited.account_id, viewer=admin)
    assert people.state_of(person, now=NOW) == "disabled"
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0
    with pytest.raises(NotFound):
        people.revoke_invitation(session, account_id=invited.account_id, by=admin, now=NOW)
    with pytest.raises(InvalidField):
        people.renew_invitation(session, account_id=invited.account_id, by=admin, now=NOW)


def test_ending_sessions_of_an_account_ends_all_of_them(session, world, admin, manager):
    begin(session, manager), begin(session, manager), begin(session, admin)
    assert people.end_sessions(session, account_id=manager.account_id, by=admin, now=NOW) == 2
    assert session.scalars(select(AccountSession.account_id)).all() == [admin.account_id]
