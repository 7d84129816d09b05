"""Counting packed answers by unit, item and code, beside a bare NumPy bincount in the same run.

Run ``python -m bench.counting``. The ratio is the figure to watch; the seconds depend on the machine.
Another way of counting (from a store) is one more entry of `SOURCES`: a function from a `Survey` to counts.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.intervals import wilson_interval
from analysis.packing import N_CODES
from analysis.tallies import level_counts

SEED = 20260101
N_ITEMS = 22
CHUNK = 250_000


@dataclass(frozen=True)
class Survey:
    """Packed answers of many units, in memory."""

    answers: np.ndarray
    units: np.ndarray
    n_units: int


def simulated_survey(n_responses: int, n_units: int) -> Survey:
    """Units of very unequal size; levels 1 to 5, 4 % don't-know."""
    rng = np.random.default_rng(SEED)
    sizes = rng.lognormal(0, 1, n_units)
    units = rng.choice(n_units, size=n_responses, p=sizes / sizes.sum()).astype(np.int32)
    answers = rng.choice(
        np.array([1, 2, 3, 4, 5, 30], dtype=np.uint8),
        size=(n_responses, N_ITEMS),
        p=[0.02, 0.03, 0.11, 0.40, 0.40, 0.04],
    )
    return Survey(answers, units, n_units)


def bare_bincount(survey: Survey) -> np.ndarray:
    """The yardstick: chunked bincount, no checks, one call per item."""
    counts = np.zeros((N_ITEMS, survey.n_units * N_CODES), dtype=np.int64)
    for start in range(0, len(survey.units), CHUNK):
        offsets = survey.units[start : start + CHUNK].astype(np.int64) * N_CODES
        chunk = survey.answers[start : start + CHUNK]
        for item in range(N_ITEMS):
            counts[item] += np.bincount(offsets + chunk[:, item], minlength=counts.shape[1])
    return counts.reshape(N_ITEMS, survey.n_units, N_CODES).transpose(1, 0, 2)


def counted(survey: Survey) -> np.ndarray:
    """What the platform calls."""
    return level_counts(survey.answers, survey.units, n_units=survey.n_units)


def counted_with_intervals(survey: Survey) -> np.ndarray:
    """Counts, then Wilson for every unit and item."""
    counts = counted(survey)
    wilson_interval(counts[:, :, 4:6].sum(axis=-1), counts[:, :, 1:6].sum(axis=-1))
    return counts


SOURCES: dict[str, Callable[[Survey], np.ndarray]] = {
    "level_counts": counted,
    "level_counts + Wilson": counted_with_intervals,
}


def seconds(count: Callable[[Survey], np.ndarray], survey: Survey, repeats: int) -> float:
    """Best of several runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        count(survey)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print seconds and ratios for both sizes of country."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{'units':>6} {'counting':<24} {'seconds':>8} {'ratio':>6}")
    for n_units in (78, 3300):
        survey = simulated_survey(arguments.responses, n_units)
        expected = bare_bincount(survey)
        yardstick = seconds(bare_bincount, survey, arguments.repeats)
        print(f"{n_units:>6} {'bare bincount':<24} {yardstick:8.3f} {1:6.2f}")
        for name, count in SOURCES.items():
            if not np.array_equal(count(survey), expected):
                raise SystemExit(f"{name} counts otherwise than bincount")
            taken = seconds(count, survey, arguments.repeats)
            print(f"{n_units:>6} {name:<24} {taken:8.3f} {taken / yardstick:6.2f}")


if __name__ == "__main__":
    main()
