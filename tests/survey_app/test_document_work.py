"""A batch of reports: made once, told in numbers while it is made, gone after its days, hidden from others."""

import io
import zipfile
from datetime import date, timedelta

import pypdfium2
import pytest
from docx import Document

from survey_app import document_work
from survey_app.clock import local_today, utc_now
from survey_app.errors import InvalidField, NotFound
from survey_app.models import DocumentBatch, Period
from survey_app.services import document_batches
from survey_app.services.accounts import Role
from tests.builders import make_response, release_everything
from tests.survey_app.staffing import make_account

Q3 = "2026-Q3"


@pytest.fixture
def filled(session, world):
    """A quarter with one unit of forty answers and one of three."""
    session.add(Period(code=Q3, root_unit_id=world.province, title_vi="Quý III/2026", title_en="Q3 2026",
                       starts_on=date(2026, 6, 15), ends_on=date(2026, 9, 14)))  # fmt: skip
    for number in range(40):
        make_response(session, world, answers={"overall": "satisfied" if number % 8 else "neutral"})
    for _number in range(3):
        make_response(session, world, unit="Cồn Cỏ")
    release_everything(session, world)
    session.commit()
    return world


def asked(session, world, *, formats=("pdf", "docx"), units="all", language="vi"):
    by = make_account(session, "office", Role.PAR_OFFICE, world.province)
    batch_id = document_batches.ask(
        session, basis="continuous", period_code=Q3, language=language, formats=formats, units=units, by=by,
        now=utc_now(), today=date.today(),
    )  # fmt: skip
    session.commit()
    return batch_id, by


def test_batch_holds_a_report_a_unit_and_is_made_once(app, settings, session, filled):
    batch_id, by = asked(session, filled, language="en")
    document_work.make_batch(app, batch_id)
    session.expire_all()
    row = document_batches.batch_of(session, batch_id=batch_id, viewer=by, today=local_today(settings))
    path = document_work.documents_folder(settings) / row.file_name
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        pdf = archive.read(next(name for name in names if "dong-ha" in name and name.endswith(".pdf")))
        docx = archive.read(next(name for name in names if "dong-ha" in name and name.endswith(".docx")))
        small = archive.read(next(name for name in names if "con-co" in name and ".docx" in name))
    assert row.state == "done" and row.n_done == row.n_total == len(names) >= 6
    assert "87.5%" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(docx)).paragraphs)
    assert "87.5%" in words and "87,5%" not in words
    # Three answered, all satisfied; nothing of it is said.
    assert "%" not in "".join(paragraph.text for paragraph in Document(io.BytesIO(small)).paragraphs)
    made_at = path.stat().st_mtime_ns
    document_work.make_batch(app, batch_id)
    assert path.stat().st_mtime_ns == made_at


def test_a_batch_that_fails_says_so_and_leaves_no_file(app, settings, session, filled):
    batch_id, by = asked(session, filled)
    session.get_one(DocumentBatch, batch_id).period_code = "no-such"
    session.commit()
    with pytest.raises(NotFound):
        document_work.make_batch(app, batch_id)
    session.expire_all()
    row = document_batches.batch_of(session, batch_id=batch_id, viewer=by, today=local_today(settings))
    assert row.state == "failed"
    assert not list(document_work.documents_folder(settings).glob("*"))


def test_files_whose_days_are_over_are_gone_and_others_see_no_batch(app, settings, session, filled):
    batch_id, by = asked(session, filled, units="province", formats=("xlsx",))
    document_work.make_batch(app, batch_id)
    with app.app_context():
        assert document_work.forget_old(settings) == 0
    other = make_account(session, "unit", Role.PAR_OFFICE, filled.units["Đông Hà"])
    today = local_today(settings)
    with pytest.raises(NotFound):
        document_batches.batch_of(session, batch_id=batch_id, viewer=other, today=today)
    assert document_batches.visible_batches(session, viewer=other, today=today) == []
    session.get_one(DocumentBatch, batch_id).expires_on = today - timedelta(days=1)
    session.commit()
    with app.app_context():
        assert document_work.forget_old(settings) == 1
    with pytest.raises(NotFound):
        document_batches.batch_of(session, batch_id=batch_id, viewer=by, today=today)


def test_too_many_at_once_and_unknown_kinds_are_refused(session, filled):
    _first, by = asked(session, filled)
    terms = {"basis": "continuous", "period_code": Q3, "language": "vi", "units": "all", "by": by,
             "now": utc_now(), "today": date.today()}  # fmt: skip
    with pytest.raises(InvalidField):
        document_batches.ask(session, formats=["exe"], **terms)
    for _number in range(document_batches.MOST_WAITING - 1):
        document_batches.ask(session, formats=["pdf"], **terms)
    with pytest.raises(InvalidField) as refused:
        document_batches.ask(session, formats=["pdf"], **terms)
    assert refused.value.reason == "too_many"
