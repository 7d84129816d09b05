"""The pages of waves, over HTTP: from an empty form to an open wave, and from there to a closed one."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from survey_app.models import Approval, Wave, WaveSnapshot, WaveUnit
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.sample_frames import keep_frame
from tests.builders import make_response
from tests.sites import PinnedClock, csrf_token, sign_in

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
AT = datetime(2026, 9, 15, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    pinned = PinnedClock(AT)
    monkeypatch.setattr("survey_app.clock.datetime", pinned)
    return pinned


@pytest.fixture
def enter(app, client, session, world):
    """A client signed in as the office, or as a manager of one unit."""
    places = {"sonoivu": (Role.PAR_OFFICE, world.province), "dongha": (Role.MANAGER, world.units["Đông Hà"])}
    for name, (role, unit_id) in places.items():
        create_account(session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=AT)
    session.commit()

    def as_account(name: str):
        own = app.test_client()
        return sign_in(own, name=name, password=PASSWORD)

    return as_account


def send(client, page: str, action: str, **fields):
    """Post a form of a page, with its token."""
    return client.post(action, data={"csrf_token": csrf_token(client.get(page).text), **fields})


def frame(world, **changes) -> dict[str, object]:
    return {
        "code": "moi-2026", "title_vi": "Đợt mới", "title_en": "", "basis": "sample", "root": world.province,
        "version": world.versions["full_form_v1"], "bridge": 0, "period": "", "opens_on": "2026-09-20",
        "closes_on": "2026-10-31", "grace_days": 10, "channels": ["5", "6"], "languages": ["vi"],
    } | changes  # fmt: skip


def test_a_wave_from_the_empty_form_to_open(enter, session, world):
    office = enter("sonoivu")
    made = send(office, "/admin/wave-new", "/admin/wave-new", **frame(world))
    assert made.headers["Location"].endswith("/admin/waves/moi-2026/units")
    units = "/admin/waves/moi-2026/units"
    assert office.get(units).text.count("checked") == 3
    send(office, units, units, unit=[world.units["Đông Hà"], world.units["Hòa Xuân"]])
    targets = "/admin/waves/moi-2026/targets"
    page = "/admin/waves/moi-2026"
    refused = send(office, page, f"{page}/open")
    assert refused.status_code == 422
    assert "2 đơn vị chưa có chỉ tiêu số phiếu" in refused.text
    mistyped = send(
        office,
        targets,
        targets,
        **{f"target-{world.units['Đông Hà']}-0": "-5", f"population-{world.units['Đông Hà']}-0": "912"},
    )
    assert mistyped.status_code == 422
    assert "Phường Đông Hà: không phải số nguyên" in mistyped.text
    assert 'value="912"' in mistyped.text, "what was typed is lost"
    send(office, targets, targets, same="40")
    assert "chỉ tiêu 80 phiếu" in office.get(page).text
    assert send(office, page, f"{page}/open").status_code == 303
    row = session.scalars(select(Wave).where(Wave.code == "moi-2026")).one()
    assert (row.state, row.channels, row.languages, row.title_en) == ("open", [5, 6], ["vi"], "Đợt mới")
    late = office.get(targets)
    assert (late.status_code, "Đợt đã mở thì không sửa nữa." in late.text, "Khung của đợt" in late.text) == (
        409,
        True,
        True,
    )
    assert sorted(session.scalars(select(WaveUnit.target).where(WaveUnit.wave_id == row.id))) == [40, 40]


def test_units_are_ticked_by_kind_or_all_at_once_and_none_is_lost_on_the_way(enter, session, world):
    office = enter("sonoivu")
    send(office, "/admin/wave-new", "/admin/wave-new", **frame(world))
    units = "/admin/waves/moi-2026/units"
    here = {name: str(world.units[name]) for name in ("Đông Hà", "Hòa Xuân", "Cồn Cỏ")}

    def ticked(answer) -> set[str]:
        boxes = re.findall(r'name="unit" value="([0-9]+)"( checked)?>', answer.text)
        hidden = re.findall(r'type="hidden" name="unit" value="([0-9]+)"', answer.text)
        return {key for key, is_checked in boxes if is_checked} | set(hidden)

    none = send(office, units, units, unit=list(here.values()), act="none")
    assert (none.status_code, ticked(none)) == (200, set())
    communes = send(office, units, units, act="kind-commune")
    assert ticked(communes) == {here["Hòa Xuân"]}
    # A search shows one and keeps what is ticked outside it; ticking all there adds to it.
    found = send(office, units, units, unit=[here["Hòa Xuân"]], act="find", q="đông hà")
    assert (ticked(found), "Xã Hòa Xuân" in found.text) == ({here["Hòa Xuân"]}, False)
    both = send(office, units, units, unit=[here["Hòa Xuân"]], act="all", q="đông hà")
    assert ticked(both) == {here["Hòa Xuân"], here["Đông Hà"]}
    assert "Chưa lưu." in both.text
    empty = send(office, units, units, act="save")
    assert (empty.status_code, "Xin chọn ít nhất một đơn vị" in empty.text) == (422, True)
    session.rollback()
    stored = select(WaveUnit.unit_id).join(Wave, Wave.id == WaveUnit.wave_id).where(Wave.code == "moi-2026")
    assert len(session.scalars(stored).all()) == 3, "nothing was saved on the way"
    assert send(office, units, units, unit=sorted(ticked(both)), act="save").status_code == 303
    session.rollback()
    assert {str(each) for each in session.scalars(stored)} == {here["Hòa Xuân"], here["Đông Hà"]}


def test_a_margin_is_said_from_the_smallest_base_on(enter, session, world):
    for day in range(1, 3):
        make_response(session, world, on=AT.date().replace(day=day))
    session.commit()
    text = enter("dongha").get("/admin/waves/full/progress").text
    assert "±98" not in text and "chưa tính: dưới 30 phiếu" in text
    for _ in range(40):
        make_response(session, world, on=AT.date().replace(day=3))
    session.commit()
    assert "chưa tính: dưới" not in enter("dongha").get("/admin/waves/full/progress").text


def test_a_form_with_faults_says_each_and_stores_nothing(enter, session, world):
    office = enter("sonoivu")
    for change, words in (
        ({"title_vi": ""}, "Xin điền mục này."),
        ({"opens_on": "31/31/2026"}, "Xin nhập ngày đúng dạng."),
        ({"opens_on": ""}, "Xin điền mục này."),
        ({"closes_on": "2026-09-01"}, "Ngày kết thúc trước ngày bắt đầu."),
        ({"code": "full"}, "Mã này đã có."),
    ):
        refused = send(office, "/admin/wave-new", "/admin/wave-new", **frame(world, **change))
        assert refused.status_code == 422, change
        assert words in refused.text, change
    assert session.scalars(select(Wave.code).where(Wave.state == "draft")).all() == []


def test_a_period_gives_its_days(enter, session, world):
    office = enter("sonoivu")
    days = {"period": "2026Q3", "opens_on": "", "closes_on": ""}
    assert send(office, "/admin/wave-new", "/admin/wave-new", **frame(world, **days)).status_code == 303
    row = session.scalars(select(Wave).where(Wave.code == "moi-2026")).one()
    assert (row.opens_on.isoformat(), row.closes_on.isoformat()) == ("2026-06-15", "2026-09-14")


def test_closing_and_asking_to_reopen(enter, session, world):
    for _ in range(6):
        make_response(session, world, on=AT.date().replace(day=1))
    session.commit()
    office, page = enter("sonoivu"), "/admin/waves/full"
    asked = f"{page}/close"
    assert "Khóa sổ, 6 phiếu được tính" in office.get(asked).text
    assert session.scalars(select(WaveSnapshot)).all() == []
    assert send(office, asked, asked, reason="Hết kỳ").status_code == 303
    session.rollback()
    held = session.scalars(select(WaveSnapshot)).one()
    assert (held.n_counted, held.reason) == (6, "Hết kỳ")
    assert held.root.hex()[:16] in office.get(page).text
    assert send(office, page, f"{page}/close").status_code == 422
    late = send(office, page, f"{page}/reopen", closes_on="2026-09-01", reason="Thiếu phiếu giấy")
    assert late.status_code == 422
    assert (
        send(office, page, f"{page}/reopen", closes_on="2026-10-01", reason="Thiếu phiếu giấy").status_code
        == 303
    )
    session.rollback()
    assert session.scalars(select(Approval.kind)).all() == ["wave.reopen"]
    assert session.scalars(select(Wave.state).where(Wave.code == "full")).one() == "closed"


def test_a_wave_without_answers_is_closed_only_for_a_reason(enter, session, world):
    office, page = enter("sonoivu"), "/admin/waves/full/close"
    assert "Chưa có phiếu nào được tính" in office.get(page).text
    refused = send(office, page, page, reason="  ")
    assert (refused.status_code, "Xin ghi lý do khóa sổ." in refused.text) == (422, True)
    session.rollback()
    assert session.scalars(select(WaveSnapshot)).all() == []
    assert send(office, page, page, reason="Lập nhầm").status_code == 303
    assert send(enter("dongha"), "/admin/waves/full", page, reason="x").status_code == 403


def test_a_manager_reads_progress_of_one_unit_and_changes_nothing(enter, session, world):
    manager = enter("dongha")
    text = manager.get("/admin/waves/full/progress").text
    assert "Đông Hà" in text
    assert "Hòa Xuân" not in text
    assert "Lập đợt mới" not in manager.get("/admin/waves").text
    assert manager.get("/admin/wave-new").status_code == 403
    send(enter("sonoivu"), "/admin/wave-new", "/admin/wave-new", **frame(world))
    assert manager.get("/admin/waves/moi-2026").status_code == 404


def test_periods_of_a_year(enter, session, world):
    office, page = enter("sonoivu"), "/admin/periods"
    fields = {"root": world.province, "year": 2027, "rule": "quarter", "first_day": 15}
    assert send(office, page, page, **fields).status_code == 303
    assert "15/12/2026" in office.get(page).text
    assert send(office, page, page, **fields | {"first_day": 40}).status_code == 422


def test_a_draft_with_a_list_to_draw_from_says_so_and_is_not_deleted(enter, session, world):
    office = enter("sonoivu")
    send(office, "/admin/wave-new", "/admin/wave-new", **frame(world))
    wave = session.scalars(select(Wave).where(Wave.code == "moi-2026")).one()
    assert wave.is_simulated is False
    read = FrameRead((Entry(world.units["Đông Hà"], "U", "H001", ""),), False, (), ())
    by = Viewer(1, Role.PAR_OFFICE, world.province)
    keep_frame(session, read, wave_id=wave.id, kind="transactions", title="Tháng 9", viewer=by, now=AT,
               today=AT.date())  # fmt: skip
    session.commit()
    assert "Đợt này đang soạn, chưa mở." in office.get(f"/admin/samples/waves/{wave.id}").text
    page = "/admin/waves/moi-2026"
    refused = send(office, page, f"{page}/delete")
    assert (refused.status_code, "Bản thảo đã có khung mẫu" in refused.text) == (422, True)


def test_a_wave_made_in_a_demonstration_is_marked_simulated(enter, session, world, app):
    app.extensions["settings"] = replace(app.extensions["settings"], IS_DEMO=True)
    send(enter("sonoivu"), "/admin/wave-new", "/admin/wave-new", **frame(world))
    assert session.scalar(select(Wave.is_simulated).where(Wave.code == "moi-2026")) is True
