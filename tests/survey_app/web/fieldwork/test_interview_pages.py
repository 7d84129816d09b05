"""The pages of interviewers and of the office that gives them cases, over HTTP."""

import csv
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from survey_app.models import CallBackCheck, Comment, InterviewAssignment, Interviewer, Response, Wave
from survey_app.services import forms
from survey_app.services.accounts import Role, create_account
from tests.sites import PinnedClock, csrf_token, sign_in
from tests.survey_app.interviewing import NOW, TODAY

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
AT = datetime(TODAY.year, TODAY.month, TODAY.day, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LIST = "/fieldwork/interviews"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    pinned = PinnedClock(AT)
    monkeypatch.setattr("survey_app.clock.datetime", pinned)
    return pinned


@pytest.fixture
def people(session, world):
    """Accounts with a password, by name."""
    places = {
        "sonoivu": (Role.PAR_OFFICE, world.province),
        "mai": (Role.INTERVIEWER, world.province),
        "nam": (Role.INTERVIEWER, world.province),
        "dongha": (Role.MANAGER, world.units["Đông Hà"]),
    }
    made = {
        name: create_account(session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=NOW)
        for name, (role, unit_id) in places.items()
    }
    session.commit()
    return made


@pytest.fixture
def enter(app, client, people):
    """A client signed in as an account."""

    def entered(name):
        return sign_in(app.test_client(), name=name, password=PASSWORD)

    return entered


def post(client, path, page=LIST, **fields):
    return client.post(path, data={"csrf_token": csrf_token(client.get(page).text), **fields})


def give(client, world, people, *, to="mai", **fields):
    values = {"wave": "sample", "unit": world.units["Đông Hà"], "interviewer": people[to].account_id,
              "mode": "interview", "n": 1}  # fmt: skip
    return post(client, "/fieldwork/assignments", "/fieldwork/assignments", **values | fields)


@pytest.fixture
def case(session, world, people, enter, monkeypatch):
    """The address of one case of Mai's, which nobody will call back."""
    monkeypatch.setattr("survey_app.services.call_backs.drawn", lambda n, rng: [False] * n)
    assert give(enter("sonoivu"), world, people).status_code == 303
    (case_id,) = session.scalars(select(InterviewAssignment.id))
    session.rollback()
    return f"{LIST}/{case_id}"


def filled(html, **answers):
    """The form as a browser would send it, with these answers."""
    names = ("csrf_token", "id", "token")
    hidden = {name: re.search(rf'name="{name}"[^>]* value="([^"]+)"', html).group(1) for name in names}
    return hidden | answers


def n_responses(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Response))


def test_an_interviewer_finds_the_case_and_reads_the_intro_in_interview_words(enter, case):
    mai = enter("mai")
    assert case in mai.get(LIST).text
    page = mai.get(case).text
    assert "Câu trả lời chỉ được tổng hợp chung, không ghi tên Ông/Bà trong kết quả." in page
    assert "ẩn danh" not in page.lower()
    assert "về lần giải quyết thủ tục này" in page, "asked at home, not at the desk"


def test_the_page_asks_everything_that_an_interview_may_ask(session, world, enter, case):
    page = enter("mai").get(case).text
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    for item in form.items:
        assert f'name="{item.code}' in page, item.code
    for code in ("stage", "field", "is_proxy", "capacity", "residence"):
        assert f'name="{code}"' in page, code
    assert 'name="assisted_by"' not in page


def test_an_interview_is_stored_with_everything_said(session, world, enter, case):
    mai = enter("mai")
    answers = filled(mai.get(case).text) | {
        "overall": "dissatisfied", "reasons[]": ["slow"], "stage": "collect_result", "field": "land",
        "F1.1": "neutral", "visits": "two", "confidential": "no", "capacity": "citizen", "is_proxy": "no",
        "residence": "same_unit", "age_band": "35_49", "comment": "Cần thêm ghế.",
    }  # fmt: skip
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    answers["reasons[]"] = [next(choice.code for choice in form.by_code["reasons"].choices)]
    response = mai.post(case, data=answers)
    assert (response.status_code, response.location) == (303, LIST)
    assert "Đã ghi nhận" in mai.get(LIST).text
    session.rollback()
    stored = session.scalars(select(Response)).one()
    said = form.unpack(stored.answers)
    assert (said["overall"], said["F1.1"], said["visits"], said["confidential"], said["age_band"]) == (
        "dissatisfied", "neutral", "two", "no", "35_49",
    )  # fmt: skip
    assert said["F1.2"] == "left_blank", "asked, and left open"
    assert (stored.channel, stored.stage, stored.capacity, stored.residence, stored.is_proxy) == (
        6,
        3,
        1,
        1,
        0,
    )
    assert stored.collector == session.scalars(select(Interviewer.code)).one()
    assert session.scalars(select(Comment.polarity)).one() == "bad"


