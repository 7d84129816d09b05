"""Counting stored responses, from both databases and from the rollup, beside a NumPy bincount in one run.

Run ``python -m bench.database``. The responses are of the full form, in 78 units over six months.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.orm import Session

from analysis.packing import N_CODES
from bench.scratch import scratch
from survey_app.db import engine_options, prepare_engine
from survey_app.models import QuestionnaireVersion, ScoreRelease, Unit, Wave, WaveUnit
from survey_app.queries.tallies import Scope, level_tallies, moment_tallies
from survey_app.services import forms
from survey_app.services.rollups import rebuild_rollups
from tests.builders import make_point, make_unit

SEED = 20260101
N_UNITS = 78
STARTS_ON, ENDS_ON = date(2026, 5, 1), date(2026, 10, 31)
TODAY = date(2026, 11, 23)
CHUNK = 50_000
BARE_CHUNK = 250_000
COLUMNS = (
    "id", "wave_id", "version_id", "unit_id", "point_id", "stratum", "channel", "stage", "capacity",
    "assisted_by", "residence", "language", "is_test", "is_ticketed", "is_late", "flags",
    "duration_bucket", "gap_bucket", "collected_on", "received_on", "answers", "digest",
)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """What was stored, kept in memory as well for the bare count."""

    scope: Scope
    answers: np.ndarray
    units: np.ndarray


def bare_bincount(stored: Stored) -> np.ndarray:
    """The yardstick: the same bytes, already in one array; chunked, no checks, one call per slot."""
    n_slots = stored.answers.shape[1]
    counts = np.zeros((n_slots, N_UNITS * N_CODES), dtype=np.int64)
    for start in range(0, len(stored.units), BARE_CHUNK):
        offsets = stored.units[start : start + BARE_CHUNK] * N_CODES
        chunk = stored.answers[start : start + BARE_CHUNK]
        for slot in range(n_slots):
            counts[slot] += np.bincount(offsets + chunk[:, slot], minlength=counts.shape[1])
    return counts.reshape(n_slots, N_UNITS, N_CODES).transpose(1, 0, 2)


@contextmanager
def filled(kind: str, n_responses: int) -> Iterator[tuple[Engine, Stored]]:
    """A database of `n_responses` released responses."""
    with scratch(kind) as at:
        engine = prepare_engine(create_engine(**engine_options(at.database_url)))
        stored = _fill(engine, n_responses)
        yield engine, stored
        engine.dispose()


def _fill(engine: Engine, n_responses: int) -> Stored:
    with Session(engine) as session:
        scope, point_ids = _places(session)
        session.commit()
    rng = np.random.default_rng(SEED)
    units = rng.integers(0, N_UNITS, n_responses)
    answers = rng.choice(
        np.array([1, 2, 3, 4, 5, 30], dtype=np.uint8), size=(n_responses, scope.n_slots),
        p=[0.40, 0.40, 0.11, 0.03, 0.02, 0.04],
    )  # fmt: skip
    days = rng.integers(0, (ENDS_ON - STARTS_ON).days + 1, n_responses)
    stored = Stored(scope, answers, units)
    with engine.connect() as connection:
        _load(connection, stored, point_ids, days)
        connection.commit()
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return stored


def _places(session: Session) -> tuple[Scope, list[int]]:
    version_id = session.scalars(
        select(QuestionnaireVersion.id).where(QuestionnaireVersion.code == "full_form")
    ).one()
    wave_id = session.scalars(select(Wave.id).where(Wave.code == "full")).one()
    province = session.scalars(select(Unit.id).where(Unit.code == "QT")).one()
    unit_ids, point_ids = [], []
    for number in range(N_UNITS):
        unit_ids.append(make_unit(session, f"Xã {number}", kind="commune", parent_id=province))
        point_ids.append(make_point(session, f"Xã {number}", unit_id=unit_ids[-1], code8=f"B{number:07d}"))
    session.add_all(WaveUnit(wave_id=wave_id, unit_id=unit_id, target=100) for unit_id in unit_ids)
    session.add_all(
        ScoreRelease(unit_id=unit_id, wave_id=wave_id, released_through=TODAY) for unit_id in unit_ids
    )
    n_slots = forms.load_form(session, version_id=version_id).n_slots
    return Scope(tuple(unit_ids), (wave_id,), version_id, n_slots, STARTS_ON, ENDS_ON), point_ids


def _load(connection: Connection, stored: Stored, point_ids: list[int], days: np.ndarray) -> None:
    """The fastest way into each database; what is measured is reading."""
    driver = connection.connection.driver_connection
    names = ", ".join(COLUMNS)
    if connection.dialect.name == "sqlite":
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("BEGIN")
        marks = ", ".join("?" * len(COLUMNS))
        rows = _rows(stored, point_ids, days, key=lambda raw: UUID(bytes=raw).hex, day=date.isoformat)
        driver.executemany(f"INSERT INTO response ({names}) VALUES ({marks})", rows)
        driver.execute("COMMIT")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with driver.cursor().copy(f"COPY response ({names}) FROM STDIN") as copy:
        for row in _rows(stored, point_ids, days, key=lambda raw: UUID(bytes=raw), day=lambda day: day):
            copy.write_row(row)
    driver.commit()


def _rows(
    stored: Stored,
    point_ids: list[int],
    days: np.ndarray,
    *,
    key: Callable[[bytes], object],
    day: Callable[[date], object],
) -> Iterator[tuple[object, ...]]:
    scope, keys = stored.scope, np.random.default_rng(SEED).bytes(16 * len(days))
    calendar = [day(STARTS_ON + timedelta(days=number)) for number in range(max(days) + 1)]
    for place, (unit, number) in enumerate(zip(stored.units.tolist(), days.tolist(), strict=True)):
        yield (
            key(keys[16 * place : 16 * place + 16]), scope.wave_ids[0],
            scope.version_id, scope.unit_ids[unit], point_ids[unit],
            0, 2, place % 6, 1, 1, 1, "vi", False, False, False, 0, 0, 0,
            calendar[number], calendar[number], stored.answers[place].tobytes(), b"0" * 16,
        )  # fmt: skip


def seconds(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def measure(kind: str, n_responses: int, repeats: int) -> None:
    """Recount from responses, count from the rollup; each beside the yardstick."""
    with filled(kind, n_responses) as (engine, stored), Session(engine) as session:
        scoring = forms.load_form(session, version_id=stored.scope.version_id).scoring()
        yardstick = seconds(lambda: bare_bincount(stored), repeats)

        def line(name: str, taken: float) -> None:
            print(f"{kind:<11} {name:<38} {taken:8.3f} {taken / yardstick:8.2f}", flush=True)

        line("bare NumPy bincount", yardstick)
        expected = bare_bincount(stored)
        for name in ("recounted from responses", "counted from the rollup"):
            counted = level_tallies(session, stored.scope)
            if not np.array_equal(counted.counts, expected):
                raise SystemExit(f"{kind}: {name} differs from bincount")
            line(f"level counts, {name}", seconds(lambda: level_tallies(session, stored.scope), repeats))
            line(f"moments, {name}", seconds(lambda: moment_tallies(session, stored.scope, scoring), repeats))
            if name.startswith("recounted"):
                line("the rollup built once", seconds(lambda: rebuild_rollups(session, today=TODAY), 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    print(f"{arguments.responses:,} responses\n{'':<11} {'':<38} {'seconds':>8} {'ratio':>8}")
    for kind in arguments.databases:
        measure(kind, arguments.responses, arguments.repeats)


if __name__ == "__main__":
    main()
