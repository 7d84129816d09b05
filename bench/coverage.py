"""Simulated truth: how often labels are false and intervals miss, printed as the tables of docs/methods.md.

Run ``python -m bench.coverage`` for the full figures, ``--smoke`` for fewer, ``--write docs/methods.md`` to replace
the tables there. The tests import the same functions.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench import index_coverage, interval_coverage, labels

SEED = 20260101
TABLE_START, TABLE_END = "<!-- coverage tables: start -->", "<!-- coverage tables: end -->"


def tables(*, n_provinces: int, n_samples: int) -> Iterator[str]:
    """Lines of Markdown, every figure from one seed."""
    rng = np.random.default_rng(SEED)
    yield f"Made by `python -m bench.coverage` on {datetime.now(tz=UTC):%Y-%m-%d}, seed {SEED}."
    yield ""
    yield from labels.tables(rng, n_provinces=n_provinces)
    yield ""
    yield from index_coverage.tables(rng, n_samples=n_samples)
    yield ""
    yield from interval_coverage.tables(n_samples=n_samples)


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
