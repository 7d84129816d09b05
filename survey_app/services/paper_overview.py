"""What an office sees of its paper at once: pads, opened boxes, batches and how far they are."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import paper
from survey_app.queries.paper import BatchRow, OpeningRow, OwnShare, PadRow, PointChoice
from survey_app.services.accounts import Viewer
from survey_app.services.paper_checks import n_to_check, open_differences
from survey_app.services.paper_entry import FIRST
from survey_app.services.paper_pads import visible_points


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch with the number of sheets keyed so far."""

    batch: BatchRow
    n_keyed: int

    @property
    def n_left(self) -> int:
        return self.batch.n_to_key - self.n_keyed


@dataclass(frozen=True, slots=True)
class Overview:
    points: tuple[PointChoice, ...]
    pads: tuple[PadRow, ...]
    openings: tuple[OpeningRow, ...]
    batches: tuple[BatchProgress, ...]
    shares: tuple[OwnShare, ...]


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What the page of one batch needs to say what is done and what comes next."""

    progress: BatchProgress
    n_unfinished: int
    n_own_staff: int
    n_to_check: int
    n_differences: int

    @property
    def n_keyed(self) -> int:
        return self.progress.n_keyed

    @property
    def own_share(self) -> float | None:
        """The part of the sheets keyed so far that the rated unit's own staff keyed."""
        return self.n_own_staff / self.n_keyed if self.n_keyed else None


def overview(session: Session, *, viewer: Viewer, today: date) -> Overview:
    """Everything of the points that the viewer may see."""
    points = visible_points(session, viewer=viewer, today=today)
    point_ids = [point.id for point in points]
    return Overview(
        points=tuple(points),
        pads=tuple(paper.pads_of_points(session, point_ids)),
        openings=tuple(paper.openings_of_points(session, point_ids)),
        batches=tuple(_progress(session, paper.batches_of_points(session, point_ids))),
        shares=tuple(paper.own_shares(session, point_ids)),
    )


def batches_of_opening(session: Session, opening_id: int) -> list[BatchProgress]:
    return _progress(session, paper.batches_of_opening(session, opening_id))


def batch_status(session: Session, batch: BatchRow) -> BatchStatus:
    rows = paper.keyed_rows(session, batch.id, keyed_round=FIRST)
    is_booked = batch.state == "booked"
    return BatchStatus(
        progress=BatchProgress(batch, batch.n_booked if is_booked else len(rows)),
        n_unfinished=sum(not row.is_finished for row in rows),
        n_own_staff=batch.n_own_staff if is_booked else sum(row.is_own_staff for row in rows),
        n_to_check=n_to_check(session, batch.id),
        n_differences=len(open_differences(session, batch)),
    )


def _progress(session: Session, batches: list[BatchRow]) -> list[BatchProgress]:
    keyed = paper.n_keyed(session, [batch.id for batch in batches])
    return [
        BatchProgress(batch, batch.n_booked if batch.state == "booked" else keyed.get(batch.id, 0))
        for batch in batches
    ]
