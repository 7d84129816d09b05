"""A file of responses is tried, then written whole or not at all, and only by who may."""

import base64
import io
import re
import zlib
from time import perf_counter

import pytest
from sqlalchemy import func, select

from config import ROOT
from survey_app.models import AuditEntry, Response, Unit
from survey_app.services.accounts import Role
from tests.sites import csrf_token

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
PAGE, APPLY = "/fieldwork/import", "/fieldwork/import/apply"
EXTRACT = (ROOT / "tests" / "data" / "juarez_extract.csv").read_bytes()
MAPPING = (ROOT / "seeds" / "mappings" / "juarez_2023.json").read_bytes()


def attempt(client, *, mapping="juarez_2023", content=EXTRACT, mapping_file=None):
    data = {"csrf_token": csrf_token(client.get(PAGE).text), "mapping": mapping}
    data["file"] = (io.BytesIO(content), "phieu.csv")
    if mapping_file is not None:
        data["mapping_file"] = (io.BytesIO(mapping_file), "mapping.json")
    answer = client.post(PAGE, data=data, content_type="multipart/form-data")
    # The test client leaves the file open that it writes a large form to.
    answer.request.environ["wsgi.input"].close()
    return answer


def write(client, tried, **changes):
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', tried.text))
    data = {name: hidden[name] for name in ("mapping", "content")} | {"csrf_token": csrf_token(tried.text)}
    return client.post(APPLY, data=data | changes)


def n_stored(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Response))


def test_an_administrator_tries_a_file_and_then_writes_it(staff, session):
    admin = staff(Role.ADMIN)
    tried = attempt(admin)
    assert tried.status_code == 200
    assert "Kết quả kiểm tra" in tried.text
    assert n_stored(session) == 0, "a trial writes nothing"
    assert session.scalar(select(func.count()).select_from(Unit).where(Unit.code == "JUAREZ")) == 0
    n_new = int(re.search(r"Ghi (\d+) phiếu", tried.text)[1])
    assert n_new > 0
    assert write(admin, tried).status_code == 303
    assert f"Đã ghi {n_new} phiếu vào đợt JUAREZ-2023." in admin.get(PAGE).text
    assert n_stored(session) == n_new
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "responses.imported")).one()
    assert entry.account_id is not None
    root = session.scalars(select(Unit).where(Unit.code == "JUAREZ")).one()
    assert root.parent_id is None, "foreign data have a root of their own"


def test_the_same_file_again_has_nothing_to_write(staff, session):
    admin = staff(Role.ADMIN)
    first = attempt(admin)
    write(admin, first)
    n = n_stored(session)
    again = attempt(admin)
    assert "Tệp không có phiếu nào mới." in again.text
    assert 'name="content"' not in again.text
    assert write(admin, first).status_code == 422, "the old page's button writes nothing twice"
    assert n_stored(session) == n


def test_a_file_with_one_faulty_row_is_not_written_at_all(staff, session):
    admin = staff(Role.ADMIN)
    good = attempt(admin)
    lines = EXTRACT.decode().splitlines()
    faulty = "\n".join(
        [*lines[:3], lines[3].replace(lines[3].split(",")[0], "yesterday"), *lines[4:]]
    ).encode()
    tried = attempt(admin, content=faulty)
    assert "Tệp có dòng lỗi nên chưa ghi dòng nào." in tried.text
    assert '<td class="number">4</td>' in tried.text
    assert "yesterday" in tried.text
    packed = base64.urlsafe_b64encode(zlib.compress(faulty)).decode()
    assert write(admin, good, content=packed).status_code == 422, "nor past the page that shows the fault"
    assert n_stored(session) == 0


def test_a_second_file_of_a_wave_needs_a_word_that_it_holds_new_answers_only(staff, session):
    admin = staff(Role.ADMIN)
    write(admin, attempt(admin))
    n = n_stored(session)
    other = attempt(admin, content=EXTRACT.replace(b"15:09:28", b"15:09:29"))
    assert "phiếu không thuộc tệp này" in other.text
    assert write(admin, other).status_code == 422
    assert n_stored(session) == n
    assert write(admin, other, adds="yes").status_code == 303
    assert n_stored(session) == 2 * n


