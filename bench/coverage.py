"""Simulated truth: how often labels are false and intervals miss, printed as the tables of docs/methods.md.

Run ``python -m bench.coverage`` for the full figures (about two minutes on one core), ``--smoke`` for fewer,
``--write docs/methods.md`` to replace the tables there. The tests import the same functions.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy import stats

from analysis.comparison import adjust_p_values, tiers_against_province, tiers_of_estimates
from analysis.index import INDEX_DEFINITIONS, group_shares
from analysis.intervals import wilson_interval
from analysis.moments import Moments, item_moments, moments
from analysis.packing import N_CODES, Missing
from analysis.respondents import respondent_values
from analysis.scoring import Scoring
from analysis.types import Estimates, Tier

SEED = 20260101
N_UNITS = 78
N_ITEMS = 22
CHUNK = 500
TABLE_START, TABLE_END = "<!-- coverage tables: start -->", "<!-- coverage tables: end -->"


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
    rng: np.random.Generator, *, n: int, p: float, correlation: float, model: str
) -> np.ndarray:
    """Packed answers of n people; 4 % of answers are don't-know.

    "own rate": each person has a rate drawn from a beta law, so two items' indicators correlate exactly as
    told. "latent": two items' latent normal opinions do.
    """
    if model == "own rate":
        strength = 1 / correlation - 1
        is_satisfied = rng.random((n, N_ITEMS)) < rng.beta(p * strength, (1 - p) * strength, (n, 1))
    else:
        opinion = np.sqrt(correlation) * rng.standard_normal((n, 1))
        opinion = opinion + np.sqrt(1 - correlation) * rng.standard_normal((n, N_ITEMS))
        is_satisfied = opinion < stats.norm.ppf(p)
    answers = np.where(is_satisfied, 5, 2).astype(np.uint8)
    answers[rng.random(answers.shape) < 0.04] = Missing.DONT_KNOW
    return answers


def index_coverage(
    rng: np.random.Generator, *, n: int, p: float, n_samples: int, model: str, correlation: float = 0.6
) -> dict[str, float]:
    """Coverage of p by each index's interval and by that of answers counted as people."""
    scoring = five_factor_scoring()
    hits: dict[str, float] = {}
    for size in _chunks(n_samples, CHUNK):
        answers = correlated_answers(rng, n=size * n, p=p, correlation=correlation, model=model)
        units = np.repeat(np.arange(size), n)
        people = moments(respondent_values(answers, scoring), units, n_units=size, columns=scoring.columns)
        items = item_moments(answers, scoring, units, n_units=size)
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


def false_label_rates(
    rng: np.random.Generator, *, n: np.ndarray, p: float, n_provinces: int
) -> dict[str, float]:
    """Share of provinces of identical units in which any unit is labelled."""
    k = rng.binomial(n, p, (n_provinces, len(n)))
    exact = np.mean([labelled(tiers_against_province(row, n).codes) for row in k])
    return {"exact": float(exact), "plain z": float(np.mean([plain_z_labels(row, n) for row in k]))}


def false_index_label_rate(rng: np.random.Generator, *, n: int, p: float, n_provinces: int) -> float:
    """The same for the index of 22 items with correlation 0.6."""
    scoring = five_factor_scoring()
    units = np.repeat(np.arange(N_UNITS), n)
    found = 0
    for _ in range(n_provinces):
        answers = correlated_answers(rng, n=N_UNITS * n, p=p, correlation=0.6, model="own rate")
        people = moments(respondent_values(answers, scoring), units, n_units=N_UNITS, columns=scoring.columns)
        estimates = INDEX_DEFINITIONS["mean_of_respondent_shares"](people, scoring)
        found += labelled(tiers_of_estimates(estimates).codes)
    return found / n_provinces


