"""The pages of paper forms: who may open them, what they refuse, and what the grid is told."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from survey_app.clock import local_today
from survey_app.models import Comment, PaperBatch, PaperOpening, PaperPad, PaperRow, Response
from survey_app.queries import paper
from survey_app.services.accounts import Role, create_account
from survey_app.services.paper_openings import BoxCount, NewOpening, open_box
from survey_app.services.paper_pads import NewPad, add_pad
from tests.sites import csrf_token

PASSWORD = "một câu dài để thử các trang"
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def box(app, session, world, settings):
    """Ids of a pad, an opening and a batch of three sheets, made today."""
    today: date = local_today(settings)
    by = create_account(
        session, name="nền", password=PASSWORD, role=Role.ADMIN, unit_id=world.province, now=NOW
    )
    point_id = world.points["Đông Hà"]
    pad_id = add_pad(
        session, NewPad(point_id, world.waves["full"], "vi", 20), viewer=by, today=today, now=NOW
    )
    new = NewOpening(point_id, today, "Nguyễn Văn An", "Trần Thị Bình", {pad_id: BoxCount(3)})
    opening_id = open_box(session, new, viewer=by, today=today, now=NOW)
    (batch,) = paper.batches_of_opening(session, opening_id)
    session.commit()
    return {"pad": pad_id, "opening": opening_id, "batch": batch.id, "n": n_columns(session, batch)}


def n_columns(session, batch) -> int:
    from survey_app.services.paper_entry import batch_columns

    return len(batch_columns(session, batch.version_id))


def row(box, **changes):
    cells = ["2", *([""] * (box["n"] - 1))]
    return {"round": 1, "position": 1, "cells": cells, "finished": True, "before": None} | changes


def save(client, box, **changes):
    """What the grid sends."""
    token = csrf_token(client.get(f"/fieldwork/paper/batches/{box['batch']}/entry?sheet=1").text)
    return client.post(
        f"/fieldwork/paper/batches/{box['batch']}/rows",
        json=row(box, **changes),
        headers={"X-CSRFToken": token},
    )


MANAGING_PAGES = ["/pads/new", "/pads/{pad}", "/pads/{pad}/sheets.pdf", "/openings/new", "/openings/{opening}",
                  "/openings/{opening}/minutes.pdf"]  # fmt: skip
KEYING_PAGES = ["", "/batches/{batch}", "/batches/{batch}/entry", "/batches/{batch}/entry?sheet=2"]


@pytest.mark.parametrize(
    ("role", "may_manage", "may_key"),
    [
        (Role.DESK_STAFF, False, True),
        (Role.MANAGER, True, True),
        (Role.VIEWER, False, False),
        (Role.INTERVIEWER, False, False),
    ],
)
def test_each_role_opens_its_own_pages(staff, box, role, may_manage, may_key):
    client = staff(role, "Đông Hà")
    for pages, may in ((MANAGING_PAGES, may_manage), (KEYING_PAGES, may_key)):
        for page in pages:
            status = client.get("/fieldwork/paper" + page.format(**box)).status_code
            assert status == (200 if may else 403), page


@pytest.mark.parametrize("role", [Role.PAR_OFFICE, Role.ADMIN])
def test_province_opens_every_page_of_its_units(staff, box, role):
    client = staff(role, "Quảng Trị")
    for page in (*MANAGING_PAGES, *KEYING_PAGES):
        assert client.get("/fieldwork/paper" + page.format(**box)).status_code == 200, page


def test_another_unit_finds_nothing(staff, box):
    client = staff(Role.MANAGER, "Cồn Cỏ")
    own = {"/pads/new", "/openings/new", ""}
    for page in (*MANAGING_PAGES, *KEYING_PAGES):
        status = client.get("/fieldwork/paper" + page.format(**box)).status_code
        assert status == (200 if page in own else 404), page


def test_desk_staff_sees_batches_and_no_names_of_openers(staff, box):
    text = staff(Role.DESK_STAFF, "Đông Hà").get("/fieldwork/paper").text
    assert f"Lô {box['batch']}" in text
    assert "Lập tập phiếu" not in text
    assert "Tập 1" not in text


def test_desk_staff_may_not_book_or_reopen(staff, box):
    client = staff(Role.DESK_STAFF, "Đông Hà")
    token = csrf_token(client.get(f"/fieldwork/paper/batches/{box['batch']}").text)
    for step in ("book", "reopen"):
        path = f"/fieldwork/paper/batches/{box['batch']}/{step}"
        assert client.post(path, data={"csrf_token": token}).status_code == 403


def test_pad_is_made_counted_and_printed(staff, session, world):
    client = staff(Role.MANAGER, "Đông Hà")
    page = client.get("/fieldwork/paper/pads/new").text
    fields = {"csrf_token": csrf_token(page), "wave": world.waves["full"], "language": "vi", "n_sheets": "5"}
    path = re.search(r'action="([^"]+pads/new[^"]+)"', page).group(1)
    assert "có từ 1 đến 200 phiếu" in client.post(path, data=fields | {"n_sheets": "201"}).text
    made = client.post(path, data=fields)
    assert made.status_code == 303
    count = {"csrf_token": fields["csrf_token"], "n_handed_out": "6", "n_spoiled": "0"}
    refused = client.post(made.location, data=count)
    assert refused.status_code == 422
    assert "vượt quá tập phiếu" in refused.text
    assert client.post(made.location, data=count | {"n_handed_out": "4"}).status_code == 303
    session.rollback()
    assert session.scalar(select(PaperPad.n_handed_out)) == 4
    pdf = client.get(f"{made.location}/sheets.pdf")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    specimen = client.get(
        f"/fieldwork/paper/specimen.pdf?point={world.points['Đông Hà']}&wave={world.waves['full']}&language=en"
    )
    assert specimen.data[:5] == b"%PDF-"


def test_box_is_opened_once_and_a_refusal_keeps_what_was_typed(staff, session, box, world):
    client = staff(Role.MANAGER, "Đông Hà")
    page = client.get("/fieldwork/paper/openings/new").text
    path = re.search(r'action="([^"]+openings/new[^"]+)"', page).group(1)
    fields = {"csrf_token": csrf_token(page), "opened_on": "2026-01-01", "first_opener": "An", "second_opener": "Bình",
              f"collected-{box['pad']}": "4"}  # fmt: skip
    for changes, words in (
        ({}, "không được sau hôm nay"),
        ({"second_opener": " an "}, "hai người khác nhau"),
        ({f"collected-{box['pad']}": "-1"}, "Số phiếu vượt quá"),
        ({f"blank-{box['pad']}": "9"}, "Số phiếu vượt quá"),
        ({f"blank-{box['pad']}": "chín"}, "Số phiếu vượt quá"),
        ({"opened_on": "hôm qua"}, "Xin nhập ngày mở hòm"),
    ):
        refused = client.post(path, data=fields | changes)
        assert refused.status_code == 422, changes
        assert words in refused.text, changes
        assert 'value="An"' in refused.text
    session.rollback()
    assert session.scalar(select(func.count()).select_from(PaperOpening)) == 1


def test_grid_saves_a_row_and_says_so_only_then(staff, session, box):
    client = staff(Role.DESK_STAFF, "Đông Hà")
    saved = save(client, box)
    assert (saved.status_code, saved.json) == (200, {"status": "saved"})
    again = save(client, box, position=2, cells=["9", *([""] * (box["n"] - 1))])
    assert (again.status_code, again.json["status"]) == (422, "invalid")
    conflict = save(client, box, cells=["3", *([""] * (box["n"] - 1))])
    assert (conflict.status_code, conflict.json["status"]) == (409, "row_keyed_elsewhere")
    session.rollback()
    assert session.scalars(select(PaperRow.position)).all() == [1]


@pytest.mark.parametrize(
    "changes",
    [{"round": 3}, {"round": "1"}, {"position": 0}, {"position": True}, {"cells": "2"}, {"cells": [1]}, {"cells": []},
     {"cells": ["1" * 11]}, {"before": 7}],
)  # fmt: skip
def test_row_of_another_shape_is_a_bad_request(staff, session, box, changes):
    assert save(staff(Role.DESK_STAFF, "Đông Hà"), box, **changes).status_code == 400
    session.rollback()
    assert session.scalar(select(func.count()).select_from(PaperRow)) == 0


def test_row_without_its_token_is_refused(staff, session, box):
    client = staff(Role.DESK_STAFF, "Đông Hà")
    assert client.post(f"/fieldwork/paper/batches/{box['batch']}/rows", json=row(box)).status_code == 400
    session.rollback()
    assert session.scalar(select(func.count()).select_from(PaperRow)) == 0


def test_whole_way_with_the_plain_pages(staff, session, box):
    """Key three sheets, draw, key them again, compare, book twice: three responses."""
    client = staff(Role.MANAGER, "Đông Hà")
    path = f"/fieldwork/paper/batches/{box['batch']}"
    token = csrf_token(client.get(f"{path}/entry?sheet=1").text)

    def post(step: str, **fields: str):
        return client.post(f"{path}/{step}", data={"csrf_token": token} | fields)

    assert "chưa có phiếu nào" in post("check").text
    for keyed_round in "12":
        for position in "123":
            sheet = {"round": keyed_round, "position": position, "c0": position, "before": ""}
            assert post("entry", **sheet).status_code == 303
        step = "check" if keyed_round == "1" else "compare"
        assert post(step).status_code == 303
    page = client.get(path).text
    assert "cùng một người nhập cả hai lần" in page
    assert "0 trong 3 phiếu" in page
    for _ in range(2):
        assert post("book", reason="").status_code == 303
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Response)) == 3
    assert "Đã ghi sổ" in client.get(path).text
    assert client.get(f"{path}/entry").status_code == 303
    assert "100,0%" in client.get("/fieldwork/paper").text


def test_short_batch_is_not_booked_without_a_reason(staff, session, box):
    client = staff(Role.MANAGER, "Đông Hà")
    path = f"/fieldwork/paper/batches/{box['batch']}"
    token = csrf_token(client.get(f"{path}/entry?sheet=1").text)
    for keyed_round, step in (("1", "check"), ("2", "compare")):
        client.post(
            f"{path}/entry", data={"csrf_token": token, "round": keyed_round, "position": "1", "c0": "1"}
        )
        client.post(f"{path}/{step}", data={"csrf_token": token})
    refused = client.post(f"{path}/book", data={"csrf_token": token, "reason": ""})
    assert refused.status_code == 422
    assert "ghi lý do" in refused.text
    assert (
        client.post(f"{path}/book", data={"csrf_token": token, "reason": "Hai phiếu rách"}).status_code == 303
    )
    assert "Hai phiếu rách" in client.get(path).text


def test_comment_is_stored_with_no_link_and_an_empty_one_is_refused(staff, session, box):
    client = staff(Role.DESK_STAFF, "Đông Hà")
    path = f"/fieldwork/paper/batches/{box['batch']}"
    fields = {"csrf_token": csrf_token(client.get(path).text), "polarity": "bad"}
    assert client.post(f"{path}/comments", data=fields | {"text": " "}).status_code == 422
    assert client.post(f"{path}/comments", data=fields | {"text": "Cần thêm ghế"}).status_code == 303
    session.rollback()
    assert session.scalars(select(Comment.text)).all() == ["Cần thêm ghế"]


def test_large_box_is_keyed_fifty_sheets_a_page_and_opens_where_work_stopped(staff, session, box):
    session.execute(update(PaperBatch).values(n_to_key=120))
    session.commit()
    client = staff(Role.DESK_STAFF, "Đông Hà")
    path = f"/fieldwork/paper/batches/{box['batch']}/entry"

    def shown(query: str = "") -> tuple[int, int, int]:
        data = json.loads(re.search(r'id="grid-data">(.*?)</script>', client.get(path + query).text).group(1))
        return data["positions"][0], data["positions"][-1], len(data["positions"])

    assert shown() == (1, 50, 50)
    assert shown("?from=60") == (51, 100, 50)
    assert shown("?from=9999") == (101, 122, 22), "two lines more than were counted"
    for position in range(1, 51):
        assert save(client, box, position=position).status_code == 200
    assert shown() == (51, 100, 50)


def test_second_keying_is_told_nothing_of_the_first(staff, session, box):
    client = staff(Role.MANAGER, "Đông Hà")
    path = f"/fieldwork/paper/batches/{box['batch']}"
    marked = ["", "4", *([""] * (box["n"] - 2))]
    assert save(client, box, cells=marked).status_code == 200
    token = csrf_token(client.get(path).text)
    assert client.post(f"{path}/check", data={"csrf_token": token}).status_code == 303
    data = json.loads(re.search(r'id="grid-data">(.*?)</script>', client.get(f"{path}/entry").text).group(1))
    assert (data["round"], data["positions"], data["rows"]) == (2, [1], {})
    plain = client.get(f"{path}/entry?sheet=1").text
    assert not re.search(r'name="c1" value="4" checked', plain)
