"""`flask purge`: nothing goes without --apply, and what went is in no file any more."""

from datetime import date
from pathlib import Path

import pytest

from survey_app.db import db, write_transaction
from tests.builders import World, make_comment

NEEDLE = "kim trong đáy bể 7f3a"


def files_holding(folder: Path, needle: str) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and needle.encode() in path.read_bytes()]


@pytest.fixture
def old_comment(app, tmp_path):
    with app.app_context(), write_transaction(db.session):
        make_comment(db.session, World.read(db.session), NEEDLE, month=date(2020, 1, 1))
    return tmp_path


def purge(app, *arguments):
    result = app.test_cli_runner().invoke(args=["purge", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_without_apply_it_only_counts(app, old_comment):
    assert "1  Góp ý bằng lời" in purge(app)
    assert files_holding(old_comment, NEEDLE)


def test_with_apply_nothing_is_left_in_the_files(app, old_comment):
    assert files_holding(old_comment, NEEDLE), "the needle is found while it is there"
    assert "1  Góp ý bằng lời" in purge(app, "--apply")
    assert files_holding(old_comment, NEEDLE) == []
    assert "0  Góp ý bằng lời" in purge(app, "--apply")
