"""The audit log is a chain: whatever is done to it behind the application's back is found and named."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from survey_app.db import prepare_engine, write_transaction
from survey_app.errors import AuditKeyMissing
from survey_app.models import AuditEntry, AuditHead
from survey_app.services import audit, audit_chain
from survey_app.services.audit_chain import Draft, beginning, seal_of
from survey_app.services.audit_verification import Broken, Fault, current_anchor, verify_chain

AT = datetime(2026, 9, 15, 1, 30, 0, 123456, tzinfo=UTC)
N = 8
OTHER_KEY = bytes(32)


@pytest.fixture
def chain(session, world):
    """A log of eight entries, committed, with nothing left that would refuse a change."""
    for number in range(1, N + 1):
        write(session, number)
    session.commit()
    drop_guards(session)
    return session


def write(session, number):
    audit.record(
        session, f"thing.done_{number}", target=f"unit:{number}", by=None, at=AT + timedelta(minutes=number),
        details={"after": {"tên": "Đông Hà", "share": 0.1 * number, "n": [number, None, True]}},
    )  # fmt: skip


def drop_guards(session):
    if session.get_bind().dialect.name == "sqlite":
        names = ("DROP TRIGGER audit_entry_update", "DROP TRIGGER audit_entry_delete")
    else:
        names = ("ALTER TABLE audit_entry DISABLE TRIGGER USER",)
    for name in names:
        session.execute(text(name))
    session.commit()


def number_is(number):
    return AuditEntry.sequence == number


def change_field(session):
    session.execute(update(AuditEntry).where(number_is(4)).values(target="unit:99"))


def delete_in_the_middle(session):
    session.execute(delete(AuditEntry).where(number_is(4)))


def delete_and_close_the_gap(session):
    delete_in_the_middle(session)
    for number in range(5, N + 1):
        session.execute(update(AuditEntry).where(number_is(number)).values(sequence=number - 1))
    session.execute(update(AuditHead).values(sequence=N - 1))


def insert_in_the_middle(session):
    for number in range(N, 3, -1):
        session.execute(update(AuditEntry).where(number_is(number)).values(sequence=number + 1))
    before, after = (session.scalars(select(AuditEntry).where(number_is(n))).one() for n in (3, 5))
    forged = AuditEntry(
        at=AT, account_id=None, action="thing.forged", target="unit:1", details={}, sequence=4,
        previous=before.seal, seal=after.previous,
    )  # fmt: skip
    session.add(forged)
    session.execute(update(AuditHead).values(sequence=N + 1))


def insert_at_the_end(session):
    last = session.scalars(select(AuditEntry).where(number_is(N))).one()
    session.add(
        AuditEntry(
            at=AT, account_id=None, action="thing.forged", target="unit:1", details={}, sequence=N + 1,
            previous=last.seal, seal=bytes(32),
        )
    )  # fmt: skip


def swap(session):
    for here, there in ((3, 99), (6, 3), (99, 6)):
        session.execute(update(AuditEntry).where(number_is(here)).values(sequence=there))


def cut_the_tail(session):
    session.execute(delete(AuditEntry).where(AuditEntry.sequence > N - 2))


def recompute_with_another_key(session):
    session.execute(update(AuditEntry).where(number_is(5)).values(target="unit:99"))
    session.expire_all()
    previous = beginning(OTHER_KEY, [])
    for row in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all():
        row.previous = previous
        draft = Draft(row.at, row.account_id, row.action, row.target, row.details)
        previous = row.seal = seal_of(OTHER_KEY, previous, row.sequence, draft)
    session.flush()
    session.execute(update(AuditHead).values(seal=previous))


TAMPERING = {
    change_field: Broken(4, Fault.CHANGED),
    delete_in_the_middle: Broken(4, Fault.MISSING),
    insert_in_the_middle: Broken(4, Fault.INSERTED),
    swap: Broken(3, Fault.REORDERED),
    cut_the_tail: Broken(N - 1, Fault.CUT),
    recompute_with_another_key: Broken(1, Fault.WRONG_KEY),
    delete_and_close_the_gap: Broken(4, Fault.MISSING),
    insert_at_the_end: Broken(N + 1, Fault.INSERTED),
}


def test_a_log_as_it_was_written_is_whole(chain):
    report = verify_chain(chain, anchors=[current_anchor(chain)])
    assert report.is_whole
    assert report.n_whole == N


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found_and_named(chain, tamper):
    tamper(chain)
    chain.commit()
    assert verify_chain(chain).broken == TAMPERING[tamper]


# One that JSON tells apart and Python does not: true is not 1.
NEARLY_THE_SAME = {"after": {"tên": "Đông Hà", "share": 0.1 * 4, "n": [4, None, 1]}}
OTHER_VALUES = [
    ("at", AT), ("account_id", 1), ("action", "thing.else"), ("target", ""), ("details", {"after": {}}),
    ("details", NEARLY_THE_SAME), ("previous", bytes(32)), ("seal", bytes(32)),
]  # fmt: skip


def test_every_field_is_under_the_seal(chain, world):
    make_account(chain, world)
    chain.commit()
    for column, value in OTHER_VALUES:
        chain.execute(update(AuditEntry).where(number_is(4)).values({column: value}))
        assert verify_chain(chain).broken == Broken(4, Fault.CHANGED), column
        chain.rollback()
    assert verify_chain(chain).is_whole


def make_account(session, world):
    session.execute(
        text(
            "INSERT INTO account (id, name, password_hash, role, unit_id, language, is_active, n_failures) "
            "VALUES (1, 'a', 'x', 'admin', :unit, 'vi', true, 0)"
        ),
        {"unit": world.province},
    )


def test_a_tail_cut_with_its_head_is_found_by_the_anchor_kept_elsewhere(chain):
    anchor = current_anchor(chain)
    cut_the_tail(chain)
    newest = chain.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    chain.execute(update(AuditHead).values(sequence=newest.sequence, seal=newest.seal))
    chain.commit()
    assert verify_chain(chain).is_whole
    assert verify_chain(chain, anchors=[anchor]).broken == Broken(N - 1, Fault.CUT)


def test_a_tail_written_anew_by_someone_with_the_key_is_found_by_the_anchor(chain):
    anchor = current_anchor(chain)
    cut_the_tail(chain)
    newest = chain.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    chain.execute(update(AuditHead).values(sequence=newest.sequence, seal=newest.seal))
    for number in (N + 1, N + 2):
        write(chain, number)
    chain.commit()
    assert verify_chain(chain).is_whole
    assert verify_chain(chain, anchors=[anchor]).broken == Broken(N, Fault.REWRITTEN)


def test_entries_of_before_the_chain_are_sealed_by_its_first_link(session, world):
    for number in (1, 2):
        session.add(AuditEntry(at=AT, action=f"old.{number}", target="unit:1", details={"n": number}))
    session.flush()
    write(session, 1)
    session.commit()
    assert verify_chain(session).is_whole
    drop_guards(session)
    session.execute(update(AuditEntry).where(AuditEntry.action == "old.2").values(target="unit:2"))
    assert verify_chain(session).broken == Broken(1, Fault.OLDER_CHANGED)
    session.rollback()
    session.execute(delete(AuditEntry).where(AuditEntry.action == "old.1"))
    assert verify_chain(session).broken == Broken(1, Fault.OLDER_CHANGED)
    session.rollback()
    session.add(AuditEntry(at=AT, action="old.3", target="unit:1", details={}))
    session.flush()
    assert verify_chain(session).broken == Broken(1, Fault.OLDER_CHANGED)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET target = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(session, world, statement):
    write(session, 1)
    session.commit()
    if statement.startswith("TRUNCATE") and session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="cannot change"):
        session.execute(text(statement))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_writers_at_once_make_one_chain(engine):
    writers, each = 6, 5
    barrier = threading.Barrier(writers)
    failures = []

    def run(number):
        barrier.wait()
        try:
            for step in range(each):
                with Session(engine) as session, write_transaction(session):
                    write(session, number * each + step)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Session(engine) as session:
        report = verify_chain(session)
        assert report.is_whole and report.n_whole == writers * each


def test_two_entries_cannot_have_one_number(chain):
    chain.add(AuditEntry(at=AT, action="thing.forged", target="", details={}, sequence=4))
    with pytest.raises(IntegrityError):
        chain.flush()


def test_an_entry_that_is_rolled_back_leaves_no_gap(session, world):
    write(session, 1)
    session.commit()
    write(session, 2)
    session.rollback()
    write(session, 3)
    session.commit()
    assert verify_chain(session).n_whole == 2 and verify_chain(session).is_whole


def test_without_a_key_nothing_is_written(session, world):
    prepare_engine(session.get_bind())
    with pytest.raises(AuditKeyMissing):
        write(session, 1)


def test_another_key_does_not_verify(chain):
    chain.get_bind().update_execution_options(**{audit_chain.AUDIT_KEY_OPTION: OTHER_KEY})
    assert verify_chain(chain).broken == Broken(1, Fault.WRONG_KEY)


def test_a_change_keeps_what_differs_only():
    assert audit.change({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None}) == {
        "before": {"b": 2},
        "after": {"b": 3},
    }
