"""Managing accounts: who may give which role where, and what ends when an account changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random, SystemRandom

from sqlalchemy.orm import Session

from survey_app.errors import (
    InvalidField,
    LastAdministrator,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OwnAccount,
)
from survey_app.models import Account
from survey_app.names import clean_name
from survey_app.queries import accounts as account_queries
from survey_app.queries import people as queries
from survey_app.queries.people import Person
from survey_app.services import audit, second_factors
from survey_app.services.accounts import (
    Mandate,
    Role,
    Viewer,
    account_search_key,
    add_account,
    end_all_sessions,
    has_ended,
    mandate_columns,
    normal_name,
    visible_unit_ids,
)
from survey_app.services.assignments import give_code
from survey_app.services.invitations import Invited, issue, take_back

# Which roles a role may give, take and manage: never one above itself.
GRANTABLE: Mapping[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.PAR_OFFICE: frozenset(Role) - {Role.ADMIN},
}
STATES = ("active", "invited", "invitation_over", "disabled", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody to be invited."""

    name: str
    full_name: str
    role: Role
    unit_id: int
    language: str = "vi"
    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an account is to be from now on."""

    full_name: str
    role: Role
    unit_id: int
    is_active: bool
    mandate: Mandate | None = None


def list_people(
    session: Session,
    *,
    viewer: Viewer,
    now: datetime,
    text: str = "",
    role: Role | None = None,
    unit_id: int | None = None,
    state: str | None = None,
) -> list[Person]:
    """The accounts at or below the viewer's unit, or one unit of them, that answer the search."""
    visible = visible_unit_ids(session, viewer=viewer)
    if unit_id is not None and unit_id not in visible:
        raise NotFound(f"unit {unit_id}")
    unit_ids = visible if unit_id is None else {unit_id}
    found = queries.people(session, unit_ids=unit_ids, text=text, role=role.value if role else None)
    return [person for person in found if state is None or state_of(person, now=now) == state]


def see_person(session: Session, *, account_id: int, viewer: Viewer) -> Person:
    """One account; those of foreign units look as if they did not exist."""
    person = queries.find_person(session, account_id)
    if person is None or person.unit_id not in visible_unit_ids(session, viewer=viewer):
        raise NotFound(f"account {account_id}")
    return person


def may_manage(person: Person, *, viewer: Viewer) -> bool:
    """Whether the viewer may change this account: not one's own, nor one of a role above."""
    return person.account_id != viewer.account_id and Role(person.role) in GRANTABLE.get(viewer.role, ())


def state_of(person: Person, *, now: datetime) -> str:
    """One word of `STATES`."""
    if not person.is_active:
        return "disabled"
    if has_ended(person.valid_until, now=now):
        return "ended"
    if person.has_password:
        return "active"
    is_open = person.invited_until is not None and person.invited_until > now
    return "invited" if is_open else "invitation_over"


def invite(
    session: Session, new: NewPerson, *, by: Viewer, now: datetime, rng: Random | None = None
) -> Invited:
    """An account without a password, and the link by which its owner sets one."""
    _require_grant(session, role=new.role, unit_id=new.unit_id, by=by)
    return _invite(session, new, by=by, now=now, rng=rng or SystemRandom())


def invite_from_server(
    session: Session, new: NewPerson, *, now: datetime, rng: Random | None = None
) -> Invited:
    """The same for whoever runs the commands on the server, who stands above all roles."""
    return _invite(session, new, by=None, now=now, rng=rng or SystemRandom())


def renew_invitation(session: Session, *, account_id: int, by: Viewer, now: datetime) -> Invited:
    """Another link, to be invited again or to set a forgotten password anew; the one before opens nothing."""
    account = _managed(session, account_id, by)
    if not account.is_active:
        raise InvalidField("is_active", "disabled")
    audit.record(session, "account.invitation_renewed", target=_target(account_id), by=by, at=now)
    return issue(session, account_id=account_id, now=now)


def revoke_invitation(session: Session, *, account_id: int, by: Viewer, now: datetime) -> None:
    """Take the link back. An account that never had a password is disabled with it."""
    account = _managed(session, account_id, by)
    before = _facts(session, account_id)
    if not take_back(session, account_id=account_id):
        raise NotFound(f"invitation of account {account_id}")
    if not account.password_hash:
        account.is_active = False
        session.flush()
    details = {"before": before, "after": _facts(session, account_id)}
    audit.record(
        session, "account.invitation_revoked", target=_target(account_id), by=by, at=now, details=details
    )


