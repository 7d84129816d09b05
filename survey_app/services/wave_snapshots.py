"""Closing freezes: what was counted, over which answers, by which rules; and the check that nothing changed since."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments, item_moments, respondent_moments
from analysis.counting.tallies import level_counts
from survey_app.models import Response, Wave, WaveSnapshot, WaveTally
from survey_app.months import month_of
from survey_app.queries import calendar, cells, lookups, roots, snapshots, units
from survey_app.queries.lookups import CLOSED
from survey_app.queries.snapshots import SnapshotRow, TallyRow, Window
from survey_app.services import forms
from survey_app.services.mapping_revisions import mappings_in_force
from survey_app.services.policy import current_policy
from survey_app.services.response_roots import Root, hash_of, merkle_root
from survey_app.services.scorecards import METHOD_VERSION

UNITS_AT_A_TIME = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was frozen: `what` is a word, `where` names the revision, unit and days."""

    what: str
    where: str
    frozen: str
    found: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared and what differs. `is_by_month` says that days are gone, so that clusters were not."""

    n_revisions: int
    n_answers: int
    n_tallies: int
    is_by_month: bool
    differences: tuple[Difference, ...]


def freeze(
    session: Session, *, wave_id: int, received_through: date, closed_on: date, reason: str
) -> SnapshotRow:
    """Take in what was received by a day and store what it counts to. The caller releases before and commits."""
    before = snapshots.snapshots_of(session, wave_id)
    revision = before[-1].revision + 1 if before else 1
    session.execute(
        update(Response)
        .where(Response.wave_id == wave_id, Response.received_on <= received_through, Response.closed_in == 0)
        .values(closed_in=revision, is_late=False)
    )
    # Whatever came later is late, also what came on the day of the closing before it: no hour tells them apart.
    mark_late(session, wave_id=wave_id)
    root = taken_in_root(session, wave_id=wave_id, revision=revision)
    windows, extent = _windows(session, wave_id, revision)
    rows = list(_counted(session, wave_id=wave_id, revision=revision, windows=windows))
    snapshot = WaveSnapshot(
        wave_id=wave_id, revision=revision, closed_on=closed_on, received_through=received_through,
        first_on=extent[0] if extent else None, last_on=extent[1] if extent else None, reason=reason,
        n_received=root.n, n_counted=sum(row.n_responses for row in rows if extent and _is_whole(row, extent)),
        root=root.digest, method_version=METHOD_VERSION, terms=_terms(session, wave_id, closed_on),
    )  # fmt: skip
    session.add(snapshot)
    session.flush()
    if rows:
        session.execute(insert(WaveTally), [{"snapshot_id": snapshot.id, **asdict(row)} for row in rows])
    return snapshots.snapshots_of(session, wave_id)[-1]


def mark_late(session: Session, *, wave_id: int | None = None) -> int:
    """In a closed wave, or in every one: an answer that no closing has taken in is late; how many were not marked."""
    of_wave = Response.wave_id.in_(select(Wave.id).where(Wave.state.in_(CLOSED)))
    statement = (
        update(Response)
        .where(of_wave if wave_id is None else Response.wave_id == wave_id)
        .where(Response.closed_in == 0, Response.is_late.is_(False))
        .values(is_late=True)
        .returning(Response.id)
    )
    return len(session.scalars(statement).all())


def taken_in_root(session: Session, *, wave_id: int, revision: int) -> Root:
    """The root over everything that closings up to one took in; it needs no date, so it outlives the days."""
    taken = roots.taken_in_rows(session, wave_id=wave_id, revision=revision)
    return merkle_root(hash_of(row) for row in taken)


def verify(session: Session, *, wave_id: int) -> Verification:
    """Make every root again, and count the snapshot in force again; name what is not the same."""
    stored = snapshots.snapshots_of(session, wave_id)
    found: list[Difference] = []
    for each in stored:
        root = taken_in_root(session, wave_id=wave_id, revision=each.revision)
        if root.n != each.n_received:
            found.append(Difference("n_received", f"{each.revision}", str(each.n_received), str(root.n)))
        if root.digest != each.root:
            found.append(Difference("root", f"{each.revision}", each.root.hex(), root.digest.hex()))
    unmarked = snapshots.n_unmarked(session, wave_id) if lookups.wave_row(session, wave_id).is_closed else 0
    if unmarked:
        found.append(Difference("not_marked_late", f"{len(stored)}", "0", str(unmarked)))
    n_tallies, is_by_month = 0, False
    for current in snapshots.in_force(session, [wave_id]):
        is_by_month = current.is_coarsened
        differences, n_tallies = _compare(session, wave_id, current)
        found += differences
    return Verification(
        len(stored), stored[-1].n_received if stored else 0, n_tallies, is_by_month, tuple(found)
    )


def _compare(session: Session, wave_id: int, current: snapshots.InForce) -> tuple[list[Difference], int]:
    held = {row.key: row for row in snapshots.tallies_of(session, current.snapshot_id)}
    windows = {(row.starts_on, row.ends_on) for row in held.values()}
    if current.is_coarsened:
        # Only whole months can be told apart now, and an exclusion of single days no more.
        windows = _month_windows(current)
    whole = {_whole_month(window) for window in windows} if current.is_coarsened else windows
    counted = _counted(session, wave_id=wave_id, revision=current.revision, windows=whole)
    again = {row.key: row for row in counted}
    if current.is_coarsened:
        held, again = _by_month(held, windows), _by_month(again, whole)
    names = {
        unit_id: units.unit_by_id(session, unit_id).label for unit_id in {key[0] for key in held | again}
    }
    differences = [
        Difference(what, _where(names, key), frozen, found)
        for key in sorted(held.keys() | again.keys())
        for what, frozen, found in _unlike(held.get(key), again.get(key), is_by_month=current.is_coarsened)
    ]
    return differences, len(held)


def _where(names: Mapping[int, str], key: tuple[int, int, date, date, bool]) -> str:
    return f"{names[key[0]]}, {key[2]:%d/%m/%Y}–{key[3]:%d/%m/%Y}"


def _unlike(
    frozen: TallyRow | None, found: TallyRow | None, *, is_by_month: bool
) -> Iterator[tuple[str, str, str]]:
    if frozen is None or found is None:
        n_frozen, n_found = (0 if row is None else row.n_responses for row in (frozen, found))
        yield "n_responses", str(n_frozen), str(n_found)
        return
    if frozen.n_responses != found.n_responses:
        yield "n_responses", str(frozen.n_responses), str(found.n_responses)
    names = ("counts",) if is_by_month else ("counts", "moments", "item_moments")
    for name in names:
        one, other = getattr(frozen, name), getattr(found, name)
        if not _is_like(name, one, other):
            yield name, f"{len(one)} B", f"{len(other)} B"


def _numbers(name: str, blob: bytes) -> Any:
    """Counts as they are; sums rounded, since the order of adding is not fixed."""
    if name == "counts":
        return dict(np.frombuffer(blob, dtype=cells.SPARSE).tolist())
    return np.round(cells.unpacked(blob), 6).tolist()


def _is_like(name: str, frozen: bytes, found: bytes) -> bool:
    """Whether two tallies say the same; one frozen before strata were kept is compared without them."""
    one, other = _numbers(name, frozen), _numbers(name, found)
    return bool(one == other or (name != "counts" and len(one) < len(other) and one == other[: len(one)]))


def _by_month(
    rows: Mapping[Any, TallyRow], windows: set[Window]
) -> dict[tuple[int, int, date, date, bool], TallyRow]:
    """Tallies of these windows by their whole month, excluded and not excluded answers together."""
    total: dict[tuple[int, int, date, date, bool], TallyRow] = {}
    for row in rows.values():
        if (row.starts_on, row.ends_on) not in windows:
            continue
        key = (row.unit_id, row.version_id, *_whole_month((row.starts_on, row.ends_on)), False)
        before = total.get(key)
        counts = _added(row.counts, before.counts) if before else row.counts
        n = row.n_responses + (before.n_responses if before else 0)
        total[key] = TallyRow(*key, n, 0, counts, b"", b"")
    return total


def _added(one: bytes, other: bytes) -> bytes:
    sums: dict[int, int] = {}
    for blob in (one, other):
        for cell, n in np.frombuffer(blob, dtype=cells.SPARSE).tolist():
            sums[cell] = sums.get(cell, 0) + n
    return np.array(sorted(sums.items()), dtype=cells.SPARSE).tobytes()


def _windows(session: Session, wave_id: int, revision: int) -> tuple[set[Window], Window | None]:
    """Every month, every period of the office, and the whole, cut to the days on which answers were given."""
    extent = snapshots.days_taken_in(session, wave_id=wave_id, revision=revision)
    if extent is None:
        return set(), None
    first, last = extent
    offices = {
        office
        for unit_id in snapshots.unit_ids_with_answers(session, wave_id)
        for office in (unit_id, *units.ancestor_ids(session, unit_id))
    }
    named = {
        (max(period.starts_on, first), min(period.ends_on, last))
        for period in calendar.periods_of(session, sorted(offices))
        if period.starts_on <= last and first <= period.ends_on
    }
    return {*snapshots.month_windows(first, last), *named, extent}, extent


def _whole_month(window: Window) -> Window:
    """Where only months are known, every answer lies on the first of its month."""
    return month_of(window[0])


def _month_windows(current: snapshots.InForce) -> set[Window]:
    if current.first_on is None or current.last_on is None:
        return set()
    return set(snapshots.month_windows(current.first_on, current.last_on))


def _counted(session: Session, *, wave_id: int, revision: int, windows: set[Window]) -> Iterator[TallyRow]:
    """Tallies of each unit, form and window, some units at a time."""
    unit_ids = snapshots.unit_ids_with_answers(session, wave_id)
    for start in range(0, len(unit_ids), UNITS_AT_A_TIME):
        some = unit_ids[start : start + UNITS_AT_A_TIME]
        found = snapshots.wave_rows(session, wave_id=wave_id, unit_ids=some, revision=revision)
        parts: dict[tuple[int, bool], list[Any]] = {}
        for row in found:
            parts.setdefault((row.version_id, bool(row.is_excluded)), []).append(row)
        for (version_id, is_excluded), rows in sorted(parts.items(), key=itemgetter(0)):
            form = forms.load_form(session, version_id=version_id)
            for window in sorted(windows):
                yield from _tallies(_Part(version_id, is_excluded, form, some), rows, window)


@dataclass(frozen=True, slots=True)
class _Part:
    version_id: int
    is_excluded: bool
    form: forms.Form
    unit_ids: list[int]


def _tallies(part: _Part, rows: list[Any], window: Window) -> Iterator[TallyRow]:
    """Every unit of a part at once; units without an answer in the window have no tally."""
    inside = [row for row in rows if window[0] <= row.collected_on <= window[1]]
    if not inside:
        return
    n_units = len(part.unit_ids)
    place = {unit_id: index for index, unit_id in enumerate(part.unit_ids)}
    unit = np.array([place[row.unit_id] for row in inside])
    known: dict[Any, int] = {}
    clusters = np.array(
        [known.setdefault((row.unit_id, cells.cluster_of(row)), len(known)) for row in inside]
    )
    answers = np.frombuffer(b"".join(row.answers for row in inside), dtype=np.uint8).reshape(
        -1, part.form.n_slots
    )
    scoring = part.form.scoring()
    counts = level_counts(answers, unit, n_units=n_units)
    moments = respondent_moments(answers, scoring, unit, clusters, n_units=n_units)
    by_item = item_moments(answers, scoring, unit, clusters, n_units=n_units)
    strata = _Strata(inside, unit, clusters)
    own = strata.of(respondent_moments(answers, scoring, strata.labels, strata.clusters, n_units=strata.n))
    own_items = strata.of(item_moments(answers, scoring, strata.labels, strata.clusters, n_units=strata.n))
    for index in np.flatnonzero(np.bincount(unit, minlength=n_units)).tolist():
        yield TallyRow(
            part.unit_ids[index], part.version_id, *window, part.is_excluded, int(moments.n[index]),
            int(moments.n_clusters[index]), cells.sparse_counts(counts[index]),
            cells.packed_strata(moments, index, own[index]),
            cells.packed_strata(by_item, index, own_items[index]),
        )  # fmt: skip


class _Strata:
    """Answers by unit and stratum, for the tails of their units' moments."""

    def __init__(self, rows: list[Any], unit: Any, clusters: Any) -> None:
        keys = list(zip(unit.tolist(), (row.stratum for row in rows), strict=True))
        self.keys = sorted(set(keys))
        place = {key: index for index, key in enumerate(self.keys)}
        self.labels = np.array([place[key] for key in keys])
        self.clusters, self.n = clusters, len(self.keys)

    def of(self, moments: Moments) -> dict[int, dict[int, Moments]]:
        found: dict[int, dict[int, Moments]] = {}
        for index, (unit, stratum) in enumerate(self.keys):
            found.setdefault(unit, {})[stratum] = moments.take([index])
        return found


def _is_whole(row: TallyRow, extent: Window) -> bool:
    return (row.starts_on, row.ends_on) == extent and not row.is_excluded


def _terms(session: Session, wave_id: int, on: date) -> dict[str, Any]:
    """What the figures were counted by, as plain values."""
    policy = asdict(current_policy(session, on))
    policy["effective_from"] = policy["effective_from"].isoformat()
    return {
        "policy": policy,
        "targets": snapshots.targets(session, wave_id),
        # Later words on how versions are mapped never reach what was closed before them.
        "mappings": mappings_in_force(session, lookups.wave_row(session, wave_id).version_ids),
        "exclusions": snapshots.active_exclusions(session, wave_id),
        "released_through": {
            str(unit_id): through.isoformat()
            for unit_id, through in snapshots.last_releases(session, wave_id).items()
        },
    }
