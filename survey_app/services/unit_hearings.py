"""The units are heard: each sees what will be published of it, replies in writing, and the office answers."""

import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import NotAllowed, NotFound, PublicationRefused
from survey_app.models import UnitReply
from survey_app.queries import publications as queries
from survey_app.queries import units
from survey_app.queries.publications import NoticeRow, PublicationRow, ReplyRow
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, audit, freezing
from survey_app.services.accounts import Role, Viewer, visible_unit_ids
from survey_app.services.figures import Scorecard
from survey_app.services.publication_parts import unit_part
from survey_app.services.publishing import ROLES

REPLYING = frozenset({Role.MANAGER})
STANCES = ("agrees", "objects")
ANSWERS = ("accepted", "declined")
MOST_FILE_BYTES = 5 * 1024 * 1024
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
LONGEST_REPLY, LONGEST_ANSWER = 4_000, 2_000
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Document:
    """A file sent with a reply, known by what is in it and never by its name."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one unit is asked: its figures as they would be published, until when it may reply, and its reply."""

    publication: PublicationRow
    unit: UnitRow
    notice: NoticeRow
    card: Scorecard
    reply: ReplyRow | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the list of a unit's hearings."""

    publication: PublicationRow
    unit: UnitRow
    notice: NoticeRow
    reply: ReplyRow | None
    is_open: bool


def hearings(session: Session, *, viewer: Viewer, today: date) -> list[Asked]:
    """What the units of this person were asked, the newest first."""
    if viewer.role not in REPLYING:
        raise NotAllowed
    found = []
    for notice in queries.notices_to(session, unit_ids=visible_unit_ids(session, viewer=viewer)):
        row = queries.publication(session, notice.publication_id)
        reply = queries.reply(session, publication_id=row.id, unit_id=notice.unit_id)
        unit = units.unit_by_id(session, notice.unit_id)
        found.append(Asked(row, unit, notice, reply, _is_open(row, notice, reply, today)))
    return found


def hearing(
    session: Session, *, publication_id: int, unit_id: int, viewer: Viewer, today: date, language: str
) -> Hearing:
    """What is asked of one unit that this person may see."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    row = queries.publication(session, publication_id)
    notice = _notice(session, publication_id, unit_id)
    content = queries.part(session, publication_id, language=language, name=unit_part(unit_id))
    card = freezing.thaw(content, Scorecard)
    reply = queries.reply(session, publication_id=publication_id, unit_id=unit_id)
    return Hearing(row, card.unit, notice, card, reply, _is_open(row, notice, reply, today))


def _notice(session: Session, publication_id: int, unit_id: int) -> NoticeRow:
    found = queries.notices_to(session, unit_ids=[unit_id])
    notice = next((each for each in found if each.publication_id == publication_id), None)
    if notice is None:
        raise NotFound(f"hearing of unit {unit_id} on publication {publication_id}")
    return notice


def _is_open(row: PublicationRow, notice: NoticeRow, reply: ReplyRow | None, today: date) -> bool:
    """A reply may be changed until its last day, or until the office has answered it."""
    is_answered = reply is not None and bool(reply.answer)
    return row.state == "hearing" and today <= notice.reply_by and not is_answered


def send_reply(
    session: Session, *, publication_id: int, unit_id: int, stance: str, text: str, document: Document | None,
    by: Viewer, now: datetime, today: date,
) -> None:  # fmt: skip
    """Keep what a unit says; a later reply takes the place of the earlier one, but for a document it does not bring."""
    if by.role not in REPLYING:
        raise NotAllowed
    accounts.require_unit(session, unit_id=unit_id, viewer=by)
    row = queries.publication(session, publication_id, lock=True)
    notice = _notice(session, publication_id, unit_id)
    before = queries.reply(session, publication_id=publication_id, unit_id=unit_id)
    text = text.strip()
    if not _is_open(row, notice, before, today):
        raise PublicationRefused(("hearing_over", {"reply_by": notice.reply_by}))
    if stance not in STANCES:
        raise PublicationRefused(("stance_needed", {}))
    if stance == "objects" and not text:
        raise PublicationRefused(("objection_needs_text", {}))
    if len(text) > LONGEST_REPLY:
        raise PublicationRefused(("text_too_long", {"most": LONGEST_REPLY}))
    values = {"stance": stance, "text": text, "replied_by_id": by.account_id, "replied_at": now}
    if document is not None:
        values |= {"file_name": document.name, "file_type": document.media_type, "file": document.content}
    if before is None:
        session.add(
            UnitReply(publication_id=publication_id, unit_id=unit_id, answer="", answer_reason="", **values)
        )
        session.flush()
    else:
        session.execute(update(UnitReply).where(UnitReply.id == before.id).values(**values))
    about = {"unit_id": unit_id, "stance": stance, "has_file": document is not None}
    target = f"publication:{publication_id}"
    audit.record(session, "publication.replied", target=target, by=by, at=now, details=about)


def answer(
    session: Session,
    *,
    publication_id: int,
    unit_id: int,
    answer: str,
    reason: str,
    by: Viewer,
    now: datetime,
) -> None:
    """Say whether a unit's reply is accepted, and why; once."""
    if by.role not in ROLES:
        raise NotAllowed
    row = queries.publication(session, publication_id, lock=True)
    accounts.require_unit(session, unit_id=row.root_unit_id, viewer=by)
    reply = queries.reply(session, publication_id=publication_id, unit_id=unit_id)
    if reply is None:
        raise NotFound(f"reply of unit {unit_id} to publication {publication_id}")
    if row.state != "hearing" or reply.answer:
        raise PublicationRefused(("wrong_state", {}))
    if answer not in ANSWERS:
        raise PublicationRefused(("answer_needed", {}))
    if not reason.strip():
        raise PublicationRefused(("reason_needed", {}))
    if len(reason.strip()) > LONGEST_ANSWER:
        raise PublicationRefused(("text_too_long", {"most": LONGEST_ANSWER}))
    values = {
        "answer": answer,
        "answer_reason": reason.strip(),
        "answered_by_id": by.account_id,
        "answered_at": now,
    }
    session.execute(update(UnitReply).where(UnitReply.id == reply.id).values(**values))
    details = {"unit_id": unit_id, "answer": answer}
    target = f"publication:{publication_id}"
    audit.record(session, "publication.answered", target=target, by=by, at=now, details=details)


def document_of(session: Session, *, publication_id: int, unit_id: int, viewer: Viewer) -> Document:
    """The document that came with a reply, to those who may see the unit."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    row = queries.reply_file(session, publication_id=publication_id, unit_id=unit_id)
    if row.file_name is None or row.file_type is None or row.file is None:
        raise NotFound(f"document of unit {unit_id}")
    return Document(row.file_name, row.file_type, row.file)


def read_document(name: str, content: bytes) -> Document:
    """A PDF or a DOCX without macros, told by its content."""
    if len(content) > MOST_FILE_BYTES:
        raise PublicationRefused(("file_too_large", {}))
    stem = name.rsplit(".", 1)[0].strip()[:100] or "van-ban"
    if content.startswith(b"%PDF-"):
        return Document(f"{stem}.pdf", PDF, content)
    if _is_docx(content):
        return Document(f"{stem}.docx", DOCX, content)
    raise PublicationRefused(("file_kind", {}))


def _is_docx(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = {each.filename.lower() for each in packed.infolist()}
            size = sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    has_macros = any(name.endswith("vbaproject.bin") for name in names)
    return (
        {"[content_types].xml", "word/document.xml"} <= names
        and not has_macros
        and size <= MOST_UNPACKED_BYTES
    )