def change(
    session: Session, account_id: int, new: Change, *, by: Viewer, now: datetime, rng: Random | None = None
) -> None:
    """Change an account. Another role, unit or end, and being disabled, end its sessions at once."""
    # First of all, so that two administrators who end each other wait for one another instead of for ever.
    administrators = set(queries.lock_administrators(session))
    account = _managed(session, account_id, by)
    _require_grant(session, role=new.role, unit_id=new.unit_id, by=by)
    stays_administrator = new.is_active and new.role is Role.ADMIN
    if account.role == Role.ADMIN and not stays_administrator and not administrators - {account_id}:
        raise LastAdministrator
    before = _facts(session, account_id)
    account.full_name = clean_name(new.full_name)
    account.search_key = account_search_key(account.name, account.full_name)
    account.role, account.unit_id, account.is_active = new.role.value, new.unit_id, new.is_active
    for column, value in mandate_columns(new.role, new.mandate).items():
        setattr(account, column, value)
    session.flush()
    if new.role is Role.INTERVIEWER:
        give_code(session, account_id, rng or SystemRandom())
    after = _facts(session, account_id)
    if before == after:
        return
    if not new.is_active:
        take_back(session, account_id=account_id)
    if {**before, "full_name": ""} != {**after, "full_name": ""}:
        end_all_sessions(session, account_id=account_id)
    details = {"before": before, "after": after}
    audit.record(session, "account.changed", target=_target(account_id), by=by, at=now, details=details)


def end_sessions(session: Session, *, account_id: int, by: Viewer, now: datetime) -> int:
    """Sign an account out everywhere; how many sessions there were."""
    _managed(session, account_id, by)
    n_ended = end_all_sessions(session, account_id=account_id)
    details = {"n": n_ended}
    audit.record(
        session, "account.sessions_ended", target=_target(account_id), by=by, at=now, details=details
    )
    return n_ended


def reset_second_factor(session: Session, *, account_id: int, by: Viewer, now: datetime) -> None:
    """For somebody who lost everything: the old secret is gone, unread; its owner sets up a new one."""
    _managed(session, account_id, by)
    if not account_queries.has_second_factor(session, account_id):
        raise NotFound(f"second factor of account {account_id}")
    second_factors.remove(session, account_id=account_id, by=by, now=now)
    end_all_sessions(session, account_id=account_id)


def _invite(session: Session, new: NewPerson, *, by: Viewer | None, now: datetime, rng: Random) -> Invited:
    if not normal_name(new.name):
        raise InvalidField("name", "missing")
    account_id = add_account(
        session, name=new.name, full_name=new.full_name, role=new.role, unit_id=new.unit_id,
        language=new.language, mandate=new.mandate,
    )  # fmt: skip
    if new.role is Role.INTERVIEWER:
        give_code(session, account_id, rng)
    details = {"after": _facts(session, account_id)}
    audit.record(session, "account.invited", target=_target(account_id), by=by, at=now, details=details)
    return issue(session, account_id=account_id, now=now)


def _managed(session: Session, account_id: int, by: Viewer) -> Account:
    """The account, locked, if it is one that `by` may change."""
    person = see_person(session, account_id=account_id, viewer=by)
    _require_still_allowed(session, by)
    if account_id == by.account_id:
        raise OwnAccount
    if Role(person.role) not in GRANTABLE[by.role]:
        raise NotAllowed
    account = queries.lock_account(session, account_id)
    if account is None:
        raise NotFound(f"account {account_id}")
    return account


def _require_grant(session: Session, *, role: Role, unit_id: int, by: Viewer) -> None:
    _require_still_allowed(session, by)
    if role not in GRANTABLE[by.role]:
        raise NotAllowed
    if unit_id not in visible_unit_ids(session, viewer=by):
        raise NotFound(f"unit {unit_id}")


def _require_still_allowed(session: Session, by: Viewer) -> None:
    """Whoever was disabled or demoted since the request began manages nobody any more."""
    row = account_queries.viewer_row(session, by.account_id)
    if not row.is_active or (row.role, row.unit_id) != (by.role.value, by.unit_id):
        raise NotSignedIn
    if by.role not in GRANTABLE:
        raise NotAllowed


def _facts(session: Session, account_id: int) -> dict[str, object]:
    """What the record keeps of an account before and after a change."""
    person = queries.find_person(session, account_id)
    if person is None:
        raise NotFound(f"account {account_id}")
    return {
        "name": person.name,
        "full_name": person.full_name,
        "role": person.role,
        "unit_id": person.unit_id,
        "is_active": person.is_active,
        "decision_number": person.decision_number,
        "decision_on": person.decision_on.isoformat() if person.decision_on else None,
        "valid_until": person.valid_until.isoformat() if person.valid_until else None,
    }


def _target(account_id: int) -> str:
    return f"account:{account_id}"
