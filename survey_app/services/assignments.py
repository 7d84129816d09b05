"""Who interviews whom: cases given to interviewers by number or by list, and replaced where nobody is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random, SystemRandom
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import AssignmentRefused, CaseClosed, LabelsRefused, NotFound
from survey_app.models import InterviewAssignment, Interviewer
from survey_app.queries import interviews, lookups, units
from survey_app.queries.accounts import subtree_unit_ids
from survey_app.queries.interviews import Case, InterviewerRow
from survey_app.services import audit, bridge_forms, call_backs, forms
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.registry_store import CODE_ALPHABET
from survey_app.vocabulary import Channel

MODES = {"interview": Channel.INTERVIEW, "phone": Channel.PHONE}
MOST_AT_ONCE = 500
CODE_PREFIX, CODE_LENGTH = "PV", 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCases:
    """Cases to give out: so many, numbered by us, or one for each label of the office's list."""

    wave_id: int
    unit_id: int
    account_id: int
    mode: str
    n: int = 0
    labels: tuple[str, ...] = ()
    # Stratum and weight of a drawn sample, by label.
    designs: Mapping[str, tuple[int, float]] = field(default_factory=dict)


def give_cases(
    session: Session,
    new: NewCases,
    *,
    viewer: Viewer,
    today: date,
    now: datetime,
    rng: Random | None = None,
) -> int:
    """Make the cases in one batch, a hidden share of them drawn for a call-back; how many were made."""
    rng = rng or SystemRandom()
    _check(session, new, viewer=viewer, today=today)
    labels = new.labels or _numbered(session, new)
    _refuse_known(session, new, new.labels)
    give_code(session, new.account_id, rng)
    made = _insert(session, new, labels, rng)
    details = {"unit_id": new.unit_id, "account_id": new.account_id, "mode": new.mode, "n": made}
    audit.record(session, "interview.cases_given", target=f"wave:{new.wave_id}", by=viewer, at=now,
                 details=details)  # fmt: skip
    return made


def replace_case(
    session: Session, *, case_id: UUID, viewer: Viewer, today: date, now: datetime, rng: Random | None = None
) -> str:
    """Put a new case in the place of one that was refused or not reached; the new case's label."""
    rng = rng or SystemRandom()
    case = interviews.find_case(session, case_id)
    if case is None:
        raise NotFound(f"case {case_id}")
    new = NewCases(
        wave_id=case.wave_id, unit_id=case.unit_id, account_id=case.account_id, mode=case.mode, n=1
    )
    _check(session, new, viewer=viewer, today=today)
    replaced = session.execute(
        update(InterviewAssignment)
        .where(InterviewAssignment.id == case_id, InterviewAssignment.state.in_(("not_reached", "refused")))
        .values(state="replaced", call_back="none")
    )
    if replaced.rowcount != 1:  # type: ignore[attr-defined]
        raise CaseClosed(str(case_id))
    labels = _numbered(session, new)
    _insert(session, new, labels, rng)
    details = {"unit_id": case.unit_id, "account_id": case.account_id}
    audit.record(session, "interview.case_replaced", target=f"wave:{case.wave_id}", by=viewer, at=now,
                 details=details)  # fmt: skip
    return labels[0]


def replace_drawn_case(
    session: Session,
    *,
    case: Case,
    label: str,
    design: tuple[int, float],
    viewer: Viewer,
    today: date,
    rng: Random | None = None,
) -> None:
    """Put a reserve of a drawn sample in the place of a case; the same person goes there."""
    new = NewCases(
        wave_id=case.wave_id, unit_id=case.unit_id, account_id=case.account_id, mode=case.mode, labels=(label,),
        designs={label: design},
    )  # fmt: skip
    _check(session, new, viewer=viewer, today=today)
    _refuse_known(session, new, new.labels)
    replaced = session.execute(
        update(InterviewAssignment)
        .where(InterviewAssignment.id == case.id)
        .where(InterviewAssignment.state.in_(("open", "not_reached", "refused")))
        .values(state="replaced", call_back="none")
    )
    if replaced.rowcount != 1:  # type: ignore[attr-defined]
        raise CaseClosed(str(case.id))
    _insert(session, new, new.labels, rng or SystemRandom())


def interviewers_for(session: Session, *, viewer: Viewer) -> list[InterviewerRow]:
    """The interviewers whom this office may give cases to."""
    return interviews.interviewers(session, visible_unit_ids(session, viewer=viewer))


