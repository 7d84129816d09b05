"""An export as its readers see it: four statistical programs, a schema checker, and a spreadsheet."""

import io
import zipfile
from collections import Counter
from datetime import date

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from frictionless import Package
from lxml import etree
from sqlalchemy import select

from survey_app.models import AuditEntry
from survey_app.services.accounts import Role
from tests.builders import make_response, release_everything
from tests.sites import csrf_token

N_RARE, N_COMMON = 3, 40
PURPOSE = "Phân tích cho báo cáo quý của Sở Nội vụ"
DDI = {"d": "ddi:codebook:2_5"}


@pytest.fixture
def stored(session, world):
    """Forty men in one ward and three women; three answers in another; one not released, one of a trial."""
    answers = {"overall": "satisfied", "F1.1": "very_satisfied", "F1.2": "dont_know", "sex": "male"}
    keys = [
        make_response(session, world, answers=answers, on=date(2026, 7, 1 + place % 20), capacity=1)
        for place in range(N_COMMON)
    ]
    for _ in range(N_RARE):
        keys.append(
            make_response(session, world, answers={"overall": "neutral", "sex": "female"}, capacity=1)
        )
        keys.append(make_response(session, world, unit="Cồn Cỏ", answers=answers, capacity=1))
    make_response(session, world, received_on=date(2027, 1, 5))
    make_response(session, world, is_test=True)
    release_everything(session, world)
    session.commit()
    return keys


@pytest.fixture
def exported(staff, stored, session, tmp_path):
    office = staff(Role.PAR_OFFICE)
    page = office.get("/par/datasets").text
    token = csrf_token(page)
    dataset = page.split('name="dataset"')[1].split('<option value="')[1].split('"')[0]
    form = {"csrf_token": token, "dataset": dataset, "kind": "all"}
    refused = office.post("/par/datasets", data={**form, "purpose": "ít"})
    assert refused.status_code == 422
    answer = office.post("/par/datasets", data={**form, "purpose": PURPOSE}, buffered=True)
    assert answer.status_code == 200, answer.text[:500]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        archive.extractall(tmp_path / "files")
    (folder,) = (tmp_path / "files").iterdir()
    return folder


def test_every_file_holds_the_same_rows_with_labels_for_independent_readers(
    exported, stored, session, monkeypatch
):
    table = duckdb.sql(f"select * from '{exported}/data.parquet'").df()
    text = duckdb.sql(f"select * from read_csv('{exported}/data.csv')").df()
    spss, about = pyreadstat.read_sav(exported / "data_vi.sav", user_missing=True)
    stata = pd.read_stata(exported / "data_en.dta")
    sheet = openpyxl.load_workbook(io.BytesIO((exported / "data.xlsx").read_bytes()))["data"]
    rows = list(sheet.iter_rows(values_only=True))
    n = N_COMMON + 2 * N_RARE
    assert [len(each) for each in (table, text, spss, stata, rows[1:])] == [n] * 5
    assert list(rows[0]) == list(table.columns) == list(spss.columns)
    by_row = table.set_index("row_id")["q_F1_1"].to_dict()
    assert {row[0]: row[rows[0].index("q_F1_1")] for row in rows[1:]} == by_row
    assert spss.set_index("row_id")["q_F1_1"].to_dict() == by_row
    assert text.set_index("row_id")["q_F1_1"].to_dict() == by_row

    # Words in the language of the file; reasons for no answer are missing, each still told apart.
    assert about.variable_value_labels["q_F1_1"][1] == "Rất hài lòng"
    assert about.missing_ranges["q_F1_2"][0]["lo"] < -6 < about.missing_ranges["q_F1_2"][0]["hi"] + 6
    assert set(spss["q_F1_2"]) >= {-6.0}
    assert set(stata["q_F1_1"].dropna()) == {"Very satisfied"}
    with pd.read_stata(exported / "data_en.dta", iterator=True) as reader:
        labels = reader.variable_labels()
    assert labels["month"] == "Month of collection"
    _, told = pyreadstat.read_dta(exported / "data_vi.dta", user_missing=True)
    assert told.variable_value_labels["q_F1_2"]["f"] == "Không biết, không liên quan"


def test_no_row_leads_to_a_response_a_day_or_a_rare_person(exported, stored, session, staff):
    table = duckdb.sql(f"select * from '{exported}/data.parquet'").df()
    assert not {key.hex for key in stored} & set(table["row_id"])
    assert set(table["month"]) == {"2026-07"}
    assert "comment" not in table and not [name for name in table if name.endswith("_on")]
    # One desk at each point: the place of an answer would be its officer.
    assert set(table["point"]) == {-9}
    looks = Counter(
        zip(table["unit_code"], table["q_sex"], table["capacity"], table["residence"], strict=True)
    )
    assert min(looks.values()) >= 5
    assert (table["q_sex"] == -9).sum() >= N_RARE
    assert len(set(table["cluster"])) > 10
    # In an order of chance: as stored, the women and the small ward would stand together at the end.
    places = [place for place, value in enumerate(table["q_overall"]) if value == 3]
    assert places != list(range(N_COMMON, N_COMMON + 2 * N_RARE, 2))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "dataset.exported")).one()
    assert entry.details["purpose"] == PURPOSE
    assert staff(Role.MANAGER, "Đông Hà").get("/par/datasets").status_code == 403


def test_the_descriptions_fit_the_data(exported):
    report = Package("datapackage.json", basepath=str(exported)).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:3]
    ddi = etree.parse(exported / "ddi-codebook.xml")
    header = (exported / "data.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert ddi.xpath("//d:var/@name", namespaces=DDI) == header
    assert ddi.xpath("string(//d:caseQnty)", namespaces=DDI) == str(N_COMMON + 2 * N_RARE)
    words = ddi.xpath("//d:var[@name='q_F1_1']/d:catgry[d:catValu='1']/d:labl/text()", namespaces=DDI)
    assert words == ["Rất hài lòng", "Very satisfied"]
    assert ddi.xpath("//d:var[@name='q_F1_1']/d:catgry[@missing='Y']", namespaces=DDI)
    codebook = (exported / "codebook.md").read_text(encoding="utf-8")
    assert "ẩn tên 1 đơn vị" in codebook or "ẩn tên 2 đơn vị" in codebook
