"""The registry's pages: found by any name, by day, edited with a reason told where an edit is refused."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from survey_app.models import AuditEntry, Desk, Device, PointCode, PointUnit, ServiceField, Unit, UnitAlias
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.approvals import Moment
from survey_app.services.registry_changes.operations import carry_out_simulated, propose_change
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from tests.builders import make_response
from tests.sites import csrf_token, sign_in

NOW = datetime(2026, 9, 15, 2, tzinfo=UTC)
TODAY = date(2026, 9, 15)
PASSWORD = "một câu dài để thử danh mục"


@pytest.fixture
def office(session, world, client):
    """An administrator of the province at a desk."""
    viewer = create_account(
        session, name="lan", password=PASSWORD, role=Role.ADMIN, unit_id=world.province, now=NOW
    )
    session.commit()
    sign_in(client, name="lan", password=PASSWORD)
    return client, Viewer(viewer.account_id, Role.ADMIN, world.province)


def post(client, page, path, **fields):
    token = csrf_token(client.get(page).text)
    answer = client.post(path, data={**fields, "csrf_token": token})
    return client.get(answer.location).text if answer.status_code == 303 else answer.text


def main_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def test_old_names_aliases_and_predecessors_find_the_unit_of_today(office, session, world):
    client, viewer = office
    merged = ChangeRequest(
        kind="merge", unit_ids=(world.units["Đông Hà"], world.units["Hòa Xuân"]), on=date(2026, 9, 1),
        successors=(NewUnit("QT.M", "Triệu Hải", "ward", "12345", 40_000),),
    )  # fmt: skip
    carry_out_simulated(session, merged, viewer=viewer, at=Moment(NOW, TODAY))
    renamed = ChangeRequest(
        kind="rename",
        unit_ids=(world.units["Cồn Cỏ"],),
        on=date(2026, 8, 1),
        name="Đảo Hổ",
        unit_kind="special_zone",
    )
    carry_out_simulated(session, renamed, viewer=viewer, at=Moment(NOW, TODAY))
    session.add(UnitAlias(unit_id=world.units["Cồn Cỏ"], name="Hòn Cọp", search_key="hon cop"))
    session.commit()

    def found(words: str, **more: str) -> str:
        return main_of(client.get("/admin/units", query_string={"q": words, **more}).text)

    assert "Phường Triệu Hải tỉnh Quảng Trị · tìm thấy qua tên: xã Hòa Xuân" in found("hoa xuan")
    assert "Xã Hòa Xuân tỉnh Quảng Trị · 01/01/2026 – 31/08/2026" in found("hoa xuan")
    assert "Xã Hòa Xuân" in found("hoà xuân", on="2026-08-31").split("Đơn vị của thời gian khác")[0]
    assert "Đặc khu Đảo Hổ tỉnh Quảng Trị · tìm thấy qua tên: đặc khu Cồn Cỏ" in found("con co")
    assert "Đặc khu Đảo Hổ tỉnh Quảng Trị · tìm thấy qua tên: Hòn Cọp" in found("cop")
    assert "Không có đơn vị nào" in found("không có ở đâu cả")
    then = main_of(client.get("/admin/units?on=2026-07-31").text)
    assert "Phường Đông Hà" in then
    assert "Đặc khu Cồn Cỏ" in then
    assert "Triệu Hải" not in then
    page = client.get(f"/admin/units/{world.units['Cồn Cỏ']}?on=2026-07-31").text
    assert "<h1>Đặc khu Cồn Cỏ</h1>" in page
    assert 'value="2026-07-31"' in page
    assert "on=2026-07-31" in page, "links keep the day"
    ended = main_of(client.get(f"/admin/units/{world.units['Hòa Xuân']}").text)
    assert "Đơn vị đã kết thúc ngày 31/08/2026" in ended
    assert "Nay thuộc Phường Triệu Hải" in ended


def test_a_kiosk_code_is_never_shown_and_a_printed_one_is(office, session, world):
    client, _viewer = office
    session.add(PointCode(code="KKKKKKK2", point_id=world.points["Đông Hà"], created_on=TODAY))
    session.flush()
    session.add(Device(code="KKKKKKK2", point_id=world.points["Đông Hà"], name="Máy 1", state="active", profile={},
                       created_on=TODAY))  # fmt: skip
    session.commit()
    for path in (f"/admin/units/{world.units['Đông Hà']}", f"/admin/points/{world.points['Đông Hà']}"):
        page = client.get(path).text
        assert world.codes["Đông Hà"] in page
        assert "KKKKKKK2" not in page


def test_small_edits_are_written_audited_and_refused_with_a_reason(office, session, world):
    client, _viewer = office
    unit, point = world.units["Cồn Cỏ"], world.points["Cồn Cỏ"]
    unit_page, point_page = f"/admin/units/{unit}", f"/admin/points/{point}"
    make_response(session, world, unit="Cồn Cỏ", on=date(2026, 9, 10))
    session.commit()
    assert "Hòn Cọp" in post(client, unit_page, f"{unit_page}/aliases", name="Hòn Cọp")
    assert "Hòn Cọp" not in main_of(post(client, unit_page, f"{unit_page}/aliases/remove", name="Hòn Cọp"))
    assert "Đã ghi dân số mới" in post(
        client, unit_page, f"{unit_page}/population", population="1.234", **{"from": "2026-09-01"}
    )
    assert "Dân số là số nguyên" in post(
        client, unit_page, f"{unit_page}/population", population="x", **{"from": "2026-09-01"}
    )
    new = {"code": "P.MOI", "name": "Bến tàu", "from": "2026-09-20"}
    assert "Bến tàu" in post(client, unit_page, f"{unit_page}/points", **(new | {"from": "2026-09-01"}))
    assert "Mã P.MOI đã dùng" in post(client, unit_page, f"{unit_page}/points", **new)
    assert "Nhà khách" in post(client, point_page, f"{point_page}/name", name="Nhà khách")
    assert "Quầy 9" in post(client, point_page, f"{point_page}/desks", code="Q.9", name="Quầy 9", one="on")
    desk = session.scalars(select(Desk).where(Desk.code == "Q.9")).one()
    assert desk.is_single_officer
    assert "Đã lưu quầy" in post(client, point_page, f"/admin/desks/{desk.id}", name="Quầy 10")
    assert "đã đóng" in main_of(post(client, point_page, f"/admin/desks/{desk.id}/close"))
    other = world.units["Đông Hà"]
    early, later = {"unit": str(other), "from": "2026-09-05"}, {"unit": str(other), "from": "2026-09-11"}
    assert "chọn từ ngày 11/09/2026" in post(client, point_page, f"{point_page}/unit", **early)
    assert "Đã chuyển điểm đặt" in post(client, point_page, f"{point_page}/unit", **later)
    assert "Đã ghi ngày cuối" in post(client, point_page, f"{point_page}/close", last_day="2026-12-31")
    session.rollback()
    rows = session.scalars(
        select(PointUnit).where(PointUnit.point_id == point).order_by(PointUnit.valid_from)
    ).all()
    assert [(row.unit_id, row.valid_to) for row in rows] == [
        (unit, date(2026, 9, 10)),
        (other, date(2026, 12, 31)),
    ]
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {f"registry.{each}" for each in (
        "alias_added", "alias_removed", "changed", "point_added", "point_renamed", "point_moved", "point_closed",
        "desk_added", "desk_changed", "desk_closed")} <= actions  # fmt: skip


def test_a_field_of_service_is_added_and_changed(office, session):
    client, _viewer = office
    page = "/admin/service-fields"
    fields = {"name_vi": "Nhà ở", "name_en": "Housing", "icon": "crane", "position": "7"}
    assert "Nhà ở" in post(client, page, page, code="housing", **fields)
    row = session.scalars(select(ServiceField).where(ServiceField.code == "housing")).one()
    assert "chọn một hình" in post(client, page, f"{page}/{row.id}", **(fields | {"icon": "no-such"}))
    post(client, page, f"{page}/{row.id}", **(fields | {"name_vi": "Nhà ở xã hội"}))
    session.rollback()
    assert session.get_one(ServiceField, row.id).name_vi == "Nhà ở xã hội"


def test_a_split_in_the_browser_keeps_what_was_typed_and_asks_for_whole_shares(office, session, world):
    client, _viewer = office
    unit, point = world.units["Đông Hà"], world.points["Đông Hà"]
    start = f"/admin/units/change/split?unit={unit}&n=2&on=2026-10-01"
    typed = {
        "unit": str(unit), "on": "2026-10-01", "n": "2", "parent": str(world.province), f"point-{point}": "1",
        "s0-name": "Đông Hà Bắc", "s0-kind": "ward", "s0-code": "DH.1", "s0-share": "40,5", "s0-population": "8.000",
        "s1-name": "Đông Hà Nam", "s1-kind": "ward", "s1-code": "DH.2", "s1-share": "60", "s1-population": "12000",
    }  # fmt: skip
    refused = post(client, start, "/admin/units/change/split/preview", **typed)
    assert "cộng lại đúng 100%" in refused
    assert 'value="40,5"' in refused
    shown = main_of(
        post(client, start, "/admin/units/change/split/preview", **(typed | {"s1-share": "59,5"}))
    )
    assert "nhận 40,5% dân số đơn vị cũ" in shown
    assert "Sảnh Đông Hà Phường Đông Hà Phường Đông Hà Nam" in shown
    assert session.scalar(select(Unit.id).where(Unit.code == "DH.1")) is None
    waits = main_of(
        post(client, start, "/admin/units/change/split", **(typed | {"s1-share": "59,5", "reason": "NQ 1"}))
    )
    assert "Đang chờ một người khác duyệt" in waits


def test_a_manager_reads_the_own_unit_and_changes_nothing(session, world, client):
    create_account(
        session, name="minh", password=PASSWORD, role=Role.MANAGER, unit_id=world.units["Cồn Cỏ"], now=NOW
    )
    session.commit()
    sign_in(client, name="minh", password=PASSWORD)
    page = client.get(f"/admin/units/{world.units['Cồn Cỏ']}").text
    assert "Tài khoản của đơn vị" not in page
    assert "<form" not in page[page.index("Tên gọi khác") :]
    assert client.get(f"/admin/units/{world.units['Đông Hà']}").status_code == 404
    assert client.get(f"/admin/points/{world.points['Đông Hà']}").status_code == 404
    assert client.get("/admin/units/change").status_code == 403


def test_an_empty_registry_says_so(office):
    client, _viewer = office
    assert "Vào ngày này chưa có đơn vị nào" in client.get("/admin/units?on=1990-01-01").text
    assert "Chưa có thay đổi nào" in client.get("/admin/registry/operations").text


def test_a_change_is_decided_on_the_one_page_of_decisions_with_its_preview(app, office, session, world):
    client, viewer = office
    asked = ChangeRequest(
        kind="rename", unit_ids=(world.units["Cồn Cỏ"],), on=date(2026, 10, 1), name="Đảo Hổ", unit_kind="special_zone"
    )  # fmt: skip
    waiting = propose_change(session, asked, reason="Nghị quyết 5", viewer=viewer, now=NOW, today=TODAY)
    create_account(
        session, name="hai", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.province, now=NOW
    )
    session.commit()
    old = client.get(f"/admin/registry/changes/{waiting}")
    page = f"/admin/approvals/{waiting}"
    assert (old.status_code, old.location) == (301, page)
    assert "Duyệt và thực hiện</button>" not in client.get(page).text
    assert f'href="{page}"' in client.get("/admin/registry/operations").text
    second = sign_in(app.test_client(), name="hai", password=PASSWORD)
    shown = second.get(page).text
    assert "Đặc khu Đảo Hổ" in main_of(shown) or "đặc khu Đảo Hổ" in main_of(shown)
    assert "Duyệt và thực hiện</button>" in shown
    session.execute(update(Unit).where(Unit.id == world.units["Cồn Cỏ"]).values(valid_to=date(2026, 9, 1)))
    session.commit()
    stale = second.get(page).text
    assert 'role="alert"' in stale
    assert "Duyệt và thực hiện</button>" not in stale
    form = {"csrf_token": csrf_token(stale), "decision": "approve", "note": ""}
    assert second.post(page, data=form).status_code == 422
    session.execute(update(Unit).where(Unit.id == world.units["Cồn Cỏ"]).values(valid_to=None))
    session.commit()
    assert second.post(page, data=form).status_code == 303
    assert "Đã duyệt" in main_of(second.get(page).text)


def test_the_list_to_merge_is_searched_without_marks_and_keeps_what_is_ticked(office, world):
    client, _ = office
    dong_ha, con_co = world.units["Đông Hà"], world.units["Cồn Cỏ"]
    page = client.get(f"/admin/units/change?find=hoa+xuan&unit={dong_ha}").get_data(as_text=True)
    picks = page.split("unit-pick-list", 1)[1].split("</fieldset>", 1)[0]
    assert "Hòa Xuân" in picks
    assert f'value="{dong_ha}" checked' in picks, "what was ticked stays, though it does not match"
    assert f'value="{con_co}"' not in picks
    nothing = client.get("/admin/units/change?find=khong-co").get_data(as_text=True)
    assert "Không có đơn vị nào khớp" in nothing


def test_pictures_of_fields_are_shown_with_their_names(office):
    client, _ = office
    page = client.get("/admin/service-fields").get_data(as_text=True)
    assert 'href="#f-stamp"' in page and "Con dấu" in page
    assert "<option" not in page.split("<main", 1)[1], "no list of codes"
