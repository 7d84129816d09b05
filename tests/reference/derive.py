"""Make the files of this folder from a directory of raw reference cases.

Run ``python -m tests.reference.derive DIRECTORY``. Expected values are copied whole, and data that are public or
under a permissive licence; of other data only sums, tables and counts are kept, from which no answer of a person
can be read back.
"""

import json
import shutil
import sys
from pathlib import Path

from tests.analysis.case_runner import FEATURES
from tests.analysis.cases.case import KEPT_STATISTICS, Case

HERE = Path(__file__).parent
KEPT_WHOLE = ("api", "milk", "countycrop")


def main(source: Path) -> None:
    """Write cases/, data/ and statistics/."""
    for folder in ("cases", "data", "statistics"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir()
    for path in sorted((source / "cases").glob("*.json")):
        case = Case.read(path)
        shutil.copyfile(path, HERE / "cases" / path.name)
        if all(data.name.startswith(KEPT_WHOLE) for data in case.files) and not is_large(case):
            for data in case.files:
                shutil.copyfile(data, HERE / "data" / data.name)
        else:
            write(case)


def is_large(case: Case) -> bool:
    """Whether sums say all that the case needs of a long file."""
    return (
        FEATURES[case.feature].statistics is not None
        and sum(path.stat().st_size for path in case.files) > 100_000
    )


def write(case: Case) -> None:
    """One statistics file; a case that carries its own counts needs none."""
    statistics = FEATURES[case.feature].statistics
    if statistics is not None:
        made = json.dumps(statistics(case), separators=(",", ":"))
        (KEPT_STATISTICS / f"{case.body['id']}.json").write_text(made + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
