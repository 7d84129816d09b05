"""Staff of the simulated province at work: each role's own way, and what each may not reach."""

import re

import pytest

from survey_app.services.accounts import Role
from tests.sites import DemoSite, follow

NOTICE = {"vi": "DỮ LIỆU MÔ PHỎNG", "en": "SIMULATED DATA"}
HOMES = {
    "dongha": "/manager/units/",
    "conco": "/manager/units/",
    "sonoivu": "/par/",
    "quantri": "/par/",
    "lanhdao": "/par/",
    "phongvan": "/fieldwork/",
}


@pytest.fixture
def signs_in(contexts, demo: DemoSite, demo_url):
    """A person of this account types name and password; gives their page and browser."""

    def enter(account, password=None):
        context = contexts((1280, 800))
        page = context.new_page()
        page.goto(demo_url)
        follow(page.get_by_role("link", name="Đăng nhập").first)
        page.get_by_label("Tên đăng nhập").fill(account)
        page.get_by_label("Mật khẩu").fill(password or demo.accounts[account].password)
        follow(page.locator("main").get_by_role("button", name="Đăng nhập"))
        return page

    return enter


def rows(page):
    return page.locator("table.compared tbody tr")


@pytest.mark.parametrize("account", HOMES)
def test_signing_in_leads_to_the_page_where_the_role_works(signs_in, account):
    page = signs_in(account)
    page.wait_for_url(f"**{HOMES[account]}*")
    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip() != ""


def test_wrong_password_is_refused_in_words_and_opens_nothing(signs_in, demo_url):
    page = signs_in("lanhdao", password="không phải mật khẩu này")
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in page.get_by_role("alert").inner_text()
    page.goto(f"{demo_url}/par/comparison")
    assert "/sign-in" in page.url


def test_signing_out_makes_the_old_cookie_useless(signs_in, demo_url):
    page = signs_in("dongha")
    page.wait_for_url("**/manager/units/*")
    own_page, stolen = page.url, page.context.cookies()
    follow(page.get_by_role("button", name="Đăng xuất").first)
    page.wait_for_url("**/sign-in*")
    page.context.add_cookies(stolen)
    page.goto(own_page)
    assert "/sign-in" in page.url


def test_manager_reads_how_the_unit_is_whether_it_changed_and_what_to_mend(open_as, demo):
    page = open_as("dongha", demo.paths["manager"])
    assert page.locator("h1").inner_text() == "Phường Đông Hà"
    titles = [title.strip() for title in page.locator("main h2").all_inner_texts()]
    assert [re.sub(r"^\d\s*", "", title) for title in titles][1:] == [
        "Hiện nay thế nào", "Có thực sự thay đổi", "Nên sửa gì trước", "Ai đã trả lời", "Góp ý",
        "Chất lượng dữ liệu", "Bốn chỉ số khác nhau",
    ]  # fmt: skip
    share = page.locator("#now .headline-value").inner_text()
    assert re.fullmatch(r"\d\d,\d%", share)
    page.locator("#now details:has(.trail) > summary").first.click()
    assert re.search(rf"\d+/\d+ = {share}", page.locator("#now .fraction").inner_text())
    levels = page.locator("#now .trail tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in levels[:5]] == [
        "Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng",
    ]  # fmt: skip
    assert "không phải SIPAS" in page.locator("main").inner_text()


def test_manager_of_a_tiny_unit_gets_a_finished_page_and_no_share(open_as, demo):
    page = open_as("conco", demo.paths["manager_small"])
    assert page.locator("h1").inner_text() == "Đặc khu Cồn Cỏ"
    text = str(page.locator("main").text_content())
    assert "dưới 5 phiếu" in text
    assert "chưa đủ dữ liệu" in text
    assert "Không hiển thị để bảo vệ danh tính người trả lời." in text
    assert page.locator(".headline-value").count() == 0
    assert page.locator("main section").count() == 8
    assert re.findall(r"\d+(?:,\d)?%", str(page.locator("#now").text_content())) == []


def test_manager_cannot_tell_another_unit_from_one_that_does_not_exist(open_as, demo):
    foreign = open_as("dongha", demo.paths["manager_small"])
    absent = open_as("dongha", "/manager/units/999999")
    assert foreign.locator("h1").inner_text() == absent.locator("h1").inner_text() == "Không tìm thấy trang"
    assert foreign.locator("main").inner_html() == absent.locator("main").inner_html()


def test_comparison_of_the_sample_names_every_unit_with_its_group_and_ranks(open_as):
    page = open_as("sonoivu", "/par/comparison?basis=sample")
    assert rows(page).count() == 78
    assert page.locator("th.c-rank").inner_text().startswith("Hạng từ–đến")
    assert page.locator(".banner").count() == 0
    names = page.locator("th.c-name[scope=row]").all_inner_texts()
    assert len(set(names)) == 78
    ranks = [text for text in page.locator("td.c-rank").all_inner_texts() if text != "–"]
    assert ranks
    assert all(re.fullmatch(r"\d+–\d+", rank) for rank in ranks)


