"""An interviewer's day: the cases, the form of one of them, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import case as either
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import BadToken, CaseClosed, InterviewsOver, InvalidAnswer, NotFound
from survey_app.models import InterviewAssignment
from survey_app.queries import interviews, lookups, units
from survey_app.queries.interviews import Case
from survey_app.queries.lookups import WaveRow
from survey_app.services import bridge_forms, call_backs, forms
from survey_app.services.accounts import Viewer
from survey_app.services.submissions import Receipt, Submission, receive_response
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel

CHANNELS = {"phone": Channel.PHONE, "interview": Channel.INTERVIEW}
# States from which an interview may still be held.
TO_DO = ("open", "not_reached")
UNANSWERED = ("not_reached", "refused")


@dataclass(frozen=True, slots=True)
class Round:
    """An interviewer's cases of one wave, unit and mode."""

    wave: WaveRow
    unit_title: str
    mode: str
    is_open: bool
    n_open: int
    n_not_reached: int
    n_refused: int
    n_done: int
    to_do: tuple[Case, ...]

    @property
    def n_cases(self) -> int:
        return self.n_open + self.n_not_reached + self.n_refused + self.n_done


@dataclass(frozen=True, slots=True)
class Interview:
    """Everything the page of one interview is drawn from."""

    case: Case
    wave: WaveRow
    form: forms.Form
    channel: Channel
    token: str


def my_rounds(session: Session, *, viewer: Viewer, today: date) -> tuple[Round, ...]:
    """What this interviewer has to do, unit by unit; those still open first."""
    found = interviews.cases_of(session, viewer.account_id)
    found.sort(key=lambda case: (-case.wave_id, case.unit_id, case.mode))
    grouped = groupby(found, key=lambda case: (case.wave_id, case.unit_id, case.mode))
    rounds = [_round(session, list(cases), today=today) for _key, cases in grouped]
    return tuple(sorted(rounds, key=lambda each: (not each.is_open, not each.to_do)))


def open_interview(
    session: Session, *, case_id: UUID, viewer: Viewer, signer: Signer, today: date
) -> Interview:
    """The form for a case that is still to be interviewed."""
    case = own_case(session, case_id=case_id, viewer=viewer)
    if case.state not in TO_DO:
        raise CaseClosed(str(case_id))
    wave = lookups.wave_row(session, case.wave_id)
    channel = CHANNELS[case.mode]
    if not wave.is_open(today) or not wave.offers(channel):
        raise InterviewsOver(wave.code)
    codes = [point.public_code for point in units.points_of_unit(session, case.unit_id, today)]
    code = next((code for code in codes if code), None)
    if code is None:
        raise InterviewsOver(wave.code)
    number = bridge_forms.form_of_case(wave, case.id)
    version_id = bridge_forms.version_of(wave, number)
    token = signer.point_token(PointToken(code, version_id, int(channel), wave.id))
    return Interview(case, wave, forms.load_form(session, version_id=version_id), channel, token)


def reopen_interview(
    session: Session, *, case_id: UUID, token: str, viewer: Viewer, signer: Signer
) -> Interview:
    """The same page again with what was entered, from the token it was first drawn with."""
    case = own_case(session, case_id=case_id, viewer=viewer)
    point = signer.read_point_token(token)
    if (point.wave_id, point.channel) != (case.wave_id, int(CHANNELS[case.mode])):
        raise BadToken("point")
    wave = lookups.wave_row(session, case.wave_id)
    form = forms.load_form(session, version_id=point.version_id)
    return Interview(case, wave, form, CHANNELS[case.mode], token)


def submit_interview(
    session: Session, *, case_id: UUID, submission: Submission, viewer: Viewer, signer: Signer, today: date
) -> Receipt:
    """Store the answers and close the case in one transaction. The same submission again is its receipt again.

    The response keeps the interviewer's code and nothing of the case; the case keeps that it is done, and no day.
    """
    case = own_case(session, case_id=case_id, viewer=viewer)
    _check_point(session, case, submission.point, today=today)
    collector = interviews.interviewer_code(session, viewer.account_id)
    stratum, weight = interviews.design_of_case(session, case_id)
    submission = replace(submission, collector=collector, stratum=stratum, weight=weight)
    receipt = receive_response(session, submission, signer=signer, today=today)
    if receipt.is_new:
        _close(session, case)
        if case.call_back == "drawn":
            call_backs.keep_digests(session, case, submission, signer=signer)
    return receipt


def record_attempt(session: Session, *, case_id: UUID, outcome: str, viewer: Viewer, today: date) -> None:
    """Nobody was reached, or the person refused: one attempt more, and the day of this last one."""
    if outcome not in UNANSWERED:
        raise InvalidAnswer("outcome", "unknown_choice")
    own_case(session, case_id=case_id, viewer=viewer)
    changed = session.execute(
        update(InterviewAssignment)
        .where(InterviewAssignment.id == case_id, InterviewAssignment.state.in_(TO_DO))
        .values(state=outcome, n_attempts=InterviewAssignment.n_attempts + 1, last_attempt_on=today)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise CaseClosed(str(case_id))


def own_case(session: Session, *, case_id: UUID, viewer: Viewer) -> Case:
    """A case of this interviewer; another's is refused exactly as one that does not exist."""
    case = interviews.find_case(session, case_id)
    if case is None or case.account_id != viewer.account_id:
        raise NotFound(f"case {case_id}")
    return case


def _round(session: Session, cases: list[Case], *, today: date) -> Round:
    wave = lookups.wave_row(session, cases[0].wave_id)
    to_do = sorted((case for case in cases if case.state in TO_DO), key=lambda case: case.sort_key)
    return Round(
        wave=wave,
        unit_title=cases[0].unit_title,
        mode=cases[0].mode,
        is_open=wave.is_open(today),
        n_open=_count(cases, "open"),
        n_not_reached=_count(cases, "not_reached"),
        n_refused=_count(cases, "refused"),
        n_done=_count(cases, "done"),
        to_do=tuple(to_do),
    )


def _count(cases: Iterable[Case], state: str) -> int:
    return sum(case.state == state for case in cases)


def _check_point(session: Session, case: Case, point: PointToken, *, today: date) -> None:
    """The page must have been drawn for a case like this one: its wave, its mode, a point of its unit."""
    place = lookups.find_place(session, code=point.code, on=today) or lookups.latest_place(
        session, code=point.code, by=today
    )
    expected = (case.wave_id, int(CHANNELS[case.mode]), case.unit_id)
    if (point.wave_id, point.channel, place.unit_id) != expected:
        raise BadToken("point")


def _close(session: Session, case: Case) -> None:
    """Done: the day goes, and the label too, unless a call-back has still to find the person."""
    label = either((InterviewAssignment.call_back == "drawn", InterviewAssignment.label), else_=None)
    closed = session.execute(
        update(InterviewAssignment)
        .where(InterviewAssignment.id == case.id, InterviewAssignment.state.in_(TO_DO))
        .values(
            state="done", n_attempts=InterviewAssignment.n_attempts + 1, last_attempt_on=None, label=label
        )
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise CaseClosed(str(case.id))
