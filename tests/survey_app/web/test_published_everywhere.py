"""One published release, read by a page, files and a program: the same units are withheld in all of them."""

import csv
import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from survey_app.models import PublicPages
from survey_app.services.api_clients import Scope, create_client
from tests.conftest import TODAY
from tests.survey_app.services.test_publishing import (  # noqa: F401 - fixtures
    NOW,
    bring_out,
    closed,
    staff,
)

SMALL = "Cồn Cỏ"


@pytest.fixture
def release(session, world, staff, closed):  # noqa: F811
    """Three units of which one answered too little to be told; the pages are still closed."""
    id_ = bring_out(session, world, staff)
    session.commit()
    return id_


@pytest.fixture
def key(session, world, release):
    """A key of one unit below the office: nothing of the office is its own."""
    made = create_client(
        session, name="cong", unit_id=world.units["Đông Hà"], scopes=[Scope.READ_RESULTS], is_trial=False,
        now=NOW, today=TODAY,
    )  # fmt: skip
    session.commit()
    return made


def test_closed_pages_show_nothing_and_open_ones_withhold_the_same_units(app, session, world, release, key):
    client, bearer = app.test_client(), {"Authorization": f"Bearer {key}"}
    tables = f"/api/v1/releases/{release}/tables"
    for path in (f"/results/{release}", f"/open-data/{release}.zip", tables):
        assert client.get(path, headers=bearer).status_code == 404, path
    assert client.get("/api/v1/releases", headers=bearer).json["items"] == []
    session.add(PublicPages(root_unit_id=world.province, is_open=True, changed_on=TODAY))
    session.commit()
    assert [row["id"] for row in client.get("/api/v1/releases", headers=bearer).json["items"]] == [release]
    assert f"/open-data/{release}.zip" in client.get("/open-data").text
    assert 'href="/open-data"' in client.get(f"/results/{release}").text

    told = {table["code"]: table for table in client.get(tables, headers=bearer).json["tables"]}
    packed = client.get(f"/open-data/{release}.zip", buffered=True)
    assert packed.content_length == len(packed.data)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    n_withheld = 0
    for code, table in told.items():
        rows = [[_plain(cell) for cell in row] for row in table["rows"]]
        lines = list(csv.reader(files[f"{code}.csv"].decode("utf-8-sig").splitlines()))[1:]
        assert [[_plain(cell) for cell in line] for line in lines] == rows, code
        sheet = book[code[:31]].iter_rows(min_row=2, values_only=True)
        assert [[_plain(cell) for cell in row] for row in sheet] == rows
        small = [row for row in rows if any(SMALL in cell for cell in row)]
        numbers = [cell for row in small for cell in row if re.fullmatch(r"[0-9.]+", cell) and cell != "0"]
        assert not {"8", "0.75"} & set(numbers), code
        n_withheld += sum(cell == "withheld" for row in small for cell in row)
    assert n_withheld > 0
    page = client.get(f"/results/{release}").text
    line = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.S) if SMALL in row)
    assert re.findall(r">\s*[0-9][0-9.,]*%?\s*<", line) == []


def _plain(cell):
    """A cell as text, numbers in one spelling."""
    if isinstance(cell, dict):
        return cell["missing"]
    text = "" if cell is None else str(cell)
    return f"{float(text):g}" if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else text


def test_scripts_of_other_origins_read_only_where_the_setting_names_them(app, key):
    asked = {"Authorization": f"Bearer {key}", "Origin": "https://data.example"}
    off = app.test_client().get("/api/v1/releases", headers=asked)
    assert "Access-Control-Allow-Origin" not in off.headers
    usual = app.extensions["settings"]
    app.extensions["settings"] = replace(usual, API_ALLOWED_ORIGINS=("https://data.example",))
    try:
        on = app.test_client().get("/api/v1/releases", headers=asked)
        other = app.test_client().get("/api/v1/releases", headers=asked | {"Origin": "https://x.example"})
        page = app.test_client().get("/open-data", headers=asked)
    finally:
        app.extensions["settings"] = usual
    assert on.headers["Access-Control-Allow-Origin"] == "https://data.example"
    assert "Access-Control-Allow-Credentials" not in on.headers
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Origin" in other.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in page.headers
