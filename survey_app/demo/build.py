"""Builds the demo: from an empty schema to released figures; as a file, whole or not at all."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from survey_app.db import engine_options, prepare_engine
from survey_app.demo import fieldwork
from survey_app.demo.calendar import fill_calendar
from survey_app.demo.comments import store_comments
from survey_app.demo.devices import set_up_kiosks
from survey_app.demo.documents import set_up_documents
from survey_app.demo.drafts import draft_questionnaires
from survey_app.demo.fieldwork import DemoAccount
from survey_app.demo.merger import add_merger
from survey_app.demo.other_numbers import enter_other_numbers
from survey_app.demo.paper import open_a_box
from survey_app.demo.people import invite_people
from survey_app.demo.places import ISLAND, MANAGED_UNIT, UnitPlace
from survey_app.demo.publications import publish_results
from survey_app.demo.records import design_weights, store_responses
from survey_app.demo.samples import plan_and_draw
from survey_app.demo.transactions import store_transactions
from survey_app.demo.trust import leave_traces
from survey_app.demo.truth import (
    LAST_DAY,
    QUARTER_CHANGE,
    TODAY,
    ExpectedShare,
    Truth,
    draw_unit_truths,
    marginal_share,
)
from survey_app.demo.visits import SAMPLE, SampleUnit, Visits, draw_visits, sample_design
from survey_app.demo.waves import prepare_waves
from survey_app.queries import units
from survey_app.schema import upgrade_schema
from survey_app.services.policy import current_policy
from survey_app.services.rollups import rebuild_rollups

N_RESPONSES = 60_000
SEED = 2026
TRUTH_FILE = "demo_truth.json"
OUTLIER_EFFECTS = (0.85, 0.8, 0.75, -1.1, -1.2, -1.3)
OUTLIERS_FROM, OUTLIER_STEP = 8, 11
CHANGES = {MANAGED_UNIT: 0.7, "QT.18880": -0.4}
_SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was built: the truth, the accounts with their passwords, and how many of everything."""

    truth: Truth
    accounts: tuple[DemoAccount, ...]
    counts: Mapping[str, int]
    seconds: float


def build_demo(
    session: Session, *, n_responses: int = N_RESPONSES, seed: int = SEED, has_merger: bool = False
) -> DemoReport:
    """Fill an empty, upgraded schema and commit; the same seed gives the same demo, but for the passwords.

    With the merger there is a second, smaller office beside the province, whose truth is not recorded.
    """
    started = time.perf_counter()
    rng = np.random.default_rng(seed)
    places = fieldwork.load_registry(session, seed=seed)
    truth = _draw_truth(places, n_responses=n_responses, seed=seed, rng=rng)
    design = sample_design(truth, places, rng)
    visits = draw_visits(truth, places, design, rng)
    work = fieldwork.open_fieldwork(session, truth, places, design)
    store_responses(session, work, truth, visits, rng)
    store_transactions(session, places, visits, rng, seed=seed)
    minimum_batch = current_policy(session, LAST_DAY).comment_release_min
    n_comments = store_comments(session, places, truth, rng, minimum_batch=minimum_batch)
    accounts = fieldwork.make_accounts(session)
    invite_people(session, seed=seed)
    open_a_box(session)
    fill_calendar(session, places)
    set_up_kiosks(session)
    fieldwork.give_interviews(session, work, seed=seed)
    draft_questionnaires(session)
    set_up_documents(session)
    plan_and_draw(session, places, design, np.random.default_rng(seed))
    enter_other_numbers(session)
    fieldwork.release_everything(session, work)
    session.commit()
    n_cells = rebuild_rollups(session, today=TODAY)
    prepare_waves(session)
    publish_results(session)
    if has_merger:
        accounts = (*accounts, add_merger(session, seed=seed))
    # Last: what was received is sealed here, and nothing may come to a sealed day.
    leave_traces(session)
    session.commit()
    truth = replace(truth, expected=tuple(_expected(truth, places, visits, design)))
    counts = {"units": len(places), "responses": len(visits), "comments": n_comments, "point_months": n_cells}
    counts |= {f"wave_{wave.code}": n for wave, n in zip(work.waves, _n_by_wave(visits), strict=True)}
    return DemoReport(truth, accounts, counts, time.perf_counter() - started)


