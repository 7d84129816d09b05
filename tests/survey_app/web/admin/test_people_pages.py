"""The pages of accounts: what is listed, what a link looks like, and what each refusal says."""

import re

import pytest
from sqlalchemy import select

from survey_app.models import Account, Invitation
from survey_app.services.accounts import Role, create_account
from tests.sites import csrf_token, sign_in
from tests.survey_app.staffing import NOW, make_account

PASSWORD = "một câu dài để thử các trang"


@pytest.fixture
def office(app, client, session, world):
    """Signed in as the PAR office, with a manager and an administrator beside it."""
    create_account(
        session, name="sonoivu", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.province, now=NOW
    )
    make_account(session, "lan.nt", Role.MANAGER, world.units["Đông Hà"], full_name="Nguyễn Thị Lan <b>")
    make_account(session, "quantri", Role.ADMIN, world.province)
    session.commit()
    return sign_in(client, name="sonoivu", password=PASSWORD)


def account_id(session, name):
    session.rollback()
    return session.scalars(select(Account.id).where(Account.name == name)).one()


def post(client, path, **fields):
    token = csrf_token(client.get("/admin/people/new").text)
    return client.post(path, data={"csrf_token": token} | fields)


def invitation(world, **changes):
    fields = {
        "full_name": "Trần Thị Hoa", "name": "hoa.tt", "role": "manager", "unit_id": world.units["Hòa Xuân"],
        "language": "vi",
    }  # fmt: skip
    return fields | changes


def test_the_list_finds_people_without_marks_and_escapes_their_names(office):
    text = office.get("/admin/people?q=thi+lan").text
    assert "Nguyễn Thị Lan &lt;b&gt;" in text and "quantri" not in text
    assert "Không có tài khoản nào như vậy" in office.get("/admin/people?q=khong+co").text


def test_an_invitation_shows_a_link_of_the_configured_address_once(office, session, world):
    answer = post(office, "/admin/people/new", **invitation(world))
    (link,) = re.findall(r"http://localhost/invitation/[\w-]{43}", answer.text)
    new_id = account_id(session, "hoa.tt")
    assert link not in office.get(f"/admin/people/{new_id}").text
    page = office.get(link.removeprefix("http://localhost"))
    assert "Trần Thị Hoa" in page.text and "hoa.tt" in page.text


def test_a_foreign_host_name_does_not_reach_the_link(office, world):
    token = csrf_token(office.get("/admin/people/new").text)
    cookies = "; ".join(
        f"{name}={office.get_cookie(name).value}" for name in ("staff", "form") if office.get_cookie(name)
    )
    answer = office.application.test_client(use_cookies=False).post(
        "/admin/people/new", data=invitation(world, csrf_token=token), base_url="http://evil.example",
        headers={"Cookie": cookies},
    )  # fmt: skip
    assert answer.status_code == 200
    assert "http://localhost/invitation/" in answer.text and "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "LAN.NT"}, "Đã có tài khoản mang tên này."),
        ({"name": "hai từ"}, "Tên đăng nhập không có dấu cách."),
        ({"full_name": ""}, "Xin nhập họ và tên."),
        ({"role": "inspection_team"}, "cần số, ngày quyết định và ngày kết thúc"),
        (
            {"role": "inspection_team", "decision_number": "1/QĐ", "decision_on": "2026-09-02",
             "valid_until": "2026-09-01"},
            "không được trước ngày quyết định",
        ),
        ({"decision_on": "hôm nay"}, "Xin nhập ngày đúng dạng."),
    ],
)  # fmt: skip
def test_a_refused_invitation_says_why_at_its_field_and_makes_no_account(
    office, session, world, changes, sentence
):
    answer = post(office, "/admin/people/new", **invitation(world, **changes))
    assert answer.status_code == 422 and sentence in answer.text
    assert session.scalars(select(Invitation)).all() == []


@pytest.mark.parametrize("changes", [{"role": "admin"}, {"unit_id": 999_999}, {"role": "emperor"}])
def test_roles_and_units_that_are_not_offered_are_not_taken(office, session, world, changes):
    assert post(office, "/admin/people/new", **invitation(world, **changes)).status_code == 422
    assert session.scalars(select(Invitation)).all() == []


def test_a_change_is_saved_and_shown(office, session, world):
    lan = account_id(session, "lan.nt")
    fields = {"full_name": "Nguyễn Thị Lan", "role": "viewer", "unit_id": world.province, "is_active": "y"}
    assert post(office, f"/admin/people/{lan}", **fields).status_code == 303
    page = office.get(f"/admin/people/{lan}").text
    assert "Người xem (lãnh đạo cấp trên)" in page and "Đã lưu." in page
    # A box that is not ticked is not sent.
    del fields["is_active"]
    assert post(office, f"/admin/people/{lan}", **fields).status_code == 303
    assert "Đã khóa" in office.get(f"/admin/people/{lan}").text


def test_an_account_above_and_the_own_one_are_shown_without_a_form(office, session):
    above, own = account_id(session, "quantri"), account_id(session, "sonoivu")
    assert "nên chỉ xem được" in office.get(f"/admin/people/{above}").text
    assert "Đây là tài khoản ông/bà đang dùng" in office.get(f"/admin/people/{own}").text
    fields = {"full_name": "x", "role": "viewer", "unit_id": 1, "is_active": "y"}
    assert post(office, f"/admin/people/{above}", **fields).status_code == 403
    answer = post(office, f"/admin/people/{own}", **fields)
    assert answer.status_code == 422 and "Không tự sửa được" in answer.text


def test_a_link_is_renewed_and_taken_back_by_buttons(office, session, world):
    post(office, "/admin/people/new", **invitation(world))
    hoa = account_id(session, "hoa.tt")
    assert "/invitation/" in post(office, f"/admin/people/{hoa}/invitation").text
    assert post(office, f"/admin/people/{hoa}/invitation/revoke").status_code == 303
    assert "Đã khóa" in office.get(f"/admin/people/{hoa}").text
    assert post(office, f"/admin/people/{hoa}/invitation/revoke").status_code == 404
    assert post(office, f"/admin/people/{hoa}/second-factor/reset").status_code == 404
    assert post(office, f"/admin/people/{hoa}/sessions/end").status_code == 303