def clustered_false_label_rate(
    rng: np.random.Generator, *, n: int, p: float, n_provinces: int
) -> dict[str, float]:
    """Identical units whose people share device-days (10 a day, correlation 0.05), known or ignored."""
    naive = clustered = 0
    days = np.repeat(np.arange(N_UNITS * n // 10), 10)
    units = np.repeat(np.arange(N_UNITS), n)
    columns = ("s:overall", "r:overall", "m:overall", "a:overall")
    for _ in range(n_provinces):
        rate = rng.beta(p * 19, (1 - p) * 19, days[-1] + 1)[days]
        values = np.ones((len(units), 4))
        values[:, 0] = rng.random(len(units)) < rate
        people = moments(values, units, days, n_units=N_UNITS, columns=columns)
        overall = group_shares(people)["overall"]
        k = people.sums[:, 0]
        naive += labelled(tiers_against_province(k, people.n).codes)
        tiers = tiers_against_province(k, people.n, design_effect=overall.design_effect, df=overall.df)
        clustered += labelled(tiers.codes)
    return {"with device-days": clustered / n_provinces, "without": naive / n_provinces}


def labelled(codes: np.ndarray) -> bool:
    """Whether any unit is called higher or lower."""
    return bool(np.isin(codes, (Tier.HIGHER, Tier.LOWER)).any())


def plain_z_labels(k: np.ndarray, n: np.ndarray) -> bool:
    """The refused test: z of unit against the rest, Holm."""
    k_rest, n_rest = k.sum() - k, n.sum() - n
    p = k.sum() / n.sum()
    z = (k / n - k_rest / n_rest) / np.sqrt(p * (1 - p) * (1 / n + 1 / n_rest))
    return bool((adjust_p_values(2 * stats.norm.sf(np.abs(z))) <= 0.05).any())


def tables(*, n_provinces: int, n_samples: int) -> Iterator[str]:
    """Lines of Markdown, every figure from one seed."""
    rng = np.random.default_rng(SEED)
    yield f"Made by `python -m bench.coverage` on {datetime.now(tz=UTC):%Y-%m-%d}, seed {SEED}."
    yield ""
    yield from label_table(rng, n_provinces)
    yield ""
    yield from coverage_table(rng, n_samples)
    yield ""
    yield from index_label_table(rng, n_provinces)


def label_table(rng: np.random.Generator, n_provinces: int) -> Iterator[str]:
    """False labels on the share of people."""
    yield f"**False labels on the overall share**: {n_provinces:,} provinces of {N_UNITS} identical units,"
    yield "Holm, alpha 5 %. Share of provinces in which any unit is called higher or lower."
    yield ""
    yield "| n per unit | true share | exact test (used) | plain z test (refused) |"
    yield "| --- | --- | --- | --- |"
    sizes = {str(n): np.full(N_UNITS, n) for n in (30, 100, 400)}
    sizes["30 to 2,000, uneven"] = np.geomspace(30, 2000, N_UNITS).astype(int)
    for name, n in sizes.items():
        for p in (0.88, 0.95):
            rate = false_label_rates(rng, n=n, p=p, n_provinces=n_provinces)
            yield f"| {name} | {p:.2f} | {rate['exact']:.3f} | {rate['plain z']:.3f} |"


def coverage_table(rng: np.random.Generator, n_samples: int) -> Iterator[str]:
    """Coverage of the four indices."""
    yield f"**Coverage of nominal 95 % intervals of the 22-item index**: {n_samples:,} samples each,"
    yield "correlation 0.6 between items, 4 % of answers missing. The last column counts answers as people."
    yield ""
    yield "| model | n | truth | pooled | items | factors | respondents | answers as people |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for model in ("own rate", "latent"):
        for n in (50, 100, 400):
            for p in (0.80, 0.90, 0.95):
                found = index_coverage(rng, n=n, p=p, n_samples=n_samples, model=model)
                yield (
                    f"| {model} | {n} | {p:.2f} | "
                    + " | ".join(f"{rate:.3f}" for rate in found.values())
                    + " |"
                )


def index_label_table(rng: np.random.Generator, n_provinces: int) -> Iterator[str]:
    """False labels on the index, and on shares with device-days."""
    few = max(n_provinces // 4, 20)
    yield f"**False labels on the index, and on the share with device-days**: {few:,} provinces each."
    yield ""
    yield "| what | n per unit | true share | any label | if ignored |"
    yield "| --- | --- | --- | --- | --- |"
    for n in (50, 100):
        rate = false_index_label_rate(rng, n=n, p=0.88, n_provinces=few)
        yield f"| index, correlation 0.6 between items | {n} | 0.88 | {rate:.3f} | – |"
    for n in (100, 400):
        rates = clustered_false_label_rate(rng, n=n, p=0.88, n_provinces=few)
        yield (
            f"| share, 10 people a device-day, correlation 0.05 | {n} | 0.88 "
            f"| {rates['with device-days']:.3f} "
            f"| {rates['without']:.3f} |"
        )


def _chunks(total: int, size: int) -> Iterator[int]:
    for start in range(0, total, size):
        yield min(size, total - start)


def main() -> None:
    """Print the tables, and write them into a document if one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="200 provinces and samples")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    arguments = parser.parse_args()
    n_provinces, n_samples = (200, 200) if arguments.smoke else (2000, 4000)
    lines = []
    for line in tables(n_provinces=n_provinces, n_samples=n_samples):
        print(line, flush=True)
        lines.append(line)
    if arguments.write:
        before, rest = arguments.write.read_text().split(TABLE_START)
        after = rest.split(TABLE_END)[1]
        arguments.write.write_text("\n".join([before + TABLE_START, *lines, TABLE_END + after]))


if __name__ == "__main__":
    main()
