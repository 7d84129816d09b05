import csv
import json
from pathlib import Path

import click.testing
import pytest
from flask import Flask

from config import ROOT

MAPPING = ROOT / "seeds" / "mappings" / "fft_gp_london_2023_2024.json"
EXTRACT = ROOT / "tests" / "data" / "fft_extract.csv"


def command(app: Flask, *arguments: object) -> click.testing.Result:
    return app.test_cli_runner().invoke(args=["responses", *map(str, arguments)])


@pytest.fixture
def two_bad_rows(tmp_path: Path) -> Path:
    path = tmp_path / "bad.csv"
    extra = (
        '2023-09-01 10:00:00,The Chelsea Practice,=HYPERLINK("x")\n01/09/2023,The Chelsea Practice,Likely\n'
    )
    path.write_text(EXTRACT.read_text(encoding="utf-8") + extra.replace('"', ""), encoding="utf-8")
    return path


def test_import_tries_first_then_writes_then_adds_nothing(app):
    tried = command(app, "import", MAPPING, EXTRACT)
    assert tried.exit_code == 0
    assert "Sẽ thêm / To add: 58" in tried.output
    assert "chưa ghi" in tried.output
    assert command(app, "scores", "--wave", "FFT-LONDON-2023").exit_code == 1
    written = command(app, "import", MAPPING, EXTRACT, "--apply")
    assert written.exit_code == 0
    assert "Đã thêm / Added: 58" in written.output
    assert "Đã thêm / Added: 0" in command(app, "import", MAPPING, EXTRACT, "--apply").output


def test_scores_show_n_share_and_interval_and_withhold_small_units(app):
    command(app, "import", MAPPING, EXTRACT, "--apply")
    shown = command(app, "scores", "--wave", "FFT-LONDON-2023").output
    lines = {line.split("  ")[0]: " ".join(line.split()) for line in shown.splitlines()}
    assert lines["Toàn đợt / Whole wave"].startswith("Toàn đợt / Whole wave 51 88,2% ")
    assert "34 82,4%" in lines["Health Partners @ Violet Melchett"]
    assert "17 – chưa đủ dữ liệu" in lines["The Chelsea Practice"]
    assert lines["Knightsbridge Medical Centre"].endswith("<5")
    assert "not a probability sample" in shown
    assert "mô phỏng" not in shown


def test_rejected_rows_are_shown_and_written_without_formulas(app, two_bad_rows, tmp_path):
    rejects = tmp_path / "rejects.csv"
    result = command(app, "import", MAPPING, two_bad_rows, "--apply", "--reject", rejects)
    assert "Đã thêm / Added: 58" in result.output
    assert "Bị từ chối / Rejected: 2" in result.output
    assert "Dòng 60, cột rating: cần một trong: Extremely likely" in result.output
    assert "Row 61, column time: expected a real date written as 2023-11-28 16:05:09" in result.output
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["column"], row["got"]) for row in rows] == [
        ("60", "rating", "'=HYPERLINK(x)"), ("61", "time", "01/09/2023"),
    ]  # fmt: skip


def test_another_file_of_the_wave_needs_a_word(app, two_bad_rows):
    command(app, "import", MAPPING, EXTRACT, "--apply")
    refused = command(app, "import", MAPPING, two_bad_rows, "--apply")
    assert refused.exit_code == 1
    assert "58" in refused.output
    assert "--add" in refused.output
    assert command(app, "import", MAPPING, two_bad_rows, "--apply", "--add").exit_code == 0


def test_bad_mapping_and_unreadable_file_are_said_plainly(app, tmp_path):
    mapping, file = tmp_path / "mapping.json", tmp_path / "file.csv"
    mapping.write_text(json.dumps({"questionnaire": {"code": "fft_gp"}}), encoding="utf-8")
    file.write_bytes("a,b\nHòa,1\n".encode("utf-16"))
    bad = command(app, "import", mapping, EXTRACT)
    assert bad.exit_code == 1
    assert "mapping.questionnaire.version: missing" in bad.output
    unreadable = command(app, "import", MAPPING, file, "--apply")
    assert unreadable.exit_code == 1
    assert "chưa ghi gì. Dòng 1" in unreadable.output


def test_scores_of_an_unknown_wave_are_refused(app):
    assert "No wave NOWHERE" in command(app, "scores", "--wave", "NOWHERE").output
