"""Who may sign in and what they may see: accounts, and sessions that the server keeps and can end."""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from config import HANOI
from survey_app.errors import AccountExists, InvalidField, NotFound, SignInRefused
from survey_app.models import Account, AccountSession, PendingSignIn
from survey_app.names import clean_name, search_key
from survey_app.queries import accounts as queries
from survey_app.services import audit
from survey_app.services.passwords import check_new_password, hash_password, needs_rehash, password_matches
from survey_app.services.throttle import MAX_FAILURES, Failures, UnknownNames, after_attempt

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
# Between the password and the second factor.
PENDING_LIMIT = timedelta(minutes=5)
MAX_NAME_LENGTH = 80

# Hashing takes 20 ms and must not hold the write lock that citizens' answers need: signing in
# opens two short transactions around it, and is therefore given the means to open them.
Transaction = Callable[[], AbstractContextManager[Session]]

_unknown_names = UnknownNames()


class Role(StrEnum):
    """What an account is for; each page lists the roles it is open to."""

    ADMIN = "admin"
    PAR_OFFICE = "par_office"
    MANAGER = "manager"
    VIEWER = "viewer"
    INSPECTION_TEAM = "inspection_team"
    STATE_INSPECTOR = "state_inspector"
    INTERVIEWER = "interviewer"
    DESK_STAFF = "desk_staff"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whom a service answers: the role, and the top of the subtree of units that may be seen."""

    account_id: int
    role: Role
    unit_id: int


@dataclass(frozen=True, slots=True)
class Mandate:
    """What opens an inspection team's account, and its last day."""

    decision_number: str
    decision_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A valid session: who it is, when it was last seen, and whether the account has a second factor."""

    viewer: Viewer
    name: str
    language: str
    last_seen_at: datetime
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The outcome of signing in. The token exists here and in the browser; the database keeps its hash."""

    token: str
    viewer: Viewer
    language: str


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password was right and the account has a second factor: this token opens the page that asks for it."""

    token: str


def create_account(
    session: Session,
    *,
    name: str,
    password: str,
    role: Role,
    unit_id: int,
    now: datetime,
    language: str = "vi",
    full_name: str = "",
    mandate: Mandate | None = None,
    by: Viewer | None = None,
) -> Viewer:
    """A new account that may sign in at once. Accounts are made by people; none exists by default."""
    check_new_password(password, account_name=normal_name(name))
    account_id = add_account(
        session, name=name, full_name=full_name, role=role, unit_id=unit_id, language=language, mandate=mandate,
        password_hash=hash_password(password),
    )  # fmt: skip
    details = {"role": role.value, "unit_id": unit_id}
    audit.record(session, "account.created", target=_target(account_id), by=by, at=now, details=details)
    return Viewer(account_id, role, unit_id)


def add_account(
    session: Session,
    *,
    name: str,
    full_name: str,
    role: Role,
    unit_id: int,
    language: str,
    mandate: Mandate | None,
    password_hash: str = "",
) -> int:
    """Store an account, without a password unless a hash is given; its id."""
    name, full_name = normal_name(name), clean_name(full_name)
    if queries.has_account(session, name):
        raise AccountExists(name)
    account = Account(
        name=name, full_name=full_name, search_key=account_search_key(name, full_name), role=role.value,
        password_hash=password_hash, unit_id=unit_id, language=language, **mandate_columns(role, mandate),
    )  # fmt: skip
    session.add(account)
    session.flush()
    return account.id


def mandate_columns(role: Role, mandate: Mandate | None) -> dict[str, object]:
    """The columns that open an inspection account; refused without a number, or with days that cannot be."""
    if role is not Role.INSPECTION_TEAM:
        return {"decision_number": None, "decision_on": None, "valid_until": None}
    if mandate is None or not mandate.decision_number.strip():
        raise InvalidField("decision_number", "missing")
    if mandate.valid_until < mandate.decision_on:
        raise InvalidField("valid_until", "before_decision")
    return {
        "decision_number": clean_name(mandate.decision_number),
        "decision_on": mandate.decision_on,
        "valid_until": mandate.valid_until,
    }


def account_search_key(name: str, full_name: str) -> str:
    """What an account is found by: both names without any mark."""
    return f"{search_key(full_name)} {search_key(name)}".strip()


def has_ended(valid_until: date | None, *, now: datetime) -> bool:
    """Whether an account that ends by itself is past its last day at the office."""
    return valid_until is not None and now.astimezone(HANOI).date() > valid_until


def sign_in(
    transaction: Transaction,
    *,
    name: str,
    password: str,
    now: datetime,
    previous_token: str | None = None,
    browser: str = "other",
) -> SignedIn | SecondFactorAsked:
    """A new session for the right name and password; else the same refusal after the same work.

    An account with a second factor gets a token for the page that asks for it instead.
    """
    name = normal_name(name)
    known = _count_attempt(transaction, name=name, now=now)
    is_right = password_matches(known.password_hash if known else None, password)
    if known is None or not is_right or not known.is_active or has_ended(known.valid_until, now=now):
        _record_throttle(transaction, known, now=now)
        raise SignInRefused
    better_hash = hash_password(password) if needs_rehash(known.password_hash) else None
    with transaction() as session:
        _forget_failures(session, known.account_id, password_hash=better_hash)
        return enter(
            session,
            account_id=known.account_id,
            how="password",
            now=now,
            previous_token=previous_token,
            browser=browser,
        )


def enter(
    session: Session, *, account_id: int, how: str, now: datetime, previous_token: str | None, browser: str
) -> SignedIn | SecondFactorAsked:
    """What follows on the first proof of who somebody is: the second one if the account has it, else a session."""
    _end_expired(session, account_id=account_id, now=now)
    if queries.has_second_factor(session, account_id):
        return _ask_second_factor(session, account_id, now=now)
    return begin_session(
        session, account_id=account_id, how=how, now=now, previous_token=previous_token, browser=browser
    )


def begin_session(
    session: Session, *, account_id: int, how: str, now: datetime, previous_token: str | None, browser: str
) -> SignedIn:
    """A session for somebody who has proved everything that is asked; the one the browser had ends."""
    if previous_token is not None:
        _end(session, previous_token)
    token = _start(session, account_id=account_id, now=now, browser=browser)
    staff = find_session(session, token=token, now=now)
    # Disabled since the password was read: nothing was committed yet, and nothing will be.
    if staff is None:
        raise SignInRefused
    audit.record(
        session,
        "account.signed_in",
        target=_target(account_id),
        by=staff.viewer,
        at=now,
        details={"how": how},
    )
    return SignedIn(token, staff.viewer, staff.language)


def find_session(session: Session, *, token: str, now: datetime) -> StaffSession | None:
    """The valid session of this token: not idle, not too old, of an active account. Reads only."""
    row = queries.session_by_token_hash(session, token_hash(token))
    if row is None or not row.is_active or has_ended(row.valid_until, now=now):
        return None
    if now - row.last_seen_at >= IDLE_LIMIT or now - row.created_at >= ABSOLUTE_LIMIT:
        return None
    viewer = Viewer(row.account_id, Role(row.role), row.unit_id)
    return StaffSession(viewer, row.name, row.language, row.last_seen_at, row.has_second_factor)


def is_touch_due(staff: StaffSession, *, now: datetime) -> bool:
    """Whether the session's last use should be written again; once a minute is enough."""
    return now - staff.last_seen_at >= SEEN_EVERY


