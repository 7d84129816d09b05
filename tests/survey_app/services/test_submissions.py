"""An acknowledged response is stored exactly once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from survey_app.db import begin_write
from survey_app.errors import AlreadyAnsweredDifferently, InvalidAnswer, UnknownSubmission
from survey_app.models import Comment, PointUnit, Response, RollupDirty, Ticket
from survey_app.queries.lookups import StoredDigests
from survey_app.services import forms
from survey_app.services.submissions import Dimensions, Receipt, Submission, receive_response, ticket_hash
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel, QualityFlag, Stage
from tests.builders import World, make_unit

TODAY = date(2026, 9, 15)
SIGNER = Signer("a secret of the tests")


def submission(world: World, **changes: object) -> Submission:
    values = {
        "id": uuid4(),
        "point": PointToken(
            world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.QR), world.waves["full"]
        ),
        "language": "vi",
        "answers": {"overall": "satisfied"},
        "parts": frozenset({1, 2}),
        "reached": frozenset({"overall", "reasons"}),
    }
    return Submission(**(values | changes))  # type: ignore[arg-type]


def receive(session: Session, value: Submission, today: date = TODAY) -> Receipt:
    begin_write(session)
    receipt = receive_response(session, value, signer=SIGNER, today=today)
    session.commit()
    return receipt


def stored(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Response))


def unpacked(session: Session, world: World) -> dict[str, object]:
    row = session.scalars(select(Response)).one()
    session.refresh(row)
    return forms.load_form(session, version_id=row.version_id).unpack(row.answers)


def test_same_submission_again_gives_the_same_receipt_and_no_row(session, world):
    first = submission(world)
    once, again = receive(session, first), receive(session, first)
    assert (once.is_new, again.is_new) == (True, False)
    assert once.code == again.code
    assert stored(session) == 1


def test_same_id_with_other_content_is_refused_and_the_first_stays(session, world):
    first = submission(world)
    receive(session, first)
    other = submission(world, id=first.id, answers={"overall": "very_dissatisfied"})
    with pytest.raises(AlreadyAnsweredDifferently):
        receive(session, other)
    session.rollback()
    assert unpacked(session, world)["overall"] == "satisfied"


def test_transport_fields_do_not_make_content_differ(session, world):
    first = submission(world, duration_bucket=2, ticket="a")
    receive(session, first)
    again = submission(world, id=first.id, duration_bucket=5, ticket="b", age_days=3)
    assert receive(session, again).is_new is False


def test_second_part_fills_once_what_the_first_left_open(session, world):
    first = submission(world, parts=frozenset({1}), reached=frozenset({"overall"}))
    receive(session, first)
    assert unpacked(session, world)["reasons"] == "not_reached"
    supplement = submission(
        world, id=first.id, parts=frozenset({2}), answers={"reasons": ("time_bad",), "F4.1": "neutral"},
        reached=frozenset({"reasons", "F4.1"}), dimensions=Dimensions(stage=int(Stage.COLLECT_RESULT)),
    )  # fmt: skip
    assert receive(session, supplement).is_new is True
    answers = unpacked(session, world)
    assert answers["overall"] == "satisfied"
    assert answers["reasons"] == ("time_bad",)
    assert answers["F4.1"] == "neutral"
    assert receive(session, supplement).is_new is False


def test_another_second_part_is_refused(session, world):
    first = submission(world)
    receive(session, first)
    other = submission(world, id=first.id, parts=frozenset({2}), answers={"reasons": ("time_good",)})
    with pytest.raises(AlreadyAnsweredDifferently):
        receive(session, other)


def test_second_part_without_a_first_is_refused(session, world):
    with pytest.raises(UnknownSubmission):
        receive(session, submission(world, parts=frozenset({2})))


def test_an_answer_without_the_overall_item_is_refused(session, world):
    with pytest.raises(InvalidAnswer):
        receive(session, submission(world, answers={"F1.1": "satisfied"}))
    session.rollback()
    assert stored(session) == 0


def test_a_late_answer_is_stored_as_late(session, world):
    token = PointToken(
        world.codes["Đông Hà"], world.versions["one_tap_v1"], int(Channel.QR), world.waves["tap"]
    )
    receive(session, submission(world, point=token, reached=frozenset({"overall"})))
    assert session.scalars(select(Response.is_late)).one() is True


def test_a_ticket_is_spent_once_and_the_second_answer_is_stored_as_unticketed(session, world):
    session.add(Ticket(hash=ticket_hash(SIGNER, "T1"), batch=uuid4()))
    session.commit()
    receive(session, submission(world, ticket="T1"))
    receive(session, submission(world, ticket="T1"))
    receive(session, submission(world, ticket="forged"))
    assert sorted(session.scalars(select(Response.is_ticketed))) == [False, False, True]


def test_a_comment_is_stored_once_and_apart(session, world):
    value = submission(world, comment="Cần thêm ghế ngồi.", polarity="bad")
    receive(session, value)
    receive(session, value)
    comment = session.scalars(select(Comment)).one()
    assert (comment.month, comment.text) == (date(2026, 9, 1), "Cần thêm ghế ngồi.")
    assert not {column.name for column in Comment.__table__.columns} & {"response_id", "submission_id"}


def test_an_answer_for_an_earlier_month_marks_it_dirty(session, world):
    receive(session, submission(world, age_days=20))
    assert session.execute(select(RollupDirty.point_id, RollupDirty.month)).one() == (
        world.points["Đông Hà"], date(2026, 8, 1),
    )  # fmt: skip
    assert session.scalars(select(Response.collected_on)).one() == date(2026, 8, 26)


def dated(session: Session) -> tuple[date, int]:
    session.rollback()
    return tuple(session.execute(select(Response.collected_on, Response.flags)).one())  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("age_days", "flags"), [(0, 0), (31, 0), (60, 0), (181, 4), (400, 4), (10**12, 4), (-1, 4)]
)
def test_an_age_that_cannot_be_is_flagged_and_never_dates_an_answer_back(session, world, age_days, flags):
    receive(session, submission(world, age_days=age_days))
    day = TODAY if flags else TODAY - timedelta(days=age_days)
    assert dated(session) == (day, flags)


def test_an_age_from_before_the_wave_is_flagged(session, world):
    early = date(2026, 5, 10)
    receive(session, submission(world, age_days=9), today=early)
    assert dated(session) == (date(2026, 5, 1), 0)
    session.execute(text("DELETE FROM response"))
    session.commit()
    receive(session, submission(world, age_days=10), today=early)
    assert dated(session) == (early, QualityFlag.CLOCK_ODD)


def test_an_age_from_before_the_point_belonged_to_any_unit_is_flagged(session, world):
    session.execute(
        update(PointUnit)
        .where(PointUnit.point_id == world.points["Đông Hà"])
        .values(valid_from=TODAY - timedelta(days=3))
    )
    session.commit()
    receive(session, submission(world, age_days=4))
    assert dated(session) == (TODAY, QualityFlag.CLOCK_ODD)


def test_an_answer_to_a_page_opened_before_its_unit_ended_is_stored_for_that_unit(session, world):
    point = PointUnit.point_id == world.points["Đông Hà"]
    session.execute(update(PointUnit).where(point).values(valid_to=TODAY - timedelta(days=1)))
    later = make_unit(session, "Sau này", valid_from=TODAY + timedelta(days=1))
    session.add(
        PointUnit(point_id=world.points["Đông Hà"], unit_id=later, valid_from=TODAY + timedelta(days=1))
    )
    session.commit()
    receive(session, submission(world))
    assert session.execute(select(Response.unit_id, Response.collected_on)).one() == (
        world.units["Đông Hà"], TODAY,
    )  # fmt: skip


def test_the_flag_of_a_first_part_outlives_the_second(session, world):
    first = submission(world, parts=frozenset({1}), age_days=999)
    receive(session, first)
    receive(session, submission(world, id=first.id, parts=frozenset({2}), answers={"reasons": ("time_bad",)}))
    assert dated(session) == (TODAY, QualityFlag.CLOCK_ODD)


def test_identical_answers_to_all_items_are_flagged_and_counted(session, world):
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    answers = {item.code: "satisfied" for item in form.items if item.factor_code} | {"overall": "satisfied"}
    receive(session, submission(world, answers=answers, reached=frozenset(answers), duration_bucket=1))
    assert session.scalars(select(Response.flags)).one() == QualityFlag.STRAIGHT_LINE | QualityFlag.FAST


def _race(engine: Engine, value: Submission, n: int = 16) -> list[object]:
    """The outcome of n identical posts at once, each on its own connection."""

    def one(_: int) -> object:
        with Session(engine) as session:
            try:
                return receive(session, value)
            except AlreadyAnsweredDifferently as error:
                return type(error)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def test_sixteen_identical_posts_at_once_store_one_row(engine, session, world):
    for _ in range(5):
        value = submission(world, comment="Một lần.")
        receipts = _race(engine, value)
        assert len({receipt.code for receipt in receipts}) == 1
        assert sum(receipt.is_new for receipt in receipts) == 1
    assert stored(session) == 5
    assert session.scalar(select(func.count()).select_from(Comment)) == 5


def test_sixteen_identical_second_parts_at_once_fill_once(engine, session, world):
    first = submission(world, parts=frozenset({1}))
    receive(session, first)
    supplement = submission(world, id=first.id, parts=frozenset({2}), comment="Một lần.")
    receipts = _race(engine, supplement)
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert session.scalar(select(func.count()).select_from(Comment)) == 1


@pytest.mark.only_database("postgresql")
def test_without_the_primary_key_the_race_stores_duplicates(engine, session, world, monkeypatch):
    """The proof that the tests above can fail: the constraint is what decides, not the look before the insert.

    SQLite has one writer at a time, so the race cannot be shown there.
    """
    session.execute(text("ALTER TABLE response DROP CONSTRAINT pk_response"))
    session.commit()
    monkeypatch.setattr("survey_app.queries.lookups.stored_digests", _first_of_several)
    n_ids = 0
    while n_ids < 20 and stored(session) <= n_ids:
        _race(engine, submission(world))
        n_ids += 1
    assert stored(session) > n_ids


def _first_of_several(session: Session, submission_id: UUID) -> StoredDigests | None:
    """Without the key several rows may answer to one id; read any of them."""
    columns = (Response.digest, Response.supplement_digest, Response.answers)
    row = session.execute(select(*columns).where(Response.id == submission_id).limit(1)).one_or_none()
    return None if row is None else StoredDigests(*row)
