"""Counts of files, registry files and the calendar in the browser: who may, what is shown, what is stored."""

import io
import re
from datetime import date, timedelta

from sqlalchemy import func, select

from survey_app.clock import utc_now
from survey_app.models import (
    Closure,
    Device,
    DeviceState,
    OpeningHours,
    Procedure,
    TransactionBatch,
    TransactionCount,
)
from survey_app.services.accounts import Role
from tests.sites import csrf_token

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
PAGE = "/admin/transactions"
GOOD = "Đơn vị;Tháng;Số hồ sơ\nP. Đông Hà;08/2026;1.200\nxã Hòa Xuân;08/2026;300\n"


def upload(client, path, text, *, field="file", **more):
    page = client.get(path)
    content = text.encode() if isinstance(text, str) else text
    data = {"csrf_token": csrf_token(page.text), field: (io.BytesIO(content), "so-ho-so.csv"), **more}
    answer = client.post(path, data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def follow_form(client, page, action, **changes):
    """Send the form of a page that goes to this address, as its button would."""
    form = next(
        text for text in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if f'"{action}"' in text
    )
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return client.post(action, data={**dict(fields), **changes})


def post(client, page, path, **values):
    return client.post(path, data={"csrf_token": csrf_token(client.get(page).text), **values})


def n_rows(session, model):
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_a_file_is_tried_then_written_once_and_seen_in_the_matrix(staff, session):
    office = staff()
    tried = upload(office, f"{PAGE}/import", GOOD)
    assert tried.status_code == 200 and "phường Đông Hà" in tried.text
    assert n_rows(session, TransactionCount) == 0, "a trial writes nothing"
    assert follow_form(office, tried, f"{PAGE}/import/apply").status_code == 303
    page = office.get(PAGE).text
    assert "Đã ghi: 2 số mới" in page and "1.200" in page and "so-ho-so.csv" in page
    assert "thiếu" in page
    again = upload(office, f"{PAGE}/import", GOOD)
    assert "Không có gì để ghi" in again.text
    assert follow_form(office, tried, f"{PAGE}/import/apply").status_code == 422
    assert (n_rows(session, TransactionCount), n_rows(session, TransactionBatch)) == (2, 1)


def test_refused_rows_can_be_downloaded_with_their_reasons(staff, session):
    office = staff()
    tried = upload(office, f"{PAGE}/import", GOOD + "=cmd;08/2026;1\n")
    assert tried.status_code == 422 and "tên hoặc mã của một đơn vị" in tried.text
    rejects = follow_form(office, tried, f"{PAGE}/import/rejects")
    assert rejects.headers["Content-Disposition"].startswith("attachment")
    lines = rejects.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].startswith("'=cmd,08/2026,1,4,"), lines
    assert n_rows(session, TransactionCount) == 0


def test_what_is_no_table_is_said_and_never_a_failure(staff):
    office = staff()
    for content in (b"", b"PK\x03\x04broken", b"\xff\xfe\x00", b"a" * 6_000_000, b"\x00\x01"):
        answer = upload(office, f"{PAGE}/import", content)
        assert answer.status_code in {413, 422}, content[:10]
    bare = {"file_name": "x", "file_content": "***"}
    assert post(office, f"{PAGE}/import", f"{PAGE}/import/apply", **bare).status_code == 400
    assert post(office, f"{PAGE}/import", f"{PAGE}/import/apply").status_code == 400


def test_a_manager_enters_a_month_of_the_own_unit_by_hand(staff, session, world):
    manager = staff(Role.MANAGER, "Đông Hà")
    path = f"{PAGE}/units/{world.units['Đông Hà']}/2026-08"
    assert post(manager, path, path, **{"n-1-1": "1.080", "n-2-1": "120"}).status_code == 303
    page = manager.get(path).text
    assert 'name="n-1-1"' in page and 'value="1080"' in page
    assert post(manager, path, path, **{"n-1-1": "nhiều"}).status_code == 422
    assert post(manager, path, path, **{"n-9-1": "1"}).status_code == 422
    assert post(manager, path, path).status_code == 422
    assert manager.get(f"{PAGE}/units/{world.units['Hòa Xuân']}/2026-08").status_code == 404
    assert manager.get(f"{PAGE}/units/{world.units['Đông Hà']}/2026-8").status_code == 404
    assert "Hòa Xuân" not in manager.get(PAGE).text
    assert n_rows(session, TransactionCount) == 2


def test_what_is_downloaded_can_be_loaded_again_and_the_template_be_filled(staff):
    office = staff()
    follow_form(office, upload(office, f"{PAGE}/import", GOOD), f"{PAGE}/import/apply")
    for kind in ("csv", "xlsx"):
        content = office.get(f"{PAGE}/counts.{kind}").data
        assert "Không có gì để ghi" in upload(office, f"{PAGE}/import", content).text
    assert office.get(f"{PAGE}/template.xlsx").data.startswith(b"PK")


