"""Accounts of every role in the small world, without the cost of a password each, and sessions for them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from survey_app.db import write_transaction
from survey_app.services.accounts import Mandate, Role, Viewer, add_account
from survey_app.signing import Signer

NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
MANDATE = Mandate("12/QĐ-SNV", date(2026, 9, 1), date(2026, 9, 30))
SIGNER = Signer("a secret of the tests only, long enough to sign with")
LASTING_MANDATE = Mandate("12/QĐ-UBND", date(2020, 1, 2), date(2099, 1, 1))
# No password has this hash; it only has to be there.
SOME_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$pKa4Ycr/3438gFiLWpY0fg$JRnSHL7fF0H6j75ta9sWB2+/NYGyZkg85i54wPK08ek"
)

Transaction = Callable[[], AbstractContextManager[Session]]


def make_account(
    session: Session, name: str, role: Role, unit_id: int, *, full_name: str = "", is_invited: bool = False
) -> Viewer:
    account_id = add_account(
        session, name=name, full_name=full_name, role=role, unit_id=unit_id, language="vi",
        mandate=MANDATE if role is Role.INSPECTION_TEAM else None,
        password_hash="" if is_invited else SOME_HASH,
    )  # fmt: skip
    return Viewer(account_id, role, unit_id)


def transactions(engine: Engine) -> Transaction:
    """Short transactions of their own, as the services that hash are given them."""
    make_session = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin() -> Iterator[Session]:
        with make_session() as session, write_transaction(session):
            yield session

    return begin
