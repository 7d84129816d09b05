"""Counting a country's answers and its indices, beside a bare NumPy bincount; each in a process of its own.

Run ``python -m bench.engine_counting``. Ratios are to the bincount of the same run, at the same size.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from analysis.counting.moments import respondent_moments
from analysis.counting.scoring import Scoring
from analysis.counting.tallies import level_counts
from analysis.index import item_shares, mean_of_factor_shares_index, mean_of_respondent_shares_index
from analysis.packing import N_CODES
from analysis.surveys.linearisation import Strata, design_totals

SEED = 20260101
N_ITEMS, N_UNITS, N_STRATA = 22, 3300, 2
CHUNK = 250_000
MEGABYTE = 1024


def simulated(n_responses: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers 1 to 5 with 4 % don't-know, and unit × stratum of each; units of very unequal size."""
    rng = np.random.default_rng(SEED)
    sizes = rng.lognormal(0, 1, N_UNITS * N_STRATA)
    cells = rng.choice(len(sizes), size=n_responses, p=sizes / sizes.sum()).astype(np.int32)
    answers = np.empty((n_responses, N_ITEMS), dtype=np.int8)
    levels = np.array([1, 2, 3, 4, 5, 30], dtype=np.int8)
    for start in range(0, n_responses, CHUNK):
        part = answers[start : start + CHUNK]
        part[:] = levels[np.searchsorted([0.02, 0.05, 0.16, 0.56, 0.96], rng.random(part.shape))]
    return answers, cells


def scoring() -> Scoring:
    """22 items of five levels in five factors."""
    answered = np.zeros((N_ITEMS, N_CODES), dtype=bool)
    answered[:, 1:6] = True
    satisfied = np.zeros_like(answered)
    satisfied[:, 4:6] = True
    score = np.where(answered, np.arange(N_CODES), 0.0)
    factors = np.arange(N_ITEMS) * 5 // N_ITEMS
    return Scoring(("F1", "F2", "F3", "F4", "F5"), satisfied, answered, score, factors, (0, 1, 2, 3, 4))


def bare(answers: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The yardstick: chunked bincount of every item by unit and stratum, no checks."""
    n_cells = N_UNITS * N_STRATA
    counts = np.zeros((N_ITEMS, n_cells * N_CODES), dtype=np.int64)
    for start in range(0, len(cells), CHUNK):
        offsets = cells[start : start + CHUNK].astype(np.int64) * N_CODES
        chunk = answers[start : start + CHUNK]
        for item in range(N_ITEMS):
            counts[item] += np.bincount(offsets + chunk[:, item], minlength=counts.shape[1])
    return counts.reshape(N_ITEMS, n_cells, N_CODES)


def counted(answers: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """What the platform calls."""
    return level_counts(answers, cells, n_units=N_UNITS * N_STRATA)


def with_wilson(answers: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Counts, then Wilson for all 72,600 cells of unit and item."""
    counts = counted(answers, cells)
    item_shares(by_unit(counts), scoring())
    return counts


def with_indices(answers: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The same, and the factor and overall indices with intervals over respondents."""
    counts = with_wilson(answers, cells)
    version = scoring()
    columns = tuple(name for name in version.columns if name[0] in "sr" or name in ("c", "e", "i"))
    people = respondent_moments(answers, version, cells, n_units=N_UNITS * N_STRATA, columns=columns)
    units = np.repeat(np.arange(N_UNITS), N_STRATA)
    totals = design_totals(people, Strata(units, N_UNITS))
    mean_of_factor_shares_index(totals, version)
    mean_of_respondent_shares_index(totals, version)
    return counts


def by_unit(counts: np.ndarray) -> np.ndarray:
    """Counts of units from those of their strata."""
    return counts[::N_STRATA] + counts[1::N_STRATA]


WORK: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "bare bincount": bare,
    "counts": counted,
    "counts + Wilson": with_wilson,
    "counts + Wilson + indices": with_indices,
}


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Median of several runs."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def compared(sizes: list[int], repeats: int) -> None:
    """Time and peak memory by size. The answers lie in a file, as they would in a store."""
    print(f"counting {N_ITEMS} items x {N_UNITS:,} units x {N_STRATA} strata; median of {repeats}")
    print(f"{'responses':>11} {'work':<28} {'seconds':>8} {'ratio':>6} {'peak MB':>8}")
    taken: dict[tuple[int, str], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            for name, array in zip(("answers", "cells"), simulated(size), strict=True):
                np.save(Path(folder, name), array)
            for name in WORK:
                found = in_own_process(name, folder, repeats)
                taken[size, name] = found["seconds"]
                ratio = found["seconds"] / taken[size, "bare bincount"]
                row = f"{size:>11,} {name:<28} {found['seconds']:8.3f} {ratio:6.2f} {found['peak_mb']:8.0f}"
                print(row, flush=True)
    for name in WORK if len(sizes) > 1 else ():
        growth = taken[sizes[-1], name] / taken[sizes[0], name]
        more = sizes[-1] / sizes[0]
        print(
            f"{name:<28} {growth / more:5.2f} x {more:g} times as long; exponent {np.log(growth) / np.log(more):.2f}"
        )


def in_own_process(name: str, folder: str, repeats: int) -> dict[str, float]:
    """Seconds and peak memory of one kind of work."""
    command = [sys.executable, "-m", "bench.engine_counting", "--one", name, "--folder", folder]
    run = subprocess.run([*command, "--repeats", str(repeats)], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def one(name: str, folder: str, repeats: int) -> None:
    """One kind of work, for a process of its own."""
    answers, cells = (np.load(Path(folder, f"{array}.npy")) for array in ("answers", "cells"))
    taken = seconds(lambda: WORK[name](answers, cells), repeats)
    print(json.dumps({"seconds": taken, "peak_mb": peak_megabytes()}))


def peak_megabytes() -> float:
    """Most memory this process has held; the resource module would add what its parent held before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / MEGABYTE


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=list(WORK), help="one kind of work, for a process of its own")
    parser.add_argument("--folder", help="where that process finds the answers")
    parser.add_argument("--responses", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one, arguments.folder, arguments.repeats)
    else:
        compared(arguments.responses, arguments.repeats)


if __name__ == "__main__":
    main()
