"""What is kept only for a time, as conditions on the rows that are over their time."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from survey_app.models import (
    CallBackCheck,
    Comment,
    DeviceIncident,
    InterviewAssignment,
    Invitation,
    SampleCase,
    SampleDraw,
    SampleFrame,
    SampleFrameEntry,
    SignOnIdentity,
    Wave,
)


def old_comments(before: date) -> ColumnElement[bool]:
    """Comments of months that were over before a day."""
    return Comment.month < before.replace(day=1)


def old_cases(before: date) -> Select[Any]:
    """Interview cases that nobody will be sought by any more: last tried, or their wave closed, before a day."""
    is_over = or_(
        and_(InterviewAssignment.state != "open", InterviewAssignment.last_attempt_on < before),
        Wave.closes_on < before,
    )
    return select(InterviewAssignment.id).join(Wave, Wave.id == InterviewAssignment.wave_id).where(is_over)


def labelled_cases(before: date) -> ColumnElement[bool]:
    """Old cases that still carry the label of the office's list."""
    return and_(InterviewAssignment.label.is_not(None), InterviewAssignment.id.in_(old_cases(before)))


def old_call_backs(before: date) -> ColumnElement[bool]:
    """Digests of first answers for call-backs that were never held."""
    return and_(CallBackCheck.digest.is_not(None), CallBackCheck.assignment_id.in_(old_cases(before)))


def old_incidents(before: date) -> ColumnElement[bool]:
    """Reports of kiosks that stood still, ended before a day."""
    return DeviceIncident.ended_on < before


def old_identities(before: datetime) -> ColumnElement[bool]:
    """People of the sign-on provider who were never linked and have not come back."""
    return and_(SignOnIdentity.account_id.is_(None), SignOnIdentity.seen_at < before)


def _frames_of_waves_closed(before: date) -> Select[Any]:
    return select(SampleFrame.id).join(Wave, Wave.id == SampleFrame.wave_id).where(Wave.closes_on < before)


def old_frame_rows(before: date) -> ColumnElement[bool]:
    """Rows of the lists that waves which closed before a day were drawn from."""
    return SampleFrameEntry.frame_id.in_(_frames_of_waves_closed(before))


def old_drawn_cases(before: date) -> ColumnElement[bool]:
    """What was drawn from these lists; the record of the draw itself stays."""
    draws = select(SampleDraw.id).where(SampleDraw.frame_id.in_(_frames_of_waves_closed(before)))
    return SampleCase.draw_id.in_(draws)


def old_invitations(before: datetime) -> ColumnElement[bool]:
    """Links to a new account that ran out before a moment, unused."""
    return Invitation.expires_at < before


def n_rows(session: Session, model: type[Any], condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(condition)) or 0
