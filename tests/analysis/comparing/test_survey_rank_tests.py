"""Rank tests of a survey."""

import numpy as np
import pytest

from analysis import Survey
from analysis.comparing.rank_tests import kruskal_wallis_tests, mann_whitney_tests
from analysis.comparing.survey_rank_tests import survey_rank_test
from analysis.errors import InvalidShape


def people(seed: int, groups: int = 2, n: int = 3000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, groups, n)
    rate = np.digitize(rng.normal(size=n) + 0.06 * kind, [-1.5, -0.5, 0.3, 1.0])
    return {"kind": kind, "rate": rate.astype(float), "c": np.arange(n) // 5, "w": rng.uniform(0.5, 3, n)}


def counts(data: dict[str, np.ndarray]) -> np.ndarray:
    groups = data["kind"].max() + 1
    return np.array(
        [np.bincount(data["rate"][data["kind"] == g].astype(int), minlength=5) for g in range(groups)]
    )


def test_of_a_large_simple_sample_it_is_the_test_from_counts() -> None:
    data = people(1)
    found, plain = survey_rank_test(Survey(data), "rate", "kind"), mann_whitney_tests(*counts(data)[::-1])
    assert found.mean_ranks[1] - found.mean_ranks[0] + 0.5 == pytest.approx(plain.superiority.value.item())
    assert found.test.statistic == pytest.approx(plain.tests.statistic.item() ** 2, rel=0.01)
    data = people(2, groups=4)
    many = survey_rank_test(Survey(data), "rate", "kind").test
    assert many.statistic * many.df == pytest.approx(
        kruskal_wallis_tests(counts(data)).statistic.item(), rel=0.02
    )


def test_any_rising_change_of_the_scale_leaves_it_alone() -> None:
    data = people(3)
    plan = {"clusters": "c", "weights": "w"}
    one = survey_rank_test(Survey(data, **plan), "rate", "kind")
    other = survey_rank_test(
        Survey(data | {"rate": np.exp(data["rate"]), "w": 7 * data["w"]}, **plan), "rate", "kind"
    )
    assert other.test.p_value == pytest.approx(one.test.p_value)
    np.testing.assert_allclose(other.mean_ranks, one.mean_ranks)


def test_false_alarms_in_clusters_theory() -> None:
    """Alike groups made of whole clusters of people alike: 5 of 100 alarms by design, far more without it."""
    rng = np.random.default_rng(4)
    clustered, plain = 0, 0
    for _ in range(200):
        cluster = np.repeat(np.arange(40), 8)
        rate = np.digitize(rng.normal(size=40)[cluster] + rng.normal(size=320), [-1, 0, 1]).astype(float)
        data = {"rate": rate, "kind": cluster % 2, "c": cluster}
        clustered += survey_rank_test(Survey(data, clusters="c"), "rate", "kind").test.p_value < 0.05
        plain += survey_rank_test(Survey(data), "rate", "kind").test.p_value < 0.05
    assert clustered <= 20
    assert plain > 30


def test_missing_answers_and_degenerate_groups() -> None:
    data = people(5, n=60)
    holes = survey_rank_test(
        Survey(data | {"rate": np.where(data["c"] < 3, np.nan, data["rate"])}), "rate", "kind"
    )
    assert holes.n == 45
    flat = survey_rank_test(Survey(data | {"rate": np.ones(60)}), "rate", "kind")
    assert "variance" in flat.test.reason
    with pytest.raises(InvalidShape, match="two or more groups"):
        survey_rank_test(Survey(data | {"kind": np.ones(60)}), "rate", "kind")
