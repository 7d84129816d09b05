"""A wrong clock of a device never costs an answer, and never a day while the clock is wrong by always the same."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from survey_app.clock import local_today
from survey_app.models import Response
from survey_app.signing import PointToken
from survey_app.vocabulary import Channel, QualityFlag

pytestmark = pytest.mark.both_databases

SHIFTS = {
    "-10 years": timedelta(days=-3653),
    "-1 day": timedelta(days=-1),
    "+1 hour": timedelta(hours=1),
    "+1 year": timedelta(days=365),
}
WAITED = {"sent at once": 0, "sent a day later": 1, "sent ten days later": 10}


@pytest.fixture
def sent(app, session, world):
    """Send one answer with these two readings of the device's clock; the stored row and whether it was stored."""

    def send(client_time: datetime, client_now: datetime) -> Response:
        code = world.codes["Đông Hà"]
        point = PointToken(code, world.versions["full_form_v1"], int(Channel.QR), world.waves["full"])
        body = {
            "id": str(uuid.uuid4()), "token": app.extensions["signer"].point_token(point), "lang": "vi",
            "answers": {"overall": "satisfied"}, "parts": [1, 2], "reached": ["overall"],
            "client_time": client_time.isoformat(), "client_now": client_now.isoformat(),
        }  # fmt: skip
        assert app.test_client().post(f"/q/{code}", json=body).status_code == 201
        session.rollback()
        return session.scalars(select(Response).where(Response.id == uuid.UUID(body["id"]))).one()

    return send


@pytest.mark.parametrize("waited", WAITED.values(), ids=WAITED)
@pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS)
def test_a_clock_wrong_by_always_the_same_gives_the_right_day(sent, settings, shift, waited):
    now = datetime.now(UTC)
    row = sent(now + shift - timedelta(days=waited), now + shift)
    assert row.collected_on == local_today(settings) - timedelta(days=waited)
    assert bool(row.flags & QualityFlag.CLOCK_ODD) is (abs(shift) >= timedelta(days=1))


@pytest.mark.parametrize("shift", [SHIFTS["-10 years"], SHIFTS["+1 hour"], SHIFTS["+1 year"]])
def test_a_clock_that_was_set_in_between_gives_today_and_a_flag(sent, settings, shift):
    """The answer's own time is wrong, the time of sending is right: how long it waited cannot be known."""
    now = datetime.now(UTC)
    row = sent(now + shift, now)
    assert row.collected_on == row.received_on == local_today(settings)
    assert row.flags & QualityFlag.CLOCK_ODD
