"""From draft to release: who may take which step, what the units may say, and what nothing can change afterwards."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.errors import NeedsSecondPerson, NotAllowed, NotFound, PublicationRefused
from survey_app.models import Account, Comment, Response
from survey_app.queries import lookups
from survey_app.queries import publications as queries
from survey_app.services import (
    approvals,
    date_coarsening,
    public_withholding,
    publishing,
    report_verification,
    unit_hearings,
    wave_states,
)
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.publication_content import for_release
from survey_app.services.publication_parts import joined
from survey_app.services.report_content import report_content
from tests.builders import World, make_comment, make_response

NOW = datetime(2026, 10, 2, 3, tzinfo=UTC)
CLOSED_ON, TODAY, AFTER = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 12)
Staff = Mapping[str, Viewer]


@pytest.fixture
def staff(session: Session, world: World) -> Staff:
    """Two of the office, and the managers of two units."""
    people = {
        "office": (Role.PAR_OFFICE, world.province),
        "second": (Role.ADMIN, world.province),
        "dongha": (Role.MANAGER, world.units["Đông Hà"]),
        "conco": (Role.MANAGER, world.units["Cồn Cỏ"]),
    }
    found = {}
    for name, (role, unit_id) in people.items():
        row = Account(
            name=name, password_hash="-", role=role, unit_id=unit_id, language="vi", search_key=name
        )
        session.add(row)
        session.flush()
        found[name] = Viewer(row.id, role, unit_id)
    return found


@pytest.fixture
def closed(session: Session, world: World) -> None:
    """A sample of three units, one of them too small to be published, with its books closed."""
    for unit, n in (("Đông Hà", 60), ("Hòa Xuân", 45), ("Cồn Cỏ", 8)):
        for place in range(n):
            answer = "satisfied" if place % 4 else "dissatisfied"
            make_response(session, world, wave="sample", unit=unit, answers={"overall": answer},
                          on=date(2026, 8, 1) + timedelta(days=place % 28))  # fmt: skip
    make_comment(session, world, unit="Đông Hà")
    session.flush()
    row = lookups.wave_row(session, world.waves["sample"])
    wave_states.close_books(session, row, reason="", by=None, now=NOW, today=CLOSED_ON)


def start(session: Session, world: World, by: Viewer, *, reason: str = "", today: date = TODAY) -> int:
    return publishing.start(
        session, root_unit_id=world.province, basis="sample", period_code="2026Q3", reason=reason, by=by,
        now=NOW, today=today,
    )  # fmt: skip


def bring_out(session: Session, world: World, staff: Staff, *, reason: str = "") -> int:
    """All steps, with a hearing in which nobody replied."""
    id_ = start(session, world, staff["office"], reason=reason)
    publishing.send_to_review(session, id_, by=staff["office"], now=NOW)
    publishing.open_hearing(session, id_, by=staff["office"], now=NOW, today=TODAY)
    waiting = publishing.propose(session, id_, by=staff["office"], now=NOW, today=AFTER)
    approvals.approve(
        session, approval_id=waiting, kinds=KINDS, note="", by=staff["second"], at=Moment(NOW, AFTER)
    )
    publishing.publish(session, id_, by=staff["office"], now=NOW, today=AFTER)
    return id_


def refusals(refused: pytest.ExceptionInfo[PublicationRefused]) -> list[str]:
    return [name for name, _ in refused.value.reasons]


def test_what_is_not_closed_is_not_drafted(session, world, staff):
    make_response(session, world, wave="sample")
    with pytest.raises(PublicationRefused) as refused:
        start(session, world, staff["office"])
    assert refusals(refused) == ["wave_open"]
    with pytest.raises(NotAllowed):
        start(session, world, staff["dongha"])


@pytest.mark.usefixtures("closed")
def test_units_are_heard_a_second_person_approves_and_only_then_it_is_published(session, world, staff):
    office, manager, unit_id = staff["office"], staff["dongha"], world.units["Đông Hà"]
    id_ = start(session, world, office)
    with pytest.raises(PublicationRefused) as refused:
        start(session, world, office)
    assert refusals(refused) == ["unfinished"]
    assert unit_hearings.hearings(session, viewer=manager, today=TODAY) == []
    publishing.send_to_review(session, id_, by=office, now=NOW)
    # Friday 2 October and five working days.
    assert publishing.open_hearing(session, id_, by=office, now=NOW, today=TODAY) == date(2026, 10, 9)

    seen = unit_hearings.hearing(session, publication_id=id_, unit_id=unit_id, viewer=manager, today=TODAY,
                                 language="vi")  # fmt: skip
    assert (seen.is_open, seen.card.overall.n, seen.card.comments) == (True, 60, None)
    with pytest.raises(NotFound):
        unit_hearings.hearing(session, publication_id=id_, unit_id=unit_id, viewer=staff["conco"], today=TODAY,
                              language="vi")  # fmt: skip
    document = unit_hearings.read_document("Ý kiến.docx.exe", _docx())
    reply = {"publication_id": id_, "unit_id": unit_id, "by": manager, "now": NOW}
    with pytest.raises(PublicationRefused) as refused:
        unit_hearings.send_reply(session, stance="objects", text=" ", document=None, today=TODAY, **reply)
    assert refusals(refused) == ["objection_needs_text"]
    unit_hearings.send_reply(
        session, stance="objects", text="Đề nghị xem lại.", document=document, today=TODAY, **reply
    )
    with pytest.raises(PublicationRefused) as refused:
        unit_hearings.send_reply(session, stance="agrees", text="", document=None, today=AFTER, **reply)
    assert refusals(refused) == ["hearing_over"]

    with pytest.raises(PublicationRefused) as refused:
        publishing.propose(session, id_, by=office, now=NOW, today=TODAY)
    assert refusals(refused) == ["hearing_runs", "unanswered"]
    unit_hearings.answer(session, publication_id=id_, unit_id=unit_id, answer="declined", reason="Đã đối chiếu.",
                         by=office, now=NOW)  # fmt: skip
    waiting = publishing.propose(session, id_, by=office, now=NOW, today=AFTER)
    at = Moment(NOW, AFTER)
    with pytest.raises(NeedsSecondPerson):
        approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=office, at=at)
    with pytest.raises(PublicationRefused):
        publishing.publish(session, id_, by=office, now=NOW, today=AFTER)
    approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=staff["second"], at=at)
    publishing.publish(session, id_, by=office, now=NOW, today=AFTER)

    row = queries.publication(session, id_)
    assert (row.state, row.published_on, row.approved_by, row.published_by) == (
        "published", AFTER, "second", "office",
    )  # fmt: skip
    content = joined(queries.parts(session, id_, language="vi"), "vi")
    scores = {(score.unit_id, score.code): score for score in queries.scores(session, id_)}
    whole = scores[world.province, "overall"]
    assert (whole.n, whole.value) == (105, content.comparison.province.estimate.value)
    assert scores[world.units["Cồn Cỏ"], "overall"].n is None
    [kept] = queries.replies(session, id_)
    assert (kept.stance, kept.answer, kept.file_name) == ("objects", "declined", "Ý kiến.docx.docx")
    given = unit_hearings.document_of(session, publication_id=id_, unit_id=unit_id, viewer=office)
    assert given == document


def _docx(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in ("[Content_Types].xml", "word/document.xml", *names):
            packed.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"MZ\x90", "file_kind"), (_docx("word/vbaProject.bin"), "file_kind"), (b"PK\x03\x04broken", "file_kind"),
     (b"%PDF-" + b" " * 5 * 1024 * 1024, "file_too_large")],
)  # fmt: skip
def test_a_document_is_known_by_its_content(content, reason):
    with pytest.raises(PublicationRefused) as refused:
        unit_hearings.read_document("a.pdf", content)
    assert refusals(refused) == [reason]


@pytest.mark.usefixtures("closed")
def test_what_was_published_cannot_be_changed_only_followed(session, world, staff):
    id_ = bring_out(session, world, staff)
    session.commit()
    for statement in (
        "UPDATE publication SET fingerprint = 'x'",
        "UPDATE publication SET published_on = NULL",
        "DELETE FROM publication",
        "UPDATE publication_part SET position = 99",
        "DELETE FROM published_score",
        "UPDATE published_score SET value = 1",
        f"INSERT INTO published_score (publication_id, unit_id, code, showing) "
        f"VALUES ({id_}, {world.province}, 'new', 'withheld')",
    ):
        with pytest.raises(DBAPIError, match="cannot change"):
            session.execute(text(statement))
        session.rollback()
    with pytest.raises(PublicationRefused) as refused:
        start(session, world, staff["office"])
    assert refusals(refused) == ["revision_reason"]
    second = bring_out(session, world, staff, reason="Đính chính tên đơn vị.")
    rows = queries.revisions_of(session, root_unit_id=world.province, basis="sample", period_code="2026Q3")
    assert [(row.id, row.revision, row.state, row.end_reason) for row in rows] == [
        (second, 2, "published", ""), (id_, 1, "superseded", "Đính chính tên đơn vị."),
    ]  # fmt: skip


@pytest.mark.usefixtures("closed")
def test_figures_that_moved_since_the_review_are_not_published(session, world, staff):
    id_ = start(session, world, staff["office"])
    publishing.send_to_review(session, id_, by=staff["office"], now=NOW)
    publishing.open_hearing(session, id_, by=staff["office"], now=NOW, today=TODAY)
    waiting = publishing.propose(session, id_, by=staff["office"], now=NOW, today=AFTER)
    approvals.approve(
        session, approval_id=waiting, kinds=KINDS, note="", by=staff["second"], at=Moment(NOW, AFTER)
    )
    session.execute(text("UPDATE wave_unit SET population = population * 3"))
    with pytest.raises(PublicationRefused) as refused:
        publishing.publish(session, id_, by=staff["office"], now=NOW, today=AFTER)
    [(name, about)] = refused.value.reasons
    assert name == "content_changed"
    assert "province" in about["places"]
    publishing.back_to_draft(session, id_, reason="Đếm lại.", by=staff["office"], now=NOW)
    row = queries.publication(session, id_)
    assert (row.state, row.approved_by, queries.notices(session, id_)) == ("draft", None, [])


@pytest.mark.usefixtures("closed")
def test_verification_finds_a_changed_answer_and_nothing_else(session, world, staff):
    id_ = bring_out(session, world, staff)
    checked = report_verification.verify(session, id_)
    assert (checked.differences, checked.fingerprint) == ((), queries.publication(session, id_).fingerprint)
    session.execute(delete(Comment))
    wave = lookups.wave_row(session, world.waves["sample"])
    date_coarsening.coarsen_wave(session, wave, after_days=90, now=NOW, today=date(2027, 2, 1))
    assert report_verification.verify(session, id_).differences == ()
    row = session.scalars(select(Response).where(Response.wave_id == wave.id)).first()
    changed = bytes([row.answers[0] % 5 + 1]) + row.answers[1:]
    session.execute(update(Response).where(Response.id == row.id).values(answers=changed))
    found = report_verification.verify(session, id_).differences
    assert any("root" in each.where for each in found)


@pytest.mark.usefixtures("closed")
def test_the_english_content_is_what_counting_in_english_gives(session, world, staff):
    id_ = start(session, world, staff["office"])
    viewer = Viewer(0, Role.ADMIN, world.province)
    content = report_content(
        session, root_unit_id=world.province, basis="sample", period_code="2026Q3", viewer=viewer, today=TODAY,
        language="en", is_public=True,
    )  # fmt: skip
    assert joined(queries.parts(session, id_, language="en"), "en") == public_withholding.withheld(
        session, for_release(content), earlier=[], as_of=TODAY
    )


def reopened_with(session: Session, world: World, staff: Staff, n_more: int) -> None:
    """The sample takes in some more of one unit, and its books are closed again."""
    row = lookups.wave_row(session, world.waves["sample"])
    payload = {"code": row.code, "closes_on": TODAY.isoformat()}
    wave_states.REOPENING.carry_out(session, payload, staff["office"], Moment(NOW, TODAY))
    row = lookups.wave_row(session, world.waves["sample"])
    for place in range(n_more):
        make_response(session, world, wave="sample", unit="Đông Hà", answers={"overall": "satisfied"},
                      on=date(2026, 9, 1 + place % 28))  # fmt: skip
    session.flush()
    wave_states.close_books(session, row, reason="Thêm phiếu.", by=staff["office"], now=NOW, today=TODAY)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(("n_more", "told"), [(6, 60), (12, 72)])
def test_a_revision_that_a_few_people_joined_keeps_what_was_published(session, world, staff, n_more, told):
    first, unit_id = bring_out(session, world, staff), world.units["Đông Hà"]
    reopened_with(session, world, staff, n_more)
    second = bring_out(session, world, staff, reason="Thêm phiếu.")
    row = queries.publication(session, second)
    content = joined(queries.parts(session, second, language="vi"), "vi")
    assert row.terms["earlier_releases"] == [first]
    assert content.card(unit_id).overall.n == told
    alone = joined(publishing.recounted(session, row, earlier=[])["vi"], "vi")
    assert alone.card(unit_id).overall.n == 60 + n_more
    assert public_withholding.findings(session, content, earlier=[first]) == ()
    assert report_verification.verify(session, second).differences == ()