def test_readers_see_and_change_nothing(staff, world):
    viewer = staff(Role.VIEWER)
    assert viewer.get(PAGE).status_code == viewer.get("/admin/calendar").status_code == 200
    assert ">Nhập từ tệp</a>" not in viewer.get(PAGE).text
    token = csrf_token(viewer.get("/account").text)
    for path in (
        f"{PAGE}/import",
        "/admin/calendar/closures/new",
        "/admin/calendar/hours",
        "/admin/registry/import",
    ):
        assert viewer.post(path, data={"csrf_token": token}).status_code == 403
    assert viewer.get("/admin/registry/import").status_code == 403
    assert staff(Role.PAR_OFFICE, "Đông Hà").get("/admin/registry/import").status_code == 403


def test_registry_files_are_tried_written_and_downloaded(staff, session):
    office = staff()
    page = "/admin/registry/import"
    text = "Mã TTHC,Tên thủ tục,Cơ quan thực hiện,Cấp thực hiện,Hiệu lực từ\n1.1,Khai sinh,UBND xã,{},01/07/2025\n"
    bad = upload(office, page, text.format("Cấp lạ"), field="files")
    assert bad.status_code == 422
    rejects = follow_form(office, bad, "/admin/registry/import/rejects/0")
    assert "Cấp lạ" in rejects.data.decode("utf-8-sig")
    tried = upload(office, page, text.format("Cấp xã"), field="files")
    assert "dòng mới" in tried.text and n_rows(session, Procedure) == 0
    assert follow_form(office, tried, "/admin/registry/import/apply").status_code == 303
    assert n_rows(session, Procedure) == 1
    content = office.get("/admin/registry/export/procedures.csv").data
    assert "Không có gì để ghi" in upload(office, page, content, field="files").text
    assert office.get("/admin/registry/export/procedures.xlsx").data.startswith(b"PK")
    assert office.get("/admin/registry/export/no-such.csv").status_code == 404


def test_a_storm_is_entered_once_for_many_units_and_taken_back(staff, session, world):
    office = staff()
    new = "/admin/calendar/closures/new"
    form = {"starts_on": "2026-09-10", "ends_on": "2026-09-11", "reason": "storm", "note": "Công điện 1"}
    assert post(office, new, new, **form).status_code == 422
    assert post(office, new, new, **form | {"ends_on": "2026-09-01", "all": "yes"}).status_code == 422
    assert post(office, new, new, **form, all="yes").status_code == 303
    page = office.get("/admin/calendar?month=2026-09").text
    assert "Bão: 3 đơn vị" in page and "Tất cả đơn vị" in page and "Công điện 1" in page
    session.rollback()
    closure = session.scalars(select(Closure)).one()
    path = f"/admin/calendar/closures/{closure.id}/withdraw"
    assert post(office, "/admin/calendar?month=2026-09", path).status_code == 303
    assert "Bão:" not in office.get("/admin/calendar?month=2026-09").text
    day = {"day": "2026-12-12", "kind": "working_day", "title_vi": "Làm bù", "legal_basis": "Thông báo 9"}
    assert post(office, "/admin/calendar", "/admin/calendar/days", **day).status_code == 303
    assert "Thông báo 9" in office.get("/admin/calendar?month=2026-12").text
    assert post(office, "/admin/calendar", "/admin/calendar/days", **day | {"day": "x"}).status_code == 422


def test_hours_are_set_for_chosen_points(staff, session, world):
    office, page = staff(), "/admin/calendar/hours"
    hours = {"valid_from": "2026-09-01", "hours-mon": "07:00-11:00", "point": [world.points["Đông Hà"]]}
    assert post(office, page, page, **hours).status_code == 303
    assert "07:00–11:00" in office.get(page).text
    assert post(office, page, page, **hours | {"hours-tue": "sáng"}).status_code == 422
    assert post(office, page, page, **hours | {"point": []}).status_code == 422
    assert n_rows(session, OpeningHours) == 1


def test_a_kiosk_is_silent_by_open_days_and_a_closed_day_is_named(staff, session, world):
    office = staff()
    point = world.points["Đông Hà"]
    page = office.get("/fieldwork/devices/new")
    token = csrf_token(page.text)
    values = {"point_id": point, "name": "Máy 1", "form": "full", "languages": ["vi", "en"], "idle_seconds": 30,
              "idle_seconds_full": 60, "warning_seconds": 20, "partial": "keep", "pin": "2468"}  # fmt: skip
    assert office.post("/fieldwork/devices/new", data={"csrf_token": token, **values}).status_code == 200
    session.rollback()
    device = session.scalars(select(Device)).one()
    device.state = "active"
    seen = utc_now() - timedelta(days=14)
    session.add(DeviceState(
        device_id=device.id, seen_at=seen, app_version="1", n_opened=0, n_finished=0, n_sent=0, n_unsent=0,
        n_refused=0, clock_skew_seconds=0, is_storage_persistent=True,
    ))  # fmt: skip
    session.commit()
    assert re.search(r"im lặng (9|10) ngày mở cửa", office.get("/fieldwork/devices").text)
    closed = {"starts_on": (date.today() - timedelta(days=15)).isoformat(), "reason": "flood", "all": "yes",
              "ends_on": (date.today() + timedelta(days=1)).isoformat()}  # fmt: skip
    post(office, "/admin/calendar/closures/new", "/admin/calendar/closures/new", **closed)
    text = office.get("/fieldwork/devices").text
    assert "ngày mở cửa</b>" not in text and "hôm nay nghỉ: Lũ lụt" in text
