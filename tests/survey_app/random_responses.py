"""A world of random responses with everything that makes counting hard, and its recount in plain Python."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from analysis.counting.respondents import respondent_values
from survey_app.models import Exclusion, PointUnit, QuestionnaireVersion, Response, ScoreRelease, Wave
from survey_app.queries.tallies import Scope
from survey_app.services import forms
from survey_app.vocabulary import Channel, Stage
from tests.builders import World, make_unit, make_wave

FIRST, LAST = date(2026, 3, 1), date(2026, 8, 31)
MOVED_ON = date(2026, 6, 20)
CODES = (1, 2, 3, 4, 5, 5, 26, 27, 28, 29, 30, 31)
BATCH = UUID("00000000-0000-4000-8000-000000000001")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was added to the small world."""

    unit_ids: tuple[int, ...]
    wave_ids: tuple[int, ...]
    sample_wave_id: int


def fill(session: Session, world: World, *, seed: int, n: int = 300) -> Filled:
    """Random responses over half a year in which one point moves to another unit in the middle of a month."""
    rng = random.Random(seed)
    successor = make_unit(session, "Tân Lập", kind="commune", parent_id=world.province)
    _move_point(session, world.points["Hòa Xuân"], successor)
    unit_ids = (*(world.units[name] for name in world.points), successor)
    twin = make_wave(
        session,
        "twin",
        version_id=world.versions["full_form_v1"],
        root_id=world.province,
        unit_ids=list(unit_ids),
    )
    waves = [world.waves["tap"], world.waves["full"], twin, world.waves["sample"]]
    versions = dict(zip(waves, _versions(session, waves), strict=True))
    rows = [
        _row(rng, world, wave_id=rng.choice(waves), versions=versions, successor=successor)
        for _ in range(n)
    ]  # fmt: skip
    session.execute(insert(Response), rows)
    _exclude(session, world)
    for unit_id in unit_ids:
        for wave_id in waves:
            if rng.random() < 0.9:
                through = date(2026, 6, 1) + timedelta(days=rng.randrange(120))
                session.add(ScoreRelease(unit_id=unit_id, wave_id=wave_id, released_through=through))
    session.flush()
    return Filled(unit_ids, tuple(waves[:3]), waves[3])


def _versions(session: Session, wave_ids: list[int]) -> list[tuple[int, int]]:
    """Version and number of slots of each wave."""
    found = {
        wave_id: (version_id, n_slots)
        for wave_id, version_id, n_slots in session.execute(
            select(Wave.id, QuestionnaireVersion.id, QuestionnaireVersion.n_slots).join(
                QuestionnaireVersion, QuestionnaireVersion.id == Wave.version_id
            )
        )
    }
    return [found[wave_id] for wave_id in wave_ids]


def _move_point(session: Session, point_id: int, unit_id: int) -> None:
    session.execute(
        update(PointUnit).where(PointUnit.point_id == point_id).values(valid_to=MOVED_ON - timedelta(days=1))
    )
    session.add(PointUnit(point_id=point_id, unit_id=unit_id, valid_from=MOVED_ON))


def _row(
    rng: random.Random, world: World, *, wave_id: int, versions: dict[int, tuple[int, int]], successor: int
) -> dict[str, Any]:
    name = rng.choice(list(world.points))
    # Few days, so that several people answer at one device on one day.
    on = FIRST + timedelta(days=rng.choice(range(0, (LAST - FIRST).days + 1, 4)))
    unit_id = successor if name == "Hòa Xuân" and on >= MOVED_ON else world.units[name]
    version_id, n_slots = versions[wave_id]
    return {
        "id": UUID(int=rng.getrandbits(128), version=4),
        "wave_id": wave_id,
        "version_id": version_id,
        "unit_id": unit_id,
        "point_id": world.points[name],
        "agency_id": rng.choice([None, world.province]),
        "field_id": rng.choice([None, 1, 2]),
        "stratum": rng.choice([0, 0, 1]),
        "channel": int(rng.choice([Channel.KIOSK, Channel.QR, Channel.INTERVIEW, Channel.PHONE])),
        "stage": int(rng.choice([Stage.UNKNOWN, Stage.SUBMIT, Stage.COLLECT_RESULT])),
        "language": "vi",
        "collector": rng.choice([None, "K1", "K2"]),
        "batch": rng.choice([None, None, BATCH]),
        "is_test": rng.random() < 0.05,
        "flags": rng.choice([0, 0, 1]),
        "collected_on": on,
        "received_on": on + timedelta(days=rng.choice([0, 0, 0, 1, 3, 40])),
        "answers": bytes(rng.choice(CODES) for _ in range(n_slots)),
        "digest": bytes(16),
    }


