"""Questionnaires as files in the browser: read and shown, nothing stored, and any version handed out."""

import html
import io
import json
import re

import pytest
from sqlalchemy import func, select

from config import ROOT
from survey_app.models import AuditEntry, QuestionnaireVersion
from survey_app.services.accounts import Role
from survey_app.services.xlsform.findings import DECISIONS
from survey_app.services.xlsform.reading import read_xlsform
from survey_app.web.admin.finding_words import WORDS
from survey_app.web.admin.uploads import UNREADABLE
from tests.sites import csrf_token
from tests.survey_app.services.xlsform.forms import OVERALL, TODAY, ask, file_of

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
PAGE = "/admin/questionnaires/files"


def send(client, *files, lang="vi", **fields):
    data = {"csrf_token": csrf_token(client.get(PAGE).text), **fields}
    data["files"] = [(io.BytesIO(content), name) for name, content in files]
    answer = client.post(f"{PAGE}?lang={lang}", data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def form_with(**cells):
    return file_of([OVERALL, ask("a", **cells)])


def text_of(answer):
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


def test_a_form_is_shown_with_its_tree_and_what_was_left_out_and_nothing_is_stored(staff, session):
    office = staff()
    counted = [func.count()]
    before = [
        session.scalar(select(*counted).select_from(table)) for table in (QuestionnaireVersion, AuditEntry)
    ]
    answer = send(office, ("form.xlsx", form_with(hint="Gợi ý", relevant="${overall} = 's'")))
    assert answer.status_code == 200
    words = " ".join(text_of(answer).split())
    assert "Đọc được từ form.xlsx" in words
    assert "Lời gợi ý survey, cột hint: dòng 3" in words
    assert "Câu a a · Sự việc · 2 lựa chọn · chỉ hỏi nếu overall là s" in words
    session.rollback()
    assert before == [
        session.scalar(select(*counted).select_from(table)) for table in (QuestionnaireVersion, AuditEntry)
    ]


def test_a_form_is_refused_by_row_and_column_in_both_languages(staff):
    office = staff()
    bad = ("form.xlsx", form_with(relevant="today() > 1"))
    answer = send(office, bad)
    assert answer.status_code == 422
    words = " ".join(text_of(answer).split())
    assert "Điều kiện hỏi dùng hàm không hỗ trợ survey, dòng 3, cột relevant today() > 1" in words
    assert send(office, bad, drops_conditions="y").status_code == 200
    assert "row 3" in text_of(send(office, bad, lang="en")) or "dòng 3" in text_of(
        send(office, bad, lang="en")
    )


def test_markup_in_a_form_is_shown_as_text(staff):
    answer = send(
        staff(), ("form.xlsx", form_with(**{"label::Tiếng Việt (vi)": "<script>alert(1)</script>"}))
    )
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("a.xlsx", b"PK\x03\x04 nothing")], "Tệp không phải CSV hoặc XLSX đọc được."),
        ([("a.csv", b"type,name\n\xff,x\n")], "Xin lưu lại với mã UTF-8. Dòng 2."),
        ([("a.json", b'{"code": ')], "line 1, column 10"),
        ([("a.json", b'{"title": {"vi": "a\xe2\x80\xaeb"}}')], "definition.title.vi"),
        ([("a.csv", b"x"), ("b.csv", b"x"), ("c.csv", b"x"), ("d.csv", b"x")], "tối đa ba tệp CSV"),
        ([], "Xin chọn tệp phiếu hỏi."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(staff, files, words):
    answer = send(staff(), *files)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_what_was_read_is_handed_out_as_json_that_reads_again(staff):
    office = staff()
    tried = send(office, ("form.xlsx", form_with()))
    carried = re.search(r'name="definition" value="([^"]*)"', tried.text)[1]
    fields = {"csrf_token": csrf_token(tried.text), "definition": carried}
    answer = office.post(f"{PAGE}/json", data=fields)
    assert answer.headers["Content-Disposition"] == "attachment; filename=phieu.json"
    expected = read_xlsform([("form.xlsx", form_with())], today=TODAY).definition
    assert json.loads(answer.data) | {"effective_from": ""} == expected | {"effective_from": ""}
    again = send(office, ("phieu.json", answer.data))
    assert again.status_code == 200
    assert office.post(f"{PAGE}/json", data=fields | {"definition": "AAAA"}).status_code == 400


def test_every_version_is_handed_out_and_reads_back_the_same(staff, session):
    office = staff(Role.ADMIN)
    for version_id, definition in session.execute(
        select(QuestionnaireVersion.id, QuestionnaireVersion.definition)
    ):
        whole = office.get(f"/admin/questionnaires/{version_id}.xlsx").data
        assert read_xlsform([("x.xlsx", whole)], today=TODAY).definition == definition
        assert json.loads(office.get(f"/admin/questionnaires/{version_id}.json").data) == definition
    assert office.get("/admin/questionnaires/99999.xlsx").status_code == 404
    assert office.get("/admin/questionnaires/1.exe").status_code == 404


def test_a_unit_manager_reads_and_gets_nothing(staff):
    manager = staff(Role.MANAGER, "Đông Hà")
    assert manager.get(PAGE).status_code == 403
    assert manager.get("/admin/questionnaires/1.xlsx").status_code == 403


def test_everything_that_may_be_said_has_words():
    assert set(WORDS) == set(DECISIONS)
    reasons = re.findall(r'UnreadableTable\("(\w+)"', (ROOT / "survey_app" / "spreadsheets.py").read_text())

    assert set(reasons) <= set(UNREADABLE)
