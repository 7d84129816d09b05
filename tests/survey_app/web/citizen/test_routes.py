"""The citizen's routes: what is stored, what is refused, and that nothing of the person is kept."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from survey_app.db import db
from survey_app.models import Comment, Response, Wave
from survey_app.vocabulary import QualityFlag, Stage
from tests.sites import CODE, ONE_TAP_CODE, UNIT_NAME


@pytest.fixture
def client(site):
    return site.app.test_client()


def token_of(client, path=f"/q/{CODE}"):
    return re.search(r'name="token" value="([^"]+)"', client.get(path).text).group(1)


def body(client, **changes):
    return {
        "id": str(uuid.uuid4()), "token": token_of(client), "lang": "vi", "answers": {"overall": "satisfied"},
        "parts": [1, 2], "reached": ["overall", "reasons"],
    } | changes  # fmt: skip


def post(client, content, path=f"/q/{CODE}", **options):
    return client.post(path, data=json.dumps(content), content_type="application/json", **options)


def stored(site, submission_id):
    with site.app.app_context():
        return db.session.get(Response, uuid.UUID(submission_id))


def test_page_sets_no_cookie_and_names_the_unit(client):
    page = client.get(f"/q/{CODE}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert UNIT_NAME in page.text
    assert page.text.count("<h1") == 1
    assert page.headers["Cache-Control"] == "no-store"
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert " style=" not in page.text
    assert "<script>" not in page.text


def test_cached_page_gives_every_person_a_new_submission_id(client):
    ids = {re.search(r'name="id" value="([^"]+)"', client.get(f"/q/{CODE}").text).group(1) for _ in range(3)}
    assert len(ids) == 3


def test_code_is_read_in_either_case(client):
    assert client.get(f"/q/{CODE.lower()}").status_code == 200


def test_script_record_is_stored_and_a_retry_is_recognised(client, site):
    content = body(client, answers={"overall": "dissatisfied", "reasons": ["time_bad"]})
    first, again = post(client, content), post(client, content)
    assert (first.status_code, first.json["status"]) == (201, "stored")
    assert (again.status_code, again.json["status"]) == (200, "already_stored")
    assert again.json["receipt"] == first.json["receipt"]
    assert stored(site, content["id"]) is not None


def test_same_id_with_another_answer_is_a_conflict(client):
    content = body(client)
    post(client, content)
    answer = post(client, content | {"answers": {"overall": "neutral"}})
    assert answer.status_code == 409
    assert "Câu trả lời mới không được lưu." in answer.json["message"]


def test_first_part_then_everything_fills_the_same_row(client, site):
    content = body(client, parts=[1], reached=["overall"])
    assert post(client, content).status_code == 201
    rest = content | {
        "parts": [1, 2],
        "answers": {"overall": "satisfied", "F1.1": "neutral"},
        "reached": ["F1.1"],
    }
    assert post(client, rest).status_code == 201
    assert post(client, rest).status_code == 200


@pytest.mark.parametrize(
    "extra",
    [
        {"answers": {"overall": "satisfied", "F1.1": "neutral"}},
        {"answers": {"overall": "satisfied", "reasons": ["time_bad"]}},
        {"comment": "Cần thêm ghế."},
    ],
)
def test_first_part_alone_keeps_the_headline_and_the_rest_waits_for_the_second(client, site, extra):
    first = body(client, parts=[1], reached=["overall", "F1.1"]) | extra
    before = n_comments(site)
    assert post(client, first).status_code == 201
    bare = body(client, parts=[1], reached=["overall"])
    post(client, bare)
    assert stored(site, first["id"]).answers == stored(site, bare["id"]).answers
    assert n_comments(site) == before
    whole = first | {"parts": [1, 2]}
    assert post(client, whole).status_code == 201
    assert stored(site, first["id"]).answers != stored(site, bare["id"]).answers or n_comments(site) > before
    assert post(client, whole).status_code == 200
    assert post(client, whole | {"comment": "Khác."}).status_code == 409


def n_comments(site):
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Comment))


def test_comment_sent_from_the_kiosk_page_is_not_kept(client, site):
    before = n_comments(site)
    token = token_of(client, f"/k/{CODE}")
    content = body(client, token=token, comment="Cần thêm ghế.")
    assert post(client, content, path=f"/k/{CODE}").status_code == 201
    first = post_first(client, path=f"/k/{CODE}", token=token)
    continuation = re.search(r"[?&]s=([^&]+)", first.location).group(1)
    fields = {"s": continuation, "token": token, "lang": "vi", "comment": "Cần thêm ghế."}
    assert client.post(f"/k/{CODE}/more", data=fields).status_code == 303
    assert n_comments(site) == before
    assert post(client, body(client, comment="Cần thêm ghế.")).status_code == 201
    assert n_comments(site) == before + 1


def test_dimensions_are_stored_by_their_codes(client, site):
    said = {"stage": "collect_result", "field": "land", "assisted_by": "family", "is_proxy": "yes"}
    content = body(client, dimensions=said)
    assert post(client, content).status_code == 201
    row = stored(site, content["id"])
    assert (row.stage, row.assisted_by, row.is_proxy, row.field_id is not None) == (
        Stage.COLLECT_RESULT,
        2,
        1,
        True,
    )


def test_an_answer_of_yesterday_is_dated_yesterday(client, site):
    now = datetime.now(UTC)
    content = body(client, client_time=(now - timedelta(days=1)).isoformat(), client_now=now.isoformat())
    post(client, content)
    row = stored(site, content["id"])
    assert row.received_on - row.collected_on == timedelta(days=1)


@pytest.mark.parametrize("days", [182, 300, 365, 400])
def test_an_answer_from_too_long_ago_is_dated_today_and_flagged(client, site, days):
    now = datetime.now(UTC)
    content = body(client, client_time=(now - timedelta(days=days)).isoformat(), client_now=now.isoformat())
    assert post(client, content).status_code == 201
    row = stored(site, content["id"])
    assert (row.collected_on, row.flags & QualityFlag.CLOCK_ODD) == (row.received_on, QualityFlag.CLOCK_ODD)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"answers": {"overall": "great"}}, 422),
        ({"answers": {"nothing": "satisfied"}}, 422),
        ({"answers": {"overall": 7}}, 422),
        ({"answers": {"overall": 5}}, 422),
        ({"answers": {"overall": "satisfied", "F1.1": 1}}, 422),
        ({"answers": {"overall": "satisfied", "F1.1": None}}, 422),
        ({"parts": [1], "answers": {"overall": "satisfied", "F1.1": 5}}, 422),
        ({"answers": []}, 422),
        ({"answers": {"overall": "satisfied", "expectations": ["a", "b", "c", "d"]}}, 422),
        ({"dimensions": {"stage": "dancing"}}, 422),
        ({"dimensions": {"is_proxy": 1}}, 422),
        ({"dimensions": {"is_proxy": 1.0}}, 422),
        ({"dimensions": {"is_proxy": 0.0}}, 422),
        ({"dimensions": {"is_proxy": []}}, 422),
        ({"comment": "x" * 1201}, 422),
        ({"comment": None}, 422),
        ({"parts": [3]}, 422),
        ({"parts": "1"}, 422),
        ({"reached": [{}]}, 422),
        ({"id": "not-a-uuid"}, 400),
        ({"id": 5}, 400),
        ({"token": "forged"}, 400),
        ({"token": None}, 400),
        ({"parts": [2]}, 404),
    ],
)
def test_every_bad_record_is_refused_in_words_and_nothing_is_stored(client, site, changes, status):
    content = body(client, **changes)
    answer = post(client, content)
    assert answer.status_code == status, answer.text
    assert "CHƯA được lưu" in answer.json["message"]
    with site.app.app_context():
        known = {str(value) for value in db.session.scalars(select(Response.id))}
    assert content["id"] not in known


def test_odd_clocks_and_buckets_are_never_a_refusal(client):
    backwards = {"client_time": "2030-01-01T00:00:00Z", "client_now": "2020-01-01T00:00:00Z"}
    unreadable = {"client_time": "soon", "client_now": 5}
    for changes in (backwards, unreadable, {"duration_bucket": 99}, {"gap_bucket": "x"}):
        assert post(client, body(client, **changes)).status_code == 201


def test_token_of_another_point_is_refused(client):
    assert post(client, body(client), path=f"/q/{ONE_TAP_CODE}").status_code == 400


def test_too_long_body_is_413(client):
    assert post(client, body(client, comment="x" * 70_000)).status_code == 413


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        ("null", 201),
        ("http://localhost", 201),
        ("http://LOCALHOST", 201),
        ("HTTP://localhost", 201),
    ],
)
def test_honest_origins_are_taken(client, origin, status):
    headers = {} if origin is None else {"Origin": origin}
    assert post(client, body(client), headers=headers).status_code == status


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://[", "http://[::1", "localhost", ""])
def test_foreign_or_unreadable_origin_is_refused(client, origin):
    assert post(client, body(client), headers={"Origin": origin}).status_code == 403


def test_wrong_code_is_a_citizens_404(client):
    page = client.get("/q/NOSUCHXX")
    assert page.status_code == 404
    assert "Mã không đúng hoặc đã hết hạn." in re.sub("<[^>]+>", "", page.text)
    assert "Xin kiểm tra lại 8 ký tự dưới mã QR." in page.text
    assert 'class="bar"' in page.text


def test_closed_wave_says_when_and_offers_todays_question(client):
    page = client.get(f"/q/{CODE}?w=closed-wave")
    assert page.status_code == 410
    assert "Đợt khảo sát này đã kết thúc ngày 30/09/2025." in page.text
    assert f'href="/q/{CODE}?lang=vi"' in page.text


def test_closed_wave_names_its_day_as_english_does(client):
    assert "30 Sep 2025" in client.get(f"/q/{CODE}?w=closed-wave&lang=en").text


def test_one_tap_version_offers_no_full_form(client):
    assert 'data-do="full"' not in client.get(f"/q/{ONE_TAP_CODE}").text


def test_comment_is_off_at_a_kiosk(client):
    assert "<textarea" not in client.get(f"/k/{CODE}").text
    assert "<textarea" in client.get(f"/q/{CODE}").text


def test_link_asks_about_the_procedure_and_slip_sets_the_stage(client):
    page = client.get(f"/q/{CODE}?c=link&s=refused&f=land").text
    assert "Ông/Bà hài lòng ở mức nào về lần giải quyết thủ tục này?" in page
    assert 'data-stage="refused"' in page
    assert 'data-field="land"' in page
    assert 'data-stage=""' in client.get(f"/q/{CODE}?s=nonsense").text


def test_display_choices_work_without_a_script_and_are_carried_on(client):
    page = client.get(f"/q/{CODE}?size=2&contrast=1&lang=en").text
    assert 'class="size-2 contrast"' in page
    assert f'action="/q/{CODE}?lang=en&amp;size=2&amp;contrast=1"' in page
    assert 'class="size-1"' in client.get(f"/q/{CODE}?size=9").text


def test_form_fragment_may_be_kept_and_holds_every_item(client):
    fragment = client.get(f"/q/{CODE}/form")
    assert "max-age" in fragment.headers["Cache-Control"]
    assert fragment.text.count("data-number") == 22
    assert "confidential" in fragment.text
    assert "confidential" not in client.get(f"/k/{CODE}/form").text


def post_first(client, path=f"/q/{CODE}", **changes):
    fields = {
        "id": str(uuid.uuid4()),
        "token": token_of(client),
        "lang": "vi",
        "overall": "very_dissatisfied",
    }
    return client.post(path, data=fields | changes)


def test_form_flow_stores_both_parts_and_ends_at_thanks(client, site):
    first = post_first(client, stage="submit")
    assert first.status_code == 303
    assert "Set-Cookie" not in first.headers
    more = client.get(first.location)
    assert "pick-bad" in more.text
    assert 'value="bad" aria-label="Điều chưa hài lòng" checked' in more.text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', more.text))
    assert hidden["stage"] == "submit"
    fields = hidden | {"reasons[]": ["time_bad", "fees_bad"], "comment": "Góp ý", "polarity": "bad"}
    last = client.post(f"/q/{CODE}/more", data=fields)
    assert last.status_code == 303
    thanks = client.get(last.location)
    assert re.search(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", thanks.text)
    assert client.post(f"/q/{CODE}/more", data=fields).status_code == 303
    assert client.post(f"/q/{CODE}/more", data=fields | {"comment": "Khác"}).status_code == 409


def test_steps_carry_answers_and_write_nothing(client, site):
    more = client.get(post_first(client).location)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', more.text))
    with site.app.app_context():
        before = db.session.scalars(select(Response.supplement_digest)).all()
    step = client.post(f"/q/{CODE}/step", data=hidden | {"go": "F1", "reasons[]": ["time_bad"]})
    assert "Phần 2/" in step.text
    assert 'name="reasons[]" value="time_bad"' in step.text
    again = client.post(f"/q/{CODE}/step?size=2", data=hidden | {"step": "F1", "F1.1": "neutral"})
    assert 'value="neutral" checked' in again.text
    with site.app.app_context():
        assert db.session.scalars(select(Response.supplement_digest)).all() == before


def test_forged_continuation_is_refused(client):
    assert client.get(f"/q/{CODE}/more?s=forged").status_code == 400
    assert client.get(f"/q/{CODE}/thanks?s=forged").status_code == 400


def test_kiosk_thanks_shows_no_receipt_and_returns_by_itself(client):
    first = post_first(client, path=f"/k/{CODE}", token=token_of(client, f"/k/{CODE}"))
    continuation = re.search(r"[?&](s=[^&]+)", first.location).group(1)
    page = client.get(f"/k/{CODE}/thanks?{continuation}").text
    assert 'http-equiv="refresh" content="6' in page
    assert not re.search(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", page)


def test_old_link_in_a_language_that_the_wave_does_not_ask_in_leads_to_the_vietnamese_page(site, client):
    with site.app.app_context():
        db.session.execute(update(Wave).values(languages=["vi"]))
        db.session.commit()
    try:
        answer = client.get(f"/q/{CODE}?lang=en&s=submit&size=2")
        assert (answer.status_code, answer.location) == (303, f"/q/{CODE}?lang=vi&size=2&s=submit")
        assert client.get(answer.location).status_code == 200
    finally:
        with site.app.app_context():
            db.session.execute(update(Wave).values(languages=None))
            db.session.commit()
    assert client.get(f"/q/{CODE}?lang=en").status_code == 200
