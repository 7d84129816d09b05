"""Counting packed answers, and the moments made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.counting.moments import Moments, item_moments, moments
from analysis.counting.respondents import respondent_values
from analysis.counting.scoring import Scoring
from analysis.counting.tallies import level_counts
from analysis.errors import InvalidShape
from analysis.packing import N_CODES, Missing


def make_scoring() -> Scoring:
    answered = np.zeros((4, N_CODES), dtype=bool)
    answered[:, 1:6] = True
    satisfied = np.zeros_like(answered)
    satisfied[:, 4:6] = True
    score = np.zeros(answered.shape)
    score[:, 1:6] = np.arange(1, 6)
    return Scoring(("overall", "F1"), satisfied, answered, score, np.array([0, 1, 1, -1]), (1,))


def packed_survey(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = [0, 1, 2, 3, 4, 5, 26, 27, 28, 29, 30, 31]
    return rng.choice(codes, (n, 4)).astype(np.uint8), rng.integers(0, 3, n), rng.integers(0, 9, n)


def assert_same(first: Moments, second: Moments) -> None:
    for name in ("n", "sums", "products", "n_clusters", "cluster_products"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), atol=1e-9, err_msg=name)


def test_level_counts_match_a_plain_loop() -> None:
    answers, units, _ = packed_survey(1)
    expected = np.zeros((3, 4, N_CODES), dtype=int)
    for row, unit in zip(answers, units, strict=True):
        for slot, code in enumerate(row):
            expected[unit, slot, code] += 1
    np.testing.assert_array_equal(level_counts(answers, units, n_units=3), expected)


def test_level_counts_of_several_chunks_equal_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, units, _ = packed_survey(2)
    whole = level_counts(answers, units, n_units=3)
    monkeypatch.setattr("analysis.counting.tallies.CHUNK_ROWS", 7)
    monkeypatch.setattr("analysis.counting.tallies.CHUNK_ROWS_PER_CELL", 0)
    np.testing.assert_array_equal(level_counts(answers, units, n_units=3), whole)


def test_level_counts_of_nobody_are_zero() -> None:
    assert not level_counts(np.zeros((0, 4), np.uint8), np.zeros(0, int), n_units=2).any()


@given(st.integers(0, 10_000))
def test_counts_and_moments_do_not_depend_on_order(seed: int) -> None:
    answers, units, clusters = packed_survey(seed, n=60)
    order = np.random.default_rng(seed + 1).permutation(60)
    scoring = make_scoring()
    np.testing.assert_array_equal(
        level_counts(answers, units, n_units=3), level_counts(answers[order], units[order], n_units=3)
    )
    values = respondent_values(answers, scoring)
    assert_same(
        moments(values, units, clusters, n_units=3, columns=scoring.columns),
        moments(values[order], units[order], clusters[order], n_units=3, columns=scoring.columns),
    )


@given(st.integers(0, 10_000))
def test_moments_of_parts_add_up_to_the_whole(seed: int) -> None:
    answers, units, clusters = packed_survey(seed, n=80)
    scoring = make_scoring()
    values = respondent_values(answers, scoring)
    early = clusters < 4
    parts = [
        moments(values[part], units[part], clusters[part], n_units=3, columns=scoring.columns)
        for part in (early, ~early)
    ]
    whole = moments(values, units, clusters, n_units=3, columns=scoring.columns)
    assert_same(parts[0] + parts[1], whole)
    assert_same(parts[0] + Moments.empty(scoring.columns, n_units=3), parts[0])
    nested = clusters + 9 * units
    province = moments(values, np.zeros(80, int), nested, n_units=1, columns=scoring.columns)
    assert_same(whole.sum_over([0, 0, 0], 1), province)


def test_respondent_who_stopped_early_counts_for_items_but_not_for_own_share() -> None:
    values = respondent_values([[5, 5, Missing.NOT_REACHED, 1]], make_scoring())[0]
    by_name = dict(zip(make_scoring().columns, values, strict=True))
    assert (by_name["s:F1"], by_name["r:F1"], by_name["i"]) == (1, 1, 1)
    assert (by_name["e"], by_name["c"]) == (0, 0)


def test_respondent_without_index_answers_is_in_no_index() -> None:
    values = respondent_values([[5, Missing.DONT_KNOW, Missing.REFUSED, 1]], make_scoring())[0]
    by_name = dict(zip(make_scoring().columns, values, strict=True))
    assert by_name["a:overall"] == 1
    assert by_name["a:F1"] == by_name["e"] == by_name["i"] == 0


def test_item_moments_hold_index_items_only() -> None:
    people = item_moments([[1, 5, 2, 5]], make_scoring(), [0], n_units=1)
    assert dict(zip(people.columns, people.sums[0], strict=True)) == {
        "t:1": 1,
        "r:1": 1,
        "t:2": 0,
        "r:2": 1,
        "i": 1,
    }


@pytest.mark.parametrize(
    ("answers", "units"),
    [([[32]], [0]), ([[-1]], [0]), ([[1.5]], [0]), ([1], [0]), ([[1]], [2]), ([[1]], [0, 1]), ([[1]], [0.0])],
)
def test_level_counts_rejects_bad_input(answers: list, units: list) -> None:
    with pytest.raises(InvalidShape) as caught:
        level_counts(answers, units, n_units=2)
    assert caught.value.expected
    assert caught.value.got
    assert caught.value.hint


def test_moments_of_different_versions_do_not_add() -> None:
    with pytest.raises(InvalidShape):
        Moments.empty(("a",), n_units=1) + Moments.empty(("b",), n_units=1)


def test_scoring_rejects_a_satisfied_missing_code() -> None:
    scoring = make_scoring()
    satisfied = scoring.satisfied.copy()
    satisfied[0, Missing.DONT_KNOW] = True
    with pytest.raises(InvalidShape):
        Scoring(scoring.groups, satisfied, scoring.answered, scoring.score, scoring.group_of_slot, (1,))
