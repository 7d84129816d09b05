"""`flask demo build` prints the accounts once and touches nothing but the demo's own file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from survey_app import create_app
from survey_app.db import db


@pytest.fixture
def demo_file(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "demo.sqlite3"


@pytest.fixture
def demo_app(settings: Settings, demo_file: Path) -> Iterator[Flask]:
    demo_file.parent.mkdir()
    app = create_app(replace(settings, IS_DEMO=True, DATABASE_URL=f"sqlite:///{demo_file}"))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_real_instance_is_refused(app):
    result = app.test_cli_runner().invoke(args=["demo", "build", "--responses", "3000"])
    assert result.exit_code == 1
    assert "DEMO=1" in result.output


def test_accounts_are_printed_once_and_addresses_each_time(demo_app, demo_file):
    runner = demo_app.test_cli_runner()
    first = runner.invoke(args=["demo", "build", "--if-missing", "--responses", "3000"])
    assert first.exit_code == 0, first.output
    verified = runner.invoke(args=["audit", "verify"])
    assert verified.exit_code == 0, verified.output
    built_at = demo_file.stat().st_mtime_ns
    second = runner.invoke(args=["demo", "build", "--if-missing", "--responses", "3000"])
    assert demo_file.stat().st_mtime_ns == built_at
    assert "sonoivu" in first.output
    assert "sonoivu" not in second.output
    for result in (first, second, runner.invoke(args=["demo", "home"])):
        assert "http://localhost/q/" in result.output


def test_a_demo_too_small_for_its_fixed_units_is_refused(demo_app, demo_file):
    result = demo_app.test_cli_runner().invoke(args=["demo", "build", "--responses", "100"])
    assert result.exit_code == 2
    assert not demo_file.exists()


def test_a_new_demo_is_not_held_against_the_anchors_of_the_last_one(demo_app, settings):
    anchors = settings.INSTANCE_DIR / "demo-anchors.txt"
    anchors.write_text(f"2026-09-15 7 {'0' * 64}\n", encoding="utf-8")
    runner = demo_app.test_cli_runner()
    assert runner.invoke(args=["demo", "build", "--responses", "3000"]).exit_code == 0
    assert not anchors.exists()
