"""Accounts, sessions and the pause after failures."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from survey_app.db import engine_options, prepare_engine, write_transaction
from survey_app.errors import AccountExists, NotFound, SignInRefused, SignInThrottled, WeakPassword
from survey_app.models import Account, AccountSession, AuditEntry, Base, Unit
from survey_app.services import accounts, passwords
from survey_app.services.accounts import Role, Viewer
from survey_app.services.passwords import check_new_password, hash_password, password_matches
from survey_app.services.throttle import Failures, after_attempt
from tests.builders import AUDIT_KEY

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
Transaction = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def transaction(tmp_path) -> Transaction:
    options = engine_options(f"sqlite:///{tmp_path / 'accounts.sqlite3'}")
    engine = prepare_engine(create_engine(options.pop("url"), **options), audit_key=AUDIT_KEY)
    Base.metadata.create_all(engine)
    make_session = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin() -> Iterator[Session]:
        with make_session() as session, write_transaction(session):
            yield session

    with begin() as session:
        for unit_id, parent_id in ((1, None), (2, 1), (3, 2), (4, 1), (9, None)):
            session.add(make_unit(unit_id, parent_id))
            session.flush()
    return begin


def make_unit(unit_id: int, parent_id: int | None) -> Unit:
    return Unit(
        id=unit_id,
        code=f"U{unit_id}",
        name=f"Đơn vị {unit_id}",
        kind="xa",
        level=2,
        parent_id=parent_id,
        valid_from=date(2025, 7, 1),
        search_key="",
        sort_key="",
    )


@pytest.fixture
def viewer(transaction) -> Viewer:
    with transaction() as session:
        return accounts.create_account(
            session, name="lan.nt", password=PASSWORD, role=Role.MANAGER, unit_id=2, now=NOW
        )


def sign_in(transaction, *, name="lan.nt", password=PASSWORD, now=NOW, **more):
    return accounts.sign_in(transaction, name=name, password=password, now=now, **more)


def find(transaction, token, *, now=NOW):
    with transaction() as session:
        return accounts.find_session(session, token=token, now=now)


def fail(transaction, *, name="lan.nt", now=NOW):
    with pytest.raises(SignInRefused):
        sign_in(transaction, name=name, password="wrong wrong wrong", now=now)


def test_sign_in_with_the_right_password_opens_a_session(transaction, viewer):
    signed_in = sign_in(transaction)
    found = find(transaction, signed_in.token)
    assert found is not None
    assert found.viewer == viewer == Viewer(viewer.account_id, Role.MANAGER, 2)


def test_sign_in_ignores_case_and_form_of_the_name_and_form_of_the_password(transaction, viewer):
    import unicodedata

    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert sign_in(transaction, name=" Lan.NT ", password=decomposed).viewer == viewer


def test_database_holds_the_hash_of_the_token_only(transaction, viewer):
    signed_in = sign_in(transaction)
    with transaction() as session:
        (row,) = session.scalars(select(AccountSession)).all()
        assert len(row.token_hash) == 32
        assert signed_in.token.encode() not in row.token_hash
    assert len(signed_in.token) >= 43


def test_wrong_password_and_unknown_name_are_refused_alike(transaction, viewer):
    fail(transaction)
    fail(transaction, name="nobody-alike")


def test_unknown_name_costs_a_hash_too(transaction, viewer, monkeypatch):
    checked = []
    monkeypatch.setattr(accounts, "password_matches", lambda stored, given: checked.append(stored) or False)
    fail(transaction, name="nobody-cost")
    fail(transaction)
    assert checked[0] is None
    assert checked[1].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_disabled_account_is_refused_and_its_open_session_ends(transaction, viewer):
    signed_in = sign_in(transaction)
    with transaction() as session:
        session.get_one(Account, viewer.account_id).is_active = False
    assert find(transaction, signed_in.token) is None
    with pytest.raises(SignInRefused):
        sign_in(transaction)


def test_fifth_failure_starts_a_pause_that_the_right_password_does_not_end(transaction, viewer):
    for _ in range(5):
        fail(transaction)
    with pytest.raises(SignInThrottled) as throttled:
        sign_in(transaction)
    assert throttled.value.retry_after == 60
    assert sign_in(transaction, now=NOW + timedelta(seconds=61)).viewer == viewer


def test_pause_is_the_same_for_a_name_nobody_has(transaction, viewer):
    for _ in range(5):
        fail(transaction, name="nobody-paused")
    with pytest.raises(SignInThrottled) as throttled:
        sign_in(transaction, name="nobody-paused")
    assert throttled.value.retry_after == 60


def test_pause_of_one_account_leaves_others_alone(transaction, viewer):
    with transaction() as session:
        accounts.create_account(session, name="hoa", password=PASSWORD, role=Role.VIEWER, unit_id=2, now=NOW)
    for _ in range(5):
        fail(transaction)
    assert sign_in(transaction, name="hoa").token


def test_pause_doubles_to_a_quarter_of_an_hour_and_is_forgotten():
    failures, now, pauses = Failures(), NOW, []
    for _ in range(11):
        failures = after_attempt(failures, now)
        pauses.append((failures.blocked_until - now).total_seconds())
        now = failures.blocked_until
    assert pauses == [0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900]
    assert after_attempt(failures, now + timedelta(minutes=15)).n == 1


def test_success_forgets_failures(transaction, viewer):
    for _ in range(4):
        fail(transaction)
    sign_in(transaction)
    for _ in range(4):
        fail(transaction)
    assert sign_in(transaction).token


def test_parallel_guesses_are_counted_one_by_one(transaction, viewer):
    outcomes: list[str] = []

    def guess() -> None:
        try:
            sign_in(transaction, password="wrong wrong wrong")
        except (SignInRefused, SignInThrottled) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("SignInRefused") == 5
    assert outcomes.count("SignInThrottled") == 11


def test_idle_session_ends_after_30_minutes(transaction, viewer):
    token = sign_in(transaction).token
    assert find(transaction, token, now=NOW + timedelta(minutes=29))
    assert find(transaction, token, now=NOW + timedelta(minutes=30)) is None


def test_used_session_lives_on_but_no_longer_than_12_hours(transaction, viewer):
    token, now = sign_in(transaction).token, NOW
    while now < NOW + timedelta(hours=12) - timedelta(minutes=20):
        now += timedelta(minutes=20)
        with transaction() as session:
            accounts.touch(session, token=token, now=now)
    assert find(transaction, token, now=NOW + timedelta(hours=12, seconds=-1))
    assert find(transaction, token, now=NOW + timedelta(hours=12)) is None


def test_touch_is_due_once_a_minute(transaction, viewer):
    found = find(transaction, sign_in(transaction).token)
    assert not accounts.is_touch_due(found, now=NOW + timedelta(seconds=59))
    assert accounts.is_touch_due(found, now=NOW + timedelta(seconds=60))


def test_sign_out_ends_this_session_and_no_other(transaction, viewer):
    first, second = sign_in(transaction).token, sign_in(transaction).token
    with transaction() as session:
        accounts.sign_out(session, token=first, by=viewer, now=NOW)
    assert find(transaction, first) is None
    assert find(transaction, second)


def test_sign_in_replaces_the_session_the_browser_had(transaction, viewer):
    first = sign_in(transaction).token
    second = sign_in(transaction, previous_token=first).token
    assert first != second
    assert find(transaction, first) is None


def test_password_change_ends_all_other_sessions(transaction, viewer):
    other, own = sign_in(transaction).token, sign_in(transaction).token
    renewed = accounts.change_password(
        transaction, viewer=viewer, current=PASSWORD, new="mưa ngâu tháng bảy ướt hiên", now=NOW
    )
    assert [find(transaction, token) for token in (other, own)] == [None, None]
    assert find(transaction, renewed.token)
    fail_with_old = pytest.raises(SignInRefused)
    with fail_with_old:
        sign_in(transaction)
    assert sign_in(transaction, password="mưa ngâu tháng bảy ướt hiên").token


def test_password_change_with_a_wrong_current_password_changes_nothing(transaction, viewer):
    with pytest.raises(SignInRefused):
        accounts.change_password(
            transaction, viewer=viewer, current="wrong wrong wrong", new="mưa ngâu tháng bảy ướt", now=NOW
        )
    assert sign_in(transaction).token


def test_refused_new_passwords_do_not_block_the_account(transaction, viewer):
    for _ in range(8):
        with pytest.raises(WeakPassword):
            accounts.change_password(transaction, viewer=viewer, current=PASSWORD, new="short", now=NOW)
    assert sign_in(transaction).token


def test_expired_sessions_are_removed(transaction, viewer):
    sign_in(transaction)
    with transaction() as session:
        assert accounts.end_expired_sessions(session, now=NOW + timedelta(minutes=29)) == 0
        assert accounts.end_expired_sessions(session, now=NOW + timedelta(minutes=30)) == 1


def test_second_account_of_a_name_is_refused(transaction, viewer):
    with transaction() as session, pytest.raises(AccountExists):
        accounts.create_account(
            session, name="LAN.NT", password=PASSWORD, role=Role.ADMIN, unit_id=1, now=NOW
        )


def test_audit_names_actions_and_holds_no_password(transaction, viewer):
    token = sign_in(transaction).token
    for _ in range(5):
        fail(transaction)
    with transaction() as session:
        accounts.sign_out(session, token=token, by=viewer, now=NOW)
    with transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == [
            "account.created", "account.signed_in", "account.throttled", "account.signed_out",
        ]  # fmt: skip
        assert {entry.target for entry in entries} == {f"account:{viewer.account_id}"}
        assert PASSWORD not in str([entry.details for entry in entries])


def test_viewer_sees_the_subtree_and_foreign_units_look_absent(transaction, viewer):
    with transaction() as session:
        assert accounts.visible_unit_ids(session, viewer=viewer) == {2, 3}
        accounts.require_unit(session, unit_id=3, viewer=viewer)
        for foreign in (1, 4, 9, 12345):
            with pytest.raises(NotFound):
                accounts.require_unit(session, unit_id=foreign, viewer=viewer)


def test_hash_has_the_parameters_of_the_recommendation():
    stored = hash_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password_matches(stored, PASSWORD)
    assert not password_matches(stored, PASSWORD + " ")
    assert not password_matches(None, PASSWORD)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("ngắn quá", "short"),
        ("x1" * 65, "long"),
        ("123456789012", "common"),
        ("aaaaaaaaaaaaaa", "common"),
        ("Password1234!", "common"),
        ("iloveyou2026!!", "common"),
        ("!!liverpool1995", "common"),
        ("Sunsh1ne123456", "common"),
        ("MậtKhẩu2026!!", "common"),
        ("QuảngTrị@2026", "common"),
        ("m0tcu4quangtri", "common"),
        ("HanhChinhCong123", "common"),
        ("qwertyuiop123", "common"),
        ("lan.nt.lan.nt", "like_name"),
    ],
)
def test_new_password_that_anybody_would_try_is_refused(password, reason):
    with pytest.raises(WeakPassword) as weak:
        check_new_password(password, account_name="lan.nt")
    assert weak.value.reason == reason


@pytest.mark.parametrize(
    "password", ["mưa ngâu ướt hiên nhà", "kx7Jq-29vfLmTz", "8472918463025", "a" * 60 + "bcde"]
)
def test_new_password_needs_no_kinds_of_characters(password):
    check_new_password(password, account_name="lan.nt")


def test_the_list_of_common_passwords_is_as_long_as_it_must_be():
    assert len(passwords._common_passwords()) >= 3_000
    assert len(passwords._blocked_words()) >= 400


def test_several_common_words_in_a_row_may_be_a_sentence():
    check_new_password("correct horse battery staple", account_name="lan.nt")


def test_at_most_four_passwords_are_hashed_at_once(monkeypatch):
    at_once, most, lock = 0, 0, threading.Lock()

    class Slow:
        def hash(self, password):
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.02)
            with lock:
                at_once -= 1
            return "hash"

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    threads = [threading.Thread(target=hash_password, args=(PASSWORD,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4