def build_demo_file(
    path: Path,
    *,
    audit_key: bytes,
    n_responses: int = N_RESPONSES,
    seed: int = SEED,
    has_merger: bool = False,
) -> DemoReport:
    """Build beside the target, then put both files in their places: an interruption leaves no half demo."""
    draft, draft_truth = path.with_name(f"{path.name}.building"), path.with_name(f"{TRUTH_FILE}.building")
    _remove_database(draft)
    try:
        with _new_database(draft, audit_key) as session:
            report = build_demo(session, n_responses=n_responses, seed=seed, has_merger=has_merger)
        report.truth.save(draft_truth)
        # A write-ahead log left by an earlier database would be replayed into the new one.
        _remove_database(path)
        draft_truth.replace(path.with_name(TRUTH_FILE))
        draft.replace(path)
    finally:
        _remove_database(draft)
        draft_truth.unlink(missing_ok=True)
    return report


def demo_home(session: Session) -> dict[str, str]:
    """Paths worth opening first, by what they show."""
    managed, island = (units.unit_by_code(session, code) for code in (MANAGED_UNIT, ISLAND))
    code = units.points_of_unit(session, managed.id, LAST_DAY)[0].public_code
    return {
        "citizen": f"/q/{code}",
        "kiosk": f"/k/{code}",
        "manager": f"/manager/units/{managed.id}",
        "manager_small": f"/manager/units/{island.id}",
        "comparison": "/par/comparison",
    }


@contextmanager
def _new_database(path: Path, audit_key: bytes) -> Iterator[Session]:
    engine = prepare_engine(create_engine(**engine_options(f"sqlite:///{path}")), audit_key=audit_key)
    try:
        upgrade_schema(engine)
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()


def _remove_database(path: Path) -> None:
    for name in (path.name, *(f"{path.name}{suffix}" for suffix in _SIDE_FILES)):
        path.with_name(name).unlink(missing_ok=True)


def _draw_truth(
    places: tuple[UnitPlace, ...], *, n_responses: int, seed: int, rng: np.random.Generator
) -> Truth:
    """Unit effects, with a few communes of middling size truly higher or lower."""
    by_size = sorted((place for place in places if place.population), key=lambda place: place.population or 0)
    free = [place.code for place in by_size if place.code not in CHANGES]
    outliers = dict(zip(free[OUTLIERS_FROM::OUTLIER_STEP], OUTLIER_EFFECTS, strict=False))
    unit_sd = Truth(seed=seed, n_responses=n_responses, units=()).unit_sd
    named = [(place.code, place.name) for place in places]
    drawn = draw_unit_truths(named, sd=unit_sd, outliers=outliers, changes=CHANGES, rng=rng)
    return Truth(seed=seed, n_responses=n_responses, units=drawn, unit_sd=unit_sd)


def _expected(
    truth: Truth, places: tuple[UnitPlace, ...], visits: Visits, design: Sequence[SampleUnit]
) -> Iterator[ExpectedShare]:
    """The share that the truth implies, by basis, period and unit, and of all units together."""
    share = marginal_share(visits.predictor, visits.cluster_sd)
    is_late = visits.day >= QUARTER_CHANGE.toordinal()
    periods = {"2026-Q2": ~is_late, "2026-Q3": is_late, "2026-6T": np.ones(len(visits), dtype=bool)}
    one_each = np.ones(len(places))
    by_frame = design_weights(design, len(places))
    bases = {"continuous": (visits.wave != SAMPLE, one_each), "sample": (visits.wave == SAMPLE, by_frame)}
    for (basis, (is_basis, weights)), (period, is_period) in product(bases.items(), periods.items()):
        rows = is_basis & is_period
        if rows.any():
            n = np.bincount(visits.unit[rows], minlength=len(places))
            total = np.bincount(visits.unit[rows], weights=share[rows], minlength=len(places))
            whole = float((weights * total).sum() / (weights * n).sum())
            yield ExpectedShare(basis, period, "", int(n.sum()), whole)
            for unit in np.flatnonzero(n):
                expected = float(total[unit] / n[unit])
                yield ExpectedShare(basis, period, places[unit].code, int(n[unit]), expected)


def _n_by_wave(visits: Visits) -> list[int]:
    counted = Counter(visits.wave.tolist())
    return [counted[wave] for wave in range(3)]
