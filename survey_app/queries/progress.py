"""What waits to be counted or released."""

from datetime import date, timedelta

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from survey_app.models import Comment, Point, Response, RollupDirty, RollupMonth, ScoreRelease, Wave
from survey_app.months import months_between
from survey_app.queries.lookups import CLOSED


def stale_months(session: Session, *, before: date) -> list[tuple[date, list[int]]]:
    """Months before one, with the points whose cells are missing or dirty."""
    first = session.scalar(select(func.min(Response.collected_on)))
    if first is None:
        return []
    points = list(session.scalars(select(Point.id).order_by(Point.id)))
    built = set(session.execute(select(RollupMonth.month, RollupMonth.point_id)).all())
    dirty = set(session.execute(select(RollupDirty.month, RollupDirty.point_id)).all())
    stale = []
    for month in months_between(first, before - timedelta(days=1)):
        waiting = [p for p in points if (month, p) not in built or (month, p) in dirty]
        if waiting:
            stale.append((month, waiting))
    return stale


def unreleased_counts(session: Session, *, through: date) -> list[tuple[int, int, int, date | None]]:
    """Unit, wave, number of responses received since the last release up to a day, and that release.

    The figures of a closed wave stand: what comes after its closing is released no more.
    """
    released = (ScoreRelease.unit_id == Response.unit_id) & (ScoreRelease.wave_id == Response.wave_id)
    return [
        (unit_id, wave_id, n, released_through)
        for unit_id, wave_id, released_through, n in session.execute(
            select(Response.unit_id, Response.wave_id, ScoreRelease.released_through, func.count())
            .outerjoin(ScoreRelease, released)
            .where(Response.received_on <= through, Response.is_test.is_(False))
            .where(Response.wave_id.not_in(select(Wave.id).where(Wave.state.in_(CLOSED))))
            .where(
                (ScoreRelease.released_through.is_(None))
                | (Response.received_on > ScoreRelease.released_through)
            )
            .group_by(Response.unit_id, Response.wave_id, ScoreRelease.released_through)
            .order_by(Response.unit_id, Response.wave_id)
        )
    ]


def months_received(
    session: Session, *, unit_id: int, wave_id: int, after: date | None, through: date
) -> list[tuple[int, date]]:
    """Point and month of the responses of a unit that a release adds."""
    rows = session.execute(
        select(Response.point_id, Response.collected_on)
        .where(Response.unit_id == unit_id, Response.wave_id == wave_id, Response.received_on <= through)
        .where(Response.received_on > after if after else true())
        .distinct()
    )
    return sorted({(point_id, day.replace(day=1)) for point_id, day in rows})


def waiting_comments(session: Session) -> list[tuple[int, int]]:
    """Units with comments not yet released, and how many."""
    rows = session.execute(
        select(Comment.unit_id, func.count())
        .where(Comment.released_on.is_(None))
        .group_by(Comment.unit_id)
        .order_by(Comment.unit_id)
    )
    return [(unit_id, n) for unit_id, n in rows]
