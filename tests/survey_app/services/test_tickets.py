"""A ticket is spent once, only where and while it counts, and its count never follows one visitor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from survey_app.db import begin_write
from survey_app.errors import InvalidField, KeyUsedDifferently, NotFound
from survey_app.models import ApiClient, AuditEntry, Device, PointCode, Response, Ticket, TicketBatch
from survey_app.services import tickets
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.submissions import receive_response
from survey_app.services.ticket_orders import MAX_SIZE, MIN_SIZE, BatchOrder
from survey_app.services.tickets import TicketState
from survey_app.signing import Signer
from survey_app.vocabulary import Stage
from tests.builders import World, make_submission, make_tickets

SIGNER = Signer("a secret of the tests")
TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def viewer(session: Session, world: World) -> Viewer:
    return viewer_of(session, world.province)


def viewer_of(session: Session, unit_id: int) -> Viewer:
    made = create_account(
        session, name=f"lanh dao {unit_id}", password="con đò nhỏ qua sông", role=Role.MANAGER,
        unit_id=unit_id, now=NOW,
    )  # fmt: skip
    session.commit()
    return made


@pytest.fixture
def client_id(session: Session, world: World) -> int:
    client = ApiClient(
        name="motcua", key_hash=bytes(32), unit_id=world.province, scopes="tickets:issue", created_on=TODAY
    )
    session.add(client)
    session.commit()
    return client.id


def asked(world: World, **changes: object) -> dict[str, object]:
    """What a person or a program asks for, by codes."""
    expires_on = TODAY + timedelta(days=90)
    return {"point": world.codes["Đông Hà"], "size": 20, "expires_on": expires_on} | changes


def order(world: World, **changes: object) -> BatchOrder:
    values = {
        "point_id": world.points["Đông Hà"], "code": world.codes["Đông Hà"], "size": 20,
        "expires_on": TODAY + timedelta(days=90),
    }  # fmt: skip
    return BatchOrder(**(values | changes))  # type: ignore[arg-type]


def state(
    session: Session, world: World, text: str, *, unit: str = "Đông Hà", today: date = TODAY
) -> TicketState:
    return tickets.ticket_state(
        session, text, point_id=world.points[unit], wave_id=world.waves["full"], today=today, signer=SIGNER
    )


def receive(session: Session, world: World, **changes: object) -> bool:
    """Store one answer; whether it counts as ticketed."""
    value = make_submission(world, **changes)
    begin_write(session)
    receive_response(session, value, signer=SIGNER, today=TODAY)
    session.commit()
    return session.scalars(select(Response.is_ticketed).where(Response.id == value.id)).one()


def test_a_ticket_is_valid_until_it_is_spent(session, world):
    text = make_tickets(session, world, SIGNER)[0]
    assert state(session, world, text) is TicketState.VALID
    assert receive(session, world, ticket=text) is True
    assert state(session, world, text) is TicketState.SPENT
    assert receive(session, world, ticket=text) is False


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ({"expires_on": TODAY - timedelta(days=1)}, TicketState.EXPIRED),
        ({"expires_on": TODAY}, TicketState.VALID),
        ({"revoked_on": TODAY}, TicketState.REVOKED),
        ({"unit": "Cồn Cỏ"}, TicketState.UNKNOWN),
    ],
)
def test_the_page_says_what_the_store_does(session, world, batch, expected):
    text = make_tickets(session, world, SIGNER, **batch)[0]
    assert state(session, world, text) is expected
    assert receive(session, world, ticket=text) is (expected is TicketState.VALID)
    assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.is_spent)) == (
        expected is TicketState.VALID
    )


def test_a_ticket_of_another_wave_does_not_count(session, world):
    text = make_tickets(session, world, SIGNER, wave_id=world.waves["sample"])[0]
    assert state(session, world, text) is TicketState.UNKNOWN
    assert receive(session, world, ticket=text) is False
    assert receive(session, world, ticket=text, wave="sample") is True


@pytest.mark.parametrize("text", ["", "forged", "2" * 17, "\ufeff", "A" * 200, "%00", "2345678923456789Z"])
def test_an_answer_with_a_forged_ticket_is_stored_without_one(session, world, text):
    assert state(session, world, text) is TicketState.UNKNOWN
    assert receive(session, world, ticket=text) is False


def test_an_answer_given_before_the_ticket_expired_counts_when_it_arrives_later(session, world):
    text = make_tickets(session, world, SIGNER, expires_on=TODAY - timedelta(days=3))[0]
    assert receive(session, world, ticket=text, age_days=3) is True


def test_a_retry_of_an_answer_leaves_it_ticketed(session, world):
    text = make_tickets(session, world, SIGNER)[0]
    value = make_submission(world, ticket=text)
    for _ in range(3):
        begin_write(session)
        receive_response(session, value, signer=SIGNER, today=TODAY)
        session.commit()
    assert session.scalars(select(Response.is_ticketed)).all() == [True]


def test_an_answer_of_a_trial_spends_no_ticket(session, world):
    text = make_tickets(session, world, SIGNER)[0]
    assert receive(session, world, ticket=text, is_test=True) is False
    assert receive(session, world, ticket=text) is True


def test_sixteen_answers_at_once_with_one_ticket_give_one_ticketed(engine: Engine, session, world):
    for text in make_tickets(session, world, SIGNER, size=5):
        before = session.scalar(select(func.count()).select_from(Response))

        def answer(_: int, text: str = text) -> bool:
            with Session(engine) as own:
                return receive(own, world, ticket=text)

        with ThreadPoolExecutor(16) as pool:
            assert sorted(pool.map(answer, range(16))) == [False] * 15 + [True]
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Response)) == before + 16


def test_a_batch_is_made_whole_with_hashes_only(session, world, viewer):
    batch = tickets.issue_for_staff(session, asked(world), viewer=viewer, signer=SIGNER, now=NOW, today=TODAY)
    session.commit()
    assert (batch.size, batch.n_spent, batch.origin, batch.unit_name) == (20, 0, "staff", "Đông Hà")
    links = tickets.ticket_links(batch, base_url="https://x.vn", signer=SIGNER)
    texts = {link.rsplit("t=", 1)[1] for link in links}
    assert {SIGNER.ticket_hash(text) for text in texts} == set(session.scalars(select(Ticket.hash)))
    assert len(texts) == 20
    assert all(state(session, world, text) is TicketState.VALID for text in texts)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "tickets.issued")).one()
    assert (entry.target, entry.details) == (f"ticket_batch:{batch.id}", {"size": 20})


def test_a_link_says_stage_field_and_wave(session, world, viewer):
    what = asked(world, stage=Stage.COLLECT_RESULT, field="land", wave="full")
    batch = tickets.issue_for_staff(session, what, viewer=viewer, signer=SIGNER, now=NOW, today=TODAY)
    link = tickets.ticket_links(batch, base_url="https://x.vn", signer=SIGNER)[0]
    assert link.startswith("https://x.vn/q/DHAAAAA2?s=collect_result&f=land&w=full&t=")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": MIN_SIZE - 1}, "size"), ({"size": MAX_SIZE + 1}, "size"), ({"size": 0}, "size"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
        ({"expires_on": TODAY + timedelta(days=367)}, "expires_on"),
    ],
)  # fmt: skip
def test_an_order_out_of_range_is_refused_and_makes_nothing(session, world, viewer, changes, field):
    with pytest.raises(InvalidField) as refused:
        tickets.issue_for_staff(
            session, asked(world, **changes), viewer=viewer, signer=SIGNER, now=NOW, today=TODAY
        )
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


def test_a_manager_makes_and_sees_batches_of_own_points_only(session, world):
    here, there = viewer_of(session, world.units["Đông Hà"]), viewer_of(session, world.units["Cồn Cỏ"])
    batch = tickets.issue_for_staff(session, asked(world), viewer=here, signer=SIGNER, now=NOW, today=TODAY)
    session.commit()
    with pytest.raises(NotFound):
        tickets.issue_for_staff(session, asked(world), viewer=there, signer=SIGNER, now=NOW, today=TODAY)
    with pytest.raises(NotFound):
        tickets.revoke_batch(session, batch.id, viewer=there, now=NOW, today=TODAY)
    with pytest.raises(NotFound):
        links(session, batch.id, there)
    assert [row.id for row in tickets.list_batches(session, viewer=here, today=TODAY)] == [batch.id]
    assert tickets.list_batches(session, viewer=there, today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"wave": "no-such"}, "wave"), ({"wave": "tap"}, "wave"), ({"field": "no-such"}, "field")],
)
def test_an_order_for_what_is_not_there_is_refused(session, world, viewer, changes, field):
    with pytest.raises(InvalidField) as refused:
        tickets.issue_for_staff(
            session, asked(world, **changes), viewer=viewer, signer=SIGNER, now=NOW, today=TODAY
        )
    assert refused.value.field == field


def test_points_and_waves_to_choose_are_those_of_the_viewer(session, world, viewer):
    points, waves = tickets.choices_of(session, viewer=viewer, today=TODAY)
    assert [point.code for point in points] == [
        world.codes[name] for name in ("Cồn Cỏ", "Đông Hà", "Hòa Xuân")
    ]
    assert [wave.code for wave in waves] == ["full"]
    own = viewer_of(session, world.units["Đông Hà"])
    points, _ = tickets.choices_of(session, viewer=own, today=TODAY)
    assert [(point.code, point.unit_name) for point in points] == [(world.codes["Đông Hà"], "Đông Hà")]


def test_a_code_of_a_device_is_never_on_a_slip(session, world, viewer):
    session.add(PointCode(code="DEVAAAA2", point_id=world.points["Đông Hà"], created_on=TODAY))
    session.flush()
    session.add(
        Device(code="DEVAAAA2", point_id=world.points["Đông Hà"], name="Máy 1", profile={}, created_on=TODAY)
    )
    session.commit()
    points, _ = tickets.choices_of(session, viewer=viewer, today=TODAY)
    assert "DEVAAAA2" not in {point.code for point in points}


def links(session: Session, batch_id: UUID, viewer: Viewer, today: date = TODAY) -> tuple[str, ...]:
    return tickets.links_for_staff(
        session, batch_id, viewer=viewer, base_url="https://x.vn", signer=SIGNER, now=NOW, today=today
    )


def test_links_are_given_on_the_day_of_making_only_and_never_after_revoking(session, world, viewer):
    batch = tickets.issue_for_staff(session, asked(world), viewer=viewer, signer=SIGNER, now=NOW, today=TODAY)
    session.commit()
    assert links(session, batch.id, viewer) == links(session, batch.id, viewer)
    with pytest.raises(InvalidField):
        links(session, batch.id, viewer, TODAY + timedelta(days=1))
    tickets.revoke_batch(session, batch.id, viewer=viewer, now=NOW, today=TODAY)
    session.commit()
    with pytest.raises(InvalidField):
        links(session, batch.id, viewer)


def test_a_revoked_batch_counts_no_more(session, world, viewer):
    batch = tickets.issue_for_staff(session, asked(world), viewer=viewer, signer=SIGNER, now=NOW, today=TODAY)
    session.commit()
    text = links(session, batch.id, viewer)[0].rsplit("t=", 1)[1]
    tickets.revoke_batch(session, batch.id, viewer=viewer, now=NOW, today=TODAY)
    tickets.revoke_batch(session, batch.id, viewer=viewer, now=NOW, today=TODAY)
    session.commit()
    assert receive(session, world, ticket=text) is False
    revoked = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "tickets.revoked")
    assert session.scalar(revoked) == 1


def by_api(
    session: Session, what: BatchOrder, client_id: int, key: str = "k1"
) -> tuple[UUID, bool, tuple[str, ...]]:
    batch, is_new = tickets.issue_for_client(
        session, what, client_id=client_id, key=key, signer=SIGNER, now=NOW, today=TODAY
    )
    session.commit()
    return batch.id, is_new, tickets.ticket_links(batch, base_url="https://x.vn", signer=SIGNER)


def test_the_same_key_gives_the_same_links_and_makes_no_more(session, world, client_id):
    first, again = (by_api(session, order(world), client_id) for _ in range(2))
    assert (first[1], again[1]) == (True, False)
    assert (first[0], first[2]) == (again[0], again[2])
    assert session.scalar(select(func.count()).select_from(Ticket)) == 20
    other = by_api(session, order(world), client_id, key="k2")
    assert not set(other[2]) & set(first[2])


def test_the_same_key_for_another_order_is_a_conflict(session, world, client_id):
    by_api(session, order(world), client_id)
    for changes in ({"size": 21}, {"stage": 1}, {"expires_on": TODAY}):
        with pytest.raises(KeyUsedDifferently):
            by_api(session, order(world, **changes), client_id)
        session.rollback()


def test_eight_orders_at_once_under_one_key_make_one_batch(engine: Engine, session, world, client_id):
    def ask(_: int) -> tuple[UUID, bool, tuple[str, ...]]:
        with Session(engine) as own:
            begin_write(own)
            return by_api(own, order(world), client_id)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sum(is_new for _, is_new, _ in answers) == 1
    assert len({texts for _, _, texts in answers}) == 1
    assert session.scalar(select(func.count()).select_from(Ticket)) == 20


def spend_some(session: Session, world: World, texts: list[str]) -> None:
    for text in texts:
        assert receive(session, world, ticket=text) is True


def shown(session: Session) -> int:
    session.rollback()
    return session.scalars(select(TicketBatch.n_spent)).one()


def night(session: Session) -> int:
    begin_write(session)
    moved = tickets.count_spent(session, minimum_new=5, today=TODAY + timedelta(days=1))
    session.commit()
    return moved


def test_the_count_moves_at_night_and_by_five_or_more_only(session, world):
    texts = make_tickets(session, world, SIGNER)
    spend_some(session, world, texts[:4])
    assert (shown(session), night(session), shown(session)) == (0, 0, 0)
    spend_some(session, world, texts[4:6])
    assert (shown(session), night(session), shown(session)) == (0, 1, 6)
    spend_some(session, world, texts[6:10])
    assert (night(session), shown(session)) == (0, 6)
    spend_some(session, world, texts[10:11])
    assert (night(session), shown(session), night(session)) == (1, 11, 0)


def test_a_batch_that_ended_long_ago_is_counted_no_more(session, world):
    texts = make_tickets(session, world, SIGNER)
    spend_some(session, world, texts[:10])
    session.execute(update(TicketBatch).values(expires_on=TODAY - timedelta(days=40)))
    session.commit()
    assert (night(session), shown(session)) == (0, 0)


def test_a_ticket_needs_its_batch(session, world):
    from sqlalchemy.exc import IntegrityError

    session.add(Ticket(hash=bytes(16), batch=uuid4()))
    with pytest.raises(IntegrityError):
        session.commit()
