"""How often units are labelled wrongly, from simulated provinces whose truth is known."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.comparing.tiers import tiers_against_province, tiers_of_estimates
from analysis.counting.moments import moments, respondent_moments
from analysis.index import INDEX_DEFINITIONS, group_shares
from analysis.types import Tier
from bench.index_coverage import correlated_answers, five_factor_scoring

N_UNITS = 78


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
        people = respondent_moments(answers, scoring, units, n_units=N_UNITS)
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


def discoveries(
    rng: np.random.Generator, *, n: int, p: float, effect: float, n_provinces: int, adjustment: str
) -> dict[str, float]:
    """Provinces in which eight units are truly better and eight truly worse by `effect`.

    Share of labels that are false (a unit at the common level, or a label of the wrong sign), averaged over
    provinces, and share of truly different units that are found.
    """
    truth = np.full(N_UNITS, p)
    truth[:8] += effect
    truth[8:16] -= effect
    sign = np.sign(truth - p)
    false_shares, found = [], []
    for k in rng.binomial(n, truth, (n_provinces, N_UNITS)):
        codes = tiers_against_province(k, np.full(N_UNITS, n), adjustment=adjustment).codes
        labels = np.isin(codes, (Tier.HIGHER, Tier.LOWER))
        right = labels & (codes == sign)
        false_shares.append((labels & ~right).sum() / max(labels.sum(), 1))
        found.append(right[:16].mean())
    return {"false": float(np.mean(false_shares)), "found": float(np.mean(found))}


def labelled(codes: np.ndarray) -> bool:
    """Whether any unit is called higher or lower."""
    return bool(np.isin(codes, (Tier.HIGHER, Tier.LOWER)).any())


def plain_z_labels(k: np.ndarray, n: np.ndarray) -> bool:
    """The refused test: z of unit against the rest, Holm."""
    k_rest, n_rest = k.sum() - k, n.sum() - n
    p = k.sum() / n.sum()
    z = (k / n - k_rest / n_rest) / np.sqrt(p * (1 - p) * (1 / n + 1 / n_rest))
    return bool((adjust_p_values(2 * stats.norm.sf(np.abs(z))) <= 0.05).any())


def tables(rng: np.random.Generator, *, n_provinces: int) -> Iterator[str]:
    """False labels of identical units, false discoveries among different ones, indices and device-days."""
    yield from label_table(rng, n_provinces)
    yield ""
    yield from discovery_table(rng, max(n_provinces // 2, 20))
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


def discovery_table(rng: np.random.Generator, n_provinces: int) -> Iterator[str]:
    """False discovery rate and power where units truly differ."""
    yield f"**Labels where 16 of {N_UNITS} units truly differ by 5 points from 0.88**: {n_provinces:,} provinces."
    yield "Share of labels that are false, and share of the 16 that are found."
    yield ""
    yield "| n per unit | Holm: false | Holm: found | BH: false | BH: found |"
    yield "| --- | --- | --- | --- | --- |"
    for n in (30, 100, 400, 1000):
        cells = []
        for adjustment in ("holm", "bh"):
            got = discoveries(rng, n=n, p=0.88, effect=0.05, n_provinces=n_provinces, adjustment=adjustment)
            cells += [f"{got['false']:.3f}", f"{got['found']:.3f}"]
        yield f"| {n} | " + " | ".join(cells) + " |"


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
