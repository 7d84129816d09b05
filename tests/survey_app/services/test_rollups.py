"""Counting ahead: what is counted when, and that nothing which commits meanwhile is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from survey_app.db import write_transaction
from survey_app.models import CountCell, MomentCell, Response, RollupDirty, RollupMonth
from survey_app.queries.tallies import Scope, level_tallies, moment_tallies
from survey_app.services import forms, rollups
from survey_app.services.submissions import receive_response
from survey_app.signing import Signer
from tests.builders import World, make_response, make_submission, release_everything

SIGNER = Signer("a secret of the tests")
JULY, TODAY = date(2026, 7, 1), date(2026, 9, 15)


def n_in_july(session: Session, world: World) -> tuple[int, int]:
    """What a page would show of July, by counts and by moments."""
    version_id = world.versions["full_form_v1"]
    form = forms.load_form(session, version_id=version_id)
    scope = Scope(
        (world.units["Đông Hà"],), (world.waves["full"],), version_id, form.n_slots, JULY, date(2026, 7, 31)
    )
    levels, moments = level_tallies(session, scope), moment_tallies(session, scope, form.scoring())
    return int(levels.n_responses[0]), int(moments.n[0])


def late_answer(session: Session, world: World) -> None:
    """An answer given on 2 July that arrives a month later."""
    receive_response(session, make_submission(world, age_days=31), signer=SIGNER, today=date(2026, 8, 2))


def test_only_settled_months_are_counted(session, world):
    for on in (date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 1)):
        make_response(session, world, on=on)
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=date(2026, 9, 2))
    assert set(session.scalars(select(RollupMonth.month))) == {JULY}
    rollups.rebuild_rollups(session, today=date(2026, 9, 3))
    assert set(session.scalars(select(RollupMonth.month))) == {JULY, date(2026, 8, 1)}


def test_counting_again_counts_nothing_more(session, world):
    make_response(session, world)
    release_everything(session, world)
    assert rollups.rebuild_rollups(session, today=TODAY) == 6
    assert rollups.rebuild_rollups(session, today=TODAY) == 0


def test_a_late_answer_makes_only_its_own_point_and_month_be_counted_again(session, world):
    make_response(session, world, on=JULY)
    make_response(session, world, on=JULY, unit="Hòa Xuân")
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=TODAY)
    late_answer(session, world)
    assert n_in_july(session, world) == (2, 2)
    assert rollups.rebuild_rollups(session, today=TODAY) == 1
    assert n_in_july(session, world) == (2, 2)


def test_cells_of_rows_that_no_longer_count_go_away(session, world):
    key = make_response(session, world, on=JULY)
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=TODAY)
    session.get_one(Response, key).is_test = True
    rollups.mark_dirty(session, point_id=world.points["Đông Hà"], month=JULY, mark=uuid4())
    rollups.rebuild_rollups(session, today=TODAY)
    for model in (CountCell, MomentCell):
        assert session.scalar(select(func.count()).select_from(model)) == 0


@pytest.fixture
def counted(engine: Engine, session: Session, world: World) -> None:
    """One answer of July, released and counted, and the month marked anew when the test asks for it."""
    make_response(session, world, on=JULY)
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=TODAY)
    session.commit()


def rebuild(session: Session, world: World) -> None:
    rollups.rebuild_month(session, month=JULY, point_ids=[world.points["Đông Hà"]])


def mark(session: Session, world: World) -> None:
    rollups.mark_dirty(session, point_id=world.points["Đông Hà"], month=JULY, mark=uuid4())
    session.commit()


def assert_nothing_lost(session: Session, world: World) -> None:
    """The answer shows at once, and after the next rebuild as well."""
    session.rollback()
    assert n_in_july(session, world) == (2, 2)
    rollups.rebuild_rollups(session, today=TODAY)
    assert session.scalars(select(RollupDirty)).first() is None
    assert n_in_july(session, world) == (2, 2)


@pytest.mark.only_database("postgresql")
@pytest.mark.usefixtures("counted")
def test_a_submit_that_commits_while_a_clean_month_is_rebuilt_is_not_lost(engine, session, world):
    with Session(engine) as rebuilding, Session(engine) as submitting:
        rebuild(rebuilding, world)
        late_answer(submitting, world)
        submitting.commit()
        rebuilding.commit()
    assert session.scalars(select(RollupDirty)).first() is not None
    assert_nothing_lost(session, world)


@pytest.mark.only_database("postgresql")
@pytest.mark.usefixtures("counted")
def test_a_submit_waits_for_the_rebuild_that_took_its_mark(engine, session, world):
    mark(session, world)
    with Session(engine) as rebuilding, Session(engine) as submitting, ThreadPoolExecutor(1) as pool:
        rebuild(rebuilding, world)
        submit = pool.submit(_submit_and_commit, submitting, world)
        _wait_for_a_lock(session)
        assert not submit.done()
        rebuilding.commit()
        submit.result(timeout=10)
    assert_nothing_lost(session, world)


@pytest.mark.only_database("postgresql")
@pytest.mark.usefixtures("counted")
def test_a_rebuild_waits_for_the_submit_that_marked_first_and_counts_it(engine, session, world):
    mark(session, world)
    with Session(engine) as rebuilding, Session(engine) as submitting, ThreadPoolExecutor(1) as pool:
        late_answer(submitting, world)
        rebuilt = pool.submit(_rebuild_and_commit, rebuilding, world)
        _wait_for_a_lock(session)
        assert not rebuilt.done()
        submitting.commit()
        rebuilt.result(timeout=10)
    assert session.scalars(select(RollupDirty)).first() is None
    assert_nothing_lost(session, world)


def test_submits_and_rebuilds_side_by_side_lose_nothing(engine, session, world):
    """Many of both at once, on either database, in whatever order they fall."""
    make_response(session, world, on=JULY)
    release_everything(session, world)
    session.commit()
    is_over = Event()
    with ThreadPoolExecutor(3) as pool:
        rebuilding = pool.submit(_rebuild_until, engine, is_over)
        submits = [pool.submit(_submit_many, engine, world, 10) for _ in range(2)]
        for submit in submits:
            submit.result(timeout=30)
        is_over.set()
        rebuilding.result(timeout=30)
    assert n_in_july(session, world) == (21, 21)
    rollups.rebuild_rollups(session, today=TODAY)
    assert n_in_july(session, world) == (21, 21)


def _submit_and_commit(session: Session, world: World) -> None:
    late_answer(session, world)
    session.commit()


def _rebuild_and_commit(session: Session, world: World) -> None:
    rebuild(session, world)
    session.commit()


def _submit_many(engine: Engine, world: World, n: int) -> None:
    for _ in range(n):
        with Session(engine) as session, write_transaction(session):
            late_answer(session, world)


def _rebuild_until(engine: Engine, is_over: Event) -> None:
    while not is_over.is_set():
        with Session(engine) as session, write_transaction(session):
            rollups.rebuild_rollups(session, today=TODAY)


def _wait_for_a_lock(session: Session) -> None:
    """Until some other connection waits for a lock; a query of a moment, never a sleep of a guess."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(2_000):
        session.rollback()
        if session.scalar(waiting):
            return
    raise AssertionError("nobody waits")
