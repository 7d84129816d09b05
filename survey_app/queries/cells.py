"""Rollup cells: what one holds, how it is packed, and the responses it is made from."""

import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, case, exists, extract, null, or_, select
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from survey_app.models import Exclusion, Response, ScoreRelease
from survey_app.months import last_day
from survey_app.vocabulary import INTERVIEWED

SPARSE = np.dtype([("cell", "<u2"), ("n", "<u4")])

COUNT_KEY = (
    Response.point_id, Response.unit_id, Response.agency_id, Response.field_id, Response.stage,
    Response.channel, Response.wave_id, Response.version_id, Response.stratum,
)  # fmt: skip

# What answers hang together by: those of a device on a day, and all that one interviewer took in a month, since
# an interviewer colours every interview and a cell of the rollup holds a month.
_is_interviewed = and_(Response.channel.in_(INTERVIEWED), Response.collector.is_not(None))
CLUSTER = (
    Response.unit_id, Response.wave_id, Response.stratum, Response.point_id, Response.channel, Response.collector,
    case((_is_interviewed, null()), else_=Response.collected_on),
    case(
        (_is_interviewed, 12 * extract("year", Response.collected_on) + extract("month", Response.collected_on)),
        else_=null(),
    ),
)  # fmt: skip


def cluster_of(row: Any) -> tuple[Any, ...]:
    """The cluster of a response within its cell: what `CLUSTER` says, of a row that is read."""
    is_interviewed = row.channel in INTERVIEWED and row.collector is not None
    day = row.collected_on.replace(day=1) if is_interviewed else row.collected_on
    return row.point_id, row.channel, row.collector, day


def is_excluded() -> Any:
    """Whether an active predicate of the office covers the response."""
    return exists().where(
        Exclusion.is_active.is_(True),
        Exclusion.point_id == Response.point_id,
        Response.collected_on.between(Exclusion.from_on, Exclusion.to_on),
        or_(Exclusion.channel.is_(None), Exclusion.channel == Response.channel),
        or_(Exclusion.collector.is_(None), Exclusion.collector == Response.collector),
        or_(Exclusion.batch.is_(None), Exclusion.batch == Response.batch),
    )


def point_month_rows(session: Session, *, point_ids: Sequence[int], month: date) -> list[Any]:
    """Released responses of a month, with the keys of their cells and clusters, in no order of arrival."""
    return list(
        session.execute(
            select(*COUNT_KEY, is_excluded(), Response.collector, Response.collected_on, Response.answers)
            .join(
                ScoreRelease,
                and_(ScoreRelease.unit_id == Response.unit_id, ScoreRelease.wave_id == Response.wave_id),
            )
            .where(Response.received_on <= ScoreRelease.released_through, Response.is_test.is_(False))
            .where(Response.point_id.in_(point_ids), Response.collected_on.between(month, last_day(month)))
        )
    )


def sparse_counts(counts: NDArray[np.int64]) -> bytes:
    """Level counts (S, 32) of one cell as pairs of place and number."""
    flat = counts.reshape(-1)
    places = np.flatnonzero(flat)
    entries = np.empty(len(places), dtype=SPARSE)
    entries["cell"], entries["n"] = places, flat[places]
    return entries.tobytes()


def packed_moments(cells: Moments, index: int) -> bytes:
    """Sums, products and cluster products of one cell."""
    return packed_strata(cells, index, {})


def _flat(cells: Moments, index: int) -> NDArray[np.float64]:
    """Both products are symmetric, so half is kept."""
    upper = np.triu_indices(len(cells.columns))
    parts = (cells.sums[index], cells.products[index][upper], cells.cluster_products[index][upper])
    return np.concatenate(parts)


def packed_strata(cells: Moments, index: int, strata: dict[int, Moments]) -> bytes:
    """Packed moments of a unit with those of each of its strata behind them; nothing behind where it has none."""
    parts = [_flat(cells, index)]
    if set(strata) - {0}:
        for number in sorted(strata):
            own = strata[number]
            parts.append(np.array([number, own.n[0], own.n_clusters[0]], dtype=float))
            parts.append(_flat(own, 0))
    return zlib.compress(np.concatenate(parts).astype("<f8").tobytes(), 1)


def unpacked_strata(
    columns: tuple[str, ...], blob: bytes, n_responses: int, n_clusters: int
) -> list[tuple[int, Moments]]:
    """The strata behind packed moments; all of the unit as stratum 0 where they were packed without."""
    size = len(columns) * (len(columns) + 2)
    numbers = unpacked(blob)
    rest = numbers[size:].reshape(-1, size + 3)
    if not len(rest):
        return [(0, _laid_out(columns, [n_responses], numbers[None, :size], [n_clusters]))]
    return [(int(row[0]), _laid_out(columns, [int(row[1])], row[None, 3:], [int(row[2])])) for row in rest]


def unpacked(blob: bytes) -> NDArray[np.float64]:
    """The numbers of packed moments, laid end to end."""
    return np.frombuffer(zlib.decompress(blob), dtype="<f8")


def stacked_moments(columns: tuple[str, ...], cells: Any) -> Moments:
    """Moments of cells, each with its number of respondents, its packed moments and its number of clusters."""
    size = len(columns) * (len(columns) + 2)
    flat = np.stack([unpacked(cell[2])[:size] for cell in cells])
    return _laid_out(columns, [cell[1] for cell in cells], flat, [cell[3] for cell in cells])


def _laid_out(
    columns: tuple[str, ...], n: Sequence[int], flat: NDArray[np.float64], n_clusters: Sequence[int]
) -> Moments:
    d = len(columns)
    upper = np.triu_indices(d)
    half = len(upper[0])
    return Moments(
        columns,
        np.array(n),
        flat[:, :d],
        _symmetric(flat[:, d : d + half], upper, d),
        np.array(n_clusters),
        _symmetric(flat[:, d + half :], upper, d),
    )


def _symmetric(halves: NDArray[np.float64], upper: Any, d: int) -> NDArray[np.float64]:
    full = np.zeros((len(halves), d, d))
    full[:, upper[0], upper[1]] = halves
    full[:, upper[1], upper[0]] = halves
    return full
