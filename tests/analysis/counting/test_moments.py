"""Sums and products of respondents, read block by block from packed words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counting import moments as moments_module
from analysis.counting.moments import Moments, moments, respondent_moments
from analysis.counting.respondents import respondent_values
from analysis.counting.scoring import Scoring
from analysis.errors import InvalidShape
from analysis.packing import N_CODES, Missing


def random_scoring(rng: np.random.Generator, *, n_slots: int, n_groups: int, whole: bool) -> Scoring:
    """Groups of slots with scales of different length."""
    group = rng.integers(-1, n_groups, n_slots)
    answered, satisfied = np.zeros((2, n_slots, N_CODES), dtype=bool)
    score = np.zeros((n_slots, N_CODES))
    for slot in range(n_slots):
        levels = rng.integers(2, 8)
        answered[slot, 1 : levels + 1] = True
        satisfied[slot, rng.integers(1, levels + 1) : levels + 1] = True
        score[slot, 1 : levels + 1] = np.arange(1, levels + 1) if whole else np.arange(levels) / (levels - 1)
    names = tuple(f"F{i}" for i in range(n_groups))
    return Scoring(names, satisfied, answered, score, group, tuple(range(1, n_groups)))


def plain_values(answers: np.ndarray, scoring: Scoring) -> np.ndarray:
    """The definition, respondent by respondent and group by group."""
    rows = []
    index = set(scoring.index_slots.tolist())
    for person in answers:
        row: dict[str, float] = dict.fromkeys(scoring.columns, 0.0)
        for slot, code in enumerate(person):
            if scoring.group_of_slot[slot] >= 0:
                group = scoring.groups[scoring.group_of_slot[slot]]
                row[f"s:{group}"] += scoring.satisfied[slot, code]
                row[f"r:{group}"] += scoring.answered[slot, code]
                row[f"m:{group}"] += scoring.score[slot, code]
        for group in scoring.groups:
            row[f"a:{group}"] = float(row[f"r:{group}"] > 0)
        told = [scoring.groups[group] for group in scoring.index_groups]
        answered, satisfied = (sum(row[f"{kind}:{group}"] for group in told) for kind in "rs")
        reached = all(code != Missing.NOT_REACHED for slot, code in enumerate(person) if slot in index)
        row["i"] = float(answered > 0)
        row["e"] = float(answered > 0 and reached)
        row["c"] = satisfied / answered if row["e"] else 0.0
        rows.append([row[name] for name in scoring.columns])
    return np.array(rows)


@given(st.integers(0, 10_000), st.integers(1, 25), st.booleans())
@settings(max_examples=25, deadline=None)
def test_values_read_from_words_against_their_definition(seed: int, n_slots: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    scoring = random_scoring(rng, n_slots=n_slots, n_groups=4, whole=whole)
    answers = rng.choice([0, 1, 2, 3, 5, 7, 27, 28, 30, 31], size=(40, n_slots)).astype(np.uint8)
    np.testing.assert_allclose(respondent_values(answers, scoring), plain_values(answers, scoring))


@pytest.mark.parametrize("clustered", [False, True])
def test_moments_over_blocks_equal_plain_sums(monkeypatch: pytest.MonkeyPatch, clustered: bool) -> None:
    monkeypatch.setattr(moments_module, "BLOCK_ROWS", 64)
    rng = np.random.default_rng(11)
    scoring = random_scoring(rng, n_slots=9, n_groups=3, whole=True)
    answers = rng.choice([1, 2, 5, 28, 30], size=(1000, 9)).astype(np.uint8)
    units, days = rng.integers(0, 5, 1000), rng.integers(0, 12, 1000)
    found = respondent_moments(answers, scoring, units, days if clustered else None, n_units=6)
    values = respondent_values(answers, scoring)
    for unit in range(6):
        own = values[units == unit]
        np.testing.assert_allclose(found.sums[unit], own.sum(axis=0))
        np.testing.assert_allclose(found.products[unit], own.T @ own)
        days_of_unit = days[units == unit]
        totals = (
            [own[days_of_unit == day].sum(axis=0) for day in np.unique(days_of_unit)] if clustered else own
        )
        together = np.array(totals).reshape(-1, values.shape[1])
        assert found.n_clusters[unit] == len(together)
        np.testing.assert_allclose(found.cluster_products[unit], together.T @ together)


def test_chosen_columns_are_those_of_all() -> None:
    rng = np.random.default_rng(3)
    scoring = random_scoring(rng, n_slots=6, n_groups=3, whole=True)
    answers = rng.choice([1, 2, 5, 28, 30], size=(50, 6)).astype(np.uint8)
    units = np.zeros(50, dtype=int)
    chosen = ("e", "a:F1", "c", "m:F2")
    some = respondent_moments(answers, scoring, units, n_units=1, columns=chosen)
    whole = respondent_moments(answers, scoring, units, n_units=1).select(chosen)
    np.testing.assert_array_equal(some.products, whole.products)
    with pytest.raises(InvalidShape):
        respondent_moments(answers, scoring, units, n_units=1, columns=("s:F9",))


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_moments_of_parts_add_up_and_merging_units_is_summing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, units = rng.normal(size=(60, 3)), rng.integers(0, 4, 60)
    days = units * 10 + rng.integers(0, 3, 60)
    first = days % 2 == 0
    columns = ("a", "b", "c")
    whole = moments(values, units, days, n_units=4, columns=columns)
    parts = [moments(values[at], units[at], days[at], n_units=4, columns=columns) for at in (first, ~first)]
    merged = moments(values, units // 2, days, n_units=2, columns=columns)
    for one, other in ((whole, parts[0] + parts[1]), (merged, whole.sum_over([0, 0, 1, 1], 2))):
        for name in ("n", "sums", "products", "n_clusters", "cluster_products"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


def test_nobody_is_the_neutral_element_degenerate() -> None:
    nobody = moments(np.zeros((0, 2)), np.zeros(0, int), np.zeros(0, int), n_units=2, columns=("a", "b"))
    assert nobody.n.tolist() == [0, 0]
    assert not (nobody + Moments.empty(("a", "b"), n_units=2)).products.any()
