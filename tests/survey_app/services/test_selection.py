"""A seed and a frame give one list: the same in any order, fair over seeds, with reserves and weights."""

import random

import pytest

from survey_app.errors import DrawRefused
from survey_app.services.draw_numbers import random_number
from survey_app.services.frame_reader import Entry
from survey_app.services.selection import SHARED_BY, DrawnCase, Recipe, cases_digest, draw, response_weights

LIST = tuple(
    Entry(unit, f"U{unit}", f"H{number:03d}", "Đất đai" if number % 4 else "Hộ tịch")
    for unit in (1, 2)
    for number in range(40)
)
HAMLETS = tuple(
    Entry(1, "U1", f"T{n:02d}", "", f"Thôn {n}", size) for n, size in enumerate((90, 60, 150, 40, 80))
)


def recipe(method="simple", seed="1", wanted=None, reserve_share=0.5, take=10):
    return Recipe(method, seed, wanted or {"U1": 12, "U2": 8}, reserve_share, take)


def test_random_numbers_are_those_of_sha256():
    # printf '1\nentry' | sha256sum: the first 53 bits over 2**53.
    assert random_number("1", "entry") == 0.9215643094426667
    assert random_number("1", "a", "b") != random_number("1", "b", "a")


@pytest.mark.parametrize("method", ["simple", "systematic"])
def test_a_list_in_any_order_gives_the_same_cases_byte_for_byte(method):
    shuffled = random.Random(5).sample(LIST, len(LIST))
    first, second = draw(LIST, recipe(method)), draw(shuffled, recipe(method))
    assert first == second
    assert cases_digest(first.cases) == cases_digest(random.Random(6).sample(second.cases, len(second.cases)))
    assert cases_digest(draw(LIST, recipe(method, seed="2")).cases) != cases_digest(first.cases)


@pytest.mark.parametrize("method", ["simple", "systematic"])
def test_strata_share_a_units_cases_in_proportion_and_probabilities_add_up(method):
    drawn = draw(LIST, recipe(method))
    assert [(s.unit_code, s.number, s.name, s.population, s.n) for s in drawn.strata] == [
        ("U1", 1, "Hộ tịch", 10, 3), ("U1", 2, "Đất đai", 30, 9),
        ("U2", 1, "Hộ tịch", 10, 2), ("U2", 2, "Đất đai", 30, 6),
    ]  # fmt: skip
    assert len(drawn.mains) == 20
    assert len({(case.unit_id, case.label) for case in drawn.cases}) == len(drawn.cases), "no case twice"
    by_stratum = {(s.unit_id, s.number): s for s in drawn.strata}
    for case in drawn.cases:
        stratum = by_stratum[case.unit_id, case.stratum]
        assert case.probability == pytest.approx(stratum.n / stratum.population)
    assert sum(case.weight for case in drawn.mains) == pytest.approx(len(LIST))


def test_reserves_are_drawn_beforehand_in_order():
    drawn = draw(LIST, recipe())
    reserves = [c for c in drawn.cases if c.role == "reserve" and (c.unit_id, c.stratum) == (1, 2)]
    assert [case.place for case in reserves] == [1, 2, 3, 4, 5]


def test_a_unit_with_fewer_cases_than_strata_is_one_stratum():
    drawn = draw(LIST, recipe(wanted={"U1": 1}))
    assert [(s.number, s.name, s.population) for s in drawn.strata] == [(0, "", 40)]


@pytest.mark.parametrize("method", ["simple", "systematic"])
def test_everybody_is_drawn_alike_over_seeds(method):
    short = LIST[:16]
    times = dict.fromkeys((entry.label for entry in short), 0)
    for seed in range(900):
        for case in draw(short, recipe(method, seed=str(seed), wanted={"U1": 4}, reserve_share=0)).mains:
            times[case.label] += 1
    # Four of sixteen: 225 of 900, standard error 13.
    assert all(160 < n < 290 for n in times.values()), times


def test_two_stages_weight_themselves_and_number_households():
    drawn = draw(HAMLETS, recipe("two_stage", wanted={"U1": 40}, take=10))
    assert len(drawn.mains) == 40
    assert [case.probability for case in drawn.mains] == pytest.approx([40 / 420] * 40)
    assert sum(case.weight for case in drawn.mains) == pytest.approx(420)
    sizes = {entry.label: entry.size for entry in HAMLETS}
    for case in drawn.cases:
        cluster, number = case.label.rsplit("-", 1)
        assert cluster == case.cluster
        assert 1 <= int(number) <= sizes[cluster]
    assert len({case.label for case in drawn.cases}) == len(drawn.cases)


def test_households_are_drawn_alike_over_seeds():
    """A household of the smallest and of the largest hamlet: 20 of 420 in 1,000 draws is 48, standard error 7."""
    times = {"T03-001": 0, "T02-001": 0}
    for seed in range(1_000):
        drawn = draw(HAMLETS, recipe("two_stage", seed=str(seed), wanted={"U1": 20}, reserve_share=0))
        for case in drawn.mains:
            if case.label in times:
                times[case.label] += 1
    assert all(15 < n < 85 for n in times.values()), times


def test_nothing_drawn_is_refused():
    with pytest.raises(DrawRefused):
        draw(LIST, recipe(wanted={"X": 3}))


def test_a_weight_that_few_share_becomes_the_mean_of_its_stratum():
    def cases(probability, n, start):
        return [DrawnCase(1, "U1", 0, f"H{start + i}", "", "main", i, probability) for i in range(n)]

    drawn = cases(0.1, SHARED_BY, 0) + cases(0.5, SHARED_BY - 1, 50)
    weights = response_weights(drawn)
    assert weights[1, "H0"] == 10
    assert weights[1, "H50"] == pytest.approx((10 * SHARED_BY + 2 * (SHARED_BY - 1)) / (2 * SHARED_BY - 1))
