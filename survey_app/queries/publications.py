"""Publications with their parts, notices and replies, as they are stored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, undefer

from survey_app.errors import NotFound
from survey_app.models import (
    Account,
    HearingNotice,
    Period,
    Publication,
    PublicationPart,
    PublicPages,
    PublishedScore,
    Unit,
    UnitReply,
)

UNFINISHED = ("draft", "review", "hearing", "approved")
RELEASED = ("published", "superseded", "withdrawn")

_Starter, _Approver, _Publisher = aliased(Account), aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """A publication without its content."""

    id: int
    root_unit_id: int
    basis: str
    period_code: str
    revision: int
    reason: str
    state: str
    as_of: date
    is_simulated: bool
    method_version: str
    fingerprint: str
    verification_code: str
    terms: dict[str, Any]
    started_by_id: int
    started_at: datetime
    approval_id: int | None
    published_on: date | None
    ended_on: date | None
    end_reason: str
    started_by: str
    approved_by: str | None
    published_by: str | None
    period_vi: str
    period_en: str
    period_starts_on: date
    period_ends_on: date

    @property
    def is_released(self) -> bool:
        return self.published_on is not None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A unit that was asked, until when it may reply, and its reply if there is one."""

    publication_id: int
    unit_id: int
    notified_on: date
    reply_by: date


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What a unit replied and what the office answered; the document itself is read on its own."""

    id: int
    publication_id: int
    unit_id: int
    stance: str
    text: str
    file_name: str | None
    file_type: str | None
    replied_by: str
    replied_at: datetime
    answer: str
    answer_reason: str
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A published figure."""

    unit_id: int
    code: str
    showing: str
    n: int | None
    value: float | None
    ci_low: float | None
    ci_high: float | None


_OWN = tuple(
    getattr(Publication, name) for name in PublicationRow.__dataclass_fields__ if hasattr(Publication, name)
)


def _publications() -> Select[Any]:
    return (
        select(
            *_OWN, _Starter.name, _Approver.name, _Publisher.name,
            Period.title_vi, Period.title_en, Period.starts_on, Period.ends_on,
        )
        .join(_Starter, _Starter.id == Publication.started_by_id)
        .join(_Approver, _Approver.id == Publication.approved_by_id, isouter=True)
        .join(_Publisher, _Publisher.id == Publication.published_by_id, isouter=True)
        .join(Period, (Period.root_unit_id == Publication.root_unit_id) & (Period.code == Publication.period_code))
    )  # fmt: skip


def publication(session: Session, publication_id: int, *, lock: bool = False) -> PublicationRow:
    """One publication; with `lock` it stays as it is until the transaction ends."""
    if lock:
        session.execute(select(Publication.id).where(Publication.id == publication_id).with_for_update())
    row = session.execute(_publications().where(Publication.id == publication_id)).one_or_none()
    if row is None:
        raise NotFound(f"publication {publication_id}")
    return PublicationRow(*row)


def publications_of(
    session: Session,
    *,
    root_unit_ids: Collection[int],
    states: Collection[str] | None = None,
) -> list[PublicationRow]:
    """The newest period first, and within it the newest revision."""
    statement = _publications().where(Publication.root_unit_id.in_(root_unit_ids))
    if states is not None:
        statement = statement.where(Publication.state.in_(states))
    order = (
        Period.ends_on.desc(),
        Period.starts_on.desc(),
        Publication.basis.desc(),
        Publication.revision.desc(),
    )
    return [PublicationRow(*row) for row in session.execute(statement.order_by(*order, Publication.id))]


def revisions_of(
    session: Session, *, root_unit_id: int, basis: str, period_code: str
) -> list[PublicationRow]:
    """Every revision of one period's results, the newest first."""
    mine = publications_of(session, root_unit_ids=[root_unit_id])
    return [row for row in mine if (row.basis, row.period_code) == (basis, period_code)]


def part(session: Session, publication_id: int, *, language: str, name: str) -> dict[str, Any]:
    """One part of the content in one language."""
    statement = select(PublicationPart.content).where(
        PublicationPart.publication_id == publication_id,
        PublicationPart.language == language,
        PublicationPart.name == name,
    )
    content: dict[str, Any] | None = session.scalars(statement).one_or_none()
    if content is None:
        raise NotFound(f"part {name} of publication {publication_id}")
    return content