def test_the_same_page_sent_twice_is_stored_once(session, enter, case):
    mai = enter("mai")
    answers = filled(mai.get(case).text, overall="satisfied")
    assert [mai.post(case, data=answers).status_code for _ in range(2)] == [303, 303]
    assert n_responses(session) == 1
    assert mai.post(case, data=answers | {"overall": "neutral"}).status_code == 409
    assert n_responses(session) == 1


def test_two_pages_of_one_case_store_one_interview(session, enter, case):
    mai = enter("mai")
    one, two = (filled(mai.get(case).text, overall="satisfied") for _ in range(2))
    assert one["id"] != two["id"]
    assert mai.post(case, data=one).status_code == 303
    refused = mai.post(case, data=two)
    assert (refused.status_code, n_responses(session)) == (409, 1)
    assert "đã được ghi nhận trước đó" in refused.text
    assert mai.get(case).status_code == 409


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"F1.1": "satisfied"}, "Xin hỏi câu đầu tiên"),
        ({"overall": "splendid"}, "Xin xem lại câu"),
        ({"overall": "satisfied", "stage": "elsewhere"}, "Xin xem lại câu"),
        ({"overall": "satisfied", "comment": "a" * 1201}, "1.200 ký tự"),
    ],
)
def test_what_was_entered_stays_when_something_is_wrong(session, enter, case, answers, sentence):
    mai = enter("mai")
    fields = filled(mai.get(case).text, **answers, visits="two")
    refused = mai.post(case, data=fields)
    assert refused.status_code == 422
    assert sentence in refused.text and "Chưa lưu" in refused.text
    assert re.search(r'name="visits" value="two" checked', refused.text)
    assert filled(refused.text)["id"] == fields["id"], "still the same submission"
    assert n_responses(session) == 0
    assert mai.post(case, data=filled(refused.text, overall="satisfied")).status_code == 303


def test_a_case_is_marked_as_not_reached_and_refused(session, enter, case):
    mai = enter("mai")
    assert post(mai, f"{case}/attempt", outcome="not_reached").status_code == 303
    assert "đã thử 1 lần, gần nhất 10/08/2026" in mai.get(LIST).text
    assert post(mai, f"{case}/attempt", outcome="refused").status_code == 303
    assert mai.get(case).status_code == 409
    assert post(mai, f"{case}/attempt", outcome="elsewhere").status_code == 422


def test_the_case_of_another_does_not_exist(session, enter, case):
    nam = enter("nam")
    assert case not in nam.get(LIST).text
    assert nam.get(case).status_code == 404
    assert post(nam, case).status_code in (400, 404)
    assert post(nam, f"{case}/attempt", outcome="refused").status_code == 404
    assert session.scalars(select(InterviewAssignment.state)).one() == "open"


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("mai", "/fieldwork/assignments", 403), ("mai", "/fieldwork/call-backs", 403),
        ("mai", "/fieldwork/interviewers", 403), ("dongha", "/fieldwork/assignments", 403),
        ("dongha", LIST, 403), ("sonoivu", LIST, 403),
    ],
)  # fmt: skip
def test_each_role_has_its_own_pages(enter, name, path, status):
    assert enter(name).get(path).status_code == status


def test_a_wave_that_is_over_opens_no_case_but_takes_a_page_that_was_open(session, world, enter, case, clock):
    mai = enter("mai")
    answers = filled(mai.get(case).text, overall="satisfied")
    session.execute(
        update(Wave).where(Wave.id == world.waves["sample"]).values(closes_on=TODAY.replace(day=9))
    )
    session.commit()
    assert mai.get(case).status_code == 410
    assert "Đợt phỏng vấn chưa mở hoặc đã kết thúc" in mai.get(LIST).text
    assert mai.post(case, data=answers).status_code == 303
    assert n_responses(session) == 1


def test_an_unsigned_or_foreign_page_token_is_refused(session, enter, case):
    mai = enter("mai")
    fields = filled(mai.get(case).text, overall="satisfied")
    assert mai.post(case, data=fields | {"token": "forged"}).status_code == 400
    assert mai.post(case, data=fields | {"id": "1"}).status_code == 400
    assert n_responses(session) == 0


def test_questions_may_be_asked_in_english(session, enter, case):
    mai = enter("mai")
    page = mai.get(f"{case}?lang=en").text
    assert "Very satisfied" in page
    assert mai.post(f"{case}?lang=en", data=filled(page, overall="satisfied")).status_code == 303
    assert session.scalars(select(Response.language)).one() == "en"


