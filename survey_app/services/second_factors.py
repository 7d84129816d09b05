"""The second factor: codes of a generator (RFC 6238), codes for the day it is lost, and finishing a sign-in."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from survey_app.errors import NotFound, NotSignedIn, SignInRefused
from survey_app.models import PendingSignIn, RecoveryCode, SecondFactor, SecurityKey
from survey_app.queries import accounts as queries
from survey_app.services import audit
from survey_app.services.accounts import (
    PENDING_LIMIT,
    Role,
    SignedIn,
    Transaction,
    Viewer,
    begin_session,
    end_all_sessions,
    token_hash,
)
from survey_app.services.throttle import Failures, after_attempt
from survey_app.signing import TICKET_ALPHABET, Signer

# Their accounts change what everybody else sees.
REQUIRED_FOR = frozenset({Role.ADMIN, Role.PAR_OFFICE})
STEP_SECONDS = 30
N_RECOVERY_CODES = 10
RECOVERY_LENGTH = 12
ISSUER = "Hài lòng Một cửa"
_PURPOSE = "second factor"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has set up."""

    is_on: bool
    is_begun: bool
    n_recovery_codes: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a code generator needs to know: as an address for a QR code, and as letters to type."""

    uri: str
    key: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in whose password was right."""

    account_id: int
    challenge: bytes


def standing(session: Session, *, account_id: int) -> Standing:
    row = session.get(SecondFactor, account_id)
    codes = session.scalars(select(RecoveryCode.digest).where(RecoveryCode.account_id == account_id)).all()
    return Standing(
        is_on=row is not None and row.secret is not None,
        is_begun=row is not None and row.new_secret is not None,
        n_recovery_codes=len(codes),
    )


def begin(session: Session, *, viewer: Viewer, signer: Signer) -> None:
    """Make a new secret; the one in use stays until a code proves that the generator knows the new one."""
    sealed = signer.seal(_PURPOSE, pyotp.random_base32().encode(), owner=viewer.account_id)
    change_row(session, viewer.account_id, new_secret=sealed)


def enrolment(session: Session, *, viewer: Viewer, signer: Signer) -> Enrolment | None:
    """The secret that waits for its first code; one that is in use is never shown again."""
    row = session.get(SecondFactor, viewer.account_id)
    if row is None or row.new_secret is None:
        return None
    key = signer.unseal(_PURPOSE, row.new_secret, owner=viewer.account_id).decode()
    name = queries.account_name(session, viewer.account_id)
    return Enrolment(pyotp.TOTP(key).provisioning_uri(name=name, issuer_name=ISSUER), key)


def confirm(
    transaction: Transaction, *, viewer: Viewer, code: str, signer: Signer, token: str, now: datetime
) -> tuple[str, ...]:
    """Take the new secret into use and give ten recovery codes. Other sessions of the account end."""
    row = _count_attempt(transaction, viewer.account_id, now=now)
    if row is None or row.new_secret is None:
        raise NotFound("second factor")
    step = _step_of(signer.unseal(_PURPOSE, row.new_secret, owner=viewer.account_id), code, now=now)
    if step is None:
        raise SignInRefused
    with transaction() as session:
        change_row(session, viewer.account_id, secret=row.new_secret, new_secret=None, last_step=step,
                   n_failures=0, blocked_until=None)  # fmt: skip
        codes = _new_recovery_codes(session, viewer.account_id, signer)
        end_all_sessions(session, account_id=viewer.account_id, but=token)
        _record(session, "set", viewer.account_id, by=viewer, at=now)
    return codes


def renew_recovery_codes(
    session: Session, *, viewer: Viewer, signer: Signer, now: datetime
) -> tuple[str, ...]:
    """Ten new codes; the old ones open nothing any more."""
    if not queries.has_second_factor(session, viewer.account_id):
        raise NotFound("second factor")
    _record(session, "recovery_codes_renewed", viewer.account_id, by=viewer, at=now)
    return _new_recovery_codes(session, viewer.account_id, signer)


def remove(session: Session, *, account_id: int, by: Viewer, now: datetime) -> None:
    """Forget everything of an account's second factor; whoever needs one sets it up anew after signing in."""
    for table in (SecurityKey, RecoveryCode, SecondFactor):
        session.execute(delete(table).where(table.account_id == account_id))
    _record(session, "removed", account_id, by=by, at=now)


def pending(session: Session, *, token: str, now: datetime) -> Pending:
    """The sign-in that this token is halfway through; none, or too old, and it begins again."""
    row = session.get(PendingSignIn, token_hash(token))
    if row is None or now - row.created_at >= PENDING_LIMIT:
        raise NotSignedIn
    return Pending(row.account_id, row.challenge)


