"""Whatever is posted, the server answers with what the sender did wrong, never with a failure of its own."""

import json
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_app.clock import utc_now
from survey_app.models import Response
from survey_app.signing import PointToken
from survey_app.vocabulary import Channel
from tests.sites import PinnedClock

pytestmark = pytest.mark.both_databases

# NUL, lone surrogates, turned directions, letters in parts, and more digits than a number has.
NASTY = st.sampled_from(
    ["\x00", "\ud800", "\u202e", "e\u0302\u0301", "9" * 400, "\r\nERROR root", "=1+1", "💩", "İ"]
)
TEXTS = st.one_of(NASTY, st.text(max_size=12))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["id", "token", "lang", "answers", "parts", "reached", "dimensions", "comment", "polarity", "ticket",
     "duration_bucket", "gap_bucket", "client_time", "client_now", "device", "anything"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"]
)
EXAMPLES = settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture
def path(world):
    return f"/q/{world.codes['Đông Hà']}"


@pytest.fixture
def honest(app, world):
    """A body that would be stored."""
    point = PointToken(
        world.codes["Đông Hà"], world.versions["full_form_v1"], int(Channel.QR), world.waves["full"]
    )
    return {
        "token": app.extensions["signer"].point_token(point), "lang": "vi", "answers": {"overall": "satisfied"},
        "parts": [1, 2], "reached": ["overall"], "comment": "", "dimensions": {},
    }  # fmt: skip


@EXAMPLES
@given(changes=st.dictionaries(FIELDS, VALUES, min_size=1, max_size=3))
def test_a_record_with_anything_in_any_field_is_stored_or_refused(app, path, honest, changes):
    body = json.dumps({"id": str(uuid.uuid4())} | honest | changes)
    response = app.test_client().post(path, data=body, content_type="application/json")
    assert response.status_code in {200, 201, 400, 404, 409, 422}, changes


@EXAMPLES
@given(
    changes=st.dictionaries(FIELDS, TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), max_size=3)
)
def test_a_form_with_anything_in_any_field_is_stored_or_refused(app, path, honest, changes):
    fields = {"id": str(uuid.uuid4()), "token": honest["token"], "overall": "satisfied"} | changes
    response = app.test_client().post(path, data=fields)
    assert response.status_code in {303, 400, 404, 409, 422}, changes


@EXAMPLES
@given(body=st.binary(max_size=60), kind=KINDS)
def test_any_bytes_of_any_kind_are_refused(app, path, body, kind):
    response = app.test_client().post(path, data=body, content_type=kind)
    assert response.status_code in {400, 415, 422}, (kind, body)


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"a":' * 10_000, b"[" * 20 + b"]" * 20, b'{"id": NaN}', b'{"a":1,"a":2}'],
    ids=["open", "objects", "nested", "not-a-number", "doubled"],
)  # fmt: skip
def test_depth_and_odd_json_are_the_senders_fault(app, path, body):
    assert app.test_client().post(path, data=body, content_type="application/json").status_code == 400


def test_a_page_that_was_open_for_a_month_is_still_taken(app, path, session, monkeypatch):
    """No token expires with time: it costs nobody an answer that the office opened the page in the morning."""
    clock = PinnedClock(utc_now())
    monkeypatch.setattr("survey_app.clock.datetime", clock)
    client = app.test_client()
    page = client.get(path).text
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("id", "token")}
    clock.at += timedelta(days=30, hours=13)
    assert client.post(path, data=fields | {"overall": "satisfied"}).status_code == 303
    session.rollback()
    assert session.get(Response, uuid.UUID(fields["id"])) is not None
