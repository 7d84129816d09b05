"""Who answered, from where and when leaves no trace, and nothing joins an answer to its ticket or words."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from scipy.stats import spearmanr
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Settings
from survey_app.clock import local_today, utc_now
from survey_app.db import own_transaction
from survey_app.models import ApiClient, Base, Comment, Response, Wave
from survey_app.services import tickets
from survey_app.services.api_clients import Scope, create_client
from survey_app.services.nightly import run_nightly
from survey_app.services.ticket_orders import BatchOrder
from survey_app.signing import PointToken
from survey_app.vocabulary import Channel
from tests.builders import World, make_response, make_tickets

pytestmark = pytest.mark.both_databases

IP, PROXY_IP = "203.0.113.77", "198.51.100.23"
AGENT = "NeedleBrowser/98.7 (Linux; Android 14; SM-X200)"
REFERER = "https://tra-cuu.example.vn/ho-so/000.12.H50-260915-0042"
COOKIE = "needle-cookie-5f3a9c"
CONTROL = "Ghế ngồi chờ ở sảnh quá ít"
NEEDLES = (IP, PROXY_IP, "NeedleBrowser", "SM-X200", "tra-cuu.example.vn", "000.12.H50", COOKIE)


@pytest.fixture
def visits(app: Flask, session: Session, world: World) -> list[dict[str, object]]:
    """Twelve people answer through the page, each with a ticket and a comment; what each of them sent."""
    sent = []
    signer = app.extensions["signer"]
    texts = make_tickets(session, world, signer, size=12)
    point = PointToken(
        world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.QR), world.waves["full"]
    )
    client = app.test_client()
    client.set_cookie("lang", COOKIE)
    for place in range(12):
        given = utc_now() - timedelta(seconds=83 + place)
        body = {
            "id": str(uuid4()), "token": signer.point_token(point), "lang": "vi", "parts": [1, 2],
            "answers": {"overall": "dissatisfied"}, "reached": ["overall", "reasons"], "dimensions": {},
            "comment": f"{CONTROL}, số {place}", "polarity": "bad", "ticket": texts[place],
            "client_time": given.isoformat(), "client_now": utc_now().isoformat(),
        }  # fmt: skip
        response = client.post(
            f"/q/{point.code}", data=json.dumps(body), content_type="application/json",
            headers={"User-Agent": AGENT, "Referer": REFERER, "X-Forwarded-For": PROXY_IP},
            environ_base={"REMOTE_ADDR": IP},
        )  # fmt: skip
        assert response.status_code == 201, response.text
        assert "Set-Cookie" not in response.headers
        sent.append(body)
    return sent


def dump(session: Session) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, as a logical dump gives them."""
    session.rollback()
    return {
        table.name: [dict(row._mapping) for row in session.execute(table.select())]
        for table in Base.metadata.sorted_tables
    }


def as_text(value: object) -> str:
    """A value in every spelling in which a needle could lie in it."""
    if isinstance(value, bytes):
        return f"{value!r} {value.hex()} {value.decode('utf-8', 'ignore')}"
    return str(value)


def times_of(visits: list[dict[str, object]]) -> list[str]:
    """The moments at which the answers were given, to the minute, in UTC and in Hanoi, and as seconds."""
    given = [datetime.fromisoformat(str(visit["client_time"])) for visit in visits]
    hanoi = timedelta(hours=7)
    return [f"{at + zone:%H:%M}:" for at in given for zone in (timedelta(0), hanoi)] + [
        str(int(at.timestamp())) for at in given
    ]


def test_no_table_and_no_log_holds_who_sent_it_from_where_or_when(app, session, world, request, caplog):
    caplog.set_level(logging.DEBUG)
    visits = request.getfixturevalue("visits")
    stored = " ".join(
        as_text(value) for rows in dump(session).values() for row in rows for value in row.values()
    )
    logged = caplog.text
    assert CONTROL in stored, "the scan finds what is there"
    for needle in (*NEEDLES, *times_of(visits)):
        assert needle not in stored, needle
    for needle in (*NEEDLES, CONTROL, *(str(visit["id"]) for visit in visits)):
        assert needle not in logged, needle


@pytest.mark.only_database("sqlite")
def test_no_byte_of_the_database_file_holds_who_sent_it(visits, settings: Settings, session):
    session.rollback()
    files = sorted(Path(settings.INSTANCE_DIR).rglob("*"))
    content = b"".join(path.read_bytes() for path in files if path.is_file())
    assert CONTROL.encode() in content, "the scan finds what is there"
    for needle in NEEDLES:
        assert needle.encode() not in content, needle


def test_a_successful_submit_logs_nothing_at_all(app, session, world, request, caplog):
    caplog.set_level(logging.INFO)
    request.getfixturevalue("visits")
    assert [record.name for record in caplog.records if not record.name.startswith("alembic")] == []


