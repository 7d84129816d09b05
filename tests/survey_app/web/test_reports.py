"""Reports over the web: one's own unit only, the form of a batch, a filled form, an edited plan, a saved head."""

import io
import re
from datetime import date

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from survey_app.models import DocumentBatch, Period, Unit
from survey_app.services.accounts import Role
from tests.builders import make_response, release_everything
from tests.sites import csrf_token
from tests.survey_app.documents.test_template_fill import form as xlsx_form


@pytest.fixture
def filled(session, world):
    session.add(Period(code="2026-Q3", root_unit_id=world.province, title_vi="Quý III/2026", title_en="Q3 2026",
                       starts_on=date(2026, 6, 15), ends_on=date(2026, 9, 14)))  # fmt: skip
    for number in range(40):
        make_response(session, world, answers={"overall": "satisfied" if number % 8 else "neutral"})
    release_everything(session, world)
    session.commit()
    return world


def post(client, path, data):
    """Post as a form of the staff side does."""
    return client.post(path, data={"csrf_token": csrf_token(client.get("/account").text), **data})


def test_a_manager_has_the_report_of_the_own_unit_only(staff, filled):
    client = staff(Role.MANAGER, "Đông Hà")
    own, other = filled.units["Đông Hà"], filled.province
    page = client.get(f"/manager/units/{own}/report")
    assert page.status_code == 200 and "87,5%" in page.text and "DỰ THẢO" in page.text
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK"), ("csv", "\ufeff".encode())):
        answer = client.get(f"/manager/units/{own}/report.{kind}")
        assert answer.status_code == 200 and answer.data.startswith(start)
        assert "attachment" in answer.headers["Content-Disposition"]
        assert client.get(f"/manager/units/{other}/report.{kind}").status_code == 404
    assert client.get(f"/manager/units/{other}/remedy-plan").status_code == 404


def test_a_code_is_checked_against_the_figures_of_today(staff, filled, session):
    client, unit_id = staff(Role.MANAGER, "Đông Hà"), filled.units["Đông Hà"]
    page = client.get(f"/manager/units/{unit_id}/report").text
    code = re.search(r"(?:[0-9A-F]{4}-){3}[0-9A-F]{4}", page).group()
    unit_code = session.get_one(Unit, unit_id).code
    query = {"unit": unit_code, "basis": "continuous", "period": "2026-Q3", "code": code}
    assert "Khớp." in client.get("/par/reports/check", query_string=query).text
    make_response(session, filled)
    session.commit()
    assert "Không khớp." in client.get("/par/reports/check", query_string=query).text


def test_an_edited_plan_comes_back_as_a_word_file_and_is_not_stored(staff, filled):
    client, unit_id = staff(Role.MANAGER, "Đông Hà"), filled.units["Đông Hà"]
    fields = ("problem", "evidence", "cause", "remedy", "responsible", "due", "last_quarter")
    data = {name: [f"{name} một", ""] for name in fields}
    answer = post(client, f"/manager/units/{unit_id}/remedy-plan.docx", data=data)
    tables = Document(io.BytesIO(answer.data)).tables
    assert [cell.text for cell in tables[-1].rows[1].cells] == ["1", *(f"{name} một" for name in fields)]
    assert len(tables[-1].rows) == 2
    assert (
        post(client, f"/manager/units/{unit_id}/remedy-plan.docx", data={"problem": "x"}).status_code == 400
    )


def test_a_batch_is_stored_and_the_worker_told(staff, filled, session, monkeypatch):
    told = []
    monkeypatch.setattr(
        "survey_app.document_work.tell_worker", lambda _settings, batch_id: told.append(batch_id)
    )
    client = staff(Role.PAR_OFFICE)
    data = {"basis": "continuous", "period": "2026-Q3", "units": "all", "language": "vi", "formats": ["pdf"]}
    assert post(client, "/par/reports", data={**data, "formats": []}).status_code == 422
    assert post(client, "/par/reports", data=data).status_code == 303
    assert told == [session.scalar(select(DocumentBatch.id))]
    page = client.get("/par/reports").text
    assert "chờ đến lượt" in page and "data-open" in page
    assert client.get(f"/par/reports/batches/{told[0]}.zip").status_code == 404


def test_a_form_is_tried_then_taken_filled(staff, filled):
    client = staff(Role.PAR_OFFICE)
    content = xlsx_form({"HL_SO_PHIEU_DONG_HA": "'Biểu 01'!$B$2", "HL_TY_LE_XYZ": "'Biểu 01'!$B$3"})
    upload = {"file": (io.BytesIO(content), "mau.xlsx"), "basis": "continuous", "period": "2026-Q3"}
    page = post(client, "/par/reports/template", data=upload).text
    assert "HL_TY_LE_XYZ" in page and "không có đơn vị này trong kỳ" in page
    carried = re.search(r'name="content" value="([^"]+)"', page).group(1)
    answer = post(
        client,
        "/par/reports/template.xlsx",
        data={"content": carried, "name": "mau.xlsx", "basis": "continuous", "period": "2026-Q3"},
    )
    assert load_workbook(io.BytesIO(answer.data))["Biểu 01"]["B2"].value == 40
    hostile = {"file": (io.BytesIO(b"PK\x03\x04"), "mau.xlsx"), "basis": "continuous", "period": "2026-Q3"}
    assert post(client, "/par/reports/template", data=hostile).status_code == 422


def test_a_head_is_previewed_then_saved_and_used(staff, filled):
    client = staff(Role.PAR_OFFICE)
    data = {
        "effective_from": "2026-01-01", "superior": "", "issuer": "SỞ NỘI VỤ", "abbreviation": "SNV",
        "place": "Đông Hà",
        "signer_titles": "GIÁM ĐỐC", "signer_name": "", "recipients": "Lưu: VT", "bases": "Căn cứ thử",
    }  # fmt: skip
    preview = post(client, "/admin/letterhead", data={**data, "preview": "1"})
    assert "SỞ NỘI VỤ" in preview.text
    assert "SỞ NỘI VỤ" not in client.get("/admin/letterhead").text
    assert post(client, "/admin/letterhead", data={**data, "issuer": ""}).status_code == 422
    assert post(client, "/admin/letterhead", data=data).status_code == 303
    report = client.get("/par/reports/province.docx?basis=continuous&period=2026-Q3").data
    words = " ".join(
        cell.text for table in Document(io.BytesIO(report)).tables for row in table.rows for cell in row.cells
    )
    assert "SỞ NỘI VỤ" in words and "/BC-SNV" in words and "GIÁM ĐỐC" in words


def test_conversions_are_typed_listed_and_faults_told(staff, filled):
    client = staff(Role.PAR_OFFICE)
    data = {"title": "Bộ chỉ số", "basis": "continuous", "legal_basis": "Quyết định", "valid_from": "2026-01-01",
            "valid_to": "", "bands": "0 = 0\n85 = 1,5\n90 = 2"}  # fmt: skip
    refused = post(client, "/admin/conversions", data={**data, "bands": "85 - 1"})
    assert refused.status_code == 422 and "Có dòng không đọc được." in refused.text
    assert post(client, "/admin/conversions", data=data).status_code == 303
    assert "85 = 1,5" in client.get("/admin/conversions").text
    unit_id = filled.units["Đông Hà"]
    report = client.get(f"/manager/units/{unit_id}/report").text
    assert "Điểm quy đổi" in report and "Lưu ý: khoảng tin cậy của" in report