def touch(session: Session, *, token: str, now: datetime) -> None:
    """Note that the session is in use. A session that ended in the meantime stays ended."""
    statement = update(AccountSession).where(AccountSession.token_hash == token_hash(token))
    session.execute(statement.values(last_seen_at=now))


def sign_out(session: Session, *, token: str, by: Viewer, now: datetime) -> None:
    """End this session: its cookie opens nothing any more, wherever it was copied to."""
    _end(session, token)
    audit.record(session, "account.signed_out", target=_target(by.account_id), by=by, at=now)


def change_password(
    transaction: Transaction, *, viewer: Viewer, current: str, new: str, now: datetime, browser: str = "other"
) -> SignedIn:
    """Replace one's own password, end all sessions of the account, start one for this browser."""
    name = check_own_password(transaction, viewer=viewer, password=current, now=now)
    check_new_password(new, account_name=name)
    new_hash = hash_password(new)
    with transaction() as session:
        _forget_failures(session, viewer.account_id, password_hash=new_hash)
        end_all_sessions(session, account_id=viewer.account_id)
        token = _start(session, account_id=viewer.account_id, now=now, browser=browser)
        staff = find_session(session, token=token, now=now)
        if staff is None:
            raise SignInRefused
        target = _target(viewer.account_id)
        audit.record(session, "account.password_changed", target=target, by=viewer, at=now)
    return SignedIn(token, staff.viewer, staff.language)


def check_own_password(transaction: Transaction, *, viewer: Viewer, password: str, now: datetime) -> str:
    """Ask for the password again before something that a borrowed screen must not do; the account's name.

    Counted as signing in is, so that an open screen is no place for guessing. What is refused later for another
    reason is no failed attempt.
    """
    with transaction() as session:
        name = queries.account_name(session, viewer.account_id)
    known = _count_attempt(transaction, name=name, now=now)
    if not password_matches(known.password_hash if known else None, password):
        _record_throttle(transaction, known, now=now)
        raise SignInRefused
    with transaction() as session:
        _forget_failures(session, viewer.account_id)
    return name