def test_comparison_of_self_selected_answers_has_groups_but_no_rank(open_as):
    page = open_as("sonoivu", "/par/comparison?basis=continuous")
    assert "Chỉ để tham khảo, không dùng xếp loại" in page.locator(".banner").inner_text()
    assert page.locator(".c-rank").count() == 0
    assert "Hạng" not in page.locator("table.compared thead").inner_text()
    groups = set(page.locator("td.c-tier").all_inner_texts())
    words = {"cao hơn", "không khác biệt rõ", "thấp hơn", "chưa đủ dữ liệu"}
    assert {group.strip() for group in groups} <= words
    assert "Holm" in page.locator(".summary-words").inner_text()
    assert page.locator("#forest figure svg").count() == 2
    assert page.locator("#funnel figure svg").count() == 2


def test_comparison_is_filtered_searched_and_sorted_by_its_own_form(open_as):
    page = open_as("sonoivu", "/par/comparison")
    page.get_by_label("Nguồn số liệu").select_option("continuous")
    page.get_by_label("Loại đơn vị").select_option("ward")
    follow(page.locator(".choices button"))
    wards = page.locator("th.c-name[scope=row]").all_inner_texts()
    assert wards
    assert all(name.startswith("phường") for name in wards)
    follow(page.get_by_role("link", name="Bỏ lọc"))
    page.get_by_label("Tìm đơn vị").fill("dong ha")
    follow(page.locator(".choices button"))
    assert page.locator("th.c-name[scope=row]").all_inner_texts() == ["phường Đông Hà", "phường Nam Đông Hà"]
    page.get_by_label("Tìm đơn vị").fill("")
    follow(page.locator(".choices button"))
    follow(page.locator("th.c-n a"))
    counts = [int(re.sub(r"\D", "", text)) for text in page.locator("td.c-n").all_inner_texts()
              if not text.startswith("dưới")]  # fmt: skip
    assert counts == sorted(counts)
    follow(page.locator("th.c-n a"))
    assert page.locator("th.c-n").get_attribute("aria-sort") == "descending"
    assert "không nói lên chất lượng phục vụ" in page.locator("table.compared caption").inner_text()
    page.get_by_label("Tìm đơn vị").fill("không có nơi này")
    follow(page.locator(".choices button"))
    assert "Không có đơn vị nào khớp với bộ lọc." in page.locator("main").inner_text()


def test_comparison_leads_to_a_units_own_page(open_as):
    page = open_as("lanhdao", "/par/comparison?basis=continuous&q=dong+ha")
    follow(page.get_by_role("link", name="phường Đông Hà"))
    assert page.locator("h1").inner_text() == "Phường Đông Hà"


@pytest.mark.parametrize("account", ["sonoivu", "dongha", None])
def test_who_sees_what_is_open_to_everyone_and_says_no_one_sees_single_answers(open_as, account):
    page = open_as(account, "/who-sees-what")
    cells = page.locator("main table tbody tr").first.locator("td").all_inner_texts()
    assert cells == ["Không"] * (1 + len(Role))


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("account", "path", "least_charts"),
    [
        ("dongha", "{manager}?", 8), ("conco", "{manager_small}?", 0),
        ("sonoivu", "/par/comparison?basis=sample&", 2), ("sonoivu", "/par/comparison?basis=continuous&", 2),
    ],
)  # fmt: skip
def test_simulated_data_say_so_on_the_page_and_inside_every_chart(
    open_as, demo, account, path, least_charts, lang
):
    page = open_as(account, path.format(**demo.paths) + f"lang={lang}")
    notice = page.locator(".simulated")
    assert notice.is_visible()
    assert notice.inner_text() == NOTICE[lang]
    charts = page.locator("figure.chart")
    assert charts.count() >= least_charts
    drawings = page.locator("figure.chart svg").evaluate_all("all => all.map(each => each.textContent)")
    assert len(drawings) == 2 * charts.count()
    assert [text for text in drawings if NOTICE[lang] not in text] == []


def test_the_decision_is_asked_of_an_inspection_team_only(open_as):
    """Without a script of ours: the style sheet alone shows what the chosen role needs."""
    page = open_as("quantri", "/admin/people/new")
    number, role = page.get_by_label("Số quyết định"), page.get_by_label("Vai trò")
    assert not number.is_visible()
    role.select_option("inspection_team")
    assert number.is_visible() and page.get_by_text("Chỉ với Đoàn kiểm tra").is_visible()
    role.select_option("manager")
    assert not number.is_visible()
