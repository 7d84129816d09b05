"""The print kit over the real application: who gets which paper, and what a code on it opens."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from survey_app.documents.print_kit import PIECES
from survey_app.models import AuditEntry, Point, PointCode, Unit
from survey_app.services.accounts import Role
from tests.sites import csrf_token
from tests.survey_app.documents.printed import decoded, decoded_svg, links, n_pages, text

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
OWN, FOREIGN = "DHAAAAA2", "HXAAAAA2"


def words_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.mark.parametrize("piece", [*PIECES, "kit"])
def test_manager_gets_every_piece_of_the_own_point(staff, world, piece):
    response = staff(Role.MANAGER, "Đông Hà").get(f"/fieldwork/print/codes/{OWN}/{piece}.pdf")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert n_pages(response.data) == (len(PIECES) if piece == "kit" else 1)
    assert "Phường Đông Hà" in text(response.data)
    assert response.headers["Content-Disposition"] == f"attachment; filename={piece}-{OWN}.pdf"


@pytest.mark.parametrize("path", [
    "codes/HXAAAAA2/poster.pdf", "codes/HXAAAAA2/kit.pdf", "codes/HXAAAAA2/code.svg", "codes/HXAAAAA2/slip-receipt.svg",
    "codes/NSSSSSS2/poster.pdf", "codes/DHAAAAA2/no-such.pdf", "codes/DHAAAAA2/slip-no-such.svg",
    "codes/DHAAAAA2/code.svg?slip=no-such", "points/999999",
])  # fmt: skip
def test_what_is_foreign_or_unknown_is_not_found(staff, world, path):
    assert staff(Role.MANAGER, "Đông Hà").get(f"/fieldwork/print/{path}").status_code == 404


def test_foreign_point_is_not_found(staff, world):
    client = staff(Role.MANAGER, "Đông Hà")
    assert client.get(f"/fieldwork/print/points/{world.points['Hòa Xuân']}").status_code == 404
    assert client.get(f"/fieldwork/print/points/{world.points['Đông Hà']}").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INTERVIEWER, Role.DESK_STAFF])
def test_other_roles_print_nothing(staff, world, role):
    client = staff(role)
    for path in ("", f"/points/{world.points['Đông Hà']}", f"/codes/{OWN}/poster.pdf", "/posters.pdf"):
        assert client.get(f"/fieldwork/print{path}").status_code == 403, path
    assert "/fieldwork/print" not in client.get("/fieldwork/").text


def test_manager_neither_sees_nor_may_do_the_replacing(staff, world):
    client = staff(Role.MANAGER, "Đông Hà")
    page = client.get(f"/fieldwork/print/points/{world.points['Đông Hà']}")
    assert "/replace" not in page.text
    assert client.get(f"/fieldwork/print/codes/{OWN}/replace").status_code == 403
    token = csrf_token(page.text)
    assert client.post(f"/fieldwork/print/codes/{OWN}/replace", data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize(("slip", "stage"), [("receipt", "submit"), ("supplement", "supplement"),
                                             ("refusal", "refused"), ("apology", "submit")])  # fmt: skip
def test_code_of_a_slip_opens_the_form_with_its_stage(staff, world, slip, stage):
    client = staff(Role.MANAGER, "Đông Hà")
    base = f"/fieldwork/print/codes/{OWN}"
    found = [
        decoded(client.get(f"{base}/slip-{slip}.pdf").data),
        decoded_svg(client.get(f"{base}/slip-{slip}.svg").data),
        decoded_svg(client.get(f"{base}/code.svg?slip={slip}").data),
    ]
    assert len({link for codes in found for link in links(codes)}) == 1
    opened = client.get(found[0][0].text.removeprefix("http://localhost"))
    assert opened.status_code == 200
    assert f'name="stage" value="{stage}"' in opened.text


def test_plain_code_opens_the_form_without_a_stage(staff, world):
    client = staff(Role.MANAGER, "Đông Hà")
    square = client.get(f"/fieldwork/print/codes/{OWN}/code.svg")
    assert square.mimetype == "image/svg+xml"
    link = decoded_svg(square.data)[0].text
    assert link == f"http://localhost/q/{OWN}"
    opened = client.get(link.removeprefix("http://localhost"))
    assert opened.status_code == 200
    assert 'name="stage"' not in opened.text


def test_link_for_messages_counts_as_a_link(staff, world):
    client = staff(Role.MANAGER, "Đông Hà")
    page = client.get(f"/fieldwork/print/points/{world.points['Đông Hà']}").text
    link = re.search(r'value="(http[^"]+)" readonly', page).group(1).replace("&amp;", "&")
    assert link == f"http://localhost/q/{OWN}?c=link&s=collect_result&f="
    opened = client.get(link.removeprefix("http://localhost") + "land").text
    assert "về lần giải quyết thủ tục này" in opened
    assert 'name="stage" value="collect_result"' in opened
    assert 'name="field" value="land"' in opened


def test_paper_for_one_field_names_it_and_fills_it_in(staff, world):
    client = staff(Role.MANAGER, "Đông Hà")
    page = client.get(f"/fieldwork/print/points/{world.points['Đông Hà']}?field=land").text
    paths = re.findall(rf'href="(/fieldwork/print/codes/{OWN}/[^"]+\?[^"]*field=land)"', page)
    assert len(paths) == len(PIECES) + 2 + 2 * 4
    slip = client.get(f"/fieldwork/print/codes/{OWN}/slip-receipt.pdf?field=land").data
    assert "Lĩnh vực: Đất đai" in text(slip)
    opened = client.get(decoded(slip)[0].text.removeprefix("http://localhost")).text
    assert 'name="field" value="land"' in opened and 'name="stage" value="submit"' in opened
    assert client.get(f"/fieldwork/print/codes/{OWN}/poster.pdf?field=no-such").status_code == 404
    message = re.search(r'value="(http[^"]+)" readonly', page).group(1)
    assert message.endswith("&amp;f=")


def test_list_is_found_by_name_without_marks_and_by_code(staff, world):
    client = staff(Role.PAR_OFFICE)
    for query in ("dong ha", "ĐÔNG HÀ", "phuong dong", OWN.lower()):
        words = words_of(client.get("/fieldwork/print", query_string={"q": query}))
        assert "Số điểm đặt: 1" in words and "Phường Đông Hà" in words, query
    assert "Số điểm đặt: 3" in words_of(client.get("/fieldwork/print"))
    assert "Không có điểm đặt nào khớp" in words_of(client.get("/fieldwork/print?q=zzz"))


def test_posters_of_all_points_are_one_document(staff, world):
    response = staff(Role.PAR_OFFICE).get("/fieldwork/print/posters.pdf")
    found = [links(decoded(response.data, page=page)) for page in range(n_pages(response.data))]
    assert found == [{f"http://localhost/q/{code}"} for code in ("CCAAAAA2", "DHAAAAA2", "HXAAAAA2")]


def test_replacing_asks_first_and_then_stops_the_old_code(staff, session, world):
    client = staff(Role.PAR_OFFICE)
    asked = client.get(f"/fieldwork/print/codes/{OWN}/replace")
    assert "ngừng dùng được ngay hôm nay" in words_of(asked)
    assert client.get(f"/q/{OWN}").status_code == 200
    done = client.post(f"/fieldwork/print/codes/{OWN}/replace", data={"csrf_token": csrf_token(asked.text)})
    assert (done.status_code, done.location) == (303, f"/fieldwork/print/points/{world.points['Đông Hà']}")
    page = words_of(client.get(done.location))
    new = re.search(r"Mã mới là ([0-9A-Z]{8})", page).group(1)
    assert client.get(f"/q/{OWN}").status_code == 404
    assert client.get(f"/q/{new}").status_code == 200
    assert client.get(f"/fieldwork/print/codes/{OWN}/poster.pdf").status_code == 404
    assert client.get(f"/fieldwork/print/codes/{new}/poster.pdf").status_code == 200
    assert session.scalars(select(AuditEntry.action)).all().count("point_code.replaced") == 1


def test_second_click_changes_nothing_and_says_so(staff, session, world):
    client = staff(Role.PAR_OFFICE)
    token = csrf_token(client.get(f"/fieldwork/print/codes/{OWN}/replace").text)
    for _click in range(2):
        done = client.post(f"/fieldwork/print/codes/{OWN}/replace", data={"csrf_token": token})
    assert "đã được thu hồi trước đó" in words_of(client.get(done.location))
    live = select(PointCode.code).where(PointCode.revoked_on.is_(None))
    assert len(session.scalars(live).all()) == 3


def test_replacing_needs_the_token_of_the_page(staff, world):
    client = staff(Role.PAR_OFFICE)
    assert client.post(f"/fieldwork/print/codes/{OWN}/replace").status_code == 400
    assert client.get(f"/q/{OWN}").status_code == 200


def test_point_without_a_code_offers_to_make_one(staff, session, world):
    session.get(PointCode, OWN).revoked_on = datetime.now(UTC).date()
    session.commit()
    client = staff(Role.ADMIN)
    path = f"/fieldwork/print/points/{world.points['Đông Hà']}"
    page = client.get(path)
    assert "không còn mã nào để in" in words_of(page)
    done = client.post(f"{path}/codes", data={"csrf_token": csrf_token(page.text)})
    assert done.status_code == 303
    assert "Mã của điểm đặt" in words_of(client.get(done.location))


def test_hostile_names_are_text_on_the_page_and_on_paper(staff, session, world):
    session.get(Unit, world.units["Đông Hà"]).name = '#let x = <script>alert("1")</script>'
    session.get(Point, world.points["Đông Hà"]).name = "{{ 7 * 7 }} $a_1$ #panic()"
    session.commit()
    client = staff(Role.PAR_OFFICE)
    for path in ("", f"/points/{world.points['Đông Hà']}", f"/codes/{OWN}/replace"):
        page = client.get(f"/fieldwork/print{path}")
        assert page.status_code == 200
        assert "<script>" not in page.text
    kit = client.get(f"/fieldwork/print/codes/{OWN}/kit.pdf").data
    assert '#let x = <script>alert("1")</script>' in text(kit)
    assert "{{ 7 * 7 }} $a_1$ #panic()" in text(kit)
    assert links(decoded(kit)) == {f"http://localhost/q/{OWN}"}
