"""Codes of a generator and codes for its loss: each once, throttled, and no secret readable."""

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from survey_app.errors import BadToken, NotFound, NotSignedIn, SignInRefused, SignInThrottled
from survey_app.models import AccountSession, AuditEntry, PendingSignIn, RecoveryCode, SecondFactor
from survey_app.services import accounts, people, second_factors
from survey_app.services.accounts import Role, SecondFactorAsked, SignedIn
from tests.survey_app.staffing import SIGNER, make_account, transactions

# The middle of a step of thirty seconds.
NOW = datetime(2026, 9, 15, 2, 0, 15, tzinfo=UTC)
PASSWORD = "mưa ngâu tháng bảy ướt hiên"
LATER = NOW + timedelta(minutes=3)


@pytest.fixture
def transaction(engine):
    return transactions(engine)


@pytest.fixture
def viewer(session, world):
    found = accounts.create_account(
        session, name="sonoivu", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.province, now=NOW
    )
    session.commit()
    return found


@pytest.fixture
def generator(transaction, viewer):
    """The account's code generator, set up; its recovery codes beside it."""
    key, codes = set_up(transaction, viewer)
    generator = pyotp.TOTP(key)
    generator.recovery_codes = codes
    return generator


def set_up(transaction, viewer, *, now=NOW):
    with transaction() as session:
        second_factors.begin(session, viewer=viewer, signer=SIGNER)
        enrolment = second_factors.enrolment(session, viewer=viewer, signer=SIGNER)
    code = pyotp.TOTP(enrolment.key).at(now)
    codes = second_factors.confirm(transaction, viewer=viewer, code=code, signer=SIGNER, token="", now=now)
    return enrolment.key, codes


def ask(transaction, *, now=LATER):
    asked = accounts.sign_in(transaction, name="sonoivu", password=PASSWORD, now=now)
    assert isinstance(asked, SecondFactorAsked)
    return asked.token


def finish(transaction, token, code, *, now=LATER):
    return second_factors.finish_sign_in(
        transaction, token=token, code=code, signer=SIGNER, now=now, previous_token=None, browser="other"
    )


def test_the_password_alone_opens_a_session_until_a_factor_is_set_up(transaction, viewer):
    assert isinstance(accounts.sign_in(transaction, name="sonoivu", password=PASSWORD, now=NOW), SignedIn)
    set_up(transaction, viewer)
    assert isinstance(
        accounts.sign_in(transaction, name="sonoivu", password=PASSWORD, now=NOW), SecondFactorAsked
    )


def test_a_factor_that_was_only_begun_asks_for_nothing_and_a_wrong_first_code_sets_nothing(
    transaction, viewer
):
    with transaction() as session:
        second_factors.begin(session, viewer=viewer, signer=SIGNER)
    with pytest.raises(SignInRefused):
        second_factors.confirm(transaction, viewer=viewer, code="000000", signer=SIGNER, token="", now=NOW)
    signed_in = accounts.sign_in(transaction, name="sonoivu", password=PASSWORD, now=NOW)
    with transaction() as session:
        assert not accounts.find_session(session, token=signed_in.token, now=NOW).has_second_factor


def test_a_code_of_now_or_of_the_step_before_or_after_is_taken_and_no_other(transaction, generator):
    for steps in (-3, -2, 2, 3):
        with pytest.raises(SignInRefused):
            finish(transaction, ask(transaction), generator.at(LATER, counter_offset=steps))
    now = LATER + timedelta(minutes=20)
    for minutes, steps in ((0, -1), (2, 0), (4, 1)):
        at = now + timedelta(minutes=minutes)
        assert finish(transaction, ask(transaction, now=at), generator.at(at, counter_offset=steps), now=at)


def test_a_code_works_once_and_older_ones_not_at_all_afterwards(transaction, generator):
    code = generator.at(LATER)
    assert finish(transaction, ask(transaction), code)
    with pytest.raises(SignInRefused):
        finish(transaction, ask(transaction), code)
    with pytest.raises(SignInRefused):
        finish(transaction, ask(transaction), generator.at(LATER, counter_offset=-1))
    assert finish(transaction, ask(transaction), generator.at(LATER, counter_offset=1))


def test_the_code_that_set_the_factor_up_does_not_sign_in(transaction, generator):
    with pytest.raises(SignInRefused):
        finish(transaction, ask(transaction, now=NOW), generator.at(NOW), now=NOW)


