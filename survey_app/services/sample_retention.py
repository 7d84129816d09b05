"""Lists of a sample whose time is over: rows of frames and drawn cases go, the record of the draw stays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey_app.models import SampleCase, SampleDraw, SampleFrame, SampleFrameEntry, Wave
from survey_app.services import audit

KEPT_DAYS = 365


@dataclass(frozen=True, slots=True)
class Forgotten:
    n_frames: int
    n_entries: int
    n_cases: int


def forget_lists(
    session: Session, *, today: date, now: datetime, days: int = KEPT_DAYS, apply: bool
) -> Forgotten:
    """Delete what waves that closed so many days ago were drawn from, and the lists drawn; or only count it."""
    over = select(Wave.id).where(Wave.closes_on.is_not(None), Wave.closes_on < today - timedelta(days=days))
    frames = list(session.scalars(select(SampleFrame.id).where(SampleFrame.wave_id.in_(over))))
    draws = list(session.scalars(select(SampleDraw.id).where(SampleDraw.frame_id.in_(frames))))
    of_frames, of_draws = SampleFrameEntry.frame_id.in_(frames), SampleCase.draw_id.in_(draws)
    found = Forgotten(
        len(frames),
        session.scalar(select(func.count()).select_from(SampleFrameEntry).where(of_frames)) or 0,
        session.scalar(select(func.count()).select_from(SampleCase).where(of_draws)) or 0,
    )
    if apply and (found.n_entries or found.n_cases):
        session.execute(delete(SampleCase).where(of_draws))
        session.execute(delete(SampleFrameEntry).where(of_frames))
        audit.record(session, "sample.lists_forgotten", target="sample_frame", by=None, at=now,
                     details={"frames": frames, "n_entries": found.n_entries, "n_cases": found.n_cases})  # fmt: skip
    return found