@contextmanager
def _transaction() -> Iterator[Session]:
    with own_transaction() as session:
        yield session


def test_nothing_in_a_dump_joins_a_ticket_an_answer_and_its_comment(app, visits, session, settings):
    """Tries every pair of columns of the tables that a visit touches, and of those that hold instants."""
    # Waves long over were put away before: closing one is an entry of its own, with a number that some point has too.
    session.execute(update(Wave).where(Wave.closes_on < date(2026, 10, 1)).values(state="archived"))
    session.commit()
    with app.app_context():
        run_nightly(_transaction, now=utc_now() + timedelta(days=1), time_zone=settings.TIME_ZONE)
    tables = dump(session)
    assert [len(tables[name]) for name in ("response", "comment", "ticket")] == [12, 12, 12]
    assert all(row["is_spent"] for row in tables["ticket"]), "the tickets were really spent"
    # The log numbers its own entries; a small number meets others by chance and leads nowhere.
    numbered = ("id", "sequence")
    tables["audit_entry"] = [
        {name: value for name, value in row.items() if name not in numbered} for row in tables["audit_entry"]
    ]
    assert tables["audit_entry"], "the night sealed what came"
    pairs = [*combinations(("response", "comment", "ticket", "audit_entry", "rollup_dirty"), 2)]
    for one, other in [*pairs, ("ticket_batch", "response"), ("ticket_batch", "comment")]:
        assert joins(tables[one], tables[other]) == [], (one, other)


@pytest.mark.only_database("postgresql")
def test_after_the_night_the_order_of_rows_tells_nothing_of_who_came_first(app, session, world, settings):
    """PostgreSQL moves a ticket when it is spent; in the order of a dump the next morning nothing is left of it."""
    signer = app.extensions["signer"]
    texts = make_tickets(session, world, signer, size=700)
    bearers = texts[::-1][:600]
    for text_of_ticket in bearers:
        assert tickets.spend(
            session, text_of_ticket, point_id=world.points["Đông Hà"], wave_id=world.waves["full"],
            collected_on=local_today(settings), signer=signer,
        )  # fmt: skip
        session.commit()
    came = {signer.ticket_hash(text_of_ticket): place for place, text_of_ticket in enumerate(bearers)}
    assert _order_told(session, came) > 0.25, "before the night the heap does tell"
    with app.app_context():
        run_nightly(_transaction, now=utc_now() + timedelta(days=1), time_zone=settings.TIME_ZONE)
    session.rollback()
    assert _order_told(session, came) < 0.2


def _order_told(session: Session, came: dict[bytes, int]) -> float:
    """Rank correlation of a dump's order of the spent tickets with the order in which they were spent."""
    dumped = [came[each] for each in session.scalars(text("SELECT hash FROM ticket WHERE is_spent"))]
    return abs(spearmanr(dumped, range(len(dumped))).statistic)


def test_a_new_batch_lies_in_an_order_that_is_not_that_of_its_links(app, session, world, settings):
    signer = app.extensions["signer"]
    order = BatchOrder(
        point_id=world.points["Đông Hà"], code=world.codes["Đông Hà"], size=400,
        expires_on=local_today(settings),
    )  # fmt: skip
    batch, _ = tickets.issue_for_client(
        session, order, client_id=_client(session, world), key="k", signer=signer, now=utc_now(),
        today=local_today(settings),
    )  # fmt: skip
    session.commit()
    links = tickets.ticket_links(batch, base_url="http://x", signer=signer)
    place = {signer.ticket_hash(link.rsplit("=", 1)[1]): number for number, link in enumerate(links)}
    stored = [place[each] for each in session.scalars(text("SELECT hash FROM ticket"))]
    assert sorted(stored) == list(range(400))
    assert abs(spearmanr(stored, range(400)).statistic) < 0.2


def _client(session: Session, world: World) -> int:
    client = ApiClient(
        name="motcua", key_hash=bytes(32), unit_id=world.province, scopes="tickets:issue",
        created_on=date(2026, 1, 1),
    )  # fmt: skip
    session.add(client)
    session.flush()
    return client.id