def replaceable_cases(session: Session, *, wave_id: int, viewer: Viewer) -> list[Case]:
    visible = visible_unit_ids(session, viewer=viewer)
    return sorted(interviews.unreached_cases(session, wave_id, visible), key=lambda case: case.sort_key)


def is_independent(session: Session, *, interviewer_unit_id: int, rated_unit_id: int) -> bool:
    """Whether somebody from one unit may interview about the other: never about one's own unit.

    Staff of the rated unit, or of a post below it, judge their own house; a wider office stands outside it.
    """
    return interviewer_unit_id not in subtree_unit_ids(session, rated_unit_id)


def _check(session: Session, new: NewCases, *, viewer: Viewer, today: date) -> None:
    require_unit(session, unit_id=new.unit_id, viewer=viewer)
    known = {row.account_id: row for row in interviewers_for(session, viewer=viewer)}
    if new.account_id not in known:
        raise NotFound(f"interviewer {new.account_id}")
    if new.mode not in MODES:
        raise NotFound(f"mode {new.mode}")
    wave = lookups.wave_row(session, new.wave_id)
    if new.unit_id not in interviews.wave_unit_ids(session, new.wave_id):
        raise AssignmentRefused("not_in_wave")
    if wave.is_closed or (wave.closes_on is not None and wave.closes_on < today):
        raise AssignmentRefused("wave_over")
    if not wave.offers(MODES[new.mode]):
        raise AssignmentRefused("not_on_channel")
    if not any(point.public_code for point in units.points_of_unit(session, new.unit_id, today)):
        raise AssignmentRefused("no_point")
    interviewer = known[new.account_id]
    if not is_independent(session, interviewer_unit_id=interviewer.unit_id, rated_unit_id=new.unit_id):
        raise AssignmentRefused("not_independent")
    if not new.labels and not 1 <= new.n <= MOST_AT_ONCE:
        raise AssignmentRefused("wrong_number")


def _numbered(session: Session, new: NewCases) -> tuple[str, ...]:
    """The next free numbers of the unit: an interviewer's contact sheet and a call-back need a name for a case."""
    used, n_cases = interviews.used_labels(session, wave_id=new.wave_id, unit_id=new.unit_id)
    highest = max((int(label) for label in used if label.isdecimal()), default=0)
    first = max(n_cases, highest) + 1
    return tuple(f"{number:03d}" for number in range(first, first + new.n))


def _refuse_known(session: Session, new: NewCases, labels: Sequence[str]) -> None:
    used, _n = interviews.used_labels(session, wave_id=new.wave_id, unit_id=new.unit_id)
    known = tuple((row, "known") for row, label in enumerate(labels, start=1) if label in used)
    if known:
        raise LabelsRefused(known)


def give_code(session: Session, account_id: int, rng: Random) -> None:
    """Unless there is one: a short random code, the only name under which this interviewer's responses are counted."""
    if interviews.interviewer_code(session, account_id) is not None:
        return
    code = _new_code(rng)
    while interviews.is_code_taken(session, code):
        code = _new_code(rng)
    session.add(Interviewer(account_id=account_id, code=code))
    session.flush()


def _new_code(rng: Random) -> str:
    return CODE_PREFIX + "".join(rng.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _insert(session: Session, new: NewCases, labels: Sequence[str], rng: Random) -> int:
    is_drawn = call_backs.drawn(len(labels), rng=rng)
    rows = [
        InterviewAssignment(
            id=uuid4(), wave_id=new.wave_id, unit_id=new.unit_id, account_id=new.account_id, mode=new.mode,
            label=label, call_back="drawn" if drawn else "none", stratum=new.designs.get(label, (0, None))[0],
            weight=new.designs.get(label, (0, None))[1],
        )
        for label, drawn in zip(labels, is_drawn, strict=True)
    ]  # fmt: skip
    # In the order of the keys, which is none.
    rows.sort(key=lambda row: row.id.bytes)
    session.add_all(rows)
    session.flush()
    wave = lookups.wave_row(session, new.wave_id)
    checked: dict[int, list[UUID]] = {}
    for row in rows:
        if row.call_back == "drawn":
            version_id = bridge_forms.version_of(wave, bridge_forms.form_of_case(wave, row.id))
            checked.setdefault(version_id, []).append(row.id)
    for version_id, case_ids in checked.items():
        call_backs.make_checks(session, case_ids, forms.load_form(session, version_id=version_id))
    session.flush()
    return len(rows)
