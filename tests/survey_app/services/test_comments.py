"""Comments reach the unit together, on a fixed day, or not at all."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Comment
from survey_app.queries import calendar
from survey_app.services.comments import release_comments
from tests.builders import World, make_comment

MONDAY, TUESDAY, NEXT_MONDAY = date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 21)


def release(session: Session, today: date = MONDAY) -> int:
    session.flush()
    return release_comments(session, minimum=5, today=today)


def released(session: Session) -> dict[UUID, date | None]:
    session.expire_all()
    return {row.id: row.released_on for row in session.scalars(select(Comment))}


def write(session: Session, world: World, n: int, **about: object) -> list[UUID]:
    return [make_comment(session, world, f"Góp ý {place}", **about) for place in range(n)]


@pytest.mark.parametrize(("n", "n_units"), [(1, 0), (4, 0), (5, 1), (9, 1)])
def test_a_batch_holds_five_or_more(session, world, n, n_units):
    keys = write(session, world, n)
    assert release(session) == n_units
    assert released(session) == dict.fromkeys(keys, MONDAY if n_units else None)


def test_only_the_batch_day_releases(session, world):
    write(session, world, 20)
    assert release(session, TUESDAY) == 0
    assert set(released(session).values()) == {None}


def test_too_few_are_held_and_come_with_the_next(session, world):
    first = write(session, world, 4)
    release(session)
    second = write(session, world, 1)
    assert release(session, TUESDAY) == 0
    assert release(session, NEXT_MONDAY) == 1
    assert released(session) == dict.fromkeys(first + second, NEXT_MONDAY)


def test_each_unit_needs_its_own_five(session, world):
    write(session, world, 5)
    held = write(session, world, 4, unit="Hòa Xuân")
    assert release(session) == 1
    assert {released(session)[key] for key in held} == {None}


def test_a_batch_once_released_keeps_its_day(session, world):
    first = write(session, world, 5)
    release(session)
    assert release(session) == 0
    write(session, world, 6)
    assert release(session, NEXT_MONDAY) == 1
    assert {released(session)[key] for key in first} == {MONDAY}


def test_the_unit_reads_one_batch_in_the_order_of_random_ids(session, world):
    write(session, world, 12)
    release(session)
    unit_id = world.units["Đông Hà"]
    day, texts = calendar.latest_comments(session, unit_id=unit_id, up_to=TUESDAY)
    in_order = session.scalars(select(Comment.text).order_by(Comment.id)).all()
    assert (day, texts) == (MONDAY, in_order)
    assert texts != sorted(texts, key=lambda text: int(text.rsplit(" ", 1)[1]))
    assert not calendar.has_waiting_comments(session, unit_id)


def test_a_single_comment_is_only_known_to_wait(session, world):
    write(session, world, 1)
    release(session)
    unit_id = world.units["Đông Hà"]
    assert calendar.latest_comments(session, unit_id=unit_id, up_to=TUESDAY) == (None, [])
    assert calendar.has_waiting_comments(session, unit_id)
