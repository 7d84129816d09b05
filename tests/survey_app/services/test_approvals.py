"""Four eyes: one proposes, another decides, once; what cannot be carried out leaves everything as it was."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.db import write_transaction
from survey_app.errors import AlreadyDecided, AlreadyExists, NeedsSecondPerson, NotAllowed, NotFound
from survey_app.models import Approval, AuditEntry, Period, Unit
from survey_app.services import approvals
from survey_app.services.accounts import Role, create_account
from survey_app.services.approvals import Kind, Moment

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
AT = Moment(NOW, date(2026, 9, 15))
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


def rename(session, payload, by, at):
    session.get_one(Unit, payload["unit_id"]).name = payload["name"]
    session.flush()


def half_done(session, payload, by, at):
    rename(session, payload, by, at)
    raise AlreadyExists(payload["name"])


KINDS = {
    "unit.rename": Kind(frozenset({Role.PAR_OFFICE, Role.MANAGER}), rename),
    "unit.half": Kind(frozenset({Role.PAR_OFFICE}), half_done),
}


@pytest.fixture
def people(session, world, monkeypatch):
    monkeypatch.setattr("survey_app.services.accounts.hash_password", lambda password: "x")

    def make(name, role=Role.PAR_OFFICE, unit="Quảng Trị"):
        return create_account(
            session, name=name, password=PASSWORD, role=role, unit_id=world.units[unit], now=NOW
        )

    made = {
        "first": make("một"),
        "second": make("hai"),
        "admin": make("ba", Role.ADMIN),
        "manager": make("bốn", Role.MANAGER, "Đông Hà"),
        "elsewhere": make("năm", Role.MANAGER, "Cồn Cỏ"),
    }
    session.commit()
    return made


@pytest.fixture
def waiting(session, world, people):
    """A new name for Đông Hà, proposed."""
    return propose(session, world, people["first"])


def propose(session, world, by, kind="unit.rename"):
    unit_id = world.units["Đông Hà"]
    approval_id = approvals.propose(
        session, kind=kind, kinds=KINDS, unit_id=unit_id, subject="Đổi tên", reason="Nghị quyết", by=by, now=NOW,
        payload={"unit_id": unit_id, "name": "Nam Đông Hà"},
    )  # fmt: skip
    session.commit()
    return approval_id


def approve(session, approval_id, by, note=""):
    return approvals.approve(session, approval_id=approval_id, kinds=KINDS, note=note, by=by, at=AT)


def reject(session, approval_id, by, note="Chưa rõ"):
    approvals.reject(session, approval_id=approval_id, kinds=KINDS, note=note, by=by, now=NOW)


def unit_name(session, world):
    session.expire_all()
    return session.get_one(Unit, world.units["Đông Hà"]).name


def test_the_second_person_carries_it_out(session, world, people, waiting):
    assert unit_name(session, world) == "Đông Hà"
    approve(session, waiting, people["second"], "Đúng")
    assert unit_name(session, world) == "Nam Đông Hà"
    row = approvals.visible_approval(session, approval_id=waiting, viewer=people["first"], kinds=KINDS)
    assert (row.state, row.proposed_by, row.decided_by, row.decision_note) == (
        "approved",
        "một",
        "hai",
        "Đúng",
    )
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("approval.%"))).all()
    assert [(entry.action, entry.account_id) for entry in entries] == [
        ("approval.proposed", people["first"].account_id),
        ("approval.approved", people["second"].account_id),
    ]


def test_whoever_proposed_may_not_approve(session, world, people, waiting):
    with pytest.raises(NeedsSecondPerson):
        approve(session, waiting, people["first"])
    assert unit_name(session, world) == "Đông Hà"


def test_the_database_itself_refuses_the_same_person(session, people, waiting):
    row = session.get_one(Approval, waiting)
    row.state, row.decided_by_id, row.decided_at = "approved", people["first"].account_id, NOW
    with pytest.raises(IntegrityError):
        session.flush()


def test_another_role_neither_proposes_nor_sees_nor_decides(session, world, people, waiting):
    with pytest.raises(NotAllowed):
        propose(session, world, people["admin"])
    with pytest.raises(NotFound):
        approve(session, waiting, people["admin"])
    with pytest.raises(NotFound):
        reject(session, waiting, people["admin"])
    assert approvals.visible_approvals(session, viewer=people["admin"], kinds=KINDS) == []


def test_a_foreign_unit_does_not_exist(session, world, people, waiting):
    for act in (approve, reject):
        with pytest.raises(NotFound):
            act(session, waiting, people["elsewhere"])
    with pytest.raises(NotFound):
        propose(session, world, people["elsewhere"])
    with pytest.raises(NotFound):
        approve(session, 10**6, people["second"])
    assert approvals.visible_approvals(session, viewer=people["elsewhere"], kinds=KINDS) == []
    (row,) = approvals.visible_approvals(session, viewer=people["manager"], kinds=KINDS, is_pending=True)
    assert row.id == waiting


@pytest.mark.parametrize("first", [approve, reject])
@pytest.mark.parametrize("then", [approve, reject])
def test_what_is_decided_stays_decided(session, world, people, waiting, first, then):
    first(session, waiting, people["second"])
    name = unit_name(session, world)
    with pytest.raises(AlreadyDecided):
        then(session, waiting, people["manager"])
    assert unit_name(session, world) == name


def test_refusing_and_taking_back_change_nothing(session, world, people, waiting):
    reject(session, waiting, people["second"])
    other = propose(session, world, people["first"])
    reject(session, other, people["first"])
    assert unit_name(session, world) == "Đông Hà"
    rows = approvals.visible_approvals(session, viewer=people["first"], kinds=KINDS, is_pending=False)
    assert {row.id: row.state for row in rows} == {waiting: "rejected", other: "withdrawn"}


def test_what_fails_half_way_leaves_everything_as_it_was(session, world, people):
    half = propose(session, world, people["first"], "unit.half")
    with pytest.raises(AlreadyExists), write_transaction(session):
        approve(session, half, people["second"])
    assert unit_name(session, world) == "Đông Hà"
    row = approvals.visible_approval(session, approval_id=half, viewer=people["second"], kinds=KINDS)
    assert row.state == "pending"
    approved = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "approval.approved")
    assert session.scalar(approved) == 0


def test_of_two_who_approve_at_once_one_does(engine, session, world, people, waiting):
    done, refused = [], []
    start = threading.Barrier(2)

    def count_up(session, payload, by, at):
        session.add(
            Period(
                code=f"once-{by.account_id}", root_unit_id=world.province, title_vi="Kỳ", title_en="Period",
                starts_on=at.today, ends_on=at.today,
            )
        )  # fmt: skip
        session.flush()

    kinds = {"unit.rename": Kind(KINDS["unit.rename"].roles, count_up)}

    def run(by):
        start.wait()
        try:
            with Session(engine) as own, write_transaction(own):
                approvals.approve(own, approval_id=waiting, kinds=kinds, note="", by=by, at=AT)
            done.append(by)
        except AlreadyDecided:
            refused.append(by)

    session.rollback()
    threads = [threading.Thread(target=run, args=(people[name],)) for name in ("second", "manager")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 1)
    assert session.scalar(select(func.count()).where(Period.code.like("once-%"))) == 1
