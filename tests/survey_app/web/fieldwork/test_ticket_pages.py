"""Staff make tickets for their own points; a citizen is told plainly what a ticket is worth and may answer anyway."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select

from survey_app.clock import local_today
from survey_app.models import Response, Ticket, TicketBatch
from survey_app.services.accounts import Role
from tests.builders import make_tickets
from tests.sites import csrf_token

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
PAGE = "/fieldwork/tickets"
ANONYMITY = "Mã trên phiếu chỉ để tránh trả lời hai lần, không gắn với câu trả lời."
STILL = "Ông/Bà vẫn có thể trả lời; phiếu được tính riêng."


def fields(page, world, settings, **changes):
    expires_on = local_today(settings) + timedelta(days=30)
    return {
        "csrf_token": csrf_token(page.text), "point": world.codes["Đông Hà"], "size": "20", "stage": "submit",
        "field": "", "wave": "", "expires_on": expires_on.isoformat(),
    } | changes  # fmt: skip


def order(client, world, settings, **changes):
    return client.post(PAGE, data=fields(client.get(PAGE), world, settings, **changes))


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_a_manager_makes_a_batch_and_takes_its_links(staff, session, world, settings):
    manager = staff(Role.MANAGER, "Đông Hà")
    assert order(manager, world, settings).status_code == 303
    page = manager.get(PAGE)
    assert "Đã tạo 20 mã." in page.text
    path = re.search(r'action="(/fieldwork/tickets/[^"]+/links)"', page.text)[1]
    answer = manager.post(path, data={"csrf_token": csrf_token(page.text)})
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "attachment; filename=ma-tra-loi-" in answer.headers["Content-Disposition"]
    rows = rows_of(answer)
    assert rows[0] == ["Số phiếu in", "Đường dẫn"]
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, 21)]
    assert all(row[1].startswith("http://localhost/q/DHAAAAA2?s=submit&t=") for row in rows[1:])
    citizen = manager.application.test_client().get(rows[1][1].removeprefix("http://localhost"))
    assert ANONYMITY in citizen.text


def test_every_slip_of_the_sheet_scans_as_a_link_of_the_batch_and_has_no_number(
    staff, session, world, settings
):
    manager = staff(Role.MANAGER, "Đông Hà")
    order(manager, world, settings, size="30")
    batch = session.scalars(select(TicketBatch)).one()
    token = {"csrf_token": csrf_token(manager.get(PAGE).text)}
    links = {row[1] for row in rows_of(manager.post(f"{PAGE}/{batch.id}/links", data=token))[1:]}
    answer = manager.post(f"{PAGE}/{batch.id}/sheet", data=token)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.data)
    pages = [page.render(scale=3).to_pil() for page in document]
    words = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert len(pages) == 2
    assert {found.text for page in pages for found in zxingcpp.read_barcodes(page)} == links
    assert words.count("Phường Đông Hà") == 30
    assert not re.search(r"(?<![/\d])\d{1,3}(?![/\d])", words), "nothing tells one slip from another"


def test_a_large_batch_is_no_sheet(staff, session, world, settings):
    manager = staff(Role.MANAGER, "Đông Hà")
    order(manager, world, settings, size="201")
    batch = session.scalars(select(TicketBatch)).one()
    page = manager.get(PAGE)
    assert f"{batch.id}/sheet" not in page.text
    answer = manager.post(f"{PAGE}/{batch.id}/sheet", data={"csrf_token": csrf_token(page.text)})
    assert answer.status_code == 422


def test_links_are_not_to_be_had_by_reading_and_not_by_another_unit(staff, session, world, settings):
    manager, other = staff(Role.MANAGER, "Đông Hà"), staff(Role.MANAGER, "Cồn Cỏ")
    order(manager, world, settings)
    batch = session.scalars(select(TicketBatch)).one()
    for action in ("links", "sheet", "revoke"):
        path = f"{PAGE}/{batch.id}/{action}"
        assert manager.get(path).status_code == 405
        assert other.post(path, data={"csrf_token": csrf_token(other.get(PAGE).text)}).status_code == 404
        assert manager.post(path).status_code == 400, "without the token of a form"
    assert "DHAAAAA2" not in other.get(PAGE).text
    assert (
        manager.post(
            f"{PAGE}/{uuid4()}/links", data={"csrf_token": csrf_token(manager.get(PAGE).text)}
        ).status_code
        == 404
    )


def test_a_manager_cannot_order_for_another_unit(staff, session, world, settings):
    answer = order(staff(Role.MANAGER, "Đông Hà"), world, settings, point=world.codes["Cồn Cỏ"])
    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": "19"}, "Xin nhập số mã từ 20 đến 5.000."), ({"size": "x"}, "Xin nhập số mã"),
        ({"size": ""}, "Xin nhập số mã"), ({"size": "9" * 30}, "Xin nhập số mã"),
        ({"expires_on": "2020-01-01"}, "Ngày hết hạn từ hôm nay"), ({"expires_on": "x"}, "Xin nhập ngày đúng dạng."),
        ({"expires_on": "2999-01-01"}, "không quá 366 ngày"), ({"wave": "no-such"}, "field-error"),
        ({"stage": "no-such"}, "field-error"), ({"field": "x' OR 1=1"}, "field-error"),
        ({"point": "\x00"}, "field-error"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_is_told_beside_its_field(staff, session, world, settings, changes, words):
    answer = order(staff(Role.MANAGER, "Đông Hà"), world, settings, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Not a valid" not in answer.text
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


def test_a_revoked_batch_is_shown_so_and_its_links_are_gone(staff, session, world, settings):
    manager = staff(Role.PAR_OFFICE, "Quảng Trị")
    order(manager, world, settings)
    batch = session.scalars(select(TicketBatch)).one()
    token = {"csrf_token": csrf_token(manager.get(PAGE).text)}
    assert manager.post(f"{PAGE}/{batch.id}/revoke", data=token).status_code == 303
    page = manager.get(PAGE)
    assert "Đã thu hồi đợt mã." in page.text
    assert f"{batch.id}/links" not in page.text
    assert manager.post(f"{PAGE}/{batch.id}/links", data=token).status_code == 422


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INTERVIEWER, Role.DESK_STAFF])
def test_other_roles_make_no_tickets(staff, role):
    client = staff(role, "Đông Hà")
    assert client.get(PAGE).status_code == 403
    assert "Mã trả lời một lần" not in client.get("/fieldwork/").text


def test_the_list_shows_no_live_count(staff, app, session, world, settings):
    """The page reads the same before and after a visitor, and names no number below five."""
    texts = make_tickets(session, world, app.extensions["signer"], expires_on=local_today(settings))
    manager = staff(Role.MANAGER, "Đông Hà")

    def listed():
        table = re.search(r"<tbody>.*</tbody>", manager.get(PAGE).text, re.DOTALL)[0]
        return re.sub(r'name="csrf_token" value="[^"]+"', "", table)

    before = listed()
    assert "dưới 5" in before
    for text in texts[:7]:
        assert answer_with(app, world, text).status_code == 201
    assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.is_spent)) == 7
    assert listed() == before


def answer_with(app, world, ticket):
    page = app.test_client().get(f"/q/{world.codes['Đông Hà']}", query_string={"t": ticket})
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    body = {
        "id": str(uuid4()),
        "token": token,
        "answers": {"overall": "satisfied"},
        "parts": [1],
        "ticket": ticket,
    }
    return app.test_client().post(f"/q/{world.codes['Đông Hà']}", json=body)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("valid", ANONYMITY), ("spent", "Mã này đã được dùng."), ("expired", "Mã này đã hết hạn."),
        ("revoked", "Mã này đã bị thu hồi."), ("forged", "Mã này không đúng."), ("other point", "Mã này không đúng."),
    ],
)  # fmt: skip
def test_a_citizen_is_told_what_the_ticket_is_worth_and_answers_anyway(
    app, client, session, world, settings, state, words
):
    batch = {
        "expired": {"expires_on": local_today(settings) - timedelta(days=1)},
        "revoked": {"revoked_on": local_today(settings)},
        "other point": {"unit": "Cồn Cỏ"},
    }.get(state, {})
    ticket = make_tickets(session, world, app.extensions["signer"], **batch)[0]
    if state == "spent":
        assert answer_with(app, world, ticket).status_code == 201
    if state == "forged":
        ticket = ticket[:-1] + ("2" if ticket[-1] != "2" else "3")
    page = client.get(f"/q/{world.codes['Đông Hà']}", query_string={"t": ticket})
    assert page.status_code == 200
    assert words in page.text
    assert (STILL in page.text) is (state != "valid")
    assert (ANONYMITY in page.text) is (state == "valid")
    assert answer_with(app, world, ticket).status_code == 201
    session.rollback()
    ticketed = list(session.scalars(select(Response.is_ticketed)))
    assert sorted(ticketed) == {"valid": [True], "spent": [False, True]}.get(state, [False])


def test_a_page_without_a_ticket_says_nothing_of_tickets(client, world):
    page = client.get(f"/q/{world.codes['Đông Hà']}")
    assert "Mã trên phiếu" not in page.text
    assert STILL not in page.text
