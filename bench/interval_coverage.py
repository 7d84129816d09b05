"""How often each interval of a share holds the truth, and how wide it is, printed as Markdown tables.

Run ``python -m bench.interval_coverage`` for the full figures (15 seconds on one core), ``--smoke`` for fewer.
Counts of independent people, differences and confidence sequences are summed over every possible sample, so that
those figures carry no simulation error; clustered samples are drawn from one seed. The tests import the same
functions.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy import stats

from analysis.counting.moments import Moments
from analysis.intervals.hypergeometric import hypergeometric_interval
from analysis.intervals.sequential import confidence_sequence, finite_confidence_sequence
from analysis.intervals.shares import INTERVALS, proportion_interval
from analysis.intervals.two_shares import DIFFERENCE_METHODS, share_difference
from analysis.surveys.design_effects import pooled_design_effect
from analysis.surveys.linearisation import design_totals, ratio
from analysis.types import Estimates

SEED = 20260101
SIZES = (20, 30, 50, 100, 400, 2000)
SHARES = (0.50, 0.80, 0.90, 0.95, 0.99)
METHODS = (*(method for method in INTERVALS if method != "korn_graubard"), "auto")
"""Without clusters Korn-Graubard is Clopper-Pearson."""

CLUSTERED = ("wald", "wilson", "agresti_coull", "logit", "likelihood", "arcsine", "mid_p", "jeffreys")
CLUSTERED_METHODS = (*CLUSTERED, "clopper_pearson", "korn_graubard", "auto")
PER_DAY, CORRELATION = 10, 0.05
DESIGN_EFFECT = 1 + (PER_DAY - 1) * CORRELATION
FINITE = ((60, 30), (200, 40), (400, 150))
PAIRS = ((20, 20), (50, 50), (30, 150), (200, 200))
PAIR_SHARES = ((0.50, 0.50), (0.90, 0.90), (0.90, 0.80), (0.95, 0.95), (0.95, 0.85), (0.99, 0.99))
Figures = tuple[float, float]
"""Coverage and mean width."""


def binomial_figures(method: str, n: int, shares: Sequence[float]) -> list[Figures]:
    """Exact coverage and mean width at each true share, n independent people.

    A sample to which the method gives no limits counts as missed, and as 1 wide.
    """
    found = proportion_interval(np.arange(n + 1), n, method=method)
    return [enumerated(found, stats.binom.pmf(np.arange(n + 1), n, p), p) for p in shares]


def finite_figures(interval: Callable[..., Estimates], population: int, n: int) -> tuple[float, float, float]:
    """Mean and lowest coverage, and mean width, over every number of satisfied dossiers of a short list."""
    found = interval(np.arange(n + 1), n)
    totals = np.arange(population + 1)
    each = [
        enumerated(found, stats.hypergeom.pmf(np.arange(n + 1), population, total, n), total / population)
        for total in totals
    ]
    coverage, width = np.array(each).T
    return float(coverage.mean()), float(coverage.min()), float(width.mean())


def enumerated(found: Estimates, probability: np.ndarray, truth: float) -> Figures:
    """Figures from the intervals of every possible sample and how probable each sample is."""
    holds, width = holding(found, truth), widths(found)
    return float(probability[holds].sum()), float(probability @ width)


def holding(found: Estimates, truth: float | np.ndarray) -> np.ndarray:
    """Which intervals hold the truth, to rounding."""
    return (found.ci_low <= truth + 1e-12) & (truth - 1e-12 <= found.ci_high)


def widths(found: Estimates) -> np.ndarray:
    """Widths, 1 where there are no limits."""
    return np.nan_to_num(found.ci_high - found.ci_low, nan=1.0)


def clustered_moments(rng: np.random.Generator, *, n_days: int, p: float, n_samples: int) -> Moments:
    """Samples of device-days of ten people each, whose answers correlate."""
    strength = 1 / CORRELATION - 1
    rate = rng.beta(p * strength, (1 - p) * strength, (n_samples, n_days))
    satisfied = rng.binomial(PER_DAY, rate).astype(float)
    people = np.full(n_samples, n_days * PER_DAY)
    k, of_days = satisfied.sum(axis=1), satisfied * PER_DAY
    products = np.array([[k, k], [k, people]]).transpose(2, 0, 1)
    by_cluster = np.array(
        [
            [(satisfied**2).sum(axis=1), of_days.sum(axis=1)],
            [of_days.sum(axis=1), people * float(PER_DAY)],
        ]
    ).transpose(2, 0, 1)
    sums = np.column_stack([k, people]).astype(float)
    return Moments(("s", "r"), people, sums, products, np.full(n_samples, n_days), by_cluster)


def clustered_figures(
    rng: np.random.Generator, *, n_days: int, p: float, n_samples: int
) -> dict[str, Figures]:
    """Coverage and mean width with the design effect estimated from the device-days, and with none."""
    people = clustered_moments(rng, n_days=n_days, p=p, n_samples=n_samples)
    estimate = ratio(design_totals(people), "s", "r")
    own = estimate.design_effect
    is_borrowed = ~(own > 0)
    effect = np.where(is_borrowed, pooled_design_effect(estimate), np.maximum(own, 1.0))
    df = np.where(is_borrowed, np.inf, n_days - 1)
    k, n = people.sums[:, 0], people.n
    found = {"people as independent": proportion_interval(k, n)}
    for method in CLUSTERED_METHODS:
        found[method] = proportion_interval(
            k, n, method=method, design_effect=effect, df=df, borrowed_design_effect=effect
        )
    return {name: (float(holding(one, p).mean()), float(widths(one).mean())) for name, one in found.items()}


def difference_figures(method: str, sizes: tuple[int, int], shares: Sequence[Figures]) -> list[Figures]:
    """Exact coverage and mean width of a difference at each pair of true shares."""
    n1, n2 = sizes
    k1, k2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    found = share_difference(k1, n1, k2, n2, method=method)
    figures = []
    for p1, p2 in shares:
        probability = stats.binom.pmf(k1, n1, p1) * stats.binom.pmf(k2, n2, p2)
        holds = (found.ci_low <= p1 - p2 + 1e-12) & (p1 - p2 - 1e-12 <= found.ci_high)
        width = probability * (found.ci_high - found.ci_low)
        figures.append((float(probability[holds].sum()), float(width.sum())))
    return figures


def ever_missed(
    interval: Callable[..., Estimates],
    shares: Sequence[float],
    *,
    until: Sequence[int],
    first: int = 1,
    every: int = 1,
) -> np.ndarray:
    """Probability of ever leaving out the truth, by true share and last look, by stepping from n to n + 1."""
    p = np.asarray(shares)[:, None]
    mass, missed, at = np.ones((len(p), 1)), np.zeros(len(p)), []
    for n in range(1, max(until) + 1):
        ends = np.zeros((len(p), 1))
        mass = np.hstack([mass * (1 - p), ends]) + np.hstack([ends, mass * p])
        if n >= first and n % every == 0:
            found = interval(np.arange(n + 1), n)
            out = ~holding(found, p)
            missed = missed + np.where(out, mass, 0.0).sum(axis=1)
            mass = np.where(out, 0.0, mass)
        if n in until:
            at.append(missed)
    return np.column_stack(at)


def ever_missed_of_list(interval: Callable[..., Estimates], population: int, total: int) -> float:
    """The same for a list of dossiers gone through in random order, to its end."""
    mass, missed = np.ones(1), 0.0
    for n in range(1, population + 1):
        x = np.arange(n)
        left = population - n + 1
        satisfied_next = np.clip((total - x) / left, 0.0, 1.0)
        mass = np.append(mass * (1 - satisfied_next), 0.0) + np.insert(mass * satisfied_next, 0, 0.0)
        out = ~holding(interval(np.arange(n + 1), n), total / population)
        missed += float(mass[out].sum())
        mass = np.where(out, 0.0, mass)
    return missed


def ever_missed_by_streams(
    rng: np.random.Generator, *, p: float, n_days: int, n_streams: int
) -> dict[str, float]:
    """The same for device-days watched day by day, with the design effect known and ignored."""
    strength = 1 / CORRELATION - 1
    rate = rng.beta(p * strength, (1 - p) * strength, (n_streams, n_days))
    k = rng.binomial(PER_DAY, rate).cumsum(axis=1)
    n = PER_DAY * np.arange(1, n_days + 1)
    looks = {
        "sequence, deff known": confidence_sequence(k, n, design_effect=DESIGN_EFFECT),
        "sequence, deff ignored": confidence_sequence(k, n),
        "Wilson, deff known": proportion_interval(k, n, design_effect=DESIGN_EFFECT),
    }
    return {name: float((~holding(found, p)).any(axis=1).mean()) for name, found in looks.items()}


def tables(*, n_samples: int, sizes: Sequence[int] = SIZES, last_look: int = 2000) -> Iterator[str]:
    """Lines of Markdown, every simulated figure from one seed."""
    rng = np.random.default_rng(SEED)
    yield f"Made by `python -m bench.interval_coverage`, seed {SEED}. Nominal level 95 % throughout."
    yield ""
    yield from binomial_tables(sizes)
    yield from finite_table(FINITE[:1] if n_samples < 1000 else FINITE)
    yield from clustered_tables(rng, n_samples)
    yield from difference_tables(PAIRS[:2] if n_samples < 1000 else PAIRS)
    yield from sequence_tables(rng, n_samples, last_look)


def binomial_tables(sizes: Sequence[int]) -> Iterator[str]:
    """Independent people: coverage, its lowest value, mean width."""
    grid = np.linspace(0.5, 0.99, 491)
    rows, lowest = [], []
    for n in sizes:
        figures = {method: np.array(binomial_figures(method, n, [*SHARES, *grid])) for method in METHODS}
        rows += [(n, p, [figures[method][i] for method in METHODS]) for i, p in enumerate(SHARES)]
        lowest.append((n, [figures[method][len(SHARES) :, 0] for method in METHODS]))
    yield "**Coverage of a share of independent people**, exact. Korn-Graubard is here Clopper-Pearson."
    yield ""
    yield from table(["n", "share", *METHODS], ([n, f"{p:.2f}", *firsts(cells)] for n, p, cells in rows))
    yield "**Lowest and mean coverage** over true shares from 50 % to 99 %."
    yield ""
    yield from table(
        ["n", "", *METHODS],
        (
            [n, name, *(f"{how(column):.3f}" for column in columns)]
            for n, columns in lowest
            for name, how in (("lowest", np.min), ("mean", np.mean))
        ),
    )
    yield "**Mean width** of the same intervals, cut at 0 and 1."
    yield ""
    yield from table(["n", "share", *METHODS], ([n, f"{p:.2f}", *seconds(cells)] for n, p, cells in rows))


def finite_table(lists: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Random samples of a short list."""
    yield "**Random sample of n from a list of N dossiers**, exact, over every number of satisfied ones:"
    yield "mean coverage / lowest coverage / mean width."
    yield ""
    rows = []
    for population, n in lists:
        ways = {
            "hypergeometric": lambda k, n, size=population: hypergeometric_interval(k, n, population=size),
            "Wilson with 1 - n/N": lambda k, n, size=population: proportion_interval(k, n, population=size),
            "Wilson without": proportion_interval,
        }
        figures = [finite_figures(way, population, n) for way in ways.values()]
        rows.append([population, n, *(" / ".join(f"{figure:.3f}" for figure in one) for one in figures)])
    yield from table(["N", "n", *ways], rows)