def test_an_office_makes_no_root_and_writes_into_no_unit_of_others(staff, session):
    office = staff(Role.PAR_OFFICE)
    tried = attempt(office)
    assert tried.status_code == 422
    assert "không thuộc đơn vị được phép" in tried.text
    packed = {
        name: base64.urlsafe_b64encode(zlib.compress(value)).decode()
        for name, value in (("mapping", MAPPING), ("content", EXTRACT))
    }
    data = packed | {"csrf_token": csrf_token(office.get(PAGE).text)}
    assert office.post(APPLY, data=data).status_code == 422
    assert n_stored(session) == 0


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER, Role.INTERVIEWER, Role.DESK_STAFF])
def test_other_roles_import_nothing(staff, role):
    client = staff(role)
    token = {"csrf_token": csrf_token(client.get("/account").text)}
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, data=token).status_code == 403
    assert client.post(APPLY, data=token).status_code == 403


def test_a_mapping_of_ones_own_is_read(staff):
    admin = staff(Role.ADMIN)
    assert attempt(admin, mapping="", mapping_file=MAPPING).status_code == 200
    refused = attempt(
        admin, mapping="", mapping_file=MAPPING.replace(b'"questionnaire"', b'"questionaire"', 1)
    )
    assert refused.status_code == 422
    assert "Tệp ánh xạ không dùng được." in refused.text


def test_both_files_are_asked_for(staff):
    admin = staff(Role.ADMIN)
    answer = admin.post(PAGE, data={"csrf_token": csrf_token(admin.get(PAGE).text), "mapping": ""})
    assert answer.status_code == 422
    assert "Xin chọn một tệp ánh xạ." in answer.text
    assert "Xin chọn tệp phiếu." in answer.text


@pytest.mark.parametrize("name", ["../../config", "no-such", "forms/juarez_2023_v1", "\x00"])
def test_only_a_mapping_of_the_product_can_be_named(staff, name):
    assert attempt(staff(Role.ADMIN), mapping=name).status_code in (400, 422)


BOMB = zlib.compress(bytes(300 * 2**20))


@pytest.mark.parametrize(
    "content",
    [b"\x00", b"\xff\xfe", b"a,b\n1,2\n", b'"', b"PK\x03\x04" + bytes(1000), b"=cmd|' /C calc'!A0\n", b"x" * 5_300_000],
    ids=["NUL", "UTF-16", "columns", "quote", "zip", "formula", "large"],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_words(staff, session, content):
    began = perf_counter()
    answer = attempt(staff(Role.ADMIN), content=content)
    assert answer.status_code == 422
    assert "notice-problem" in answer.text
    assert perf_counter() - began < 5
    assert n_stored(session) == 0


def test_a_body_that_is_larger_still_is_refused_unread(staff):
    answer = staff(Role.ADMIN).post(
        PAGE, data=b"x" * 9 * 2**20, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "value", ["", "x", "!!", base64.urlsafe_b64encode(b"not packed").decode(), base64.urlsafe_b64encode(BOMB).decode()],
    ids=["empty", "x", "!!", "not packed", "bomb"],
)  # fmt: skip
def test_what_the_trial_never_carried_is_refused(staff, session, value):
    admin = staff(Role.ADMIN)
    tried = attempt(admin)
    assert write(admin, tried, content=value).status_code in (400, 422)
    assert write(admin, tried, mapping=value).status_code in (400, 422)
    assert n_stored(session) == 0


def test_more_rows_than_a_page_takes_are_sent_to_the_command(staff, monkeypatch):
    monkeypatch.setattr("survey_app.services.browser_import.MAX_ROWS", 10)
    answer = attempt(staff(Role.ADMIN))
    assert answer.status_code == 422
    assert "Tệp có hơn 10 dòng." in answer.text


def test_cells_of_a_file_are_shown_as_text(staff):
    lines = EXTRACT.decode().splitlines()
    script = "<script>alert(1)</script>"
    faulty = "\n".join([*lines[:1], lines[1].replace(lines[1].split(",")[0], script), *lines[2:]]).encode()
    tried = attempt(staff(Role.ADMIN), content=faulty)
    assert script not in tried.text
    assert "&lt;script&gt;" in tried.text
