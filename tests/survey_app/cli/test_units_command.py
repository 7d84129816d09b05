import csv

import click.testing
import pytest
from flask import Flask

from config import ROOT, read_settings
from survey_app.cli.units import units
from survey_app.db import db, engine_options, prepare_engine
from survey_app.models import Base
from tests.builders import AUDIT_KEY

SEEDS = ROOT / "seeds" / "quang_tri"
BAD_FILE = """code,name,kind,level,parent_code,valid_from
P,Hòa Bình,province,1,,2020-01-01
A,An,village,3,P,2020-01-01
"""


@pytest.fixture
def app(tmp_path):
    app = Flask(__name__)
    address = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(address)}
    app.extensions["settings"] = read_settings({"INSTANCE_DIR": str(tmp_path)})
    db.init_app(app)
    app.cli.add_command(units)
    with app.app_context():
        prepare_engine(db.engine, audit_key=AUDIT_KEY)
        Base.metadata.create_all(db.engine)
        yield app
        db.engine.dispose()


def command(app, *arguments) -> click.testing.Result:
    return app.test_cli_runner().invoke(args=["units", "import", *map(str, arguments)])


def test_command_tries_first_then_writes_then_changes_nothing(app):
    tried = command(app, SEEDS)
    assert tried.exit_code == 0 and "chưa ghi" in tried.output and "units: 370 thêm" in tried.output
    assert "975 thêm, 0 sửa, 0 không đổi" in command(app, SEEDS, "--apply").output
    assert "0 thêm, 0 sửa, 975 không đổi" in command(app, SEEDS, "--apply").output


def test_command_lists_refused_rows_in_a_file(app, tmp_path):
    source, rejects = tmp_path / "units.csv", tmp_path / "rejects.csv"
    source.write_text(BAD_FILE, encoding="utf-8")
    refused = command(app, source, "--apply", "--rejects", rejects)
    assert refused.exit_code == 1
    assert "units.csv, dòng 3, cột kind: cần một trong" in refused.output
    assert "row 3, column kind: expected one of" in refused.output
    with rejects.open(encoding="utf-8-sig") as file:
        assert [(row["file"], row["row"], row["column"]) for row in csv.DictReader(file)] == [
            ("units.csv", "3", "kind")
        ]