def clustered_tables(rng: np.random.Generator, n_samples: int) -> Iterator[str]:
    """Device-days."""
    rows = [
        (n_days * PER_DAY, p, clustered_figures(rng, n_days=n_days, p=p, n_samples=n_samples))
        for n_days in (5, 10, 40, 200)
        for p in (0.80, 0.90, 0.95)
    ]
    names = list(rows[0][2])
    yield f"**Coverage with device-days** of {PER_DAY} people, correlation {CORRELATION} between them, design"
    yield f"effect estimated (at least 1; borrowed where the sample gives none), {n_samples:,} samples each."
    yield ""
    yield from table(
        ["n", "share", *names], ([n, f"{p:.2f}", *firsts(found.values())] for n, p, found in rows)
    )
    yield "**Mean width** of the same intervals."
    yield ""
    yield from table(
        ["n", "share", *names], ([n, f"{p:.2f}", *seconds(found.values())] for n, p, found in rows)
    )


def difference_tables(pairs: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Two independent groups."""
    yield "**Difference of two shares**, exact: coverage / mean width."
    yield ""
    rows = []
    for sizes in pairs:
        figures = [difference_figures(method, sizes, PAIR_SHARES) for method in DIFFERENCE_METHODS]
        for position, (p1, p2) in enumerate(PAIR_SHARES):
            cells = ("{:.3f} / {:.3f}".format(*column[position]) for column in figures)
            rows.append([f"{sizes[0]}, {sizes[1]}", f"{p1:.2f}, {p2:.2f}", *cells])
    yield from table(["n", "shares", *DIFFERENCE_METHODS], rows)


def sequence_tables(rng: np.random.Generator, n_samples: int, last_look: int) -> Iterator[str]:
    """Looking again and again."""
    until = sorted({min(500, last_look), last_look})
    ways = {
        "sequence, every answer": (confidence_sequence, 1, 1),
        "Wilson, every answer from 30": (proportion_interval, 30, 1),
        "Wilson, every 50": (proportion_interval, 50, 50),
        "Clopper-Pearson, every 50": (_clopper_pearson, 50, 50),
    }
    found = {
        name: ever_missed(way, SHARES, until=until, first=first, every=every)
        for name, (way, first, every) in ways.items()
    }
    yield "**Chance of ever leaving out the true share** while answers come in, exact."
    yield ""
    yield from table(
        ["share", *(f"{name} to {n:,}" for name in ways for n in until)],
        (
            [f"{p:.2f}", *(f"{missed:.3f}" for name in ways for missed in found[name][i])]
            for i, p in enumerate(SHARES)
        ),
    )
    yield "**The same for a list of dossiers** gone through in random order to its end, exact."
    yield ""
    yield from table(
        ["N", "share", "sequence of the list", "sequence", "Wilson with 1 - n/N"], list_rows(last_look)
    )
    n_days = last_look // PER_DAY
    streams = {
        p: ever_missed_by_streams(rng, p=p, n_days=n_days, n_streams=n_samples) for p in (0.80, 0.90, 0.95)
    }
    yield f"**The same for device-days** watched day by day to n = {last_look:,}, {n_samples:,} streams each."
    yield ""
    yield from table(
        ["share", *streams[0.80]],
        ([f"{p:.2f}", *(f"{missed:.3f}" for missed in found.values())] for p, found in streams.items()),
    )


def _clopper_pearson(k: np.ndarray, n: int) -> Estimates:
    return proportion_interval(k, n, method="clopper_pearson")


def list_rows(last_look: int) -> Iterator[list[object]]:
    """Chances for lists of two lengths."""
    for population in (100, min(1000, last_look)):
        ways = (
            lambda k, n, size=population: finite_confidence_sequence(k, n, population=size),
            confidence_sequence,
            lambda k, n, size=population: proportion_interval(k, n, population=size),
        )
        for share in (0.50, 0.80, 0.95):
            total = round(share * population)
            yield [
                population,
                f"{share:.2f}",
                *(f"{ever_missed_of_list(way, population, total):.3f}" for way in ways),
            ]


def table(
    header: Sequence[object], rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]
) -> Iterator[str]:
    """A Markdown table and the empty line after it."""
    for row in (header, ["---"] * len(header), *rows):
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def firsts(cells: Sequence[Figures]) -> list[str]:
    """Coverages."""
    return [f"{coverage:.3f}" for coverage, _ in cells]


def seconds(cells: Sequence[Figures]) -> list[str]:
    """Widths."""
    return [f"{width:.3f}" for _, width in cells]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes, 200 samples")
    smoke = parser.parse_args().smoke
    chosen = {"n_samples": 200, "sizes": (20, 100), "last_look": 200} if smoke else {"n_samples": 4000}
    for line in tables(**chosen):
        print(line, flush=True)


if __name__ == "__main__":
    main()
