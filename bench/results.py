"""How long the pages of results take to count, and how much memory, on a demo of any size and both databases.

Run ``python -m bench.results --responses 100000``; a million is for a quiet hour. Each page runs in a process of its
own: the first time with nothing prepared, then the median of further ones; charts are not drawn.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.scratch import SECRET, new_database, postgres
from config import ROOT
from survey_app.db import engine_options, prepare_engine
from survey_app.demo.build import build_demo
from survey_app.demo.truth import TODAY
from survey_app.queries import units
from survey_app.schema import upgrade_schema
from survey_app.services import comparisons, crosstabs, equity, measurement, province_trends, scorecards
from survey_app.services.accounts import Role, Viewer
from survey_app.services.dimensions import Words
from survey_app.signing import Signer

REPEATS = 3
TITLES = {name: name for name in ("satisfied", "channel", "stage", "assisted_by", "field", "unit_kind")}
WORDS = Words(TITLES, {"commune": "commune", "ward": "ward"}, ("yes", "no"), "unknown")
MANAGED = "QT.19333"
PERIOD = "2026-Q3"


def pages(session: Session, on: date) -> dict[str, Callable[[], object]]:
    """What each page asks of the services."""
    root = units.unit_by_code(session, "QT").id
    viewer = Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=root)
    who = {"viewer": viewer, "today": on}
    asked = {"root_unit_id": root, "basis": "continuous", "period_code": PERIOD, **who}
    unit_id = units.unit_by_code(session, MANAGED).id
    return {
        "dashboard": lambda: scorecards.unit_scorecard(
            session, unit_id=unit_id, basis="continuous", period_code=PERIOD, **who
        ),
        "comparison": lambda: comparisons.compare_units(session, kind=None, **asked),
        "comparison, standardised": lambda: comparisons.compare_units(
            session, kind=None, is_standardised=True, **asked
        ),
        "trends": lambda: province_trends.province_trend(
            session, root_unit_id=root, basis="continuous", **who
        ),
        "crosstab": lambda: crosstabs.crosstab(
            session, rows="field", columns="education", words=WORDS, **asked
        ),
        "equity": lambda: equity.equity(session, words=WORDS, **asked),
        "drivers": lambda: measurement.drivers(session, version_id=None, **asked),
        "reliability": lambda: measurement.reliability(session, version_id=None, **asked),
    }


def measure(url: str, name: str) -> dict[str, float]:
    """Seconds of the first and of later calls, and the peak of the whole process in MB."""
    engine = prepare_engine(create_engine(**engine_options(url)))
    with Session(engine) as session:
        page = pages(session, TODAY)[name]
        first, *later = [_seconds(page, session) for _ in range(1 + REPEATS)]
    engine.dispose()
    return {"first": first, "later": median(later), "mb": _peak_mb()}


def _seconds(page: Callable[[], object], session: Session) -> float:
    started = time.perf_counter()
    page()
    session.rollback()
    return time.perf_counter() - started


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured_apart(url: str, name: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.results", "--one", name, "--url", url]
    found = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    return measured


@contextmanager
def empty_database(kind: str) -> Iterator[str]:
    """The address of a database with the schema and nothing in it."""
    with TemporaryDirectory() as name:
        if kind == "postgresql":
            with postgres() as server:
                yield _upgraded(new_database(server.address))
        else:
            yield _upgraded(f"sqlite:///{Path(name) / 'survey.sqlite3'}")


def _upgraded(url: str) -> str:
    engine = create_engine(**engine_options(url))
    upgrade_schema(engine)
    engine.dispose()
    return url


def run(kind: str, n_responses: int) -> None:
    with empty_database(kind) as url:
        engine = prepare_engine(create_engine(**engine_options(url)), audit_key=Signer(SECRET).audit_key())
        with Session(engine, expire_on_commit=False) as session:
            report = build_demo(session, n_responses=n_responses)
            names = list(pages(session, TODAY))
        engine.dispose()
        print(
            f"\n{kind}: {report.counts['responses']:,} responses, built in {report.seconds:.0f} s", flush=True
        )
        print("| page | first, s | later, s | peak of the process, MB |\n| --- | --- | --- | --- |")
        for name in names:
            found = _measured_apart(url, name)
            print(f"| {name} | {found['first']:.2f} | {found['later']:.2f} | {found['mb']:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=100_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.url, options.one)))
        return
    for kind in options.databases:
        run(kind, options.responses)


if __name__ == "__main__":
    main()
