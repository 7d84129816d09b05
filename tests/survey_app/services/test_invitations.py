"""Links by which people set their own password: one use, seven days, only a hash kept."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.errors import InvitationOver, SignInRefused, WeakPassword
from survey_app.models import Account, AuditEntry, Invitation
from survey_app.services import accounts, invitations, people
from survey_app.services.accounts import Role
from survey_app.services.people import NewPerson
from tests.survey_app.staffing import NOW, make_account, transactions

PASSWORD = "mưa ngâu tháng bảy ướt hiên"


@pytest.fixture
def transaction(engine):
    return transactions(engine)


@pytest.fixture
def admin(session, world):
    viewer = make_account(session, "quantri", Role.ADMIN, world.province)
    session.commit()
    return viewer


@pytest.fixture
def invited(session, world, admin):
    new = NewPerson(
        name="hoa.tt", full_name="Trần Thị Hoa", role=Role.MANAGER, unit_id=world.units["Đông Hà"]
    )
    found = people.invite(session, new, by=admin, now=NOW)
    session.commit()
    return found


def sign_in(transaction, password=PASSWORD):
    return accounts.sign_in(transaction, name="hoa.tt", password=password, now=NOW)


def test_the_link_sets_the_password_once(transaction, session, invited):
    with pytest.raises(SignInRefused):
        sign_in(transaction, password="")
    assert invitations.accept(transaction, token=invited.token, password=PASSWORD, now=NOW) == "hoa.tt"
    assert sign_in(transaction).viewer.account_id == invited.account_id
    with pytest.raises(InvitationOver):
        invitations.accept(transaction, token=invited.token, password=PASSWORD + "!", now=NOW)
    assert sign_in(transaction)
    session.rollback()
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[:2] == ["account.invited", "account.invitation_accepted"]


def test_only_the_hash_of_the_link_is_kept(session, invited):
    (row,) = session.scalars(select(Invitation)).all()
    assert invited.token.encode() not in row.token_hash and len(row.token_hash) == 32
    assert invited.token not in str([entry.details for entry in session.scalars(select(AuditEntry))])


def test_the_link_ends_after_seven_days(transaction, session, invited):
    last = NOW + timedelta(days=7)
    assert invitations.read(session, token=invited.token, now=last - timedelta(seconds=1)).name == "hoa.tt"
    with pytest.raises(InvitationOver):
        invitations.accept(transaction, token=invited.token, password=PASSWORD, now=last)


def test_a_weak_password_leaves_the_link_as_it_was(transaction, invited):
    with pytest.raises(WeakPassword):
        invitations.accept(transaction, token=invited.token, password="matkhau123456", now=NOW)
    assert invitations.accept(transaction, token=invited.token, password=PASSWORD, now=NOW)


def test_a_new_link_ends_the_one_before_and_a_disabled_account_takes_none(session, invited, admin):
    renewed = people.renew_invitation(session, account_id=invited.account_id, by=admin, now=NOW)
    with pytest.raises(InvitationOver):
        invitations.read(session, token=invited.token, now=NOW)
    assert invitations.read(session, token=renewed.token, now=NOW)
    session.get_one(Account, invited.account_id).is_active = False
    session.flush()
    with pytest.raises(InvitationOver):
        invitations.read(session, token=renewed.token, now=NOW)


def test_a_forgotten_password_is_set_anew_and_open_sessions_end(transaction, session, invited, admin):
    invitations.accept(transaction, token=invited.token, password=PASSWORD, now=NOW)
    open_session = sign_in(transaction)
    session.rollback()
    renewed = people.renew_invitation(session, account_id=invited.account_id, by=admin, now=NOW)
    session.commit()
    assert sign_in(transaction), "the old password holds until the new one is set"
    invitations.accept(transaction, token=renewed.token, password="gió lào thổi suốt tháng tư", now=NOW)
    with transaction() as fresh:
        assert accounts.find_session(fresh, token=open_session.token, now=NOW) is None
    with pytest.raises(SignInRefused):
        sign_in(transaction)


def test_of_two_who_bring_one_link_one_is_first(transaction, invited):
    outcomes = []

    def bring(password):
        try:
            outcomes.append(invitations.accept(transaction, token=invited.token, password=password, now=NOW))
        except InvitationOver:
            outcomes.append("over")

    threads = [threading.Thread(target=bring, args=(f"{PASSWORD} {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["hoa.tt", "over", "over"]
