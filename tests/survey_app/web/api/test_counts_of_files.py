"""Counts of files from a program: whole calls, by codes, as often as they are sent."""

import pytest
from sqlalchemy import select

from survey_app.models import AuditEntry, TransactionBatch, TransactionCount, Unit
from survey_app.services.api_clients import Scope

PATH = "/api/v1/transactions"


def row(**more):
    return {"unit": "U-Đông Hà", "starts_on": "2026-08-01", "ends_on": "2026-08-31", "n_files": 10} | more


@pytest.fixture
def coded(session, world):
    """Units with codes that a program may write."""
    for unit in session.scalars(select(Unit)):
        unit.code = {"Đông Hà": "U1", "Hòa Xuân": "U2", "Cồn Cỏ": "U3"}.get(unit.name, unit.code)
    session.commit()


def call(*rows, **more):
    return {"transactions": [row(unit="U1") | each for each in rows]} | more


def numbers(session):
    session.rollback()
    session.expire_all()
    return sorted(
        (each.mode, each.outcome, each.n_files) for each in session.scalars(select(TransactionCount))
    )


def test_a_call_is_stored_once_and_a_corrected_number_takes_its_place(session, coded, program):
    body = call(
        {"mode": "online", "outcome": "done"}, {"mode": "in_person", "outcome": "refused", "n_files": 0}
    )
    assert program.post(PATH, body).json["counts"] == {"added": 2, "changed": 0, "unchanged": 0, "removed": 0}
    assert program.post(PATH, body).json["counts"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}
    assert len(session.scalars(select(TransactionBatch)).all()) == 1
    body["transactions"][0]["n_files"] = 12
    assert program.post(PATH, body).json["counts"]["changed"] == 1
    assert numbers(session) == [(1, 3, 0), (2, 1, 12)]
    batch = session.scalars(select(TransactionBatch).order_by(TransactionBatch.id)).all()[-1]
    assert (batch.source, batch.title, batch.account_id, len(batch.digest)) == ("api", "motcua", None, 32)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "transactions.loaded")).all()[-1]
    assert [change[1:] for change in entry.details["changed"]] == [[10, 12]]


def test_one_row_that_does_not_fit_refuses_the_call_and_is_named(session, coded, program):
    faults = {
        "transactions[1].unit": {"unit": "U9"},
        "transactions[1].field": {"field": "no-such"},
        "transactions[1].desk": {"desk": "no-such"},
        "transactions[1].ends_on": {"ends_on": "2999-01-31"},
        "transactions[1].n_files": {"n_files": -1},
        "transactions[1].mode": {"mode": "unknown"},
        "transactions[1].more": {"more": 1},
        "transactions[1]": {"mode": "online"},
    }
    for field, fault in faults.items():
        answer = program.post(PATH, call({"mode": "online"}, fault))
        assert (answer.status_code, answer.json["field"]) == (422, field), answer.json
    assert program.post(PATH, {"transactions": []}).status_code == 422
    assert program.post(PATH, {}).json["field"] == "transactions"
    assert program.post(PATH, call(replaces="yes")).json["field"] == "transactions"
    assert program.post(PATH, call({}, replaces="yes")).json["field"] == "replaces"
    assert program.post(PATH, call({}, extra=1)).json["field"] == "extra"
    assert numbers(session) == []


def test_another_split_needs_to_be_said(session, coded, program):
    program.post(PATH, call({}))
    split = call({"outcome": "done", "n_files": 8}, {"outcome": "refused", "n_files": 3})
    assert program.post(PATH, split).json["reason"] == "other_detail"
    assert program.post(PATH, split | {"replaces": True}).json["counts"] == {
        "added": 2, "changed": 0, "unchanged": 0, "removed": 1,
    }  # fmt: skip
    overlapping = call({"starts_on": "2026-08-15", "outcome": "done"})
    assert program.post(PATH, overlapping).json["reason"] == "stored_overlaps"


def test_a_key_reaches_its_own_units_and_scope_only(session, coded, make_program):
    own = make_program("phuong", unit="Đông Hà")
    assert own.post(PATH, call({})).status_code == 200
    assert own.post(PATH, call({"unit": "U2"})).json["reason"] == "unknown"
    other = make_program("khac", scopes=(Scope.WRITE_RESPONSES,))
    assert other.post(PATH, call({})).status_code == 403
    assert other.post(PATH, call({}), key=None).status_code == 401
    assert own.post(PATH, data="x", content_type="text/plain").status_code == 415


def test_a_program_that_is_tried_out_is_told_what_would_change(session, coded, make_program):
    trial = make_program("thu", is_trial=True)
    assert trial.post(PATH, call({})).json["counts"]["added"] == 1
    assert trial.post(PATH, call({"unit": "U9"})).status_code == 422
    assert numbers(session) == []
