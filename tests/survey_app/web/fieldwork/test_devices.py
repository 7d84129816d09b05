"""The pages of kiosks over the real application: who may do what, and what the page says."""

import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from survey_app.models import AuditEntry, Device, Point
from survey_app.services import devices
from survey_app.services.accounts import Role, create_account
from survey_app.signing import Signer
from tests.sites import csrf_token, sign_in

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


@pytest.fixture
def enter(session, world, client):
    """A client signed in with a new account of that role, for a unit."""

    def signed_in(role: Role, unit: str = "Quảng Trị"):
        session.rollback()
        name = f"{role}.{world.units[unit]}"
        create_account(
            session, name=name, password=PASSWORD, role=role, unit_id=world.units[unit], now=datetime.now(UTC)
        )
        session.commit()
        client.delete_cookie("staff")
        return sign_in(client, name=name, password=PASSWORD)

    return signed_in


def words_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def form(session, **changes):
    point_id = session.scalar(select(Point.id).where(Point.code == "P-Đông Hà"))
    values = {
        "point_id": point_id, "name": "Máy ở lối ra", "form": "full", "languages": ["vi", "en"], "idle_seconds": 30,
        "idle_seconds_full": 60, "warning_seconds": 20, "partial": "keep", "pin": "2468", "mon": "07:30-11:30",
    }  # fmt: skip
    return values | changes


def send(client, path, page="/fieldwork/devices", **values):
    token = csrf_token(client.get(page).text)
    return client.post(path, data={"csrf_token": token, **values})


def new_device(session, client, **changes):
    page = send(client, "/fieldwork/devices/new", **form(session, **changes))
    assert page.status_code == 200, words_of(page)
    session.rollback()
    code = re.search(r'class="one-time">(\w{4}) (\w{4})<', page.text)
    return session.scalars(select(Device.id).order_by(Device.id.desc())).first(), "".join(code.groups())


def test_office_makes_a_place_for_a_tablet_and_sees_its_code_once(session, enter, app):
    client = enter(Role.PAR_OFFICE)
    device_id, code = new_device(session, client)
    page = client.get(f"/fieldwork/devices/{device_id}")
    assert "Chờ đăng ký" in words_of(page) and code not in page.text
    kiosk = devices.enrol(session, signer=app.extensions["signer"], code=code, now=datetime.now(UTC))
    session.commit()
    assert kiosk.code not in code
    assert "Chạy thử" in words_of(client.get("/fieldwork/devices"))
    assert send(client, f"/fieldwork/devices/{device_id}/commission").status_code == 303
    assert "Đang sử dụng" in words_of(client.get(f"/fieldwork/devices/{device_id}"))
    session.rollback()
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.target == f"device:{device_id}")
    ).all()
    assert sorted(actions) == ["device.commissioned", "device.enrolled", "device.expected"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Xin điền mục này."),
        ({"warning_seconds": 19}, "Xin nhập số giây trong khoảng cho phép."),
        ({"mon": "7h30"}, "Giờ mở cửa viết như"),
        ({"pin": "12"}, "Mã PIN gồm 4 đến 8 chữ số."),
        ({"pin": ""}, "Mã PIN gồm 4 đến 8 chữ số."),
        ({"languages": ["en"]}, "Tiếng Việt luôn có"),
        ({"point_id": 999_999}, ""),
    ],
)
def test_a_setting_that_cannot_be_is_told_at_its_field_and_nothing_is_made(session, enter, changes, words):
    client = enter(Role.ADMIN)
    page = send(client, "/fieldwork/devices/new", **form(session, **changes))
    assert page.status_code == 422
    assert words in words_of(page)
    assert session.scalars(select(Device)).all() == []


def test_manager_sees_the_own_devices_reports_trouble_and_changes_nothing_else(session, enter, world):
    device_id, _ = new_device(session, enter(Role.PAR_OFFICE))
    client = enter(Role.MANAGER, "Đông Hà")
    assert "Máy ở lối ra" in words_of(client.get("/fieldwork/devices"))
    page = client.get(f"/fieldwork/devices/{device_id}")
    assert page.status_code == 200
    assert "Lưu cài đặt" not in page.text and "Ngừng sử dụng máy này" not in page.text
    assert send(client, f"/fieldwork/devices/{device_id}/incident", reason="power").status_code == 303
    assert "Mất điện" in words_of(client.get("/fieldwork/devices"))
    for step in ("commission", "revoke", "swap", "reload", "message", "profile", "queue", "enrolment"):
        assert send(client, f"/fieldwork/devices/{device_id}/{step}").status_code == 403, step


def test_another_units_manager_does_not_find_it(session, enter):
    device_id, _ = new_device(session, enter(Role.PAR_OFFICE))
    client = enter(Role.MANAGER, "Hòa Xuân")
    assert "Chưa có máy nào" in words_of(client.get("/fieldwork/devices"))
    assert client.get(f"/fieldwork/devices/{device_id}").status_code == 404
    assert send(client, f"/fieldwork/devices/{device_id}/incident", reason="power").status_code == 404


def test_settings_message_and_reload_reach_the_stored_device(session, enter):
    client = enter(Role.ADMIN)
    device_id, _ = new_device(session, client)
    before = session.get(Device, device_id).profile
    changed = form(session, name="Máy 2", form="one_tap", languages=["vi"], partial="discard", pin="")
    assert send(client, f"/fieldwork/devices/{device_id}/profile", **changed).status_code == 303
    session.rollback()
    device = session.get(Device, device_id)
    assert (device.name, device.profile["offers_full_form"], device.profile["languages"]) == (
        "Máy 2",
        False,
        ["vi"],
    )
    assert device.profile["pin_hash"] == before["pin_hash"]
    bad = send(client, f"/fieldwork/devices/{device_id}/profile", **form(session, sun="x"))
    assert bad.status_code == 422 and "Giờ mở cửa viết như" in words_of(bad)


def test_swap_and_revocation_close_the_device(session, enter, app):
    client = enter(Role.ADMIN)
    device_id, code = new_device(session, client)
    devices.enrol(session, signer=app.extensions["signer"], code=code, now=datetime.now(UTC))
    session.commit()
    page = send(client, f"/fieldwork/devices/{device_id}/swap", reason="broken")
    assert page.status_code == 200 and "one-time" in page.text
    session.rollback()
    assert session.get(Device, device_id).state == "replaced"
    session.rollback()
    new_id = session.scalars(select(Device.id).order_by(Device.id.desc())).first()
    assert send(client, f"/fieldwork/devices/{new_id}/revoke").status_code == 303
    assert "Đã ngừng" in words_of(client.get(f"/fieldwork/devices/{new_id}"))
    assert send(client, f"/fieldwork/devices/{device_id}/swap", reason="bored").status_code == 404


def test_a_file_that_is_no_queue_is_refused_and_a_large_one_is_too_large(session, enter):
    client = enter(Role.ADMIN)
    device_id, _ = new_device(session, client)
    path = f"/fieldwork/devices/{device_id}/queue"
    page = send(client, path, file=(io.BytesIO(b"{}"), "queue.json"))
    assert page.status_code == 422 and "Không phiếu nào được thêm" in words_of(page)
    large = client.post(path, data=b" " * 6_000_000, content_type="multipart/form-data; boundary=x")
    assert large.status_code == 413


def test_signer_of_another_secret_opens_nothing(app):
    assert Signer("another").device_key("ABCDEFGH") != app.extensions["signer"].device_key("ABCDEFGH")