def test_the_office_gives_cases_by_number_and_by_list(session, world, people, enter):
    office = enter("sonoivu")
    assert give(office, world, people, n=3, mode="phone").status_code == 303
    listed = give(office, world, people, n="", labels=(io.BytesIO("mã\nH-1\nH-2\n".encode()), "ho.csv"))
    assert listed.status_code == 303
    labels = sorted(session.scalars(select(InterviewAssignment.label)))
    assert labels == ["001", "002", "003", "H-1", "H-2"]
    page = office.get("/fieldwork/assignments").text
    assert "Đã giao 2 phiếu." in page
    assert "Phường Đông Hà" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("H-1\n0912 345 678\n", "số điện thoại hoặc số căn cước"),
        ("H-1,Nguyễn Văn An\n", "một cột mã"),
        ("Nguyễn Văn An\n", "không là tên người"),
    ],
)
def test_a_list_that_names_people_is_refused_and_not_shown_again(
    session, world, people, enter, content, sentence
):
    refused = give(enter("sonoivu"), world, people, n="", labels=(io.BytesIO(content.encode()), "ho.csv"))
    assert refused.status_code == 422
    assert sentence in refused.text and "Dòng:" in refused.text
    assert "Nguyễn Văn An" not in refused.text and "345" not in refused.text
    assert session.scalars(select(InterviewAssignment)).all() == []


def test_numbers_out_of_bounds_and_missing_ones_are_refused_in_words(world, people, enter):
    office = enter("sonoivu")
    assert "từ 1 đến 500" in give(office, world, people, n=501).text
    assert give(office, world, people, n="").status_code == 422
    assert give(office, world, people, unit=999).status_code == 422


def test_a_call_back_is_recorded_and_reported(session, world, people, enter, case, monkeypatch):
    monkeypatch.setattr("survey_app.services.call_backs.drawn", lambda n, rng: [True] * n)
    office = enter("sonoivu")
    assert give(office, world, people, n=1).status_code == 303
    drawn = session.scalars(select(InterviewAssignment).where(InterviewAssignment.call_back == "drawn")).one()
    mai = enter("mai")
    address = f"{LIST}/{drawn.id}"
    answers = filled(mai.get(address).text, overall="satisfied", stage="collect_result", visits="two")
    assert "Phúc tra" not in mai.get(LIST).text, "nothing tells which case is called back"
    assert mai.post(address, data=answers).status_code == 303
    due = f"/fieldwork/call-backs/{drawn.id}"
    assert due in office.get("/fieldwork/call-backs").text
    page = office.get(due).text
    assert "Ông/Bà phải đến mấy lần?" in page and "Rất hài lòng" not in page
    assert post(office, due, due, visits="one").status_code == 422
    assert post(office, due, due, outcome="held", visits="one", stage="collect_result").status_code == 303
    session.rollback()
    assert session.scalars(select(CallBackCheck.digest).distinct()).all() == [None]
    report = office.get("/fieldwork/interviewers").text
    code = session.scalars(select(Interviewer.code)).one()
    assert code in report and "gian lận" not in report.lower()
    assert "quá ít để kết luận" in report
    assert office.get(due).status_code == 409
    rows = list(csv.reader(io.StringIO(office.get("/fieldwork/interviewers.csv").text.lstrip("\ufeff"))))
    assert len(rows) == 2 and rows[1][0] == code
    assert rows[1][rows[0].index("Số phiếu có điểm khác")] == "1"


def test_an_account_name_that_is_a_formula_is_a_text_in_the_file(session, world, people, enter):
    people["evil"] = create_account(session, name="=cmd()", password=PASSWORD, role=Role.INTERVIEWER,
                                    unit_id=world.province, now=NOW)  # fmt: skip
    session.commit()
    office = enter("sonoivu")
    give(office, world, people, to="evil")
    assert "'=cmd()" in office.get("/fieldwork/interviewers.csv").text


def test_a_refused_case_is_replaced_from_the_page(session, enter, case):
    post(enter("mai"), f"{case}/attempt", outcome="refused")
    office = enter("sonoivu")
    path = re.search(
        r"/fieldwork/assignments/[0-9a-f-]+/replace", office.get("/fieldwork/assignments").text
    ).group()
    assert post(office, path, "/fieldwork/assignments").status_code == 303
    assert sorted(session.scalars(select(InterviewAssignment.state))) == ["open", "replaced"]


def test_pages_without_anything_say_so(enter):
    assert "Chưa có phiếu nào" in enter("mai").get(LIST).text
    office = enter("sonoivu")
    assert "Chưa giao phiếu nào" in office.get("/fieldwork/interviewers").text
    assert "Không có phiếu chờ phúc tra" in office.get("/fieldwork/call-backs").text