def test_a_program_leaves_its_name_and_its_units_and_nothing_of_people(app, session, world, settings, caplog):
    """Tickets taken and spent through the API: nothing joins a case, a ticket and an answer, not even its own key."""
    caplog.set_level(logging.DEBUG)
    today = local_today(settings)
    key = create_client(
        session, name="motcua", unit_id=world.province, scopes=tuple(Scope), is_trial=False, now=utc_now(),
        today=today,
    )  # fmt: skip
    session.commit()
    headers = {
        "Authorization": f"Bearer {key}", "User-Agent": AGENT, "Referer": REFERER, "X-Forwarded-For": PROXY_IP,
        "Idempotency-Key": "000.12.H50-260915-0042",
    }  # fmt: skip
    options = {"headers": headers, "environ_base": {"REMOTE_ADDR": IP}}
    client = app.test_client()
    order = {"point": world.codes["Đông Hà"], "size": 20, "expires_on": today.isoformat()}
    links = client.post("/api/v1/ticket-batches", json=order, **options).json["links"]
    texts = [link.rsplit("=", 1)[1] for link in links]
    responses = [
        {
            "id": str(uuid4()), "point": world.codes["Đông Hà"], "channel": "link", "language": "vi",
            "answers": {"overall": "dissatisfied"}, "comment": CONTROL, "ticket": text_of_ticket,
        }
        for text_of_ticket in texts[:12]
    ]  # fmt: skip
    answer = client.post("/api/v1/responses", json={"responses": responses}, **options)
    assert answer.json["counts"]["stored"] == 12
    with app.app_context():
        run_nightly(_transaction, now=utc_now() + timedelta(days=1), time_zone=settings.TIME_ZONE)
    tables = dump(session)
    assert sum(row["is_spent"] for row in tables["ticket"]) == 12
    stored = " ".join(as_text(value) for rows in tables.values() for row in rows for value in row.values())
    assert CONTROL in stored
    for needle in (*NEEDLES, key, *texts):
        assert needle not in stored, needle
        assert needle not in caplog.text, needle
    pairs = [*combinations(("response", "comment", "ticket", "audit_entry"), 2)]
    for one, other in [*pairs, ("api_client", "response"), ("api_client", "comment")]:
        assert joins(tables[one], tables[other]) == [], (one, other)


def test_no_table_keeps_the_text_of_a_ticket(visits, session):
    stored = " ".join(
        as_text(value) for rows in dump(session).values() for row in rows for value in row.values()
    )
    for visit in visits:
        assert str(visit["ticket"]) not in stored


def joins(one: list[dict[str, object]], other: list[dict[str, object]]) -> list[tuple[str, str]]:
    """Pairs of columns in which a value stands in few rows of both: it would lead from one to the other."""
    found = []
    for first, second in ((a, b) for a in (one or [{}])[0] for b in (other or [{}])[0]):
        here, there = (
            Counter(map(_plain, (r[first] for r in one))),
            Counter(map(_plain, (r[second] for r in other))),
        )
        shared = {value for value in here.keys() & there.keys() if here[value] < 12 and there[value] < 12}
        if shared - {None, "None"}:
            found.append((first, second))
    return found


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return value.hex
    return value.hex() if isinstance(value, bytes) else str(value)


def test_the_search_for_joins_finds_one_that_is_there():
    keys = [uuid4() for _ in range(12)]
    assert joins([{"a": key} for key in keys], [{"b": key.bytes} for key in reversed(keys)]) == [("a", "b")]


def test_every_stored_key_is_a_random_uuid(visits, session):
    keys = [*session.scalars(select(Response.id)), *session.scalars(select(Comment.id))]
    assert len(set(keys)) == 24
    assert {key.version for key in keys} == {4}


@pytest.mark.parametrize("version", ["1", "3", "5", "7"])
def test_an_id_that_tells_when_it_was_made_is_refused(app, session, world, version):
    signer = app.extensions["signer"]
    point = PointToken(
        world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.QR), world.waves["full"]
    )
    body = {
        "id": f"01890a5d-ac96-{version}74b-bcce-b302099a8057",
        "token": signer.point_token(point), "answers": {"overall": "satisfied"}, "parts": [1],
    }  # fmt: skip
    response = app.test_client().post(f"/q/{point.code}", json=body)
    assert response.status_code == 400
    assert session.scalars(select(Response)).first() is None


def test_a_day_is_all_that_is_known_of_when(visits, session, settings):
    days = set(session.execute(select(Response.collected_on, Response.received_on)))
    assert {day for pair in days for day in pair} <= {
        local_today(settings), local_today(settings) - timedelta(days=1),
    }  # fmt: skip


@pytest.mark.only_database("sqlite")
def test_sqlite_keeps_answers_in_the_order_of_their_random_keys(session, world):
    arrived = []
    for _ in range(500):
        arrived.append(make_response(session, world))
        session.flush()
    stored = list(session.scalars(select(Response.id)))
    place = {key: number for number, key in enumerate(arrived)}
    assert abs(spearmanr([place[key] for key in stored], range(500)).statistic) < 0.2


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize("table", ["response", "comment", "ticket"])
def test_sqlite_has_no_rowid_that_counts_arrivals(session, table):
    with pytest.raises(OperationalError, match="no such column"):
        session.execute(text(f"SELECT rowid FROM {table}"))


def test_an_anonymous_page_sets_no_identifier(app, world):
    client = app.test_client()
    for address in (f"/q/{world.codes['Đông Hà']}", f"/k/{world.codes['Đông Hà']}"):
        response = client.get(address, headers={"User-Agent": AGENT})
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert "ETag" not in response.headers
