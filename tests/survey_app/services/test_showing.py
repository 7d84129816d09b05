"""What a base allows to be shown, and that nobody can work out what is not."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from analysis.types import Estimate
from survey_app.services.figures import MixRow, Showing
from survey_app.services.form_items import Choice, Text
from survey_app.services.policy import current_policy
from survey_app.services.showing import protect_rows, share_figure, showing_of

MINIMUM = 5


@pytest.fixture
def policy(session):

    return current_policy(session, date(2026, 9, 15))


@pytest.mark.parametrize(
    ("n", "showing"),
    [(0, Showing.WITHHELD), (4, Showing.WITHHELD), (5, Showing.INSUFFICIENT), (29, Showing.INSUFFICIENT),
     (30, Showing.SHOWN)],
)  # fmt: skip
def test_showing_changes_at_five_and_at_thirty(policy, n, showing):
    assert showing_of(n, policy) is showing


CHOICES = (
    Choice("good", Text("Tốt", {}), 1, score=5.0, is_satisfied=True),
    Choice("poor", Text("Kém", {}), 2, score=1.0, is_satisfied=False),
    Choice("dont_know", Text("Không biết", {}), 30, score=None, is_satisfied=False),
)


def figure(policy, *, good: int, poor: int, dont_know: int = 0):
    n = good + poor
    estimate = Estimate(good / n if n else float("nan"), 0.0, 1.0, n)
    counts = {"good": good, "poor": poor, "dont_know": dont_know}
    return share_figure(
        "overall", "", counts=counts, choices=CHOICES, estimate=estimate, policy=policy, language="vi"
    )  # fmt: skip


def test_a_withheld_figure_holds_no_number(policy):
    withheld = figure(policy, good=3, poor=1, dont_know=40)
    assert (withheld.n, withheld.n_satisfied, withheld.estimate) == (None, None, None)
    assert withheld.levels == withheld.missing == ()


def test_an_insufficient_figure_holds_its_base_and_no_more(policy):
    insufficient = figure(policy, good=28, poor=1)
    assert (insufficient.n, insufficient.n_satisfied, insufficient.estimate) == (29, None, None)
    assert insufficient.levels == insufficient.missing == ()


def test_the_minimum_applies_to_the_base_and_never_to_a_numerator(policy):
    shown = figure(policy, good=29, poor=1, dont_know=2)
    assert (shown.showing, shown.n, shown.n_satisfied) == (Showing.SHOWN, 30, 29)
    assert [level.n for level in shown.levels] == [29, 1]
    assert [level.n for level in shown.missing] == [2]


def test_missing_answers_are_no_part_of_the_base(policy):
    assert figure(policy, good=20, poor=9, dont_know=500).showing is Showing.INSUFFICIENT


def rows_of(counts: dict[str, int]) -> list[MixRow]:
    total = sum(counts.values())
    rows = [MixRow(code, code, Showing.SHOWN, n, n / total, None) for code, n in counts.items()]
    return sorted(rows, key=lambda row: (-(row.n or 0), row.code))


def published(counts: dict[str, int]) -> tuple[object, ...]:
    """All that a reader sees: the total, and each row in its place with its number or without."""
    shown = protect_rows(rows_of(counts), minimum=MINIMUM)
    return sum(counts.values()), tuple((row.code, row.n) for row in shown)


def ways(total: int, n_rows: int) -> Iterator[tuple[int, ...]]:
    """Every way in which a total can fall on rows of one or more."""
    if n_rows == 1:
        yield (total,)
        return
    for first in range(1, total - n_rows + 2):
        yield from ((first, *rest) for rest in ways(total - first, n_rows - 1))


@pytest.mark.parametrize("n_rows", [2, 3, 4])
def test_nobody_can_work_out_a_small_row_from_the_total_and_the_rest(n_rows):
    """A reader who tries all numbers in the withheld rows, and knows that one is small, settles none."""
    outcomes = {published(dict(zip("abcd", way, strict=False))) for way in ways(31, n_rows)}
    n_tried = 0
    for total, rows in outcomes:
        hidden = [code for code, n in rows if n is None]
        if not hidden:
            continue
        n_tried += 1
        left = total - sum(n for _, n in rows if n is not None)
        possible = [way for way in ways(left, len(hidden)) if min(way) < MINIMUM]
        for numbers in zip(*possible, strict=True):
            assert len(set(numbers)) > 1, rows
    assert n_tried > 0


def test_five_rows_of_one_person_do_not_hide_behind_each_other():
    counts = dict.fromkeys("abcde", 1) | {"f": 12, "g": 40}
    shown = protect_rows(rows_of(counts), minimum=MINIMUM)
    assert [row.code for row in shown if row.n is not None] == ["g"]


def test_the_place_of_a_withheld_row_tells_nothing():
    one, other = {"a": 3, "b": 20, "c": 4, "d": 60}, {"a": 4, "b": 20, "c": 3, "d": 60}
    assert published(one) == published(other)
    assert [code for code, _ in published(one)[1]] == ["d", "b", "a", "c"]


def test_rows_that_are_withheld_together_hold_enough():
    for numbers in product(range(1, 8), repeat=3):
        counts = dict(zip("abcd", (*numbers, 30), strict=True))
        shown = protect_rows(rows_of(counts), minimum=MINIMUM)
        hidden = [counts[row.code] for row in shown if row.n is None]
        assert not hidden or (sum(hidden) >= MINIMUM and len(hidden) >= 2)
        assert all(row.n is None or row.n >= MINIMUM for row in shown)


def test_a_withheld_row_holds_neither_number_nor_share_nor_estimate():
    withheld = [row for row in protect_rows(rows_of({"a": 60, "b": 3, "c": 40}), minimum=5) if row.n is None]
    assert {row.code for row in withheld} == {"b", "c"}
    assert all(
        row.showing is Showing.WITHHELD and row.share is None and row.satisfied is None for row in withheld
    )


def test_large_rows_are_left_alone():
    rows = rows_of({"a": 60, "b": 5, "c": 40})
    assert protect_rows(rows, minimum=5) == tuple(rows)
