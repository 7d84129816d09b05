"""The pages of trust: the audit log, what waits for a second person, and taking responses out of the figures."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from survey_app.models import Approval, AuditEntry, Exclusion
from survey_app.services import audit
from survey_app.services.accounts import Role
from survey_app.services.root_sealing import seal_days
from tests.builders import make_response, release_everything
from tests.sites import csrf_token

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
AT = datetime(2026, 9, 14, 17, 30, tzinfo=UTC)
NEW = "/admin/exclusions/new"


@pytest.fixture
def stuffed(session, world):
    """Forty ordinary answers and twenty of a kiosk in a meeting room."""
    for number in range(60):
        answer = "very_satisfied" if number < 20 else ("satisfied" if number % 2 else "dissatisfied")
        make_response(
            session, world, answers={"overall": answer}, on=date(2026, 7, 20 if number < 20 else 1),
            collector="K1" if number < 20 else None,
        )  # fmt: skip
    release_everything(session, world)
    session.commit()


def scope(client, world, **changes):
    page = client.get(f"{NEW}?point={world.points['Đông Hà']}")
    return {
        "csrf_token": csrf_token(page.text), "from_on": "2026-07-20", "to_on": "2026-07-20", "channel": "",
        "collector": "K1", "batch": "", "reason": "Máy để trong phòng họp",
    } | changes  # fmt: skip


def ask(client, world, **changes):
    return client.post(f"{NEW}?point={world.points['Đông Hà']}", data=scope(client, world, **changes))


def test_an_exclusion_from_looking_to_both_words(staff, session, world, stuffed):
    office, admin = staff(Role.PAR_OFFICE), staff(Role.ADMIN)
    seen = ask(office, world, act="preview")
    assert seen.status_code == 200
    assert "66,7%" in seen.text and "50,0%" in seen.text
    assert session.scalar(select(func.count()).select_from(Exclusion)) == 0
    assert ask(office, world, act="propose").status_code == 303
    session.rollback()
    waiting = session.scalars(select(Approval.id)).one()
    assert "1 chờ" in admin.get("/admin/").text
    assert "1 chờ" not in office.get("/admin/").text
    mine = office.get(f"/admin/approvals/{waiting}").text
    assert "Rút lại" in mine and "Duyệt và thực hiện</button>" not in mine
    page = admin.get(f"/admin/approvals/{waiting}")
    assert "66,7% hài lòng (khoảng 95%" in page.text and "40 phiếu" in page.text
    decision = {"csrf_token": csrf_token(page.text), "decision": "approve", "note": ""}
    refused = office.post(f"/admin/approvals/{waiting}", data=decision | {"csrf_token": csrf_token(mine)})
    assert refused.status_code == 403
    assert "Người đề nghị không được tự duyệt" in refused.text
    assert admin.post(f"/admin/approvals/{waiting}", data=decision).status_code == 303
    session.rollback()
    assert session.scalars(select(Exclusion.is_active)).all() == [True]
    again = admin.post(f"/admin/approvals/{waiting}", data=decision)
    assert again.status_code == 409
    assert "Đang loại" in office.get("/admin/exclusions").text
    page = office.get("/admin/exclusions")
    lift = {"csrf_token": csrf_token(page.text), "reason": "Nhầm máy"}
    exclusion = session.scalars(select(Exclusion.id)).one()
    assert office.post(f"/admin/exclusions/{exclusion}/lift", data=lift | {"reason": " "}).status_code == 422
    assert office.post(f"/admin/exclusions/{exclusion}/lift", data=lift).status_code == 303
    assert office.post(f"/admin/exclusions/{exclusion}/lift", data=lift).status_code == 409
    assert "chờ duyệt tính lại" in office.get("/admin/exclusions").text


def test_what_cannot_be_carried_out_says_why_and_changes_nothing(staff, session, world, stuffed):
    office, admin = staff(Role.PAR_OFFICE), staff(Role.ADMIN)
    ask(office, world, act="propose")
    session.execute(text("UPDATE response SET is_test = true WHERE collector = 'K1'"))
    session.commit()
    waiting = session.scalars(select(Approval.id)).one()
    path = f"/admin/approvals/{waiting}"
    form = {"csrf_token": csrf_token(admin.get(path).text), "note": ""}
    refused = admin.post(path, data=form | {"decision": "approve"})
    assert refused.status_code == 422
    assert "Quá ít phiếu" in refused.text
    session.rollback()
    assert session.scalars(select(Approval.state)).all() == ["pending"]
    assert session.scalars(select(Exclusion.is_active)).all() == [False]
    assert admin.post(path, data=form | {"decision": "reject"}).status_code == 422
    assert admin.post(path, data=form | {"decision": "no-such"}).status_code == 422
    assert admin.post(path, data=form | {"decision": "reject", "note": "Không"}).status_code == 303


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"from_on": "2026-07-19", "to_on": "2026-07-19"}, 422, "Quá ít phiếu"),
        ({"from_on": "2026-07-21"}, 422, "Ngày cuối không được trước ngày đầu"),
        ({"from_on": "hôm qua"}, 422, "Xin nhập ngày"),
        ({"reason": ""}, 422, "Xin ghi lý do"),
        ({"channel": "99"}, 422, "Lựa chọn không có trong danh sách"),
        ({"collector": "K9"}, 422, "Lựa chọn không có trong danh sách"),
    ],
)
def test_a_scope_that_will_not_do_is_refused_in_words(staff, world, stuffed, changes, status, words):
    answer = ask(staff(Role.ADMIN), world, act="propose", **changes)
    assert answer.status_code == status
    assert words in answer.text


def test_a_foreign_point_does_not_exist(staff, world, stuffed):
    office = staff(Role.PAR_OFFICE, "Cồn Cỏ")
    assert office.get(f"{NEW}?point={world.points['Đông Hà']}").status_code == 404
    assert office.get(f"{NEW}?point={world.points['Cồn Cỏ']}").status_code == 200


def entries(page):
    return page.text.count('class="log-what"')


def test_the_log_is_found_by_person_kind_object_and_day(staff, session, world):
    admin = staff(Role.ADMIN)
    for number in range(3):
        audit.record(
            session, "wave.added", target=f"unit:{world.units['Đông Hà']}", by=None,
            at=AT + timedelta(days=number), details=audit.change({"code": "A"}, {"code": "B"}),
        )  # fmt: skip
    session.commit()
    page = admin.get("/admin/audit")
    assert "Đơn vị phường Đông Hà" in page.text
    assert "15/09/2026 00:30" in page.text
    assert "<del>A</del> → B" in page.text
    assert entries(admin.get("/admin/audit?group=wave")) == 3
    assert entries(admin.get("/admin/audit?from=2026-09-15&to=2026-09-16&group=wave")) == 2
    assert entries(admin.get("/admin/audit?target=unit%3A&group=wave")) == 3
    assert entries(admin.get("/admin/audit?target=no_such%25")) == 0
    person = session.scalars(select(AuditEntry.account_id).where(AuditEntry.action == "account.signed_in"))
    assert entries(admin.get(f"/admin/audit?person={person.first()}")) == 2
    assert "Xin nhập ngày đúng dạng." in admin.get("/admin/audit?from=15/9").text


def test_the_log_goes_on_from_where_a_page_ends(staff, session, world):
    admin = staff(Role.ADMIN)
    for number in range(60):
        audit.record(session, "wave.added", target=f"w{number}", by=None, at=AT)
    session.commit()
    first = admin.get("/admin/audit?group=wave")
    assert entries(first) == 50
    before = session.scalars(select(AuditEntry.id).where(AuditEntry.target == "w10")).one()
    assert f"before={before}" in first.text
    assert entries(admin.get(f"/admin/audit?group=wave&before={before}")) == 10


def test_a_subtree_sees_its_own_entries_only(staff, session, world):
    for name in ("Đông Hà", "Cồn Cỏ"):
        audit.record(session, "wave.added", target=f"unit:{world.units[name]}", by=None, at=AT)
    audit.record(session, "wave.added", target="W", by=None, at=AT)
    team = staff(Role.INSPECTION_TEAM, "Đông Hà")
    page = team.get("/admin/audit")
    assert "phường Đông Hà" in page.text and "Cồn Cỏ" not in page.text
    assert entries(team.get("/admin/audit?group=wave")) == 1
    assert "Kiểm tra ngay" not in page.text
    assert entries(staff(Role.STATE_INSPECTOR).get("/admin/audit?group=wave")) == 3
    assert staff(Role.MANAGER, "Đông Hà").get("/admin/audit").status_code == 403


def test_taking_the_log_away_is_an_entry(staff, session, world):
    office = staff(Role.PAR_OFFICE)
    audit.record(session, "wave.added", target="=W", by=None, at=AT)
    session.commit()
    form = {"csrf_token": csrf_token(office.get("/admin/audit").text), "group": "wave"}
    answer = office.post("/admin/audit/export", data=form)
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[1][1:] == ["15/09/2026 00:30", "Máy chủ", "Mở đợt khảo sát", "wave.added", "'=W", ""]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "audit.exported")).one()
    assert entry.details["n"] == 1
    assert entry.account_id is not None


def test_the_state_of_the_chain_is_shown_and_a_break_is_said_aloud(staff, session, world):
    admin = staff(Role.ADMIN)
    assert "Chưa kiểm tra lần nào." in admin.get("/admin/audit").text
    form = {"csrf_token": csrf_token(admin.get("/admin/audit").text)}
    assert admin.post("/admin/audit/check", data=form).status_code == 303
    assert "Chuỗi nguyên vẹn đến mục 2" in admin.get("/admin/audit").text
    session.execute(text("DROP TRIGGER audit_entry_update"))
    session.execute(text("UPDATE audit_entry SET target = 'x' WHERE sequence = 2"))
    session.commit()
    admin.post("/admin/audit/check", data=form)
    page = admin.get("/admin/audit").text
    assert "CHUỖI KHÔNG NGUYÊN VẸN" in page
    assert "mục 2: mục này bị sửa" in page


def test_looking_at_raw_rows_is_an_entry_once_a_day(staff, session, world):
    interviewer = staff(Role.INTERVIEWER)
    for _ in range(2):
        assert interviewer.get("/fieldwork/interviews").status_code == 200
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "interview.cases_viewed")).all()
    assert [entry.target for entry in noted] == [f"account:{noted[0].account_id}"]


def test_the_evidence_of_a_wave_is_one_file_and_taking_it_is_an_entry(staff, session, world):
    make_response(session, world, on=date(2026, 7, 1))
    seal_days(session, today=date(2026, 7, 2), now=AT)
    audit.record(session, "wave.added", target="full", by=None, at=AT)
    inspector = staff(Role.STATE_INSPECTOR)
    page = inspector.get("/admin/evidence")
    assert "Đợt full" in page.text
    form = {"csrf_token": csrf_token(page.text)}
    answer = inspector.post(f"/admin/evidence/{world.waves['full']}", data=form)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        files = {name: pack.read(name).decode() for name in pack.namelist()}
    assert set(files) == {
        "index.html", "questionnaire.json", "plan.csv", "roots.csv", "decisions.csv", "anchor.txt",
    }  # fmt: skip
    assert "Nhật ký nguyên vẹn đến mục" in files["index.html"]
    assert "1 ngày nhận phiếu khớp dấu niêm" in files["index.html"]
    assert "Mở đợt khảo sát" in files["index.html"]
    assert files["plan.csv"].count("phường Đông Hà") == 1
    assert files["roots.csv"].splitlines()[1].startswith("2026-07-01,0,1,1,1,")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "evidence.taken")).one()
    assert (entry.target, entry.account_id is None) == ("full", False)
    session.execute(text("UPDATE response SET flags = 4"))
    session.commit()
    answer = inspector.post(f"/admin/evidence/{world.waves['full']}", data=form)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        assert "01/07/2026: có phiếu bị sửa" in pack.read("index.html").decode()
    team = staff(Role.INSPECTION_TEAM, "Đông Hà")
    form = {"csrf_token": csrf_token(team.get("/admin/audit").text)}
    assert team.post(f"/admin/evidence/{world.waves['full']}", data=form).status_code == 404
    assert team.post("/admin/evidence/0", data=form).status_code == 404
