"""Keyness against the formulas, worked out apart."""

from math import log, sqrt

import pytest

from analysis.comparing.keyness import keyness
from analysis.errors import InvalidCounts, InvalidShape


def test_keyness_against_paper_formulas():
    found = keyness([12], [10], n_here=20, n_elsewhere=200, prior_weight=10)
    a = 10 * 22.5 / 221
    odds = log((12 + a) / (20 - 12 + 10 - a)) - log((10 + a) / (200 - 10 + 10 - a))
    assert found.log_odds[0] == pytest.approx(odds)
    assert found.z[0] == pytest.approx(
        odds / sqrt(1 / (12 + a) + 1 / (18 - a) + 1 / (10 + a) + 1 / (200 - a))
    )
    expected = (20 * 22 / 220, 200 * 22 / 220)
    assert found.log_likelihood[0] == pytest.approx(
        2 * (12 * log(12 / expected[0]) + 10 * log(10 / expected[1]))
    )


def test_keyness_degenerate_and_rare_words_do_not_win():
    found = keyness([1, 10, 20, 0], [0, 30, 200, 50], n_here=20, n_elsewhere=200)
    assert abs(found.z[0]) < 1.96 < found.z[1]
    assert abs(found.z[2]) < 1
    assert found.log_likelihood[3] < 0


def test_keyness_rejects_bad_input():
    with pytest.raises(InvalidCounts):
        keyness([3], [1], n_here=2, n_elsewhere=5)
    with pytest.raises(InvalidShape):
        keyness([3, 1], [1], n_here=5, n_elsewhere=5)
