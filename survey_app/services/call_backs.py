"""Phúc tra: a hidden share of interviews is asked a few facts again, and only whether they agree is kept.

At the interview the server keeps keyed digests of the facts, salted by the case, in rows made beforehand; at the
call-back they are compared and deleted. Neither names a response, and without the key neither can be read.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import CaseClosed, DefinitionError, InvalidAnswer, NotAllowed, NotFound
from survey_app.models import CallBackCheck, InterviewAssignment
from survey_app.queries import interviews, lookups
from survey_app.queries.interviews import Case
from survey_app.services import audit, forms
from survey_app.services.accounts import Viewer, require_unit
from survey_app.services.form_items import MISSING_BYTES, Item
from survey_app.services.submissions import Submission
from survey_app.signing import Signer
from survey_app.vocabulary import Stage

SEED = Path(__file__).resolve().parents[2] / "seeds" / "call_backs.json"
STAGE = "stage"
OUTCOMES = ("held", "not_held", "not_reached")
_CHECKED_KINDS = frozenset({"fact", "profile"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Which share of interviews is called back, which facts are asked again, by questionnaire; and when to conclude.

    Below `least_compared` interviews a share says next to nothing of one person's work.
    """

    share: float
    checks: Mapping[str, tuple[str, ...]]
    least_compared: int


@dataclass(frozen=True, slots=True)
class Due:
    """A call-back that may be made: the case, the form it was asked on, and what is asked again."""

    case: Case
    form: forms.Form
    item_codes: tuple[str, ...]


@cache
def rule() -> Rule:
    """The office's rule, from the seeds."""
    loaded = json.loads(SEED.read_text(encoding="utf-8"))
    if not 0 < loaded["share"] <= 1:
        raise DefinitionError("call_backs.share", "must lie above 0 and at most 1")
    checks = {code: tuple(items) for code, items in loaded["checks"].items()}
    return Rule(loaded["share"], checks, int(loaded["least_compared"]))


def check_items(form: forms.Form) -> tuple[str, ...]:
    """What a call-back asks again on this form: facts and the person, never how satisfied somebody was."""
    facts = tuple(item.code for item in form.items if item.kind == "fact")
    chosen = rule().checks.get(form.code, (STAGE, *facts))
    for code in chosen:
        item = form.by_code.get(code)
        if code != STAGE and (item is None or item.kind not in _CHECKED_KINDS or item.is_multiple):
            raise DefinitionError(f"call_backs.checks.{form.code}", f"{code} is no fact of the form")
    return chosen


def drawn(n: int, *, rng: Random) -> list[bool]:
    """Which of n new cases are called back: the share of them, the rest of a whole one by chance."""
    expected = n * rule().share
    n_drawn = int(expected) + (rng.random() < expected % 1)
    chosen = set(rng.sample(range(n), n_drawn))
    return [place in chosen for place in range(n)]


def make_checks(session: Session, case_ids: Sequence[UUID], form: forms.Form) -> None:
    """The rows that an interview will only overwrite: nothing is inserted when one is held."""
    session.add_all(
        CallBackCheck(assignment_id=case_id, item_code=code)
        for case_id in sorted(case_ids)
        for code in check_items(form)
    )


def keep_digests(session: Session, case: Case, submission: Submission, *, signer: Signer) -> None:
    """Overwrite the prepared rows of a drawn case; what was not answered looks like every other digest."""
    form = forms.load_form(session, version_id=submission.point.version_id)
    for code in interviews.check_item_codes(session, case.id):
        said = _said(form, code, submission)
        session.execute(
            update(CallBackCheck)
            .where(CallBackCheck.assignment_id == case.id, CallBackCheck.item_code == code)
            .values(digest=_digest(signer, case.id, code, said))
        )


def due_call_back(session: Session, *, case_id: UUID, viewer: Viewer) -> Due:
    """A call-back of the viewer's units that is still to be made."""
    case = interviews.find_case(session, case_id)
    if case is None:
        raise NotFound(f"case {case_id}")
    require_unit(session, unit_id=case.unit_id, viewer=viewer)
    if case.account_id == viewer.account_id:
        raise NotAllowed
    if case.state != "done":
        raise NotFound(f"case {case_id}")
    if case.call_back != "drawn":
        raise CaseClosed(str(case_id))
    wave = lookups.wave_row(session, case.wave_id)
    form = forms.load_form(session, version_id=wave.version_id)
    asked = set(interviews.check_item_codes(session, case.id))
    return Due(case, form, tuple(code for code in check_items(form) if code in asked))


def record_call_back(
    session: Session,
    *,
    case_id: UUID,
    outcome: str,
    answers: Mapping[str, str],
    viewer: Viewer,
    signer: Signer,
    now: datetime,
) -> None:
    """Compare, keep only whether the answers agree, and forget the digests and the label of the case."""
    if outcome not in OUTCOMES:
        raise InvalidAnswer("outcome", "unknown_choice")
    due = due_call_back(session, case_id=case_id, viewer=viewer)
    given = {code: _checked(due.form, code, answers.get(code, "")) for code in due.item_codes}
    closed = session.execute(
        update(InterviewAssignment)
        .where(InterviewAssignment.id == case_id, InterviewAssignment.call_back == "drawn")
        .values(call_back=outcome, label=None)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise CaseClosed(str(case_id))
    for code, digest in interviews.check_digests(session, case_id).items():
        said = given.get(code, "") if outcome == "held" else ""
        is_alike = _compared(signer, case_id, code, digest, said)
        session.execute(
            update(CallBackCheck)
            .where(CallBackCheck.assignment_id == case_id, CallBackCheck.item_code == code)
            .values(digest=None, is_alike=is_alike)
        )
    details = {"wave_id": due.case.wave_id}
    audit.record(session, "interview.called_back", target=f"unit:{due.case.unit_id}", by=viewer, at=now,
                 details=details)  # fmt: skip


def check_choices(form: forms.Form, code: str) -> Item | None:
    """The item asked again; None is the stage, which is no item of a form."""
    return None if code == STAGE else form.by_code[code]


def _said(form: forms.Form, code: str, submission: Submission) -> str:
    """The answer as it was stored: nothing where the item was not for this person, or was left open."""
    stage = Stage(submission.dimensions.stage)
    if code == STAGE:
        return "" if stage == Stage.UNKNOWN else stage.name.lower()
    if not form.by_code[code].is_asked(stage=stage, channel=submission.point.channel):
        return ""
    answer: Any = submission.answers.get(code, "")
    return answer if isinstance(answer, str) and answer not in MISSING_BYTES else ""


def _checked(form: forms.Form, code: str, answer: str) -> str:
    """An answer of the call-back; not known counts as not said."""
    if answer == "" or answer in MISSING_BYTES:
        return ""
    item = check_choices(form, code)
    known = (
        {stage.name.lower() for stage in Stage} if item is None else {choice.code for choice in item.choices}
    )
    if answer not in known:
        raise InvalidAnswer(code, "unknown_choice")
    return answer


def _compared(signer: Signer, case_id: UUID, code: str, kept: bytes | None, said: str) -> bool | None:
    """Whether both answers are known and the same; None where either is not known."""
    if kept is None or not said or hmac.compare_digest(kept, _digest(signer, case_id, code, "")):
        return None
    return hmac.compare_digest(kept, _digest(signer, case_id, code, said))


def _digest(signer: Signer, case_id: UUID, code: str, said: str) -> bytes:
    return signer.digest("call-back", case_id.bytes + code.encode() + b"\0" + said.encode())
