"""`flask audit verify` and `flask audit anchor`, as an operator runs them."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from survey_app import nightly_work
from survey_app.db import db, write_transaction
from survey_app.models import AuditEntry, AuditHead, Response
from survey_app.services import audit
from survey_app.services.root_sealing import seal_days
from tests.builders import World, make_response

AT = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)


@pytest.fixture
def run(app):
    """Runs a command; its exit code and what it printed."""
    with app.app_context(), write_transaction(db.session):
        for number in (1, 2, 3):
            audit.record(db.session, f"thing.done_{number}", target="unit:1", by=None, at=AT)
    runner = app.test_cli_runner()

    def invoke(*arguments):
        result = runner.invoke(args=["audit", *arguments])
        return result.exit_code, result.output

    return invoke


def tamper(app, statement):
    with app.app_context(), write_transaction(db.session):
        db.session.connection().exec_driver_sql("DROP TRIGGER IF EXISTS audit_entry_update")
        db.session.connection().exec_driver_sql("DROP TRIGGER IF EXISTS audit_entry_delete")
        db.session.execute(statement)


def test_a_whole_log_exits_with_nought(run):
    code, output = run("verify")
    assert code == 0
    assert "3 mục" in output


def test_a_changed_entry_exits_with_one_and_is_named(app, run):
    tamper(app, update(AuditEntry).where(AuditEntry.sequence == 2).values(target="unit:2"))
    code, output = run("verify")
    assert code == 1
    assert "entry 2 bị sửa" in output


def test_a_log_cut_off_with_its_head_is_found_by_the_printed_anchor(app, run, tmp_path):
    code, line = run("anchor")
    assert code == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d 3 [0-9a-f]{64}\n", line)
    kept = tmp_path / "elsewhere.txt"
    kept.write_text(line, encoding="utf-8")
    tamper(app, AuditEntry.__table__.delete().where(AuditEntry.sequence == 3))
    tamper(app, update(AuditHead).values(sequence=2))
    assert run("verify")[0] == 0
    code, output = run("verify", "--anchor", str(kept))
    assert code == 1
    assert "entry 3 và các mục sau bị cắt bỏ" in output


def test_a_file_that_holds_no_anchor_is_said_to_be_none(run, tmp_path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("2026-09-15 3 xyz\n", encoding="utf-8")
    code, output = run("verify", "--anchor", str(wrong))
    assert code == 1
    assert "dòng 1" in output


def test_a_changed_response_names_its_wave_and_day(app, run, session):
    key = make_response(session, World.read(session), on=date(2026, 7, 1))
    seal_days(session, today=date(2026, 7, 2), now=AT)
    session.commit()
    assert run("verify")[0] == 0
    session.execute(update(Response).where(Response.id == key).values(flags=4))
    session.commit()
    code, output = run("verify")
    assert code == 1
    assert "full 01/07/2026 có phiếu bị sửa" in output
    assert run("verify", "--no-responses")[0] == 0


def test_the_night_keeps_the_anchor_beside_the_database(app, run, settings, caplog):
    with app.app_context():
        nightly_work.run(settings)
        nightly_work.run(settings)
    (line,) = settings.anchors_path.read_text(encoding="utf-8").splitlines()
    head = int(line.split()[1])
    assert head > 1, "the night closed waves and sealed days, and wrote so"
    assert run("verify")[0] == 0
    tamper(app, AuditEntry.__table__.delete().where(AuditEntry.sequence == head))
    tamper(app, update(AuditHead).values(sequence=head - 1))
    assert run("verify")[0] == 1
    with app.app_context():
        nightly_work.run(settings)
    assert f"audit log broken at entry {head}: cut" in caplog.text


def test_the_night_says_in_words_what_it_did_and_fails_aloud(app, session):
    for _ in range(5):
        key = make_response(session, World.read(session), on=date(2026, 7, 1))
    seal_days(session, today=date(2026, 7, 2), now=AT)
    session.execute(update(Response).where(Response.id == key).values(flags=4))
    session.commit()
    done = app.test_cli_runner().invoke(args=["nightly"])
    assert done.exit_code == 1
    assert "NightlyReport" not in done.output
    assert "        1  đơn vị có số liệu mới được mở / units whose figures were released" in done.output
    assert "Nhật ký nguyên vẹn" in done.output
    assert "full 01/07/2026 có phiếu bị sửa" in done.output
