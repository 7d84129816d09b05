"""Coverage of the indices' intervals from simulated truth: people who answer alike, device-days that are alike."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from analysis.counting.moments import Moments, item_moments, respondent_moments
from analysis.counting.scoring import Scoring
from analysis.index import INDEX_DEFINITIONS
from analysis.intervals.shares import wilson_interval
from analysis.packing import N_CODES, Missing
from analysis.types import Estimates

N_ITEMS = 22
PEOPLE_A_DAY = 10
DAY_CORRELATION = 0.05
PEOPLE_AT_ONCE = 40_000


def five_factor_scoring() -> Scoring:
    """22 items of five levels in five factors, no overall item."""
    answered = np.zeros((N_ITEMS, N_CODES), dtype=bool)
    answered[:, 1:6] = True
    satisfied = np.zeros_like(answered)
    satisfied[:, 4:6] = True
    score = np.zeros(answered.shape)
    score[:, 1:6] = np.arange(1, 6)
    factor = np.arange(N_ITEMS) * 5 // N_ITEMS
    return Scoring(("F1", "F2", "F3", "F4", "F5"), satisfied, answered, score, factor, (0, 1, 2, 3, 4))


def correlated_answers(
    rng: np.random.Generator, *, n: int, p: float, correlation: float, model: str, days: bool = False
) -> np.ndarray:
    """Packed answers of n people; 4 % of answers are don't-know.

    "own rate": each person has a rate drawn from a beta law, so two items' indicators correlate exactly as
    told. "latent": two items' latent normal opinions do. With `days`, every ten people share a device-day
    whose own rate varies with correlation 0.05.
    """
    if model == "own rate":
        around = _day_rates(rng, n, p) if days else np.full(n, p)
        strength = 1 / correlation - 1
        a, b = np.maximum(around * strength, 1e-9), np.maximum((1 - around) * strength, 1e-9)
        is_satisfied = rng.random((n, N_ITEMS)) < rng.beta(a, b)[:, None]
    else:
        opinion = np.sqrt(correlation) * rng.standard_normal((n, 1))
        opinion = opinion + np.sqrt(1 - correlation) * rng.standard_normal((n, N_ITEMS))
        is_satisfied = opinion < stats.norm.ppf(p)
    answers = np.where(is_satisfied, 5, 2).astype(np.uint8)
    answers[rng.random(answers.shape) < 0.04] = Missing.DONT_KNOW
    return answers


def _day_rates(rng: np.random.Generator, n: int, p: float) -> np.ndarray:
    strength = 1 / DAY_CORRELATION - 1
    rates = rng.beta(p * strength, (1 - p) * strength, -(-n // PEOPLE_A_DAY))
    return np.repeat(rates, PEOPLE_A_DAY)[:n]


def index_coverage(
    rng: np.random.Generator,
    *,
    n: int,
    p: float,
    n_samples: int,
    model: str,
    correlation: float = 0.6,
    days: bool = False,
) -> dict[str, float]:
    """Coverage of p by each index's interval and by that of answers counted as people."""
    scoring = five_factor_scoring()
    hits: dict[str, float] = {}
    for size in _chunks(n_samples, max(PEOPLE_AT_ONCE // n, 1)):
        answers = correlated_answers(rng, n=size * n, p=p, correlation=correlation, model=model, days=days)
        units = np.repeat(np.arange(size), n)
        clusters = np.arange(size * n) // PEOPLE_A_DAY if days else None
        people = respondent_moments(answers, scoring, units, clusters, n_units=size)
        items = item_moments(answers, scoring, units, clusters, n_units=size)
        for name, index in INDEX_DEFINITIONS.items():
            estimates = index(items if name == "mean_of_item_shares" else people, scoring)
            hits[name] = hits.get(name, 0) + covered(estimates, p)
        hits["answers as people"] = hits.get("answers as people", 0) + covered(answers_as_people(people), p)
    return {name: count / n_samples for name, count in hits.items()}


def answers_as_people(people: Moments) -> Estimates:
    """The wrong interval: every answer counted as a respondent."""
    satisfied, answered = (
        people.sums[:, [people.columns.index(f"{kind}:F{factor}") for factor in range(1, 6)]].sum(axis=1)
        for kind in "sr"
    )
    return wilson_interval(satisfied, answered)


def covered(estimates: Estimates, p: float) -> int:
    """How many intervals hold the truth."""
    return int(((estimates.ci_low <= p) & (p <= estimates.ci_high)).sum())


def tables(rng: np.random.Generator, *, n_samples: int) -> Iterator[str]:
    """Coverage by correlation, size and truth, alone and with device-days; the lowest of the four indices."""
    yield f"**Coverage of nominal 95 % intervals of the 22-item index**: up to {n_samples:,} samples a cell, 4 % of"
    yield "answers missing, every person with a rate of their own so that any two items correlate as told. Each cell is"
    yield "the lowest coverage among the four definitions; in brackets that of answers counted as people."
    yield "Device-days: ten people a day, correlation 0.05 between them, design effect estimated from the days."
    yield ""
    truths = (0.5, 0.8, 0.9, 0.95, 0.99)
    yield "| sample | correlation | n | " + " | ".join(f"truth {p:.2f}" for p in truths) + " |"
    yield "| --- | --- | --- |" + " --- |" * len(truths)
    for days in (False, True):
        for correlation in (0.3, 0.6, 0.8):
            for n in (20, 50, 100, 400, 2000):
                size = min(n_samples, max(2_000_000 // n, 200))
                cells = [
                    index_coverage(rng, n=n, p=p, n_samples=size, model="own rate", correlation=correlation, days=days)
                    for p in truths
                ]  # fmt: skip
                name = "device-days" if days else "independent people"
                yield f"| {name} | {correlation} | {n:,} | " + " | ".join(map(_cell, cells)) + " |"
    yield ""
    yield "**The same where the opinions behind the answers correlate 0.6** (latent normal), independent people."
    yield ""
    yield "| n | truth | pooled | items | factors | respondents | answers as people |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for n in (50, 100, 400):
        for p in (0.80, 0.90, 0.95):
            found = index_coverage(rng, n=n, p=p, n_samples=n_samples, model="latent")
            yield f"| {n} | {p:.2f} | " + " | ".join(f"{rate:.3f}" for rate in found.values()) + " |"


def _cell(found: dict[str, float]) -> str:
    naive = found.pop("answers as people")
    return f"{min(found.values()):.3f} ({naive:.2f})"


def _chunks(total: int, size: int) -> Iterator[int]:
    for start in range(0, total, size):
        yield min(size, total - start)
