"""Whose documents: what the kind and name say, then what the office stored, from its day on, written to the log."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from survey_app.clock import utc_now
from survey_app.errors import InvalidField, NotFound
from survey_app.models import AuditEntry
from survey_app.services import letterheads
from survey_app.services.accounts import Role, Viewer
from tests.survey_app.staffing import make_account

JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)


def office(session, world, unit: str = "Quảng Trị") -> Viewer:
    return make_account(session, "office", Role.PAR_OFFICE, world.units[unit])


def test_head_in_force_is_the_newest_that_has_begun(session, world):
    by = office(session, world)
    first = letterheads.head_of(session, unit_id=by.unit_id, on=JULY)
    assert first.issuer == "ỦY BAN NHÂN DÂN\nTỈNH QUẢNG TRỊ"
    for day, name in ((JANUARY, "Nguyễn Văn An"), (JULY, "Trần Thị Bình"), (JULY, "Lê Văn Cường")):
        letterheads.save_head(
            session, unit_id=by.unit_id, head=replace(first, signer_name=name), effective_from=day, by=by,
            now=utc_now(),
        )  # fmt: skip
    names = [letterheads.head_of(session, unit_id=by.unit_id, on=day).signer_name
             for day in (date(2025, 12, 31), JANUARY, date(2026, 6, 30), JULY)]  # fmt: skip
    assert names == ["", "Nguyễn Văn An", "Nguyễn Văn An", "Lê Văn Cường"]
    assert len(letterheads.versions(session, unit_id=by.unit_id, viewer=by)) == 2
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert entry.action == "letterhead.saved"
    assert entry.details["before"]["signer_name"] == "Trần Thị Bình"


def test_what_is_refused(session, world):
    by = office(session, world, "Đông Hà")
    head = letterheads.head_of(session, unit_id=by.unit_id, on=JULY)
    with pytest.raises(NotFound):
        letterheads.save_head(
            session, unit_id=world.units["Quảng Trị"], head=head, effective_from=JULY, by=by, now=utc_now()
        )
    for wrong, field in (
        (replace(head, issuer=""), "issuer"), (replace(head, signer_titles=()), "signer_titles"),
        (replace(head, recipients=("x",) * 13), "recipients"), (replace(head, place="x" * 101), "place"),
    ):  # fmt: skip
        with pytest.raises(InvalidField) as refused:
            letterheads.save_head(
                session, unit_id=by.unit_id, head=wrong, effective_from=JULY, by=by, now=utc_now()
            )
        assert refused.value.field == field
