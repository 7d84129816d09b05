"""The planner and the drawing in the browser's terms: figures on the page, files that open, lists that are refused."""

import csv
import io
import re
from datetime import timedelta

import docx
import openpyxl
import pytest
from sqlalchemy import select, update

from survey_app.clock import local_today, utc_now
from survey_app.models import AuditEntry, SampleFrame, SampleFrameEntry, SamplePlan, Wave
from survey_app.services.accounts import Role, create_account
from tests.sites import csrf_token, sign_in

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
PLAN = "/admin/samples/plan"


@pytest.fixture
def office(app, session, world, settings):
    session.get_one(Wave, world.waves["sample"]).closes_on = local_today(settings) + timedelta(days=20)
    create_account(
        session,
        name="sonoivu",
        password=PASSWORD,
        role=Role.PAR_OFFICE,
        unit_id=world.province,
        now=utc_now(),
    )
    session.commit()
    return sign_in(app.test_client(), name="sonoivu", password=PASSWORD)


def typed(client, **changes):
    page = client.get(PLAN)
    return {
        "csrf_token": csrf_token(page.text), "aim": "units", "source": "registry", "confidence_level": "0.95",
        "allocation": "proportional", "share": "90", "margin": "5", "response_rate": "80", "do": "compute",
    } | changes  # fmt: skip


def upload(client, path, page, rows, name="ds.csv", **fields):
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    data = {
        "csrf_token": csrf_token(client.get(page).text),
        "file": (io.BytesIO(file.getvalue().encode()), name),
    }
    return client.post(path, data=data | fields, content_type="multipart/form-data")


def act(client, page, path, **fields):
    return client.post(path, data={"csrf_token": csrf_token(client.get(page).text)} | fields)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_page_shows_the_reference_card_as_published(office):
    page = text_of(office.get(PLAN))
    for line in ("59,6–98,2", "≥ 88,6", "88,0–91,7", "5,0 139", "3,0 385", "2,5 554", "80% → 90% 199",
                 "85% → 90% 686", "90% → 93% 1.356", "80% → 83% 2.629", "139 103", "84.196 398"):  # fmt: skip
        assert line in page, line


def test_numbers_are_read_as_officials_type_them(office):
    page = office.post(
        PLAN, data=typed(office, margin="2,5", cost_interview="45.000", cost_fixed="1.500.000")
    )
    assert page.status_code == 200
    # 540 of 20,000 for ±2.5 at 90 %: 554 / (1 + 553/20000), three such units.
    assert "Phường Đông Hà 20.000 539" in text_of(page)
    assert f"{1_500_000 + 3 * 539 * 45_000:,}".replace(",", ".") in page.text


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(office, session):
    page = office.post(PLAN, data=typed(office, share="chín mươi", margin="60", do="save", title="x"))
    assert page.status_code == 422
    assert "Xin nhập một số, ví dụ 5 hoặc 2,5." in page.text
    page = office.post(PLAN, data=typed(office, margin="60", do="save", title="x"))
    assert (page.status_code, "Xin nhập số từ 0,10 đến 50." in page.text) == (422, True)
    assert office.post(PLAN, data=typed(office, do="save", title=" ")).status_code == 422
    hostile = office.post(PLAN, data=typed(office, source="typed", typed="<b>x</b>; 9"))
    assert (hostile.status_code, "<b>x" in hostile.text) == (422, False)
    assert session.scalars(select(SamplePlan)).all() == []


def test_a_list_of_sizes_may_be_uploaded(office):
    data = typed(office, source="typed") | {
        "list_file": (io.BytesIO("Mã,Quy mô,Tỷ lệ\nU-Đông Hà,640,85\nTổng,,\n".encode()), "quy-mo.csv")
    }
    page = office.post(PLAN, data=data, content_type="multipart/form-data")
    assert page.status_code == 200
    assert "U-Đông Hà; 640; 85" in page.text
    # 1.96² · 0.85 · 0.15 / 0.05² = 195.9, and 195.9 / (1 + 194.9/640) = 150.2.
    assert "Phường Đông Hà 640 151" in text_of(page)


