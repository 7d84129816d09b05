"""Make the files of this folder from a directory of raw reference cases.

Run ``python tests/reference/derive.py DIRECTORY``. Public-domain data and expected values are copied whole;
of data under the GPL only sums and products are kept, from which no answer of a person can be read back.
"""

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
WHOLE = ("apisrs", "apistrat", "apiclus1", "apiclus2", "apistrat_lonely")
CASES = [
    "S06",
    "S07",
    "S08",
    "S10",
    "S11",
    "S12",
    "S36",
    "S37",
    "S38",
    "S44",
    "S45",
    "S46",
    "S47",
    "S50",
    "S51",
    "S52",
    "S53",
    "S62",
    "S65",
]


def rows(source: Path, name: str) -> list[dict[str, str]]:
    """Rows of one data file."""
    with (source / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sums_and_products(values: np.ndarray, clusters: np.ndarray) -> dict[str, object]:
    """Sufficient statistics of one domain, by plain loops over clusters."""
    totals = np.array([values[clusters == cluster].sum(axis=0) for cluster in np.unique(clusters)])
    return {
        "n": len(values),
        "sums": values.sum(axis=0).tolist(),
        "products": (values.T @ values).tolist(),
        "n_clusters": len(totals),
        "cluster_products": (totals.T @ totals).tolist(),
    }


def index_statistics(
    data: list[dict[str, str]], items: list[str], top: int, clusters: list[str]
) -> dict[str, object]:
    """Per item t and r, then s, r of all items, c, e."""
    answers = np.array([[int(row[item] or 0) for item in items] for row in data])
    r, t = (answers > 0).astype(float), (answers >= top).astype(float)
    answered = r.sum(axis=1)
    own = np.divide(t.sum(axis=1), answered, out=np.zeros(len(r)), where=answered > 0)
    values = np.column_stack([t, r, t.sum(axis=1), answered, own, answered > 0])
    columns = (
        [f"t:{i}" for i in range(len(items))]
        + [f"r:{i}" for i in range(len(items))]
        + ["s:F", "r:F", "c", "e"]
    )
    return {
        "columns": columns,
        "independent": sums_and_products(values, np.arange(len(values))),
        "clustered": sums_and_products(values, np.unique(clusters, return_inverse=True)[1]),
    }


def main(source: Path) -> None:
    """Write cases/, data/ and statistics/."""
    for folder in ("cases", "data", "statistics"):
        (HERE / folder).mkdir(exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(source / "data" / f"{name}.csv", HERE / "data" / f"{name}.csv")
    for case in CASES:
        shutil.copyfile(source / "cases" / f"{case}.json", HERE / "cases" / f"{case}.json")
    beps, bfi = rows(source, "beps"), rows(source, "bfi")
    beps_items = ["economic.cond.national", "economic.cond.household", "Blair", "Hague", "Kennedy"]
    write("S37", index_statistics(beps, beps_items, 4, [row["id"] for row in beps]))
    groups = [f"{row['gender']}/{row['age']}" for row in bfi]
    write("S38", index_statistics(bfi, ["A2", "A3", "A4", "A5"], 5, groups))
    write("S50", department_statistics(rows(source, "insteval_dept")))
    juice = [row for row in rows(source, "orangejuice") if row["trial"] == "TRUE"]
    write("S62", {"x": [int(row["D"]) for row in juice], "n": [int(row["size"]) for row in juice]})


def department_statistics(data: list[dict[str, str]]) -> dict[str, object]:
    """Sums over ratings and over students, by department; all students belong to every domain's design."""
    table = np.array([[int(row[name]) for name in ("student", "dept", "y")] for row in data])
    departments = {}
    for department in np.unique(table[:, 1]):
        part = table[table[:, 1] == department]
        values = np.column_stack([part[:, 2] >= 4, np.ones(len(part)), part[:, 2]]).astype(float)
        departments[str(department)] = sums_and_products(values, part[:, 0])
    return {"columns": ["s", "r", "m"], "n_students": len(np.unique(table[:, 0])), "departments": departments}


def write(case: str, statistics: dict[str, object]) -> None:
    """One statistics file."""
    (HERE / "statistics" / f"{case}.json").write_text(json.dumps(statistics, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
