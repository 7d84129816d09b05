"""`flask waves verify`: silent agreement, or each difference by name and a failing exit."""

from datetime import date

import click.testing
import pytest
from flask import Flask
from sqlalchemy import text

from survey_app.db import db
from tests.builders import make_response


@pytest.fixture
def closed(app: Flask, session, world) -> Flask:
    for i in range(12):
        make_response(session, world, wave="tap", answers={"overall": "satisfied"}, on=date(2026, 4, 1 + i))
    session.commit()
    return app


def command(app: Flask, *arguments: str) -> click.testing.Result:
    return app.test_cli_runner().invoke(args=["waves", *arguments])


def test_a_wave_is_closed_verified_and_a_changed_answer_is_named(closed):
    assert command(closed, "verify", "tap").exit_code == 1, "not closed yet"
    made = command(closed, "close", "tap", "--reason", "Hết kỳ")
    assert made.exit_code == 0, made.output
    assert "12 phiếu được tính" in made.output
    checked = command(closed, "verify", "tap")
    assert checked.exit_code == 0
    assert "Nothing differs" in checked.output
    with closed.app_context():
        db.session.execute(
            text("UPDATE response SET version_id = version_id, flags = 32 WHERE closed_in = 1")
        )
        db.session.commit()
    changed = command(closed, "verify", "tap")
    assert changed.exit_code == 1
    assert "DIFFERS root" in changed.output


def test_a_wave_without_answers_is_closed_for_a_reason_only(closed):
    refused = command(closed, "close", "full", "--reason", "  ")
    assert (refused.exit_code, "--reason" in refused.output) == (1, True)
    told = command(closed, "close", "full", "--reason", "Hủy đợt, không triển khai")
    assert (told.exit_code, "0 phiếu được tính" in told.output) == (0, True), told.output


def test_a_wave_that_is_not_there_or_not_open_is_told(closed):
    assert "Not found" in command(closed, "verify", "no-such").output
    command(closed, "close", "tap")
    again = command(closed, "close", "tap")
    assert again.exit_code == 1
    assert "not_open" in again.output