@pytest.fixture
def saved(office):
    addresses = []
    for title, changes in (
        ("Từng đơn vị", {}),
        ("Cả tỉnh =1+1", {"aim": "whole", "cost_interview": "50000"}),
    ):
        answer = office.post(PLAN, data=typed(office, do="save", title=title, **changes))
        assert answer.status_code == 303
        addresses.append(answer.headers["Location"])
    return [address.split("plan=")[1] for address in addresses]


def test_saved_plans_are_shared_by_address_and_put_side_by_side(office, saved):
    assert "Từng đơn vị" in office.get(f"{PLAN}?plan={saved[0]}").text
    compared = office.get(f"/admin/samples/plans/compared?plan={saved[0]}&plan={saved[1]}")
    assert compared.status_code == 200
    assert "414" in text_of(compared)
    assert office.get("/admin/samples/plans/compared?plan=1").status_code == 422


def test_a_plans_workbook_holds_numbers_as_numbers_and_runs_nothing(office, saved):
    answer = office.get(f"/admin/samples/plans/compared.xlsx?plan={saved[0]}&plan={saved[1]}")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    first, units = book.worksheets[0], book.worksheets[1]
    assert [cell.value for cell in first[1]] == ["Nội dung", "Từng đơn vị", "Cả tỉnh =1+1"]
    assert all(cell.data_type != "f" for row in first.iter_rows() for cell in row)
    lines = {row[0].value: row[1] for row in first.iter_rows()}
    assert (lines["Phiếu hoàn thành"].value, lines["Phiếu hoàn thành"].number_format) == (414, "#,##0")
    assert lines["Sai số cho phép (±)"].number_format == "0.0%"
    assert [cell.value for cell in units[2]][1:5] == ["Đặc khu Cồn Cỏ", 20_000, 0.9, 138]
    assert units.cell(5, 5).value == "=SUM(E2:E4)"


def test_a_simulated_plan_says_so_in_its_files(office, saved, session):
    session.execute(update(SamplePlan).where(SamplePlan.id == saved[0]).values(is_simulated=True))
    session.commit()
    draft = docx.Document(io.BytesIO(office.get(f"/admin/samples/plans/{saved[0]}.docx").data))
    page = draft.sections[0]
    heads = [
        paragraph.text for head in (page.footer, page.first_page_footer) for paragraph in head.paragraphs
    ]
    assert sum("DỮ LIỆU MÔ PHỎNG" in text for text in heads) == 2
    book = openpyxl.load_workbook(io.BytesIO(office.get(f"/admin/samples/plans/{saved[0]}.xlsx").data))
    assert [cell.value for cell in book.worksheets[0][2]] == ["Dữ liệu", "DỮ LIỆU MÔ PHỎNG"]


