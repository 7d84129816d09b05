"""Responses of another system: each stored once, recognised, or refused with a reason, and never a 5xx."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import perf_counter
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from survey_app.clock import local_today
from survey_app.models import AuditEntry, Comment, Response, RollupDirty, Ticket
from survey_app.services import forms
from survey_app.signing import PointToken
from survey_app.vocabulary import Channel, QualityFlag, Stage
from tests.builders import make_tickets

PATH = "/api/v1/responses"


@pytest.fixture
def today(app):
    return local_today(app.extensions["settings"])


def item(world, **changes):
    return {
        "id": str(uuid4()), "point": world.codes["Đông Hà"], "channel": "link", "language": "vi",
        "answers": {"overall": "satisfied"}, "reached": ["overall", "reasons"],
    } | changes  # fmt: skip


def send(program, *items, **options):
    answer = program.post(PATH, {"responses": list(items)}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json["results"]


def statuses(results):
    return [result["status"] for result in results]


def n_stored(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Response))


def only(session):
    session.rollback()
    return session.scalars(select(Response)).one()


@pytest.mark.both_databases
def test_a_response_is_stored_as_one_that_a_citizen_sent(program, session, world, today):
    sent = item(
        world, wave="full", questionnaire="full_form", version=1, collected_on=today.isoformat(),
        answers={"overall": "dissatisfied", "reasons": ["time_bad"], "F4.1": "neutral"},
        dimensions={"stage": "collect_result", "field": "land", "capacity": "citizen", "is_proxy": True},
        comment=" Cần thêm ghế. ", polarity="bad",
    )  # fmt: skip
    (result,) = send(program, sent)
    assert (result["id"], result["status"]) == (sent["id"], "stored")
    assert len(result["receipt"]) == 14
    row = only(session)
    assert (row.channel, row.stage, row.capacity, row.is_proxy) == (Channel.LINK, Stage.COLLECT_RESULT, 1, 1)
    assert (row.unit_id, row.point_id) == (world.units["Đông Hà"], world.points["Đông Hà"])
    assert (row.wave_id, row.collected_on, row.received_on) == (world.waves["full"], today, today)
    assert (row.collector, row.is_test, row.is_late, row.is_ticketed) == ("api:motcua", False, False, False)
    answers = forms.load_form(session, version_id=row.version_id).unpack(row.answers)
    assert (answers["overall"], answers["reasons"], answers["F4.1"]) == (
        "dissatisfied",
        ("time_bad",),
        "neutral",
    )
    assert session.scalars(select(Comment)).one().text == "Cần thêm ghế."


@pytest.mark.both_databases
def test_the_same_call_again_stores_nothing_and_gives_the_same_receipts(program, session, world):
    items = [item(world) for _ in range(5)]
    first, again = send(program, *items), send(program, *items)
    assert statuses(first) == ["stored"] * 5
    assert statuses(again) == ["already_stored"] * 5
    assert [each["receipt"] for each in first] == [each["receipt"] for each in again]
    assert n_stored(session) == 5


@pytest.mark.both_databases
def test_a_mixed_call_tells_each_response_its_own_fate(program, session, world, today):
    stored = item(world)
    send(program, stored)
    results = send(
        program,
        item(world),
        stored,
        stored | {"answers": {"overall": "neutral"}},
        item(world, answers={"F1.1": "satisfied"}),
        item(world, answers={"overall": "no such choice"}),
        item(world, point="NOSUCH22"),
        item(world, wave="no-such"),
        item(world, collected_on=(today + timedelta(days=1)).isoformat()),
        item(world, id="7f1d6c1e-3f0a-1d5f-9b57-5a8f6f1a2b3c"),
        "no object",
        item(world, colour="red"),
    )
    assert statuses(results) == ["stored", "already_stored", "conflict"] + ["invalid"] * 8
    assert [(each.get("field"), each.get("reason")) for each in results[3:]] == [
        ("answers.overall", "mandatory"), ("answers.overall", "unknown_choice"), ("point", "unknown"),
        ("wave", "unknown"), ("collected_on", "out_of_range"), ("id", "not_uuid4"), ("body", "wrong_shape"),
        ("colour", "unknown_field"),
    ]  # fmt: skip
    assert all(each["detail"].endswith(".") for each in results[3:])
    assert n_stored(session) == 2


def test_counts_add_up(program, world):
    answer = program.post(PATH, {"responses": [item(world), item(world, language="fr"), item(world)]})
    assert answer.json["counts"] == {"stored": 2, "already_stored": 0, "conflict": 0, "invalid": 1}


def test_twice_in_one_call_is_stored_once(program, session, world):
    same = item(world)
    other = same | {"answers": {"overall": "neutral"}}
    assert statuses(send(program, same, same, other)) == ["stored", "already_stored", "conflict"]
    assert n_stored(session) == 1


def test_a_conflict_or_an_invalid_one_leaves_nothing_of_itself(program, session, world, app):
    tickets = make_tickets(session, world, app.extensions["signer"])
    stored = item(world)
    send(program, stored)
    send(
        program,
        stored | {"answers": {"overall": "neutral"}, "ticket": tickets[0], "comment": "Không được lưu."},
        item(
            world,
            answers={"overall": "satisfied", "F1.1": "no such"},
            ticket=tickets[1],
            comment="Cũng không.",
        ),
    )
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Comment)) == 0
    assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.is_spent)) == 0


@pytest.mark.both_databases
def test_an_answer_stored_from_the_web_is_recognised(app, program, session, world):
    signer = app.extensions["signer"]
    point = PointToken(
        world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.LINK), world.waves["full"]
    )
    body = {
        "id": str(uuid4()), "token": signer.point_token(point), "lang": "vi", "parts": [1, 2],
        "answers": {"overall": "satisfied", "reasons": ["time_good", "attitude_good"]},
        "reached": ["overall", "reasons"], "comment": "Tốt.", "dimensions": {"stage": "submit", "is_proxy": False},
    }  # fmt: skip
    posted = app.test_client().post(f"/q/{point.code}?c=link", json=body)
    assert posted.status_code == 201, posted.text
    same = item(
        world, id=body["id"], answers=body["answers"], comment="Tốt.",
        dimensions={"stage": "submit", "is_proxy": False},
    )  # fmt: skip
    (result,) = send(program, same)
    assert (result["status"], result["receipt"]) == ("already_stored", posted.json["receipt"])
    assert statuses(send(program, same | {"comment": "Khác."})) == ["conflict"]
    back = app.test_client().post(f"/q/{point.code}?c=link", json=body)
    assert (back.status_code, back.json["receipt"]) == (200, result["receipt"])
    assert n_stored(session) == 1


def test_a_first_part_from_the_web_is_completed(app, program, session, world):
    signer = app.extensions["signer"]
    point = PointToken(
        world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.QR), world.waves["full"]
    )
    body = {
        "id": str(uuid4()), "token": signer.point_token(point), "parts": [1], "answers": {"overall": "satisfied"},
    }  # fmt: skip
    assert app.test_client().post(f"/q/{point.code}", json=body).status_code == 201
    whole = item(world, id=body["id"], answers={"overall": "satisfied", "reasons": ["time_good"]})
    assert statuses(send(program, whole)) == ["stored"]
    assert statuses(send(program, whole)) == ["already_stored"]
    assert n_stored(session) == 1


@pytest.mark.both_databases
def test_a_thousand_responses_in_one_call(program, session, world):
    items = [item(world, comment=f"Số {n}" if n % 50 == 0 else "") for n in range(1_000)]
    began = perf_counter()
    assert statuses(send(program, *items)) == ["stored"] * 1_000
    assert perf_counter() - began < 30, "a machine of the build server needs a few seconds"
    assert n_stored(session) == 1_000
    assert statuses(send(program, *items)) == ["already_stored"] * 1_000
    assert session.scalar(select(func.count()).select_from(Comment)) == 20


@pytest.mark.parametrize("n", [0, 1_001])
def test_no_response_or_too_many_are_refused_whole(program, session, world, n):
    answer = program.post(PATH, {"responses": [item(world)] * n})
    assert (answer.status_code, answer.json["field"], answer.json["reason"]) == (
        422,
        "responses",
        "out_of_range",
    )
    assert n_stored(session) == 0


@pytest.mark.both_databases
def test_the_same_call_from_eight_threads_at_once_stores_each_once(make_program, session, world):
    programs = [make_program() for _ in range(8)]
    items = [item(world, comment=f"Số {n}") for n in range(60)]

    def call(turn):
        mine = items if turn % 2 else items[::-1]
        return statuses(send(programs[turn], *mine))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert sum(status == "stored" for each in answers for status in each) == 60
    assert {status for each in answers for status in each} == {"stored", "already_stored"}
    assert n_stored(session) == 60
    assert session.scalar(select(func.count()).select_from(Comment)) == 60


def test_an_answer_of_an_earlier_month_is_dated_by_its_day_and_marks_the_month(
    program, session, world, today
):
    day = today - timedelta(days=100)
    send(program, item(world, collected_on=day.isoformat(), channel="phone"))
    row = only(session)
    assert (row.collected_on, row.received_on, row.flags) == (day, today, 0)
    assert session.scalars(select(RollupDirty.month)).one() == day.replace(day=1)


def test_an_answer_for_a_wave_that_is_over_is_stored_as_late(program, session, world):
    send(program, item(world, wave="tap", collected_on="2026-04-10", reached=["overall"]))
    assert only(session).is_late is True


def test_a_day_before_the_wave_and_one_too_long_ago_are_refused(program, session, world, today):
    results = send(
        program,
        item(world, wave="full", collected_on="2026-04-30"),
        item(world, collected_on=(today - timedelta(days=400)).isoformat()),
        item(world, collected_on="15/09/2026"),
        item(world, collected_on="2026-02-30"),
    )
    assert [each["reason"] for each in results] == ["before_wave", "out_of_range", "not_a_date", "not_a_date"]
    assert n_stored(session) == 0


def test_a_version_of_another_questionnaire_or_none_is_refused(program, world):
    results = send(
        program, item(world, questionnaire="one_tap"), item(world, version=99), item(world, version=True)
    )
    assert [(each["field"], each["reason"]) for each in results] == [
        ("questionnaire", "not_of_this_wave"), ("version", "unknown"), ("version", "wrong_shape"),
    ]  # fmt: skip


def test_a_ticket_counts_once_and_a_bad_one_costs_nothing(program, session, world, app):
    (good, *_) = make_tickets(session, world, app.extensions["signer"])
    assert (
        statuses(send(program, *(item(world, ticket=text) for text in (good, good, "forged"))))
        == ["stored"] * 3
    )
    session.rollback()
    assert sorted(session.scalars(select(Response.is_ticketed))) == [False, False, True]


def test_responses_of_a_program_on_trial_never_count(make_program, session, world):
    trial = make_program("chay-thu", is_trial=True)
    send(trial, item(world))
    assert only(session).is_test is True


def test_straight_lines_are_flagged_as_on_the_web(program, session, world):
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    answers = {each.code: "satisfied" for each in form.items if each.factor_code} | {"overall": "satisfied"}
    send(program, item(world, answers=answers, dimensions={"stage": "collect_result"}))
    assert only(session).flags == QualityFlag.STRAIGHT_LINE


def test_a_point_of_another_unit_looks_like_none(make_program, session, world):
    own = make_program("dongha", unit="Đông Hà")
    results = send(own, item(world), item(world, point=world.codes["Cồn Cỏ"]), item(world, point="NOSUCH22"))
    assert statuses(results) == ["stored", "invalid", "invalid"]
    assert {key: results[1][key] for key in ("field", "reason", "detail")} == {
        key: results[2][key] for key in ("field", "reason", "detail")
    }
    assert n_stored(session) == 1


def test_a_stored_response_is_neither_logged_nor_audited(program, session, world, caplog):
    session.rollback()
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    caplog.set_level(logging.DEBUG)
    sent = item(world, comment="điều người dân viết")
    send(program, sent)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
    for needle in (sent["id"], "điều người dân viết", program.key):
        assert needle not in caplog.text


def test_reasons_are_told_in_the_language_asked_for(program, world):
    bad = item(world, language="fr")
    details = [
        send(program, bad, headers={"Accept-Language": language})[0]["detail"]
        for language in ("vi", "fr, vi;q=0.5", "")
    ]
    assert details == ["Lựa chọn không có trong danh sách."] * 3


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "not UTF-8": b'{"responses": ["\xff"]}',
    "NUL": b'{"responses": ["\\u0000"]}',
    "surrogate": b'{"responses": ["\\ud800"]}',
    "NaN": b'{"responses": [NaN]}',
    "doubled name": b'{"responses": [], "responses": []}',
    "huge number": b'{"responses": [' + b"9" * 10_000 + b"]}",
    "infinite": b'{"responses": [1e999]}',
    "deep": b'{"responses": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep item": json.dumps({"responses": [{"answers": nested(40)}]}).encode(),
    "many values": json.dumps({"responses": [{"reached": ["x"] * 400_000}]}).encode(),
    "other field": b'{"responses": [], "x": 1}',
    "no field": b"{}",
    "null": b'{"responses": null}',
    "object": b'{"responses": {"0": 1}}',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_body_is_refused_whole(program, session, kind):
    answer = program.post(PATH, data=HOSTILE[kind], content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert n_stored(session) == 0


STRANGE = [
    None, True, 0, -1, 1.5, 10**30, "", "x" * 5_000, "'; DROP TABLE response; --", "\ufeff", "🙂", [], [[]], {},
    {"a": {"b": {}}}, ["overall"], [None], "../../etc/passwd", "%s%n{}{{7*7}}",
]  # fmt: skip
FIELDS = (
    "id", "point", "channel", "wave", "questionnaire", "version", "language", "collected_on", "answers", "reached",
    "dimensions", "comment", "polarity", "ticket",
)  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_a_strange_value_in_any_field_refuses_that_response_only(program, session, world, field):
    results = send(program, *(item(world, **{field: value}) for value in STRANGE), item(world))
    assert results[-1]["status"] == "stored"
    assert set(statuses(results)) <= {"stored", "invalid"}
    assert n_stored(session) == statuses(results).count("stored")


@pytest.mark.parametrize(
    "field", ["stage", "field", "desk", "capacity", "assisted_by", "residence", "is_proxy"]
)
def test_a_strange_value_in_any_dimension_refuses_that_response_only(program, world, field):
    results = send(program, *(item(world, dimensions={field: value}) for value in STRANGE))
    assert set(statuses(results)) <= {"stored", "invalid"}
    assert "invalid" in statuses(results)


def test_strange_answers_refuse_that_response_only(program, world):
    results = send(
        program, *(item(world, answers={"overall": "satisfied", "reasons": value}) for value in STRANGE)
    )
    assert set(statuses(results)) <= {"stored", "invalid"}
    results = send(program, *(item(world, answers={"overall": value}) for value in STRANGE))
    assert set(statuses(results)) == {"invalid"}


SCRAPS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
ANYTHING = st.recursive(
    SCRAPS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
CHANGES = st.dictionaries(st.sampled_from([*FIELDS, "colour"]), ANYTHING, max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=1, max_size=8))
def test_whatever_is_sent_each_response_gets_a_result_and_nothing_fails(program, world, changes):
    answer = program.post(PATH, {"responses": [item(world) | each for each in changes]})
    # A character that no text holds refuses the whole call.
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert len(answer.json["results"]) == len(changes)
        assert sum(answer.json["counts"].values()) == len(changes)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=ANYTHING, content=st.binary(max_size=60))
def test_whatever_the_body_is_nothing_fails(program, body, content):
    for path in (PATH, "/api/v1/ticket-batches"):
        for sent in (json.dumps(body).encode(), content):
            answer = program.post(path, data=sent, content_type="application/json")
            assert 400 <= answer.status_code < 500


def test_a_body_of_six_megabytes_is_refused_before_it_is_read(program):
    answer = program.post(PATH, data=b" " * 6 * 2**20, content_type="application/json")
    assert answer.status_code == 413


def test_another_type_of_body_is_refused(program):
    assert program.post(PATH, data=b"{}", content_type="text/plain").status_code == 415
