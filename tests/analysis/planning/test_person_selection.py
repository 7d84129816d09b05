"""Kish's tables of adults."""

from fractions import Fraction

import numpy as np
import pytest

from analysis.planning.person_selection import KISH_TABLES, MOST_ADULTS, kish_table


def chances(n_adults: int) -> list[Fraction]:
    found = [Fraction(0)] * n_adults
    for table in KISH_TABLES:
        found[table.chosen[n_adults - 1] - 1] += Fraction(table.share).limit_denominator(12)
    return found


@pytest.mark.parametrize("n_adults", [1, 2, 3, 4, 6])
def test_every_adult_has_the_same_chance_against_paper(n_adults):
    assert chances(n_adults) == [Fraction(1, n_adults)] * n_adults


def test_five_adults_have_the_chances_that_kish_published():
    sixth, quarter = Fraction(1, 6), Fraction(1, 4)
    assert chances(5) == [sixth, sixth, quarter, sixth, quarter]


def test_nobody_is_chosen_who_does_not_live_there():
    for table in KISH_TABLES:
        assert all(1 <= chosen <= place for place, chosen in enumerate(table.chosen, 1))
        assert len(table.chosen) == MOST_ADULTS


def test_tables_are_given_in_their_shares():
    given = [kish_table((step + 0.5) / 1200).name for step in range(1200)]
    names, counts = np.unique(given, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        "A": 200, "B1": 100, "B2": 100, "C": 200, "D": 200, "E1": 100, "E2": 100, "F": 200,
    }  # fmt: skip
