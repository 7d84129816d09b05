"""What the demo's people and nights left behind: a change that waits, every day sealed, the audit log checked."""

from contextlib import nullcontext, suppress
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT
from survey_app.demo.truth import LAST_DAY, QUARTER_CHANGE, TODAY
from survey_app.errors import TooFewToExclude
from survey_app.models import Account
from survey_app.queries import units
from survey_app.queries.exclusions import Predicate
from survey_app.services import exclusions
from survey_app.services.accounts import Role, Viewer
from survey_app.services.audit_checks import check
from survey_app.services.root_sealing import seal_days
from survey_app.vocabulary import Channel

OFFICE = "sonoivu"
AFTERNOON = datetime(TODAY.year, TODAY.month, TODAY.day - 1, 8, 40, tzinfo=UTC)
# A quarter past midnight in Hà Nội.
NIGHT = datetime(TODAY.year, TODAY.month, TODAY.day - 1, 17, 15, tzinfo=UTC)
REASON = "Dữ liệu mô phỏng: ki-ốt đặt trong phòng họp nội bộ cả quý, theo biên bản kiểm tra ngày 16/09/2026"


def leave_traces(session: Session) -> None:
    """An exclusion that waits for its second person; then roots over all that was received, and the night's check."""
    # A demo of a few thousand responses may have too few on the kiosk.
    with suppress(TooFewToExclude):
        _propose_exclusion(session)
    seal_days(session, today=TODAY, now=NIGHT)
    check(lambda: nullcontext(session), anchors=(), by=None, now=NIGHT, today=TODAY)


def _propose_exclusion(session: Session) -> None:
    unit = units.unit_by_code(session, MANAGED_UNIT)
    point = units.points_of_unit(session, unit.id, LAST_DAY)[0]
    office = session.execute(select(Account.id, Account.unit_id).where(Account.name == OFFICE)).one()
    predicate = Predicate(
        point_id=point.id, from_on=QUARTER_CHANGE, to_on=LAST_DAY, channel=int(Channel.KIOSK)
    )
    exclusions.propose(
        session, predicate, reason=REASON, viewer=Viewer(office.id, Role.PAR_OFFICE, office.unit_id),
        now=AFTERNOON, today=TODAY,
    )  # fmt: skip
