"""Who may sign in, with which role, for which part of the unit tree; and the sessions, kept so they can end."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class Account(Base):
    """A member of staff. `unit_id` is the top of the subtree that the account may see.

    Somebody invited has an empty hash, which no password opens. An inspection team's account names the decision
    that opened it and ends by itself after its last day.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "role IN ('admin', 'par_office', 'manager', 'viewer', 'interviewer', 'desk_staff', 'inspection_team', "
            "'state_inspector')",
            name="role_known",
        ),
        CheckConstraint("language IN ('vi', 'en')", name="language_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    language: Mapped[str] = mapped_column(String(2), default="vi")
    is_active: Mapped[bool] = mapped_column(default=True)
    n_failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    full_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    search_key: Mapped[str] = mapped_column(String(220), default="", server_default="")
    decision_number: Mapped[str | None] = mapped_column(String(60))
    decision_on: Mapped[date | None]
    valid_until: Mapped[date | None]


class AccountSession(Base):
    """A signed-in browser. Only the hash of its token is stored; deleting the row signs it out at once."""

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_account_id", "account_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A coarse word such as "chrome-android", to tell one's own sessions apart; never what the browser sent.
    browser: Mapped[str] = mapped_column(String(20), default="other", server_default="other")


class Invitation(Base):
    """A link that lets one person set the password of one account, once; only its hash is kept."""

    __tablename__ = "invitation"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PendingSignIn(Base):
    """A browser that gave the right password and owes the second factor; a few minutes at most."""

    __tablename__ = "pending_sign_in"
    __table_args__ = (Index("ix_pending_sign_in_account_id", "account_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # What a security key has to sign.
    challenge: Mapped[bytes] = mapped_column(LargeBinary(32))


class SecondFactor(Base):
    """The secret of an account's code generator, sealed under the instance's key; codes already used open nothing.

    `new_secret` waits until a first code proves that the generator has it; `challenge` is for a key being added.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(80))
    new_secret: Mapped[bytes | None] = mapped_column(LargeBinary(80))
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    n_failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A keyed digest of a code that stands in for the code generator once; using it deletes it."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class SecurityKey(Base):
    """A WebAuthn credential: its public half."""

    __tablename__ = "security_key"
    __table_args__ = (Index("ix_security_key_account_id", "account_id"),)

    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(1024))
    n_signed: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(60))
    added_on: Mapped[date]
