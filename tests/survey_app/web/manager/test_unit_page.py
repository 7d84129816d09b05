"""The manager's home over the real application: what is shown, what is withheld, and to whom."""

import re
from dataclasses import replace
from datetime import date

import pytest

from survey_app.services.accounts import Role
from tests.builders import make_response, release_everything

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
LEVELS = ("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")


@pytest.fixture
def answer(session, world):
    """Store so many responses of each level at a unit and let them count."""

    def store(unit: str, *counts: int) -> None:
        for level, n in zip(LEVELS, counts, strict=False):
            for index in range(n):
                make_response(
                    session, world, unit=unit, answers={"overall": level}, on=date(2026, 7, 1 + index % 28)
                )
        release_everything(session, world)
        session.commit()

    return store


def path(world, unit: str, more: str = "") -> str:
    return f"/manager/units/{world.units[unit]}?period=2026Q3{more}"


def test_home_leads_to_the_own_unit(staff, world):
    page = staff(Role.MANAGER, "Đông Hà").get("/manager/")
    assert page.location == f"/manager/units/{world.units['Đông Hà']}"


def test_page_shows_the_share_with_everything_behind_it(answer, staff, world):
    answer("Đông Hà", 20, 15, 3, 1, 1)
    page = staff(Role.MANAGER, "Đông Hà").get(path(world, "Đông Hà"))
    assert page.status_code == 200
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert "35/40 = 87,5%" in words
    assert "Trong 40 phiếu hợp lệ, 87,5% hài lòng hoặc rất hài lòng" in words
    assert "Bình thường không tính là hài lòng" in words
    assert "Người trả lời tự chọn; không phải mẫu xác suất, không phải SIPAS." in words


def test_page_keeps_the_order_of_its_blocks(answer, staff, world):
    answer("Đông Hà", 30, 5)
    text = staff(Role.MANAGER, "Đông Hà").get(path(world, "Đông Hà")).text
    blocks = ["to-do", "now", "change", "mend", "who", "comments", "quality", "indices"]
    places = [text.index(f'id="{block}-title"') for block in blocks]
    assert places == sorted(places)


def test_page_needs_nothing_a_strict_policy_refuses(answer, staff, world):
    answer("Đông Hà", 30, 5)
    text = staff(Role.MANAGER, "Đông Hà").get(path(world, "Đông Hà")).text
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=", text)


def test_between_5_and_29_responses_only_the_count_is_shown(answer, staff, world):
    answer("Đông Hà", 16, 1)
    text = staff(Role.MANAGER, "Đông Hà").get(path(world, "Đông Hà")).text
    assert "Mới có 17 phiếu; cần ít nhất 30 phiếu để công bố tỷ lệ." in text
    assert "headline-value" not in text


def test_below_5_responses_not_even_the_count_is_shown(answer, staff, world):
    answer("Cồn Cỏ", 3)
    text = staff(Role.MANAGER, "Cồn Cỏ").get(path(world, "Cồn Cỏ")).text
    assert "dưới 5 phiếu" in text
    assert "Không hiển thị để bảo vệ danh tính người trả lời." in text
    assert not re.search(r"\b3 phiếu", text)


def test_another_unit_looks_as_if_it_did_not_exist(staff, world):
    assert staff(Role.MANAGER, "Cồn Cỏ").get(path(world, "Đông Hà")).status_code == 404


@pytest.mark.parametrize("more", ["&basis=rumour", "&period=1999"])
def test_unknown_choices_are_not_found(staff, world, more):
    unit = world.units["Đông Hà"]
    client = staff(Role.MANAGER, "Đông Hà")
    assert client.get(f"/manager/units/{unit}?x=1{more}").status_code == 404


def test_contrast_is_carried_into_links_and_forms(staff, world):
    text = staff(Role.MANAGER, "Đông Hà").get(path(world, "Đông Hà", "&contrast=high")).text
    assert 'class="high-contrast"' in text
    assert '<input type="hidden" name="contrast" value="high">' in text
    assert 'href="/who-sees-what?contrast=high"' in text


def test_comparison_shows_a_tier_for_each_unit_and_finds_dong_ha(answer, staff, world):
    answer("Đông Hà", 30, 10, 2)
    answer("Hòa Xuân", 25, 10, 4)
    answer("Cồn Cỏ", 3)
    client = staff(Role.PAR_OFFICE, "Quảng Trị")
    text = client.get("/par/comparison?basis=continuous&period=2026Q3").text
    assert "Chỉ để tham khảo, không dùng xếp loại" in text
    assert "Hạng từ–đến" not in text
    assert "đặc khu Cồn Cỏ" in text
    found = client.get("/par/comparison?basis=continuous&period=2026Q3&q=dong+ha").text
    assert len(re.findall(r'class="c-name"><a', found)) == 1


@pytest.mark.parametrize("query", ["", "&kind=ward", "&q=zz", "&sort=rank"])
def test_comparison_with_nothing_found_still_stands(staff, query):
    page = staff(Role.PAR_OFFICE, "Quảng Trị").get(f"/par/comparison?basis=continuous{query}")
    assert page.status_code == 200


def test_comparison_of_an_unknown_kind_is_not_found(staff):
    page = staff(Role.PAR_OFFICE, "Quảng Trị").get("/par/comparison?basis=continuous&kind=galaxy")
    assert page.status_code == 404


def test_unit_that_asks_nobody_itself_leads_to_the_comparison(staff, world):
    page = staff(Role.PAR_OFFICE, "Quảng Trị").get(f"/manager/units/{world.province}")
    assert (page.status_code, page.location) == (303, "/par/comparison")


def test_manager_of_a_unit_that_asks_nobody_itself_is_told_so(staff, world):
    page = staff(Role.MANAGER, "Quảng Trị").get(f"/manager/units/{world.province}")
    assert page.status_code == 200
    assert "Đơn vị này không trực tiếp thu phiếu" in page.text
    assert "dưới 5 phiếu" not in page.text


@pytest.mark.parametrize("address", ["/", "/sign-in", "/who-sees-what", "/no-such-page"])
def test_plain_pages_say_simulated_on_a_demo_instance_only(app, client, address):
    mark = "BẢN TRÌNH DIỄN – DỮ LIỆU MÔ PHỎNG"
    assert mark not in client.get(address).text
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, IS_DEMO=True)
    shown = client.get(address).text.count(mark)
    app.extensions["settings"] = settings
    assert shown == 1


def test_comparison_of_a_sample_with_a_silent_unit_still_stands(staff):
    assert staff(Role.PAR_OFFICE, "Quảng Trị").get("/par/comparison?basis=sample").status_code == 200