def test_of_two_who_bring_one_code_at_once_one_gets_in(transaction, generator):
    tokens = [ask(transaction) for _ in range(3)]
    code, outcomes = generator.at(LATER), []

    def bring(token):
        try:
            finish(transaction, token, code)
            outcomes.append("in")
        except (SignInRefused, NotSignedIn):
            outcomes.append("out")

    threads = [threading.Thread(target=bring, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "out", "out"]


def test_the_half_made_sign_in_opens_nothing_ends_after_five_minutes_and_is_used_once(transaction, generator):
    token = ask(transaction)
    with transaction() as session:
        assert accounts.find_session(session, token=token, now=LATER) is None
    for wrong, now in ((token, LATER + timedelta(minutes=5)), ("made up", LATER)):
        with pytest.raises(NotSignedIn):
            finish(transaction, wrong, generator.at(now), now=now)
    assert finish(transaction, token, generator.at(LATER))
    with pytest.raises(NotSignedIn):
        finish(transaction, token, generator.at(LATER, counter_offset=1))


def test_wrong_codes_start_the_same_growing_pause_which_a_new_sign_in_does_not_end(transaction, generator):
    token = ask(transaction)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            finish(transaction, token, "000000")
    for again in (token, ask(transaction)):
        with pytest.raises(SignInThrottled) as throttled:
            finish(transaction, again, generator.at(LATER))
        assert throttled.value.retry_after == 60
    after = LATER + timedelta(seconds=61)
    assert finish(transaction, ask(transaction, now=after), generator.at(after), now=after)


def test_ten_recovery_codes_stand_in_once_each_however_they_are_typed(transaction, generator):
    codes = generator.recovery_codes
    assert len(set(codes)) == 10
    typed = (codes[0], codes[1].lower().replace("-", ""), f" {codes[2].replace('-', ' ')} ")
    for code in typed:
        assert finish(transaction, ask(transaction), code)
    for code in typed:
        with pytest.raises(SignInRefused):
            finish(transaction, ask(transaction), code)
    with transaction() as session:
        assert len(session.scalars(select(RecoveryCode)).all()) == 7
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions.count("account.second_factor_recovery_code_used") == 3


def test_new_recovery_codes_end_the_old_ones(transaction, viewer, generator):
    with transaction() as session:
        new = second_factors.renew_recovery_codes(session, viewer=viewer, signer=SIGNER, now=NOW)
    assert not set(new) & set(generator.recovery_codes)
    with pytest.raises(SignInRefused):
        finish(transaction, ask(transaction), generator.recovery_codes[0])
    assert finish(transaction, ask(transaction), new[0])


def test_no_secret_and_no_recovery_code_can_be_read_from_the_database_or_the_page(
    transaction, viewer, generator
):
    with transaction() as session:
        assert second_factors.enrolment(session, viewer=viewer, signer=SIGNER) is None
        row = session.get_one(SecondFactor, viewer.account_id)
        kept = row.secret + b"".join(session.scalars(select(RecoveryCode.digest)))
        assert generator.secret.encode() not in kept
        for code in generator.recovery_codes:
            assert code.replace("-", "").encode() not in kept
        text = str([entry.details for entry in session.scalars(select(AuditEntry))])
        assert generator.secret not in text
        with pytest.raises(BadToken):
            SIGNER.unseal("second factor", row.secret, owner=viewer.account_id + 1)
        with pytest.raises(BadToken):
            type(SIGNER)("another instance's key").unseal(
                "second factor", row.secret, owner=viewer.account_id
            )


def test_another_generator_takes_over_when_it_proves_itself_and_ends_other_sessions(
    transaction, viewer, generator
):
    old_session = finish(transaction, ask(transaction), generator.at(LATER))
    with transaction() as session:
        second_factors.begin(session, viewer=viewer, signer=SIGNER)
    at = LATER + timedelta(minutes=2)
    assert finish(transaction, ask(transaction, now=at), generator.at(at), now=at), "the old one still works"
    new_key, _codes = set_up(transaction, viewer, now=at + timedelta(minutes=2))
    at += timedelta(minutes=4)
    with transaction() as session:
        assert accounts.find_session(session, token=old_session.token, now=at) is None
    with pytest.raises(SignInRefused):
        finish(transaction, ask(transaction, now=at), generator.at(at), now=at)
    assert finish(transaction, ask(transaction, now=at), pyotp.TOTP(new_key).at(at), now=at)


def test_an_administrator_resets_a_factor_without_reading_it(transaction, session, world, viewer, generator):
    admin = make_account(session, "quantri", Role.ADMIN, world.province)
    session.commit()
    open_session, half_made = finish(transaction, ask(transaction), generator.at(LATER)), ask(transaction)
    with transaction() as fresh:
        people.reset_second_factor(fresh, account_id=viewer.account_id, by=admin, now=LATER)
        for table in (SecondFactor, RecoveryCode, AccountSession, PendingSignIn):
            assert fresh.scalars(select(table).where(table.account_id == viewer.account_id)).all() == []
        assert accounts.find_session(fresh, token=open_session.token, now=LATER) is None
    with pytest.raises(NotSignedIn):
        finish(transaction, half_made, generator.at(LATER, counter_offset=1))
    with transaction() as fresh, pytest.raises(NotFound):
        people.reset_second_factor(fresh, account_id=viewer.account_id, by=admin, now=LATER)


def test_half_made_sign_ins_are_removed_when_they_are_over(transaction, generator):
    ask(transaction)
    with transaction() as session:
        accounts.end_expired_sessions(session, now=LATER + timedelta(minutes=5))
        assert session.scalars(select(PendingSignIn)).all() == []
