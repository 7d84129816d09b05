"""The night's work: done once however often it runs, and no order of arrival is left in the morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from scipy.stats import spearmanr
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from survey_app.db import write_transaction
from survey_app.models import AuditEntry, Base, Comment, Response
from survey_app.services import nightly, root_verification, shuffling
from tests.builders import World, make_comment, make_response

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
YESTERDAY = date(2026, 9, 13)
# Half past midnight of Monday 14 September in Hanoi is still the day before in UTC.
NOW = datetime(2026, 9, 13, 17, 30, tzinfo=UTC)


@pytest.fixture
def run(engine: Engine):
    @contextmanager
    def transaction() -> Iterator[Session]:
        with Session(engine) as session, write_transaction(session):
            yield session

    return lambda now=NOW: nightly.run_nightly(transaction, now=now, time_zone=HANOI)


def everything(session: Session) -> dict[str, list[str]]:
    """Every row of every table, in no order of storage."""
    session.rollback()
    return {
        table.name: sorted(repr(tuple(row)) for row in session.execute(table.select()))
        for table in Base.metadata.sorted_tables
    }


def test_the_night_does_every_step(session, world, run):
    for _ in range(6):
        make_response(session, world, on=YESTERDAY)
        make_response(session, world, on=date(2026, 7, 1))
        make_comment(session, world)
    session.commit()
    report = run()
    assert report == nightly.NightlyReport(
        n_shuffled=18,
        n_units_released=1,
        n_comment_batches=1,
        # The one-tap wave, whose days of grace ended in May.
        n_waves_closed=1,
        n_months_counted=6,
        n_waves_coarsened=0,
        n_answers_coarsened=0,
        n_sessions_ended=0,
        n_roots_sealed=2,
        chain=report.chain,
    )
    assert report.chain.report.is_whole
    assert (report.chain.answers.report.n_whole, report.chain.answers.is_all) == (2, True)


@pytest.mark.parametrize("every_night", [200_000, 0])
def test_the_night_holds_the_answers_against_their_roots(session, world, run, monkeypatch, every_night):
    """All of them, or above a size the recent days and a seventh of the rest: each day within a week."""
    monkeypatch.setattr(root_verification, "EVERY_NIGHT", every_night)
    monkeypatch.setattr(root_verification, "ROWS_A_PIECE", 3)
    days = [date(2026, 7, 1), date(2026, 7, 2), YESTERDAY]
    keys = [make_response(session, world, on=day) for day in days for _ in range(2)]
    session.commit()
    run()
    session.execute(update(Response).where(Response.id.in_([keys[0], keys[2]])).values(flags=8))
    session.commit()
    found = set()
    for later in range(1, 8):
        answers = run(NOW + timedelta(days=later)).chain.answers
        assert answers.is_all == bool(every_night)
        assert answers.n_broken == 2 if every_night else answers.n_broken <= 1
        found |= {(each.wave_code, each.received_on, each.fault) for each in answers.report.broken}
    assert found == {("full", day, root_verification.BatchFault.CHANGED) for day in days[:2]}
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "roots.broken")).first()
    assert entry.details["broken_batches"][0]["wave"] == "full"
    n_entries = session.scalar(select(func.count()).select_from(AuditEntry))
    run(NOW + timedelta(days=7))
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == n_entries


def test_an_answer_that_slipped_in_while_its_wave_was_closed_is_marked_late(session, world, run):
    session.commit()
    run()
    key = make_response(session, world, wave="tap", on=date(2026, 4, 2), received_on=YESTERDAY)
    session.commit()
    run()
    assert session.scalar(select(Response.is_late).where(Response.id == key)) is True


def test_a_second_run_changes_nothing(session, world, run):
    for _ in range(6):
        make_response(session, world, on=YESTERDAY)
        make_response(session, world, on=date(2026, 7, 1), unit="Hòa Xuân")
        make_comment(session, world)
    make_response(session, world, on=YESTERDAY, unit="Cồn Cỏ")
    session.commit()
    run()
    after_one = everything(session)
    report = run()
    assert (report.n_units_released, report.n_comment_batches, report.n_months_counted) == (0, 0, 0)
    assert everything(session) == after_one


def test_shuffling_keeps_every_row_as_it_was(session, world):
    for _ in range(50):
        make_response(session, world, on=YESTERDAY)
        make_comment(session, world)
    session.commit()
    before = everything(session)
    assert shuffling.shuffle_arrivals(session, through=YESTERDAY) == 100
    session.commit()
    assert everything(session) == before


def test_a_missed_night_is_made_up_for(session, world):
    """Rows that no release has counted yet have been through no night, or through one that found too few."""
    for days in (0, 1, 5):
        make_response(session, world, on=YESTERDAY - timedelta(days=days))
    make_response(session, world, on=YESTERDAY + timedelta(days=1))
    session.commit()
    assert shuffling.shuffle_arrivals(session, through=YESTERDAY) == 3


@pytest.mark.only_database("postgresql")
@pytest.mark.parametrize("table", ["response", "comment"])
def test_the_order_of_storage_tells_nothing_of_the_order_of_arrival(session, world, table):
    model = Response if table == "response" else Comment
    arrived = _arrive(session, world, model, n=500)
    assert _order_against_arrival(session, table, arrived) > 0.99
    shuffling.shuffle_arrivals(session, through=YESTERDAY)
    session.commit()
    assert abs(_order_against_arrival(session, table, arrived)) < 0.2
    assert session.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")) == 1


@pytest.mark.only_database("postgresql")
def test_responses_and_comments_of_a_day_share_one_transaction_number(session, world):
    """Before the night a row's transaction number leads from answer to comment; after it, to everybody's."""
    for _ in range(3):
        make_response(session, world, on=YESTERDAY)
        make_comment(session, world)
        session.commit()
    assert _n_numbers(session) == 3
    shuffling.shuffle_arrivals(session, through=YESTERDAY)
    session.commit()
    assert _n_numbers(session) == 1


def _n_numbers(session: Session) -> int:
    both = "SELECT xmin::text AS number FROM response UNION SELECT xmin::text FROM comment"
    return session.scalar(text(f"SELECT count(*) FROM ({both}) AS numbers"))


def _arrive(session: Session, world: World, model: type, n: int) -> dict[object, int]:
    """One after the other, as at a desk; the place of each in the order of arrival."""
    make = make_comment if model is Comment else _answer_of_yesterday
    arrived = {}
    for place in range(n):
        arrived[make(session, world)] = place
        session.flush()
    session.commit()
    return arrived


def _answer_of_yesterday(session: Session, world: World) -> object:
    return make_response(session, world, on=YESTERDAY)


def _order_against_arrival(session: Session, table: str, arrived: dict[object, int]) -> float:
    model = Response if table == "response" else Comment
    stored = session.scalars(select(model.id).order_by(text("ctid"))).all()
    return float(spearmanr([arrived[key] for key in stored], range(len(stored))).statistic)
