"""Lets a new answer in, or asks its sender for a proof of work; nobody is asked who cannot give one."""

from flask import Flask, current_app, request

from config import Settings
from survey_app.clock import seconds_running, utc_now
from survey_app.db import db
from survey_app.errors import WorkAsked
from survey_app.queries import lookups
from survey_app.services import proof_of_work
from survey_app.services.flood import Admission, Flood, Limit, Limits, Outcome
from survey_app.services.submissions import Submission
from survey_app.signing import Signer

PROOF_HEADER = "Survey-Proof"


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    limits = Limits(
        device=Limit(*settings.FLOOD_PER_DEVICE),
        code=Limit(*settings.FLOOD_PER_CODE),
        overall=Limit(*settings.FLOOD_OVERALL),
    )
    app.extensions["flood"] = Flood(limits)


def admit(submission: Submission, *, signer: Signer, device: str | None = None) -> None:
    """Raise `WorkAsked` in a flood, unless the answer is stored already, is proven, or its sender cannot work.

    An answer that an enrolled device carries, its key checked before, counts for that device alone.
    """
    flood: Flood = current_app.extensions["flood"]
    at = seconds_running()
    code = submission.point.code
    if flood.admit(code=code, device=device, at=at) is Admission.FREE:
        return
    if lookups.stored_digests(db.session, submission.id) is not None:
        return
    outcome = _outcome(submission, signer)
    flood.count(device or code, outcome, at=at)
    if outcome is Outcome.ASKED:
        raise WorkAsked(proof_of_work.challenge_for(signer, str(submission.id), now=utc_now()))


def _outcome(submission: Submission, signer: Signer) -> Outcome:
    if _cannot_work(submission):
        return Outcome.PLAIN
    proof = request.headers.get(PROOF_HEADER, "")
    is_proven = proof_of_work.is_proven(signer, str(submission.id), proof)
    return Outcome.PROVEN if is_proven else Outcome.ASKED


def _cannot_work(submission: Submission) -> bool:
    """A form sent without a script, and the first answer alone, which a page sends when it is being left."""
    return not request.is_json or submission.parts == {1}