def end_all_sessions(session: Session, *, account_id: int, but: str | None = None) -> int:
    """End the sessions of an account, half-made ones too, except that of one token; returns how many."""
    statement = delete(AccountSession).where(AccountSession.account_id == account_id)
    if but is not None:
        statement = statement.where(AccountSession.token_hash != token_hash(but))
    session.execute(delete(PendingSignIn).where(PendingSignIn.account_id == account_id))
    return len(session.execute(statement.returning(AccountSession.account_id)).all())


def visible_unit_ids(session: Session, *, viewer: Viewer) -> frozenset[int]:
    """The units the viewer may see: the account's unit and everything below it."""
    return queries.subtree_unit_ids(session, viewer.unit_id)


def require_unit(session: Session, *, unit_id: int, viewer: Viewer) -> None:
    """Refuse a unit outside the viewer's subtree exactly as one that does not exist."""
    if unit_id not in visible_unit_ids(session, viewer=viewer):
        raise NotFound(f"unit {unit_id}")


def end_expired_sessions(session: Session, *, now: datetime) -> int:
    """Remove the rows of sessions that have run out; returns how many. For the nightly job."""
    return _end_expired(session, account_id=None, now=now)


def normal_name(name: str) -> str:
    """One spelling per account name: composed, without case, without outer blanks."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def _count_attempt(transaction: Transaction, *, name: str, now: datetime) -> queries.Credentials | None:
    """Count one failure beforehand, committed on its own so that a refusal cannot take it back."""
    with transaction() as session:
        known = queries.credentials_for_update(session, name)
        if known is None:
            _unknown_names.count_attempt(name, now=now)
            # A write that changes nothing: on a slow disk the commit would tell which names exist.
            first = select(func.min(Account.id)).scalar_subquery()
            session.execute(update(Account).where(Account.id == first).values(n_failures=Account.n_failures))
            return None
        failures = after_attempt(Failures(known.n_failures, known.blocked_until), now)
        values = {"n_failures": failures.n, "blocked_until": failures.blocked_until}
        session.execute(update(Account).where(Account.id == known.account_id).values(**values))
    return replace(known, n_failures=failures.n, blocked_until=failures.blocked_until)


def _record_throttle(transaction: Transaction, known: queries.Credentials | None, *, now: datetime) -> None:
    """Write down the failure that starts a pause, not each one: a guesser must not fill the audit."""
    if known is not None and known.n_failures == MAX_FAILURES:
        with transaction() as session:
            audit.record(session, "account.throttled", target=_target(known.account_id), by=None, at=now)


def _forget_failures(session: Session, account_id: int, *, password_hash: str | None = None) -> None:
    values: dict[str, object] = {"n_failures": 0, "blocked_until": None}
    if password_hash is not None:
        values["password_hash"] = password_hash
    session.execute(update(Account).where(Account.id == account_id).values(**values))


def _ask_second_factor(session: Session, account_id: int, *, now: datetime) -> SecondFactorAsked:
    token = secrets.token_urlsafe(32)
    row = PendingSignIn(
        token_hash=token_hash(token), account_id=account_id, created_at=now, challenge=secrets.token_bytes(32)
    )
    session.add(row)
    session.flush()
    return SecondFactorAsked(token)


def _start(session: Session, *, account_id: int, now: datetime, browser: str = "other") -> str:
    token = secrets.token_urlsafe(32)
    row = AccountSession(
        token_hash=token_hash(token), account_id=account_id, created_at=now, last_seen_at=now, browser=browser
    )
    session.add(row)
    session.flush()
    return token


def _end(session: Session, token: str) -> None:
    session.execute(delete(AccountSession).where(AccountSession.token_hash == token_hash(token)))


def _end_expired(session: Session, *, account_id: int | None, now: datetime) -> int:
    is_over = or_(
        AccountSession.last_seen_at <= now - IDLE_LIMIT, AccountSession.created_at <= now - ABSOLUTE_LIMIT
    )
    session.execute(delete(PendingSignIn).where(PendingSignIn.created_at <= now - PENDING_LIMIT))
    statement = delete(AccountSession).where(is_over)
    if account_id is not None:
        statement = statement.where(AccountSession.account_id == account_id)
    return len(session.execute(statement.returning(AccountSession.account_id)).all())


def token_hash(token: str) -> bytes:
    """Random tokens of 256 bits need no slow hash; one SHA-256 keeps a stolen table from opening sessions."""
    return hashlib.sha256(token.encode()).digest()


def _target(account_id: int) -> str:
    return f"account:{account_id}"