def finish_sign_in(
    transaction: Transaction,
    *,
    token: str,
    code: str,
    signer: Signer,
    now: datetime,
    previous_token: str | None,
    browser: str,
) -> SignedIn:
    """A session for a good code, of the generator or one kept for its loss; every code works once."""
    with transaction() as session:
        asked = pending(session, token=token, now=now)
    row = _count_attempt(transaction, asked.account_id, now=now)
    if row is None or row.secret is None:
        raise NotSignedIn
    secret = signer.unseal(_PURPOSE, row.secret, owner=asked.account_id)
    with transaction() as session:
        if not _spend(session, asked.account_id, secret, code, signer, now=now):
            raise SignInRefused
        return complete(session, token, asked, now=now, previous_token=previous_token, browser=browser)


def complete(
    session: Session, token: str, asked: Pending, *, now: datetime, previous_token: str | None, browser: str
) -> SignedIn:
    """Start the session and end what led to it; of two who bring the same token one is let in."""
    gone = delete(PendingSignIn).where(PendingSignIn.token_hash == token_hash(token))
    if session.execute(gone.returning(PendingSignIn.account_id)).one_or_none() is None:
        raise NotSignedIn
    change_row(session, asked.account_id, n_failures=0, blocked_until=None)
    return begin_session(
        session,
        how="second_factor",
        account_id=asked.account_id,
        now=now,
        previous_token=previous_token,
        browser=browser,
    )


def count_attempt(transaction: Transaction, account_id: int, *, now: datetime) -> None:
    """Count an attempt at the second factor before it is looked at; refuses in a pause."""
    _count_attempt(transaction, account_id, now=now)


def change_row(session: Session, account_id: int, **values: Any) -> None:
    """Write these columns of the account's row, which may not be there yet."""
    row = session.get(SecondFactor, account_id) or SecondFactor(account_id=account_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()


def _count_attempt(transaction: Transaction, account_id: int, *, now: datetime) -> SecondFactor | None:
    with transaction() as session:
        # Locked, so that parallel guesses are counted one after the other.
        row = session.get(SecondFactor, account_id, with_for_update=True)
        if row is None:
            return None
        failures = after_attempt(Failures(row.n_failures, row.blocked_until), now)
        row.n_failures, row.blocked_until = failures.n, failures.blocked_until
        session.flush()
        session.expunge(row)
    return row


def _spend(
    session: Session, account_id: int, secret: bytes, code: str, signer: Signer, *, now: datetime
) -> bool:
    """Use the code up; the database decides between two who bring the same one."""
    step = _step_of(secret, code, now=now)
    if step is not None:
        statement = update(SecondFactor).where(
            SecondFactor.account_id == account_id, SecondFactor.last_step < step
        )
        used = session.execute(statement.values(last_step=step).returning(SecondFactor.account_id))
        return used.one_or_none() is not None
    digest = _recovery_digest(signer, account_id, code)
    gone = delete(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.digest == digest)
    if session.execute(gone.returning(RecoveryCode.digest)).one_or_none() is None:
        return False
    by = queries.viewer_row(session, account_id)
    _record(
        session, "recovery_code_used", account_id, by=Viewer(account_id, Role(by.role), by.unit_id), at=now
    )
    return True


def _step_of(secret: bytes, code: str, *, now: datetime) -> int | None:
    """The 30 seconds that a code belongs to, those before and after included; all three are always compared."""
    typed = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret.decode())
    fitting = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(generator.generate_otp(step).encode(), typed.encode())
    ]
    return fitting[-1] if fitting else None


def _new_recovery_codes(session: Session, account_id: int, signer: Signer) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    letters = [
        "".join(secrets.choice(TICKET_ALPHABET) for _ in range(RECOVERY_LENGTH))
        for _ in range(N_RECOVERY_CODES)
    ]
    rows = [
        {"account_id": account_id, "digest": _recovery_digest(signer, account_id, code)} for code in letters
    ]
    session.execute(insert(RecoveryCode), rows)
    return tuple("-".join(code[i : i + 4] for i in range(0, RECOVERY_LENGTH, 4)) for code in letters)


def _recovery_digest(signer: Signer, account_id: int, code: str) -> bytes:
    """Keyed: 58 random bits under a key outside the database need no slow hash."""
    bare = "".join(code.upper().replace("-", " ").split())
    return signer.digest("recovery code", account_id.to_bytes(8, "big") + bare.encode())


def _record(session: Session, what: str, account_id: int, *, by: Viewer, at: datetime) -> None:
    audit.record(session, f"account.second_factor_{what}", target=f"account:{account_id}", by=by, at=at)