def parts(session: Session, publication_id: int, *, language: str) -> dict[str, dict[str, Any]]:
    """All parts in one language, by name, in the order in which they stand."""
    statement = (
        select(PublicationPart.name, PublicationPart.content)
        .where(PublicationPart.publication_id == publication_id, PublicationPart.language == language)
        .order_by(PublicationPart.position, PublicationPart.name)
    )
    return {row.name: row.content for row in session.execute(statement)}


def scores(session: Session, publication_id: int) -> list[ScoreRow]:
    """Every published figure, by unit and code."""
    columns = (getattr(PublishedScore, name) for name in ScoreRow.__dataclass_fields__)
    statement = select(*columns).where(PublishedScore.publication_id == publication_id)
    rows = session.execute(statement.order_by(PublishedScore.unit_id, PublishedScore.code))
    return [ScoreRow(*row) for row in rows]


def notices(session: Session, publication_id: int) -> list[NoticeRow]:
    """The units that were asked, in Vietnamese order."""
    statement = _notices().where(HearingNotice.publication_id == publication_id)
    rows = session.execute(
        statement.join(Unit, Unit.id == HearingNotice.unit_id).order_by(Unit.sort_key, Unit.id)
    )
    return [NoticeRow(*row) for row in rows]


def notices_to(session: Session, *, unit_ids: Collection[int]) -> list[NoticeRow]:
    """What these units were asked, the newest first."""
    statement = _notices().where(HearingNotice.unit_id.in_(unit_ids))
    order = (HearingNotice.publication_id.desc(), HearingNotice.unit_id)
    return [NoticeRow(*row) for row in session.execute(statement.order_by(*order))]


def _notices() -> Select[Any]:
    return select(*(getattr(HearingNotice, name) for name in NoticeRow.__dataclass_fields__))


def replies(session: Session, publication_id: int) -> list[ReplyRow]:
    """What the units replied, in Vietnamese order."""
    statement = _replies().where(UnitReply.publication_id == publication_id)
    rows = session.execute(
        statement.join(Unit, Unit.id == UnitReply.unit_id).order_by(Unit.sort_key, UnitReply.id)
    )
    return [ReplyRow(*row) for row in rows]


def reply(session: Session, *, publication_id: int, unit_id: int) -> ReplyRow | None:
    """The reply of one unit."""
    statement = _replies().where(UnitReply.publication_id == publication_id, UnitReply.unit_id == unit_id)
    row = session.execute(statement).one_or_none()
    return None if row is None else ReplyRow(*row)


def reply_file(session: Session, *, publication_id: int, unit_id: int) -> UnitReply:
    """A reply with its document."""
    statement = (
        select(UnitReply)
        .where(UnitReply.publication_id == publication_id, UnitReply.unit_id == unit_id)
        .where(UnitReply.file_name.is_not(None))
        .options(undefer(UnitReply.file))
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(f"document of unit {unit_id} to publication {publication_id}")
    return row


_Replier, _Answerer = aliased(Account), aliased(Account)
_REPLY: tuple[Any, ...] = (
    UnitReply.id, UnitReply.publication_id, UnitReply.unit_id, UnitReply.stance, UnitReply.text,
    UnitReply.file_name, UnitReply.file_type, _Replier.name, UnitReply.replied_at, UnitReply.answer,
    UnitReply.answer_reason, _Answerer.name, UnitReply.answered_at,
)  # fmt: skip


def _replies() -> Select[Any]:
    return (
        select(*_REPLY)
        .join(_Replier, _Replier.id == UnitReply.replied_by_id)
        .join(_Answerer, _Answerer.id == UnitReply.answered_by_id, isouter=True)
    )


def open_roots(session: Session) -> list[int]:
    """Root units whose published results everyone may read."""
    statement = select(PublicPages.root_unit_id).where(PublicPages.is_open)
    return list(session.scalars(statement.order_by(PublicPages.root_unit_id)))


def n_unanswered(session: Session, publication_id: int) -> int:
    """Replies that the office has not answered."""
    statement = select(func.count()).where(UnitReply.publication_id == publication_id, UnitReply.answer == "")
    return session.scalar(statement) or 0
