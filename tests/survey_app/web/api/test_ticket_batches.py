"""Tickets for another system: links once, the same links for the same key, and nothing that leads back."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from survey_app.clock import local_today
from survey_app.models import AuditEntry, PointCode, Ticket, TicketBatch

PATH = "/api/v1/ticket-batches"


@pytest.fixture
def today(settings):
    return local_today(settings)


def order(world, today, **changes):
    return {
        "point": world.codes["Đông Hà"], "size": 20, "expires_on": (today + timedelta(days=90)).isoformat(),
    } | changes  # fmt: skip


def ask(program, body, key="k1", **options):
    return program.post(PATH, body, headers={"Idempotency-Key": key}, **options)


@pytest.mark.both_databases
def test_links_open_the_form_with_a_ticket_that_counts(program, session, world, today):
    answer = ask(program, order(world, today, stage="submit", field="land", wave="full"))
    assert answer.status_code == 201
    links = answer.json["links"]
    assert len(set(links)) == answer.json["size"] == 20
    address = urlsplit(links[0])
    asked = parse_qs(address.query)
    assert (address.path, asked["s"], asked["f"], asked["w"]) == (
        "/q/DHAAAAA2",
        ["submit"],
        ["land"],
        ["full"],
    )
    page = program.client.get(links[0].removeprefix("http://localhost"))
    assert page.status_code == 200
    assert "Mã trên phiếu chỉ để tránh trả lời hai lần, không gắn với câu trả lời." in page.text
    assert len(links[0]) < 90, "short enough for a small QR on a slip"


@pytest.mark.both_databases
def test_the_same_key_gives_the_same_links_and_another_key_others(program, session, world, today):
    first, again = (ask(program, order(world, today)) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    other = ask(program, order(world, today), key="k2")
    assert other.status_code == 201
    assert not set(other.json["links"]) & set(first.json["links"])
    assert session.scalar(select(func.count()).select_from(Ticket)) == 40


def test_the_same_key_of_another_program_is_another_key(make_program, world, today):
    links = [ask(make_program(name), order(world, today)).json["links"] for name in ("mot", "hai")]
    assert not set(links[0]) & set(links[1])


def test_the_same_key_for_another_order_is_a_conflict_and_the_first_stays(program, session, world, today):
    first = ask(program, order(world, today))
    answer = ask(program, order(world, today, size=21))
    assert (answer.status_code, answer.json["type"]) == (409, "/api/v1/openapi.json#key_used")
    assert ask(program, order(world, today)).json == first.json
    assert session.scalar(select(func.count()).select_from(Ticket)) == 20


def test_a_point_of_another_unit_looks_like_none(make_program, session, world, today):
    own = make_program("dongha", unit="Đông Hà")
    foreign = ask(own, order(world, today, point=world.codes["Cồn Cỏ"]))
    missing = ask(own, order(world, today, point="NOSUCH22"))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json == missing.json
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


def test_a_revoked_code_gets_no_tickets(program, session, world, today):
    session.get_one(PointCode, world.codes["Đông Hà"]).revoked_on = date(2026, 2, 1)
    session.commit()
    assert ask(program, order(world, today)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"size": 19}, "size", "out_of_range"), ({"size": 5_001}, "size", "out_of_range"),
        ({"size": "20"}, "size", "wrong_shape"), ({"size": True}, "size", "wrong_shape"),
        ({"size": 10**30}, "size", "out_of_range"), ({"size": None}, "size", "missing"),
        ({"expires_on": "2020-01-01"}, "expires_on", "out_of_range"),
        ({"expires_on": "2999-01-01"}, "expires_on", "out_of_range"),
        ({"expires_on": "tomorrow"}, "expires_on", "not_a_date"), ({"expires_on": 1}, "expires_on", "not_a_date"),
        ({"stage": "unknown"}, "stage", "unknown_choice"), ({"stage": 1}, "stage", "unknown_choice"),
        ({"field": "no-such"}, "field", "unknown"), ({"field": "x" * 65}, "field", "too_long"),
        ({"wave": "no-such"}, "wave", "unknown"), ({"wave": "tap"}, "wave", "closed"),
        ({"point": "x OR 1=1"}, "point", "wrong_shape"),
        ({"case_number": "000.12.H50"}, "case_number", "unknown_field"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_is_refused_with_field_and_reason(
    program, session, world, today, changes, field, reason
):
    answer = ask(program, order(world, today, **changes))
    assert answer.status_code == 422
    assert (answer.json["field"], answer.json["reason"]) == (field, reason)
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


@pytest.mark.parametrize(
    ("key", "reason"), [("", "missing"), ("x" * 81, "wrong_shape"), ("kh\xf3a", "wrong_shape")]
)
def test_an_order_needs_a_plain_idempotency_key(program, world, today, key, reason):
    answer = ask(program, order(world, today), key=key)
    assert (answer.status_code, answer.json["reason"]) == (422, reason)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"point": "\\u0000"}', b"\xff"])
def test_a_hostile_body_is_refused(program, body):
    answer = program.post(PATH, data=body, content_type="application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 400


def test_a_body_that_is_too_large_or_of_another_type_is_refused(program, world, today):
    huge = program.post(PATH, data=b" " * 70_000, content_type="application/json")
    assert huge.status_code == 413
    assert (
        program.post(PATH, data=b"a=b", content_type="application/x-www-form-urlencoded").status_code == 415
    )


def test_the_audit_says_who_ordered_how_many_and_nothing_else(program, session, world, today):
    ask(program, order(world, today), key="ho-so-000.12.H50-260915-0042")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "tickets.issued")).one()
    assert entry.details.keys() == {"size", "api_client"}
    everything = " ".join(
        f"{value!r} {value.hex() if isinstance(value, bytes) else ''}"
        for table in (AuditEntry, TicketBatch, Ticket)
        for row in session.execute(select(*table.__table__.columns))
        for value in row
    )
    assert "260915-0042" not in everything, "whatever a program takes as its key is not kept"


def test_every_word_of_a_problem_is_in_the_language_asked_for(program, world, today):
    answer = ask(program, order(world, today, size=1))
    assert answer.json["detail"] == "Giá trị nằm ngoài khoảng cho phép. Dữ liệu vừa gửi CHƯA được lưu."
    assert answer.headers["Content-Language"] == "vi"
