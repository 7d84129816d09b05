"""The statistics engine at full size: inference from counts, models, and one table beside R's survey.

Run ``python -m bench.engine``; counting has `bench.engine_counting`. Seconds depend on the machine. With `Rscript` and
its package survey on the path (Debian: r-cran-survey) the last table is beside R; else it says so.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from analysis import Survey
from analysis.intervals.shares import korn_graubard_interval, wilson_interval
from analysis.measurement.factor_models import confirmatory_factor_model
from analysis.ranking.joint import joint_rank_intervals
from analysis.ranking.pairwise import pairwise_rank_intervals
from analysis.small_areas.empirical_bayes import empirical_bayes_shares
from analysis.surveys.stratified import stratified_shares
from bench.engine_counting import N_ITEMS, N_STRATA, N_UNITS, SEED, counted, seconds, simulated

SAMPLED_PART = 0.2


def inference(sizes: list[int], repeats: int) -> None:
    """From counts alone; the number of answers behind them must not matter."""
    print(f"\ninference from counts alone, {N_UNITS * N_ITEMS:,} cells; milliseconds, median of {repeats}")
    print(f"{'responses':>11} {'Wilson':>8} {'stratified logit + FPC':>23} {'Korn-Graubard':>14}")
    for size in sizes:
        wilson, logit, korn = (
            1000 * taken for taken in inference_seconds(counted(*simulated(size)), repeats)
        )
        print(f"{size:>11,} {wilson:8.1f} {logit:23.1f} {korn:14.1f}", flush=True)


def inference_seconds(counts: np.ndarray, repeats: int) -> list[float]:
    """Wilson by unit, stratified logit with finite populations, Korn-Graubard by unit."""
    answered, top = counts[..., 1:6].sum(axis=-1), counts[..., 4:6].sum(axis=-1)
    sampled = counts[:, 0].sum(axis=-1)
    population = np.ceil(sampled / SAMPLED_PART)
    units = np.repeat(np.arange(N_UNITS), N_STRATA)
    n, k = (array.reshape(N_UNITS, N_STRATA, N_ITEMS).sum(axis=1) for array in (answered, top))
    work = (
        lambda: wilson_interval(k, n),
        lambda: stratified_shares(
            top, answered, sampled, population, units=units, n_units=N_UNITS, method="logit"
        ),
        lambda: korn_graubard_interval(k, n, design_effect=1.4, df=30.0),
    )
    return [seconds(each, repeats) for each in work]


R_SCRIPT = """
suppressMessages(library(survey)); options(survey.lonely.psu = "adjust")
d <- read.csv(commandArgs(TRUE)[1])
t1 <- system.time(s <- svydesign(~1, strata = ~stratum, weights = ~w, fpc = ~size, data = d))[3]
t2 <- system.time(e <- svyby(~top, ~unit, s, svymean))[3]
cat(sprintf('{"design": %f, "estimation": %f, "se": %.12f}', t1, t2, e$se[1]))
"""


def beside_r(n_responses: int, n_units: int, repeats: int) -> None:
    """One item by unit, stratified with finite populations: estimation alone, and with the design."""
    rng = np.random.default_rng(SEED)
    unit = np.concatenate([np.arange(n_units).repeat(4), rng.integers(0, n_units, n_responses - 4 * n_units)])
    stratum = unit * N_STRATA + np.arange(n_responses) % N_STRATA
    sampled = np.bincount(stratum)
    data = {
        "unit": unit, "stratum": stratum, "top": (rng.random(n_responses) < 0.85).astype(float),
        "w": np.full(n_responses, 5.0), "size": 5.0 * sampled[stratum],
    }  # fmt: skip
    design = {"strata": "stratum", "weights": "w", "fpc": "size"}
    build = seconds(lambda: Survey(data, **design), repeats)
    survey = Survey(data, **design)
    estimate = seconds(lambda: survey.mean("top", by="unit"), repeats)
    print(
        f"\none item by unit, {n_responses:,} responses, {n_units:,} units, {N_STRATA} strata each, with FPC"
    )
    print(f"{'ours':<12} design {build:8.3f} s, estimation {estimate:8.4f} s")
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("R             not installed: apt-get install r-cran-survey")
        return
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder, "data.csv"), Path(folder, "run.R")
        np.savetxt(
            table,
            np.column_stack(list(data.values())),
            delimiter=",",
            header=",".join(data),
            comments="",
            fmt="%g",
        )
        script.write_text(R_SCRIPT)
        run = subprocess.run([rscript, script, table], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"R             failed: {run.stderr.strip()[-300:]}")
        return
    found = json.loads(run.stdout)
    ours = survey.mean("top", by="unit").estimates.standard_error[0]
    print(f"{'R survey':<12} design {found['design']:8.3f} s, estimation {found['estimation']:8.3f} s")
    faster, apart = found["estimation"] / estimate, abs(ours / found["se"] - 1)
    print(f"estimation {faster:,.0f} times as fast; same standard error to {apart:.0e}")


def models(repeats: int) -> None:
    """Ranks, shrinkage and a factor model at the sizes a country and a province need."""
    rng = np.random.default_rng(SEED)
    n = rng.integers(30, 600, N_UNITS)
    k = rng.binomial(n, rng.beta(85, 15, N_UNITS))
    shares = wilson_interval(k, n)
    loading = np.where(np.arange(N_ITEMS)[:, None] * 5 // N_ITEMS == np.arange(5), 0.8, 0.0)
    covariance = loading @ (0.5 + 0.5 * np.eye(5)) @ loading.T + np.diag(np.full(N_ITEMS, 0.36))
    sample = np.cov(rng.multivariate_normal(np.zeros(N_ITEMS), covariance, 1500).T)
    items = {f"F{f + 1}": [f"i{i}" for i in np.flatnonzero(loading[:, f])] for f in range(5)}
    names = [f"i{i}" for i in range(N_ITEMS)]
    work = {
        "joint rank sets, 3,300 units": lambda: joint_rank_intervals(shares),
        "pairwise rank sets, 200 units": lambda: pairwise_rank_intervals(
            shares.value[:200], standard_error=shares.standard_error[:200], rng=np.random.default_rng(1)
        ),
        "beta-binomial shrinkage, 3,300 units": lambda: empirical_bayes_shares(k, n),
        "factor model, 22 items, 5 factors": lambda: confirmatory_factor_model(
            sample, n=1500, factors=items, items=names
        ),
    }
    print(f"\nmodels; seconds, median of {repeats}")
    for name, each in work.items():
        print(f"{name:<38} {seconds(each, repeats):8.3f}", flush=True)


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--beside-r", type=int, default=100_000, help="responses of the table that R repeats; 0: none"
    )
    arguments = parser.parse_args()
    inference(arguments.responses, arguments.repeats)
    models(min(arguments.repeats, 3))
    if arguments.beside_r:
        beside_r(arguments.beside_r, N_UNITS, arguments.repeats)


if __name__ == "__main__":
    main()
