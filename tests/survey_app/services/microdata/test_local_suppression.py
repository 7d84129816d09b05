"""Rare traits: whatever is told stands for at least k rows of a unit."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey_app.services.microdata.local_suppression import NO_UNIT, SUPPRESSED, suppress

COMBINATIONS = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)),
    st.integers(1, 9),
    min_size=1,
    max_size=40,
)


@given(COMBINATIONS, st.integers(2, 10))
def test_every_combination_told_stands_for_k_rows_or_for_all_there_are(counts, k):
    found = suppress(counts, k=k)
    told = Counter()
    for combination, n in counts.items():
        told[found.told[combination]] += n
    assert min(told.values()) >= min(k, sum(counts.values()))
    for before, after in found.told.items():
        assert after[0] in (before[0], NO_UNIT)
        assert all(a in (b, SUPPRESSED) for b, a in zip(before[1:], after[1:], strict=True))
    assert found.n_rows_changed <= found.n_rows == sum(counts.values())


def test_what_is_common_is_told_as_it_is_and_the_last_trait_goes_first():
    common, rare = (1, 1, 1), (1, 1, 2)
    assert suppress({common: 50, rare: 9}, k=5).told == {common: common, rare: rare}
    found = suppress({common: 50, rare: 3, (1, 1, 0): 2}, k=5)
    assert found.told[common] == common
    assert found.told[rare] == (1, 1, SUPPRESSED)
    assert (found.n_rows_changed, found.n_traits_withheld, found.n_units_withheld) == (5, 5, 0)


def test_a_unit_of_a_few_joins_another_and_is_not_named():
    found = suppress({(1, 1): 3, (2, 1): 6, (3, 1): 40}, k=5)
    assert found.told[1, 1] == found.told[2, 1] == (NO_UNIT, SUPPRESSED)
    assert found.told[3, 1] == (3, 1)
