"""Comments of a unit: only what was released, covered, found with and without marks, and what stands out."""

from datetime import date

import pytest

from survey_app.errors import NotFound
from survey_app.services.accounts import Role, Viewer
from survey_app.services.comment_pages import CommentChoice, holds, unit_comments
from survey_app.services.themes import find_themes
from tests.builders import make_comment

TODAY = date(2026, 9, 20)
RELEASED = date(2026, 9, 7)


def page(session, world, *, unit="Đông Hà", role=Role.MANAGER, at="Đông Hà", **choice):
    return unit_comments(
        session, unit_id=world.units[unit], choice=CommentChoice(**choice),
        viewer=Viewer(account_id=1, role=role, unit_id=world.units[at]), today=TODAY,
    )  # fmt: skip


def test_only_released_comments_are_read_covered_and_by_those_who_may(session, world):
    make_comment(session, world, text="Gọi 0912345678 mà không ai nghe", released_on=RELEASED)
    make_comment(session, world, text="Còn chờ", released_on=None)
    make_comment(session, world, unit="Hòa Xuân", text="Của nơi khác", released_on=RELEASED)
    found = page(session, world)
    assert [each.text for each in found.found] == ["Gọi [số điện thoại] mà không ai nghe"]
    assert (found.n, found.is_waiting) == (1, True)
    everyone = page(session, world, unit="Quảng Trị", role=Role.PAR_OFFICE, at="Quảng Trị")
    assert everyone.n == 2
    with pytest.raises(NotFound):
        page(session, world, at="Cồn Cỏ")
    with pytest.raises(NotFound):
        page(session, world, polarity="angry")


def test_filters_and_search_leave_what_was_asked_for(session, world):
    for text in ("Chờ lâu quá", "Cho tôi hỏi", "Thái độ tốt"):
        make_comment(session, world, text=text, released_on=RELEASED)
    assert page(session, world, words="cho").n_found == 2
    assert page(session, world, words="chờ").n_found == 1
    assert page(session, world, words="THAI do").n_found == 1
    assert page(session, world, month="2020-01").n_found == 0
    assert page(session, world, theme="thai do").n_found == 1


@pytest.mark.parametrize(
    ("text", "words", "is_found"),
    [
        ("Hòa giải", "hoà", True),
        ("Đông Hà", "dong ha", True),
        ("Đông Hà", "đông", True),
        ("Đông Hà", "đong", False),
    ],
)
def test_marks_count_only_if_they_are_typed(text, words, is_found):
    assert holds(text, words) is is_found


def test_a_theme_is_what_is_said_more_here_than_elsewhere_and_pairs_become_one():
    here = ["Chỗ để xe chật", "hết chỗ để xe", "bãi, chỗ để xe xa", "Hồ sơ trễ", "Hồ sơ nhanh", "hồ sơ đủ"]
    elsewhere = ["Hồ sơ trễ", "hồ sơ nhanh", "Hồ sơ tốt", "ghế ít", "quầy đông"] * 6
    found = {theme.words: theme for theme in find_themes(here, elsewhere, confidence_level=0.95)}
    # Two pairs that stand together are one theme, and their single words none of their own.
    assert list(found) == ["chỗ để xe"]
    assert found["chỗ để xe"].n == 3
    assert found["chỗ để xe"].share.value == pytest.approx(0.5)
