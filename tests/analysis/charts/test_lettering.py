"""Words are measured and broken so that every line fits."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.charts.lettering import balanced, joined, text_width, widest, wrapped

WORDS = st.lists(
    st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyỆỘđ", min_size=1, max_size=14), min_size=1, max_size=14
)


@given(WORDS, st.integers(60, 400), st.booleans())
def test_wrapped_lines_fit_and_keep_every_letter(words: list[str], room: int, is_bold: bool) -> None:
    lines = wrapped(" ".join(words), room, is_bold=is_bold)
    assert widest(lines, is_bold=is_bold) <= room
    assert "".join(lines).replace(" ", "") == "".join(words)


@given(WORDS, st.integers(60, 400))
def test_balanced_lines_are_as_few_and_fit(words: list[str], room: int) -> None:
    line = " ".join(words)
    assert len(balanced(line, room)) == len(wrapped(line, room))
    assert widest(balanced(line, room)) <= room


@given(WORDS, st.integers(130, 400))
def test_joined_parts_fit_and_none_is_lost(parts: list[str], room: int) -> None:
    lines = joined(parts, room)
    assert widest(lines) <= room
    assert [part for line in lines for part in line.split(" · ")] == parts


def test_a_word_longer_than_the_room_is_broken_and_no_word_shorter_is() -> None:
    assert wrapped("ngắn " + "x" * 60, 100)[0] == "ngắn"
    assert widest(wrapped("x" * 60, 100)) <= 100
    assert balanced("Không biết", text_width("Không")) == ["Không", "biết"]


def test_a_figure_is_not_broken_at_a_space_that_does_not_break() -> None:
    assert wrapped("khoảng 88,6%\xa0(83,8–92,1)", 150) == ["khoảng", "88,6%\xa0(83,8–92,1)"]


def test_nothing_is_one_empty_line() -> None:
    assert wrapped("", 100) == [""]