def test_the_draft_plan_has_the_layout_of_the_decree(office, saved):
    answer = office.get(f"/admin/samples/plans/{saved[0]}.docx")
    document = docx.Document(io.BytesIO(answer.data))
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(each.mm) for each in margins] == [20, 20, 30, 15]
    assert document.styles["Normal"].font.name == "Times New Roman"
    left, right = (cell.text for cell in document.tables[0].rows[0].cells)
    assert left.split("\n")[:2] == ["ỦY BAN NHÂN DÂN", "TỈNH QUẢNG TRỊ"]
    assert "DỰ THẢO" in left and "/KH-UBND" in left
    assert right.split("\n")[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    words = [paragraph.text for paragraph in document.paragraphs]
    assert [text for text in words if re.match(r"(I|II|III)\. ", text)] == [
        "I. MỤC ĐÍCH, YÊU CẦU", "II. NỘI DUNG KHẢO SÁT", "III. TỔ CHỨC THỰC HIỆN",
    ]  # fmt: skip
    assert any("Tổng số phiếu hoàn thành: 414 phiếu" in text for text in words)
    units = document.tables[-1]
    assert [cell.text for cell in units.rows[1].cells][:4] == ["1", "Đặc khu Cồn Cỏ", "20.000", "138"]
    assert units.rows[-1].cells[3].text == "414"
    assert "w:tblHeader" in units.rows[0]._tr.xml
    assert "PAGE" in page.header._element.xml and page.different_first_page_header_footer
    assert not document.inline_shapes, "no picture of a signature"


ROWS = [
    ["Mã hồ sơ", "Đơn vị", "Lĩnh vực", "Họ tên"],
    *([f"000.15.H50-2609-{n:05d}", "U-Đông Hà", "Đất đai", "Nguyễn Văn A"] for n in range(50)),
]


@pytest.fixture
def wave(office, world):
    return f"/admin/samples/waves/{world.waves['sample']}"


@pytest.fixture
def drawn(office, wave):
    answer = upload(office, f"{wave}/frames", wave, ROWS, kind="transactions", unit="0", title="Hồ sơ")
    frame = answer.headers["Location"]
    preview = office.get(frame).text
    assert "Đã bỏ cột có thông tin cá nhân, không lưu: Họ tên." in preview
    assert act(office, frame, f"{frame}/accept").status_code == 303
    answer = act(office, frame, f"{frame}/draw", n="20", method="simple", seed="2026", reserve_share="20", plan="0",
                 allocation="proportional", take="1")  # fmt: skip
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_faulty_list_is_refused_whole_and_shows_no_cell_again(office, wave, session):
    rows = [*ROWS, ["0912345678", "Nguyễn Thị B", "0987654321", ""]]
    answer = upload(office, f"{wave}/frames", wave, rows, kind="transactions", unit="0")
    assert answer.status_code == 422
    assert "Dòng 52: Đơn vị không thuộc đợt khảo sát này" in answer.text
    assert "0912345678" not in answer.text and "Nguyễn Thị B" not in answer.text
    for hostile in (b"PK\x03\x04broken", b"\x00\x01", b""):
        data = {"csrf_token": csrf_token(office.get(wave).text), "kind": "transactions", "unit": "0",
                "file": (io.BytesIO(hostile), "x.xlsx")}  # fmt: skip
        answer = office.post(f"{wave}/frames", data=data, content_type="multipart/form-data")
        assert answer.status_code == 422
    assert session.scalars(select(SampleFrame)).all() == []


def test_a_draw_shows_its_seed_is_drawn_again_and_gives_its_list_with_an_audit_entry(office, drawn, session):
    page = office.get(drawn)
    assert "2026" in text_of(page)
    checked = act(office, drawn, f"{drawn}/check")
    assert checked.status_code == 303
    assert "trùng khớp từng phiếu" in office.get(drawn).text
    book = openpyxl.load_workbook(io.BytesIO(act(office, drawn, f"{drawn}/list").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1 + 20 + 4
    assert {row[5] for row in rows[1:]} == {"chính", "dự phòng"}
    assert all(row[7:9] == (0.4, 2.5) for row in rows[1:])
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "sample.list_taken")).one()
    assert "Nguyễn" not in repr(rows)
    stored = session.scalars(select(SampleFrameEntry.label)).all()
    assert not [label for label in stored if "H50" in label]


def test_the_offices_own_list_comes_back_with_the_drawn_rows_only(office, drawn):
    answer = upload(office, f"{drawn}/match", drawn, ROWS)
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1 + 24
    assert rows[0][:4] == ("Mã phiếu", "Vai trò", "Thứ tự", "Mã hồ sơ")
    assert {row[3] for row in rows[1:]} <= {row[0] for row in ROWS}


def test_tickets_come_once_as_a_file(office, drawn):
    answer = act(office, drawn, f"{drawn}/tickets")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 21
    assert all("/q/DHAAAAA2?w=sample&t=" in row[2] for row in rows[1:])
    assert act(office, drawn, f"{drawn}/tickets").status_code == 422


def test_a_unit_is_not_drawn_twice_and_a_case_is_replaced_by_its_reserve(office, drawn, wave):
    frame = upload(office, f"{wave}/frames", wave, ROWS, kind="transactions", unit="0").headers["Location"]
    act(office, frame, f"{frame}/accept")
    assert "Chọn mẫu từ danh sách này" not in office.get(frame).text
    again = act(office, drawn, f"{frame}/draw", n="5", method="simple", plan="0", allocation="equal")
    assert (again.status_code, "Mỗi đơn vị chỉ chọn một lần" in again.text) == (422, True)
    book = openpyxl.load_workbook(io.BytesIO(act(office, drawn, f"{drawn}/list").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))[1:]
    main, reserve = (
        next(row[4] for row in rows if (row[5], row[6]) == (role, 1)) for role in ("chính", "dự phòng")
    )
    unit = re.search(r'<option value="(\d+)">Phường Đông Hà', office.get(drawn).text)[1]
    answer = act(office, drawn, f"{drawn}/replace", unit=unit, label=main, reason="refused")
    assert answer.status_code == 303
    assert f"Đã thay bằng phiếu dự phòng {reserve}." in office.get(drawn).text
    strange = act(office, drawn, f"{drawn}/replace", unit=unit, label="'; --", reason="refused")
    assert strange.status_code == 422


def test_a_mistaken_draw_is_set_aside_by_a_second_person_and_drawn_anew(
    app, office, drawn, wave, session, world
):
    refused = act(office, drawn, f"{drawn}/set-aside", why="Nhầm quý", seed_source=" ")
    assert (refused.status_code, "Xin nêu số khởi tạo" in refused.text, "Nhầm quý" in refused.text) == (
        422,
        True,
        True,
    )
    said = {"why": "Nhầm danh sách quý trước", "seed_source": "xổ số Quảng Trị 03/12/2026"}
    assert act(office, drawn, f"{drawn}/set-aside", **said).status_code == 303
    proposal = re.search(r"/admin/approvals/\d+", office.get(drawn).text)[0]
    create_account(session, name="lan", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.province,
                   now=utc_now())  # fmt: skip
    session.commit()
    lan = sign_in(app.test_client(), name="lan", password=PASSWORD)
    page = text_of(lan.get(proposal))
    for line in ("Hủy mẫu chọn nhầm", "2026", "xổ số Quảng Trị 03/12/2026", "Nhầm danh sách quý trước"):
        assert line in page
    assert act(lan, proposal, proposal, decision="approve").status_code == 303
    page = office.get(drawn).text
    assert "Mẫu này đã hủy ngày" in page and f"{drawn}/list" not in page and f"{drawn}/check" in page
    assert act(office, drawn, f"{drawn}/list").status_code == 422
    assert "đã hủy ngày" in office.get(wave).text
    frame = re.search(r"/admin/samples/frames/\d+", page)[0]
    assert "phải lấy từ nguồn đã nêu khi hủy: xổ số Quảng Trị 03/12/2026" in office.get(frame).text
    again = {"n": "20", "method": "simple", "plan": "0", "allocation": "equal", "take": "1"}
    assert act(office, frame, f"{frame}/draw", seed="2026", **again).status_code == 422
    assert act(office, frame, f"{frame}/draw", seed="48213", **again).status_code == 303


def test_other_offices_and_roles_find_nothing(app, office, drawn, session, world):
    create_account(session, name="hoaxuan", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.units["Hòa Xuân"],
                   now=utc_now())  # fmt: skip
    session.commit()
    stranger = sign_in(app.test_client(), name="hoaxuan", password=PASSWORD)
    for path in (drawn, "/admin/samples/frames/1", f"/admin/samples/waves/{world.waves['sample']}"):
        assert stranger.get(path).status_code == 404
    assert act(stranger, PLAN, f"{drawn}/list").status_code == 404
