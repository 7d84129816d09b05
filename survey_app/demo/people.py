"""The demo's accounts beside those one signs in with: people invited, an inspection that is over, one disabled.

Every name is made up and says so; nobody knows a password of any of these accounts.
"""

from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import ROOT
from survey_app.demo.truth import TODAY
from survey_app.models import Account, Unit
from survey_app.queries import units
from survey_app.services.accounts import Mandate, Role, Viewer
from survey_app.services.invitations import take_back
from survey_app.services.passwords import NOBODYS_HASH
from survey_app.services.people import Change, NewPerson, change, invite

ADMINISTRATOR = "quantri"
# Long enough for whoever opens the demo later; the account's page shows the day.
INSPECTION = Mandate("15/QĐ-SNV", date(2026, 9, 1), date(2036, 12, 31))
ENDED_INSPECTION = Mandate("07/QĐ-SNV", date(2026, 6, 1), date(2026, 6, 30))
SIMULATED = "(mô phỏng)"
N_UNITS = 24
# One in so many has not answered the invitation.
WAITING = 4
_FAMILY = ("Nguyễn", "Trần", "Lê", "Hoàng", "Phan", "Hồ", "Võ", "Đặng", "Bùi", "Trương")
_MIDDLE = ("Thị", "Văn", "Minh", "Thanh", "Quốc", "Ngọc", "Đức", "Thu")
_GIVEN = ("Lan", "Hà", "Dũng", "Thảo", "Sơn", "Hiền", "Phúc", "Yến", "Đạt", "Oanh", "Khánh", "Vân")


def invite_people(session: Session, *, seed: int) -> None:
    """Leaders of two dozen units and a few others, invited at different times."""
    rng = Random(seed)
    root_id = units.unit_by_code(session, ROOT).id
    by = Viewer(_account_id(session, ADMINISTRATOR), Role.ADMIN, root_id)
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 1, 0, tzinfo=UTC)
    statement = select(Unit.id).where(Unit.parent_id == root_id, Unit.valid_to.is_(None))
    unit_ids = list(session.scalars(statement.order_by(Unit.sort_key).limit(N_UNITS)))
    for number, unit_id in enumerate(unit_ids, start=1):
        new = NewPerson(name=f"lanhdao{number:02d}", full_name=_name(rng), role=Role.MANAGER, unit_id=unit_id)
        invited = invite(session, new, by=by, now=now, rng=rng)
        if number % WAITING:
            take_back(session, account_id=invited.account_id)
            session.get_one(Account, invited.account_id).password_hash = NOBODYS_HASH
    _invite_others(session, unit_ids, by=by, now=now, rng=rng)


def _invite_others(session: Session, unit_ids: list[int], *, by: Viewer, now: datetime, rng: Random) -> None:
    others = (
        ("phongvan02", Role.INTERVIEWER, by.unit_id, None),
        ("nhaplieu01", Role.DESK_STAFF, unit_ids[0], None),
        ("doan07", Role.INSPECTION_TEAM, unit_ids[1], ENDED_INSPECTION),
        ("nghiviec", Role.VIEWER, by.unit_id, None),
    )
    for name, role, unit_id, mandate in others:
        new = NewPerson(name=name, full_name=_name(rng), role=role, unit_id=unit_id, mandate=mandate)
        invited = invite(session, new, by=by, now=now, rng=rng)
    gone = Change(full_name=new.full_name, role=Role.VIEWER, unit_id=by.unit_id, is_active=False)
    change(session, invited.account_id, gone, by=by, now=now)


def _name(rng: Random) -> str:
    return f"{rng.choice(_FAMILY)} {rng.choice(_MIDDLE)} {rng.choice(_GIVEN)} {SIMULATED}"


def _account_id(session: Session, name: str) -> int:
    return session.scalars(select(Account.id).where(Account.name == name)).one()
