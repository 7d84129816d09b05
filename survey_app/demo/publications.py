"""What the demo has published: the sample's quarter, and its half-year on which the units are being heard."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.clock import utc_now
from survey_app.demo.fieldwork import INTERVIEWED_BY, WAVE_CODES
from survey_app.demo.places import ISLAND, MANAGED_UNIT, ROOT
from survey_app.demo.truth import TODAY
from survey_app.errors import PublicationRefused
from survey_app.models import Account, PublicPages
from survey_app.queries import lookups, units
from survey_app.queries import publications as queries
from survey_app.services import approvals, publishing, unit_hearings, wave_states
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.unit_hearings import PDF, Document

# Closed and sent to the units on the demo's day; published when their five working days were over.
CLOSED_ON, PUBLISHED_ON = TODAY, date(2026, 9, 25)
SAMPLE_WAVE = WAVE_CODES[-1]
QUARTER, HALF_YEAR = "2026-Q3", "2026-6T"
OBJECTION = (
    "Đơn vị đề nghị ghi rõ trong báo cáo: tháng 8 có hai tuần phải chuyển điểm tiếp nhận do sửa trụ sở, nên thời "
    "gian chờ dài hơn bình thường. (Ý kiến mô phỏng)"
)
LETTER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)


def publish_results(session: Session) -> None:
    """Close the sample, publish its quarter, and ask the units about its half-year."""
    root = units.unit_by_code(session, ROOT)
    office = _person(session, INTERVIEWED_BY, Role.PAR_OFFICE, root.id)
    second = _person(session, "quantri", Role.ADMIN, root.id)
    wave = lookups.wave_by_code(session, SAMPLE_WAVE)
    wave_states.close_books(session, wave, reason="", by=office, now=_at(CLOSED_ON), today=CLOSED_ON)
    quarter = _heard(session, root.id, QUARTER, office, CLOSED_ON)
    if quarter is None:
        return
    managed = _manager(session, MANAGED_UNIT)
    _reply(session, quarter, managed, CLOSED_ON, stance="agrees", text="", document=None)
    unit_hearings.answer(
        session, publication_id=quarter, unit_id=managed.unit_id, answer="accepted", by=office,
        reason="Đơn vị thống nhất với số liệu.", now=_at(PUBLISHED_ON),
    )  # fmt: skip
    waiting = publishing.propose(session, quarter, by=office, now=_at(PUBLISHED_ON), today=PUBLISHED_ON)
    approvals.approve(
        session,
        approval_id=waiting,
        kinds=KINDS,
        note="",
        by=second,
        at=Moment(_at(PUBLISHED_ON), PUBLISHED_ON),
    )
    row, parts = queries.publication(session, quarter), queries.parts(session, quarter, language="vi")
    # Nothing came in between, so what was reviewed is not counted a second time here.
    publishing.freeze_release(session, row, parts, by=office, now=_at(PUBLISHED_ON), today=PUBLISHED_ON)
    session.add(PublicPages(root_unit_id=root.id, is_open=True, changed_on=PUBLISHED_ON))
    # On the day of the building, so that whoever opens the demo finds a hearing that still runs.
    now_on = max(PUBLISHED_ON, utc_now().date())
    half_year = _heard(session, root.id, HALF_YEAR, office, now_on)
    if half_year is not None:
        letter = Document("Y kien cua don vi (mo phong).pdf", PDF, LETTER)
        _reply(session, half_year, managed, now_on, stance="objects", text=OBJECTION, document=letter)
        _reply(
            session,
            half_year,
            _manager(session, ISLAND),
            now_on,
            stance="agrees",
            text="",
            document=None,
        )


def _heard(session: Session, root_unit_id: int, period: str, by: Viewer, on: date) -> int | None:
    """A draft sent to the units; None where a demo of a few answers has too few to publish."""
    try:
        id_ = publishing.start(
            session, root_unit_id=root_unit_id, basis="sample", period_code=period, reason="", by=by, now=_at(on),
            today=on,
        )  # fmt: skip
    except PublicationRefused:
        return None
    publishing.send_to_review(session, id_, by=by, now=_at(on))
    publishing.open_hearing(session, id_, by=by, now=_at(on), today=on)
    return id_


def _reply(
    session: Session,
    publication_id: int,
    by: Viewer,
    on: date,
    *,
    stance: str,
    text: str,
    document: Document | None,
) -> None:
    unit_hearings.send_reply(
        session, publication_id=publication_id, unit_id=by.unit_id, stance=stance, text=text, document=document,
        by=by, now=_at(on), today=on,
    )  # fmt: skip


def _person(session: Session, name: str, role: Role, unit_id: int) -> Viewer:
    return Viewer(session.scalars(select(Account.id).where(Account.name == name)).one(), role, unit_id)


def _manager(session: Session, unit_code: str) -> Viewer:
    unit_id = units.unit_by_code(session, unit_code).id
    statement = select(Account.id).where(Account.unit_id == unit_id, Account.role == Role.MANAGER)
    account_id = session.scalars(statement.order_by(Account.id)).first()
    if account_id is None:
        raise LookupError(f"no manager of {unit_code}")
    return Viewer(account_id, Role.MANAGER, unit_id)
