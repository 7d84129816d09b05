"""The table of docs/methods.md that sets our figures beside other programs'.

Run ``python -m tests.analysis.reference_table`` to print it, with ``--write docs/methods.md`` to replace it there.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.analysis.case_runner import FEATURES, checks
from tests.analysis.cases.case import Case

KEPT = Path(__file__).parents[1] / "reference" / "cases"
TABLE_START, TABLE_END = "<!-- reference table: start -->", "<!-- reference table: end -->"


def largest_difference(case: Case) -> tuple[int, float, float]:
    """Numbers compared, the largest relative difference, and the largest part of the tolerance used."""
    tolerance = case.body["tolerance"]
    compared, largest, used = 0, 0.0, 0.0
    for _name, got, wanted, *known_to in checks(case):
        found, expected = (np.asarray(values, dtype=float).ravel() for values in (got, wanted))
        known = np.isfinite(expected)
        difference = np.abs(found - expected)[known]
        allowed = max(tolerance["atol"], *known_to, 0.0) + tolerance["rtol"] * np.abs(expected[known])
        compared += int(known.sum())
        largest = max(
            largest, float((difference / np.maximum(np.abs(expected[known]), 1e-12)).max(initial=0))
        )
        used = max(
            used, float(np.where(difference > 0, difference / np.maximum(allowed, 1e-300), 0).max(initial=0))
        )
    return compared, largest, used


def table() -> Iterator[str]:
    """Lines of Markdown, one a case."""
    yield "| case | what is asked | answered by | numbers | largest difference | tolerance |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for path in sorted(KEPT.glob("*.json")):
        case = Case.read(path)
        compared, largest, used = largest_difference(case)
        tolerance = case.body["tolerance"]
        asked = (
            f"{tolerance['rtol']:g}"
            if tolerance["rtol"]
            else "exact"
            if not tolerance["atol"]
            else f"± {tolerance['atol']:g}"
        )
        within = f"{largest:.0e}" if largest else "0"
        assert used <= 1, path.stem
        answered_by = FEATURES[case.feature].answered_by
        row = (path.stem, case.body["title"], f"`{answered_by}`", str(compared), within, asked)
        yield f"| {' | '.join(row)} |"


def main() -> None:
    """Print the table, and write it into a document if one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    arguments = parser.parse_args()
    lines = list(table())
    print("\n".join(lines))
    if arguments.write:
        before, rest = arguments.write.read_text(encoding="utf-8").split(TABLE_START)
        after = rest.split(TABLE_END)[1]
        arguments.write.write_text(
            "\n".join([before + TABLE_START, *lines, TABLE_END + after]), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
