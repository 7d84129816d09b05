"""What programs read: pages by cursor, marks of content, and every answer as described; results as they were frozen."""

import io
import json
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from frictionless import Package

from survey_app.release_drill import drill
from survey_app.services.api_clients import Scope, create_client
from survey_app.services.policy import current_policy
from survey_app.services.published_results import EXTENSION, Release
from survey_app.services.release_plan import Audience, withhold
from survey_app.web.api.reading import LISTS
from tests.conftest import TODAY
from tests.survey_app.staffing import NOW

RELEASE = Release(7, "QT", "tỉnh Quảng Trị", "continuous", "q1", 1, TODAY, "1.3", True, "a" * 64)


@pytest.fixture
def content(session, world):
    policy = current_policy(session, TODAY)
    return withhold(drill(2).releases[0], audience=Audience.PUBLIC, policy=policy)


@pytest.fixture
def read(app, session, world, content):
    """GET with a key of both scopes, of an office that published one release."""

    class Source:
        def releases(self, session, *, unit_ids=()):
            return (RELEASE,)

        def content(self, session, release_id, language, *, unit_ids=()):
            return replace(content, language=language) if release_id == RELEASE.id else None

    app.extensions[EXTENSION] = Source()
    key = create_client(
        session, name="cong", unit_id=world.province, scopes=[Scope.READ_REGISTRY, Scope.READ_RESULTS],
        is_trial=False, now=NOW, today=TODAY,
    )  # fmt: skip
    session.commit()

    def get(path, **headers):
        return app.test_client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}", **headers})

    return get


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_by_pages_and_again_only_if_changed(read, name):
    every = read(name).json["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = read(f"{name}?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == every and every
    mark = read(name).headers["ETag"]
    again = read(name, **{"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    assert read(name).headers["Cache-Control"] == "private, no-cache"
    for wrong in ("limit=0", "limit=x", "cursor=%FF", "unknown=1", "limit=1&limit=2"):
        answer = read(f"{name}?{wrong}")
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), wrong


def test_tables_of_a_release_are_those_of_its_open_data_with_the_same_cells_withheld(read, app, tmp_path):
    tables = {table["code"]: table for table in read("releases/7/tables").json["tables"]}
    with zipfile.ZipFile(
        io.BytesIO(app.test_client().get("/open-data/7.zip", buffered=True).data)
    ) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert json.loads(files["tables.json"])["tables"] == list(tables.values())
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    n_withheld = 0
    for code, table in tables.items():
        told = [[_text(cell) for cell in row] for row in table["rows"]]
        lines = files[f"{code}.csv"].decode("utf-8-sig").splitlines()
        assert [line.split(",") for line in lines[1:]] == told, code
        sheet = [
            [_text(cell) for cell in row] for row in book[code[:31]].iter_rows(min_row=2, values_only=True)
        ]
        assert sheet == told, code
        n_withheld += sum(cell == "withheld" for row in told for cell in row)
    assert n_withheld > 0
    for name, file in files.items():
        (tmp_path / name).write_bytes(file)
    package = Package("datapackage.json", basepath=str(tmp_path))
    assert package.licenses[0]["name"] == "CC-BY-4.0"
    report = package.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:3]


def _text(cell):
    if isinstance(cell, dict):
        return cell["missing"]
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def test_what_is_not_there_or_not_allowed_is_a_problem(read, app, session, world):
    assert read("releases/8/tables").status_code == 404
    assert read("releases/x/tables").status_code == 404
    other = create_client(
        session, name="khac", unit_id=world.province, scopes=[Scope.READ_REGISTRY], is_trial=False, now=NOW,
        today=TODAY,
    )  # fmt: skip
    session.commit()
    refused = app.test_client().get("/api/v1/releases", headers={"Authorization": f"Bearer {other}"})
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    for path, method, status in (("/api/v1/nothing", "get", 404), ("/api/v1/units", "post", 405)):
        answer = getattr(app.test_client(), method)(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert app.test_client().get("/open-data").status_code == 200
