"""`flask api-clients`: a key is shown once, opens what it names, and is out when it is revoked."""

import re
from datetime import date

import click.testing
import pytest
from sqlalchemy import select

from survey_app.clock import utc_now
from survey_app.db import db
from survey_app.models import ApiClient, AuditEntry
from survey_app.services.api_clients import Scope, find_client


def command(app, *arguments) -> click.testing.Result:
    return app.test_cli_runner().invoke(args=["api-clients", *arguments])


def created(app, name="motcua", *more) -> str:
    result = command(app, "create", name, "--unit", "QT", "--scope", "tickets:issue", *more)
    assert result.exit_code == 0, result.output
    return re.search(r"hlmc_\S{43}", result.output)[0]


def found(app, key, today=None):
    with app.app_context():
        return find_client(db.session, key=key, today=today or utc_now().date())


def test_a_new_key_opens_what_it_names(app, session, world):
    client = found(app, created(app))
    assert (client.name, client.unit_id, client.is_trial) == ("motcua", world.province, False)
    assert client.scopes == {Scope.ISSUE_TICKETS}
    both = created(app, "hai", "--scope", "responses:write", "--trial")
    assert found(app, both).scopes == {Scope.ISSUE_TICKETS, Scope.WRITE_RESPONSES}
    assert found(app, both).is_trial is True


def test_a_key_with_a_last_day_is_out_the_day_after(app, world):
    key = created(app, "tam", "--until", "2030-12-31")
    assert found(app, key, date(2030, 12, 31)) is not None
    assert found(app, key, date(2031, 1, 1)) is None
    assert "31/12/2030" in command(app, "list").output
    past = command(app, "create", "cu", "--unit", "QT", "--scope", "tickets:issue", "--until", "2020-01-01")
    assert past.exit_code == 1


def test_the_list_shows_everything_but_keys(app, world):
    assert "Chưa có phần mềm nào." in command(app, "list").output
    key = created(app)
    listed = command(app, "list").output
    assert listed.startswith("motcua  QT  tickets:issue  ")
    assert key not in listed


def test_a_revoked_key_opens_nothing_and_its_name_stays_taken(app, session, world):
    key = created(app)
    assert command(app, "revoke", "motcua").exit_code == 0
    assert command(app, "revoke", "motcua").exit_code == 0, "safe to run twice"
    assert found(app, key) is None
    assert "thu hồi / revoked" in command(app, "list").output
    again = command(app, "create", "motcua", "--unit", "QT", "--scope", "tickets:issue")
    assert again.exit_code == 1
    session.rollback()
    actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["api_client.created", "api_client.revoked"]
    assert all(key not in str(entry.details) for entry in session.scalars(select(AuditEntry)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "motcua", "--unit", "NO", "--scope", "tickets:issue"),
        ("create", "motcua", "--unit", "QT", "--scope", "everything"),
        ("create", "motcua", "--unit", "QT"),
        ("create", "Một Cửa", "--unit", "QT", "--scope", "tickets:issue"),
        ("create", "x" * 33, "--unit", "QT", "--scope", "tickets:issue"),
        ("revoke", "nobody"),
    ],
)
def test_what_cannot_be_is_refused(app, session, world, arguments):
    assert command(app, *arguments).exit_code in (1, 2)
    session.rollback()
    assert session.scalars(select(ApiClient)).all() == []
