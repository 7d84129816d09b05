"""What was received is sealed by day and wave; a change of any row is found and its wave and day are named."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from survey_app.errors import RootsBroken
from survey_app.models import AuditEntry, ReceivedRoot, Response, RootReopened
from survey_app.queries import roots
from survey_app.services import root_sealing, shuffling
from survey_app.services.audit_verification import verify_chain
from survey_app.services.response_roots import hash_of, merkle_root
from survey_app.services.root_verification import BatchFault, BrokenBatch, RootsReport, verify_roots
from survey_app.services.submissions import receive_response
from survey_app.signing import Signer
from tests.builders import SECRET_KEY, make_response, make_submission

MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)
WEDNESDAY = date(2026, 9, 16)
SIGNER = Signer(SECRET_KEY)


def seal(session, today):
    now = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(hours=7)
    n = root_sealing.seal_days(session, today=today, now=now)
    session.commit()
    return n


def received_root(session, **days):
    return merkle_root(hash_of(row) for row in roots.received_rows(session, **days))


@pytest.fixture
def sealed(session, world):
    """Two waves and two days, sealed; the first response of Monday and the full form is the one to be changed."""
    first, *_ = (make_response(session, world, on=MONDAY) for _ in range(5))
    for _ in range(3):
        make_response(session, world, wave="tap", on=date(2026, 4, 2), received_on=MONDAY)
    for _ in range(4):
        make_response(session, world, on=TUESDAY)
    session.commit()
    assert seal(session, WEDNESDAY) == 3
    return first


def test_what_is_sealed_is_the_root_of_the_day_and_verifies(session, world, sealed):
    assert verify_roots(session) == root_report(3)
    row = session.scalars(select(ReceivedRoot).where(ReceivedRoot.received_on == TUESDAY)).one()
    expected = received_root(session, wave_id=world.waves["full"], after=MONDAY, through=TUESDAY)
    assert (row.n, row.root) == (4, expected.digest)
    assert verify_chain(session).n_whole == 1


def root_report(n_whole, n_waiting=0, *broken):
    return RootsReport(n_whole, n_waiting, tuple(broken))


def broken(fault, wave="full", day=MONDAY):
    return BrokenBatch(wave, day, fault)


def test_a_second_night_seals_only_what_is_new(session, world, sealed):
    assert seal(session, WEDNESDAY) == 0
    make_response(session, world, on=WEDNESDAY)
    session.commit()
    assert seal(session, WEDNESDAY) == 0
    assert seal(session, WEDNESDAY + timedelta(days=3)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2


def test_rewriting_rows_in_random_order_and_coarse_collection_days_keep_the_roots(session, sealed):
    shuffling.shuffle_arrivals(session, through=TUESDAY)
    session.execute(update(Response).values(collected_on=date(2026, 9, 1)))
    assert verify_roots(session).is_whole


@pytest.mark.parametrize("column", ["answers", "flags", "version_id", "id"])
def test_a_changed_row_names_its_wave_and_day(session, world, sealed, column):
    row = session.get_one(Response, sealed)
    values = {
        "answers": bytes([row.answers[0] % 5 + 1]) + row.answers[1:], "flags": 4,
        "version_id": world.versions["one_tap_v1"], "id": uuid4(),
    }  # fmt: skip
    session.execute(update(Response).where(Response.id == sealed).values({column: values[column]}))
    assert verify_roots(session).broken == (broken(BatchFault.CHANGED),)


def test_a_removed_an_added_and_a_moved_row_are_found(session, world, sealed):
    session.execute(delete(Response).where(Response.id == sealed))
    assert verify_roots(session).broken == (broken(BatchFault.REMOVED),)
    session.rollback()
    make_response(session, world, on=MONDAY)
    session.flush()
    assert verify_roots(session).broken == (broken(BatchFault.ADDED),)
    session.rollback()
    make_response(session, world, wave="sample", on=date(2026, 8, 3))
    session.flush()
    assert verify_roots(session).broken == (broken(BatchFault.ADDED, "sample", date(2026, 8, 3)),)
    session.rollback()
    session.execute(update(Response).where(Response.id == sealed).values(wave_id=world.waves["sample"]))
    assert verify_roots(session).broken == (
        broken(BatchFault.REMOVED),
        broken(BatchFault.ADDED, "sample"),
    )
    session.rollback()
    session.execute(delete(Response).where(Response.wave_id == world.waves["tap"]))
    assert verify_roots(session).broken == (broken(BatchFault.REMOVED, "tap"),)


def test_a_root_changed_along_with_its_row_is_found_through_the_log(session, world, sealed):
    session.execute(update(Response).where(Response.id == sealed).values(flags=4))
    forged = received_root(
        session, wave_id=world.waves["full"], after=MONDAY - timedelta(days=1), through=MONDAY
    )
    is_monday = (ReceivedRoot.received_on == MONDAY) & (ReceivedRoot.wave_id == world.waves["full"])
    session.execute(update(ReceivedRoot).where(is_monday).values(root=forged.digest))
    assert verify_roots(session).broken == (broken(BatchFault.CHANGED),)
    session.rollback()
    session.execute(delete(ReceivedRoot).where(is_monday))
    assert verify_roots(session).broken == (broken(BatchFault.ROOT_CHANGED),)


def answer_in_two_parts(session, world, *, first_on, second_on):
    first = make_submission(world, parts=frozenset({1}), reached=frozenset({"overall"}))
    receive_response(session, first, signer=SIGNER, today=first_on)
    session.commit()
    if second_on > first_on:
        seal(session, second_on)
    both = make_submission(
        world, id=first.id, parts=frozenset({2}), answers={"reasons": ("time_good",)}, reached=frozenset({"reasons"})
    )  # fmt: skip
    receive_response(session, both, signer=SIGNER, today=second_on)
    session.commit()


def test_a_second_part_of_the_same_day_is_sealed_with_it(session, world):
    answer_in_two_parts(session, world, first_on=MONDAY, second_on=MONDAY)
    assert session.scalar(select(func.count()).select_from(RootReopened)) == 0
    assert seal(session, TUESDAY) == 1
    assert verify_roots(session) == root_report(1)


def test_a_second_part_after_the_seal_waits_and_makes_a_revision(session, world):
    answer_in_two_parts(session, world, first_on=MONDAY, second_on=TUESDAY)
    assert verify_roots(session) == root_report(0, 1)
    assert seal(session, WEDNESDAY) == 1
    assert verify_roots(session) == root_report(1)
    revisions = session.execute(select(ReceivedRoot.revision, ReceivedRoot.n, ReceivedRoot.n_open))
    assert sorted(revisions.all()) == [(1, 1, 1), (2, 1, 0)]


def test_a_mark_alone_hides_no_change(session, world, sealed):
    session.add(RootReopened(wave_id=world.waves["full"], received_on=MONDAY, mark=uuid4()))
    session.execute(update(Response).where(Response.id == sealed).values(flags=4))
    assert verify_roots(session).broken == (broken(BatchFault.CHANGED),)


def coarsen(session):
    session.execute(update(Response).values(received_on=date(2026, 9, 1)))


def test_coarser_dates_keep_the_proof(session, world, sealed):
    full = world.waves["full"]

    def months():
        is_full = Response.wave_id == full
        session.execute(update(Response).where(is_full).values(received_on=date(2026, 9, 1)))

    root_sealing.refold(session, wave_id=full, coarsen=months, now=datetime(2026, 12, 31, tzinfo=UTC))
    session.commit()
    assert verify_roots(session) == root_report(2)
    assert session.scalar(select(func.count()).select_from(ReceivedRoot)) == 4
    session.execute(update(Response).where(Response.id == sealed).values(flags=4))
    assert verify_roots(session).broken == (broken(BatchFault.CHANGED, day=date(2026, 9, 1)),)


def test_what_comes_after_coarser_dates_is_sealed_and_folded_again(session, world, sealed):
    full = world.waves["full"]

    def months():
        is_full = Response.wave_id == full
        session.execute(update(Response).where(is_full).values(received_on=date(2026, 10, 1)))

    now = datetime(2026, 9, 16, tzinfo=UTC)
    root_sealing.refold(session, wave_id=full, coarsen=months, now=now)
    late = make_response(session, world, on=WEDNESDAY)
    session.commit()
    assert seal(session, WEDNESDAY + timedelta(days=1)) == 1
    assert verify_roots(session) == root_report(2)
    assert seal(session, date(2026, 10, 2)) == 1
    assert verify_roots(session) == root_report(3)
    root_sealing.refold(session, wave_id=full, coarsen=months, now=now)
    session.commit()
    assert verify_roots(session) == root_report(2)
    session.execute(update(Response).where(Response.id == late).values(flags=4))
    assert verify_roots(session).broken == (broken(BatchFault.CHANGED, day=date(2026, 10, 1)),)


def test_dates_of_a_wave_with_a_changed_row_are_left_as_they_are(session, world, sealed):
    session.execute(update(Response).where(Response.id == sealed).values(flags=4))
    with pytest.raises(RootsBroken):
        root_sealing.refold(
            session, wave_id=world.waves["full"], coarsen=lambda: coarsen(session),
            now=datetime(2026, 9, 16, tzinfo=UTC),
        )  # fmt: skip
    assert session.scalar(select(func.max(Response.received_on))) == TUESDAY


def test_roots_hold_no_time_and_no_key_of_an_answer(session, sealed):
    (entry,) = session.scalars(select(AuditEntry))
    assert entry.account_id is None
    assert set(entry.details) == {"through", "roots"}
    assert sealed.hex not in repr(entry.details)