def _exclude(session: Session, world: World) -> None:
    """Predicates of every kind, overlapping, and one that was taken back."""
    dong_ha, hoa_xuan = world.points["Đông Hà"], world.points["Hòa Xuân"]
    common: dict[str, Any] = {"reason": "Thử máy", "is_active": True}
    session.add_all([
        Exclusion(point_id=dong_ha, from_on=date(2026, 5, 10), to_on=date(2026, 5, 20), **common),
        Exclusion(point_id=dong_ha, channel=int(Channel.KIOSK), collector="K1",
                  from_on=date(2026, 5, 15), to_on=date(2026, 7, 15), **common),
        Exclusion(point_id=hoa_xuan, batch=BATCH, from_on=FIRST, to_on=LAST, **common),
        Exclusion(point_id=hoa_xuan, from_on=FIRST, to_on=LAST, **common | {"is_active": False}),
    ])  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Recount:
    """What counting one by one gives, unit by unit in the order of the scope."""

    counts: np.ndarray
    n_responses: np.ndarray
    sums: np.ndarray
    products: np.ndarray
    n_clusters: np.ndarray
    cluster_products: np.ndarray


def recount(session: Session, scope: Scope) -> Recount:
    """The scope counted one response after another, sharing nothing with the queries but the scoring."""
    scoring = forms.load_form(session, version_id=scope.version_id).scoring()
    d, n_units = len(scoring.columns), len(scope.unit_ids)
    counts = np.zeros((n_units, scope.n_slots, 32), dtype=np.int64)
    sums, products = np.zeros((n_units, d)), np.zeros((n_units, d, d))
    clusters: dict[tuple[Any, ...], np.ndarray] = {}
    n_responses: Counter[int] = Counter()
    for row in _counting_rows(session, scope):
        unit = scope.unit_ids.index(row.unit_id)
        n_responses[unit] += 1
        for slot, code in enumerate(row.answers):
            counts[unit, slot, code] += 1
        value = respondent_values(np.frombuffer(row.answers, np.uint8)[None, :], scoring)[0]
        sums[unit] += value
        products[unit] += np.outer(value, value)
        # A device's day; but all that one interviewer took in a month.
        is_interviewed = row.channel in {Channel.PHONE, Channel.INTERVIEW} and row.collector is not None
        when = f"{row.collected_on:%Y-%m}" if is_interviewed else row.collected_on
        key = (unit, row.wave_id, row.stratum, row.point_id, row.channel, row.collector, when)
        clusters[key] = clusters.get(key, np.zeros(d)) + value
    cluster_products = np.zeros((n_units, d, d))
    for key, total in clusters.items():
        cluster_products[key[0]] += np.outer(total, total)
    n_clusters = Counter(key[0] for key in clusters)
    in_order = range(n_units)
    return Recount(
        counts, np.array([n_responses[u] for u in in_order]), sums, products,
        np.array([n_clusters[u] for u in in_order]), cluster_products,
    )  # fmt: skip


def _counting_rows(session: Session, scope: Scope) -> list[Response]:
    session.expire_all()
    released = {(r.unit_id, r.wave_id): r.released_through for r in session.scalars(select(ScoreRelease))}
    exclusions = [e for e in session.scalars(select(Exclusion)) if e.is_active]
    return [
        row
        for row in session.scalars(select(Response))
        if row.unit_id in scope.unit_ids
        and row.wave_id in scope.wave_ids
        and row.version_id == scope.version_id
        and not row.is_test
        and scope.starts_on <= row.collected_on <= scope.ends_on
        and row.received_on <= released.get((row.unit_id, row.wave_id), date.min)
        and any(_covers(exclusion, row) for exclusion in exclusions) == scope.is_excluded
    ]


def _covers(exclusion: Exclusion, row: Response) -> bool:
    return (
        exclusion.point_id == row.point_id
        and exclusion.from_on <= row.collected_on <= exclusion.to_on
        and exclusion.channel in (None, row.channel)
        and exclusion.collector in (None, row.collector)
        and exclusion.batch in (None, row.batch)
    )
