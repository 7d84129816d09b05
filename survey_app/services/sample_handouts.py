"""What is given out of a drawn sample: cases to interviewers, tickets with a list, reserves for those not reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random, SystemRandom

from sqlalchemy.orm import Session

from survey_app.errors import AssignmentRefused, CaseClosed, DrawRefused, InvalidField, NotFound
from survey_app.models import SampleHandout, SampleReplacement, SampleTicketBatch
from survey_app.queries import interviews, units
from survey_app.queries import samples as queries
from survey_app.queries.interviews import Case, InterviewerRow
from survey_app.queries.samples import CaseRow, Draw
from survey_app.services import assignments, audit, tickets
from survey_app.services.accounts import Viewer
from survey_app.services.assignments import NewCases
from survey_app.services.case_labels import is_marked, unique_labels
from survey_app.services.policy import current_policy
from survey_app.services.registry_changes.carried_cases import case_given_as
from survey_app.services.registry_changes.strata import stratum_now, unit_now
from survey_app.services.sample_draws import standing_draw
from survey_app.services.selection import DrawnCase, response_weights
from survey_app.services.ticket_orders import MAX_DAYS, MAX_SIZE, MIN_SIZE
from survey_app.signing import Signer

REASONS = ("refused", "not_reached", "moved", "not_found", "not_eligible")
TICKET_DAYS = 90
# Cases without clusters go out together: a single case of an interviewer would have no crowd.
TOGETHER = 10


@dataclass(frozen=True, slots=True)
class Slip:
    """A drawn case with the link that its slip carries; exists in the file that is handed out, and nowhere else."""

    unit_title: str
    label: str
    link: str


def give_to_interviewers(
    session: Session,
    *,
    draw_id: int,
    account_ids: Sequence[int],
    mode: str,
    viewer: Viewer,
    today: date,
    now: datetime,
    rng: Random | None = None,
) -> int:
    """Share the cases of every unit that has not been given out over the interviewers; how many cases."""
    wave, drawn = standing_draw(session, draw_id=draw_id, viewer=viewer)
    known = {row.account_id: row for row in assignments.interviewers_for(session, viewer=viewer)}
    people = [known[account_id] for account_id in dict.fromkeys(account_ids) if account_id in known]
    if not people:
        raise DrawRefused("no_interviewer")
    cases = _not_given(session, drawn)
    weights = _weights(session, drawn)
    shares = _shared(session, cases, people)
    for (unit_id, account_id), share in shares.items():
        now_at = unit_now(session, unit_id, today)
        labels = _labels_at(session, wave.id, unit_id, now_at, [case.label for case in share])
        designs = {
            label: (stratum_now(session, unit_id, case.stratum, today), weights[unit_id, case.label])
            for label, case in zip(labels, share, strict=True)
        }
        new = NewCases(
            wave_id=wave.id, unit_id=now_at, account_id=account_id, mode=mode, labels=labels, designs=designs
        )
        assignments.give_cases(session, new, viewer=viewer, today=today, now=now, rng=rng)
    for unit_id, mains in _by_unit(cases).items():
        _note(session, draw_id, unit_id, how="interviewers", n=len(mains), today=today)
    audit.record(session, "sample.given", target=f"sample_draw:{draw_id}", by=viewer, at=now,
                 details={"n": len(cases), "n_interviewers": len(people)})  # fmt: skip
    return len(cases)


def tickets_for_cases(
    session: Session,
    *,
    draw_id: int,
    viewer: Viewer,
    base_url: str,
    signer: Signer,
    today: date,
    now: datetime,
    rng: Random | None = None,
) -> tuple[Slip, ...]:
    """A ticket for every case of the units with enough of them; paired at random, for one file that is not kept.

    A batch of few tickets would tell of one person whether they answered, so small units go to interviewers. An
    answer takes its stratum from the batch, so each stratum has its own where every one of the unit is large enough.
    """
    rng = rng or SystemRandom()
    wave, drawn = standing_draw(session, draw_id=draw_id, viewer=viewer)
    last = today + timedelta(days=TICKET_DAYS)
    expires_on = min(max(wave.closes_on or last, today), today + timedelta(days=MAX_DAYS))
    least = current_policy(session, today).min_index
    slips: list[Slip] = []
    for unit_id, mains in _by_unit(_not_given(session, drawn)).items():
        code = _code_of(session, unit_now(session, unit_id, today), today)
        groups = batches_of(mains, least=least)
        if code is None or not all(MIN_SIZE <= len(cases) <= MAX_SIZE for cases in groups.values()):
            continue
        batch_ids = []
        for stratum, cases in groups.items():
            asked = {
                "point": code,
                "size": len(cases),
                "expires_on": expires_on,
                "wave": wave.code,
                "stage": 0,
            }
            batch = tickets.issue_for_staff(
                session, asked, viewer=viewer, signer=signer, now=now, today=today
            )
            if stratum:
                session.add(
                    SampleTicketBatch(batch_id=batch.id, draw_id=draw_id, unit_id=unit_id, stratum=stratum)
                )
            links = list(tickets.ticket_links(batch, base_url=base_url, signer=signer))
            # The order of the links follows from the batch and the secret; which case gets which must not.
            rng.shuffle(links)
            slips += [
                Slip(case.unit_title, case.label, link) for case, link in zip(cases, links, strict=True)
            ]
            batch_ids.append(batch.id)
        whole = batch_ids[0] if len(batch_ids) == 1 else None
        _note(session, draw_id, unit_id, how="tickets", n=len(mains), today=today, batch_id=whole)
    if not slips:
        raise DrawRefused("no_tickets")
    audit.record(session, "sample.tickets_listed", target=f"sample_draw:{draw_id}", by=viewer, at=now,
                 details={"n": len(slips)})  # fmt: skip
    return tuple(slips)


def batches_of(mains: Sequence[CaseRow], *, least: int) -> dict[int, list[CaseRow]]:
    """The cases of a unit by the stratum of their batch; all under 0 where one stratum has too few for a crowd.

    All or none: answers of which some carry no stratum cannot be estimated by strata anyhow.
    """
    groups: dict[int, list[CaseRow]] = {}
    for case in mains:
        groups.setdefault(case.stratum, []).append(case)
    if len(groups) > 1 and any(len(cases) < least for cases in groups.values()):
        return {0: list(mains)}
    return groups


def replace(
    session: Session,
    *,
    draw_id: int,
    unit_id: int,
    label: str,
    reason: str,
    viewer: Viewer,
    today: date,
    now: datetime,
    rng: Random | None = None,
) -> str:
    """The next reserve of the same stratum and cluster takes a case's place, and the log says so; its label."""
    wave, drawn = standing_draw(session, draw_id=draw_id, viewer=viewer)
    if reason not in REASONS:
        raise InvalidField("reason", "unknown_choice")
    case, reserve = _next_reserve(session, drawn, unit_id=unit_id, label=label)
    session.add(
        SampleReplacement(
            draw_id=draw_id, unit_id=unit_id, label=label, reason=reason, replacement=reserve.label,
            replaced_on=today, replaced_by_id=viewer.account_id,
        )
    )  # fmt: skip
    session.flush()
    given = _given_case(session, wave_id=wave.id, drawn=case, today=today)
    if given is not None:
        weight = _weights(session, drawn)[unit_id, reserve.label]
        stratum, _weight = interviews.design_of_case(session, given.id)
        (as_given,) = _labels_at(session, wave.id, unit_id, given.unit_id, [reserve.label])
        assignments.replace_drawn_case(
            session, case=given, label=as_given, design=(stratum, weight), viewer=viewer,
            today=today, rng=rng,
        )  # fmt: skip
    elif _is_with_interviewers(session, draw_id, unit_id):
        # Its label is gone: the interview was held.
        raise CaseClosed(label)
    audit.record(session, "sample.replaced", target=f"sample_draw:{draw_id}", by=viewer, at=now,
                 details={"unit_id": unit_id, "reason": reason})  # fmt: skip
    return reserve.label


def _next_reserve(session: Session, drawn: Draw, *, unit_id: int, label: str) -> tuple[CaseRow, CaseRow]:
    """The case, and the reserve that takes its place."""
    cases = {case.label: case for case in queries.cases_of_draw(session, drawn.id) if case.unit_id == unit_id}
    log = [row for row in queries.replacements_of(session, drawn.id) if row.unit_id == unit_id]
    used, gone = {row.replacement for row in log}, {row.label for row in log}
    case = cases.get(label)
    if case is None or (case.role == "reserve" and label not in used):
        raise NotFound(f"case {label}")
    if label in gone:
        raise DrawRefused("replaced_before")
    waiting = [
        each
        for each in cases.values()
        if each.role == "reserve"
        and (each.stratum, each.cluster) == (case.stratum, case.cluster)
        and each.label not in used
    ]
    if not waiting:
        raise DrawRefused("no_reserve")
    return case, min(waiting, key=lambda each: each.place)


def _not_given(session: Session, drawn: Draw) -> list[CaseRow]:
    given = queries.handouts_of(session, drawn.id)
    mains = [
        case
        for case in queries.cases_of_draw(session, drawn.id)
        if case.role == "main" and case.unit_id not in given
    ]
    if not mains:
        raise DrawRefused("all_given")
    return mains


def _labels_at(
    session: Session, wave_id: int, unit_id: int, now_at: int, labels: Sequence[str]
) -> tuple[str, ...]:
    """The labels under which cases are given out; in a merged unit marked where another case has the same one."""
    if now_at == unit_id:
        return tuple(labels)
    used = interviews.used_labels(session, wave_id=wave_id, unit_id=now_at)[0]
    return unique_labels(labels, used)


def _given_case(session: Session, *, wave_id: int, drawn: CaseRow, today: date) -> Case | None:
    """The interview of a drawn case: given out at its own unit, or at the one that took over before that."""
    found = case_given_as(session, wave_id=wave_id, unit_id=drawn.unit_id, label=drawn.label)
    now_at = unit_now(session, drawn.unit_id, today)
    if found is not None or now_at == drawn.unit_id:
        return found
    stratum = stratum_now(session, drawn.unit_id, drawn.stratum, today)
    there = interviews.cases_of_stratum(session, wave_id=wave_id, unit_id=now_at, stratum=stratum)
    alike = [case for case in there if case.label is not None and is_marked(case.label, drawn.label)]
    # The label itself before a marked one: within an old unit's stratum no two cases had the same.
    return min(alike, key=lambda case: (case.label != drawn.label, case.label), default=None)


def _by_unit(cases: Sequence[CaseRow]) -> dict[int, list[CaseRow]]:
    found: dict[int, list[CaseRow]] = {}
    for case in cases:
        found.setdefault(case.unit_id, []).append(case)
    return found


def _shared(
    session: Session, cases: Sequence[CaseRow], people: Sequence[InterviewerRow]
) -> Mapping[tuple[int, int], list[CaseRow]]:
    """Cases by unit and interviewer: a cluster, or some cases at once, go to one of them; all get about as many."""
    load = dict.fromkeys((person.account_id for person in people), 0)
    shares: dict[tuple[int, int], list[CaseRow]] = {}
    for unit_id, mains in _by_unit(cases).items():
        allowed = [
            person.account_id
            for person in people
            if assignments.is_independent(session, interviewer_unit_id=person.unit_id, rated_unit_id=unit_id)
        ]
        if not allowed:
            raise AssignmentRefused("not_independent")
        groups: dict[object, list[CaseRow]] = {}
        for number, case in enumerate(mains):
            groups.setdefault(case.cluster or number // TOGETHER, []).append(case)
        for group in sorted(groups.values(), key=len, reverse=True):
            person = min(allowed, key=lambda account_id: (load[account_id], account_id))
            load[person] += len(group)
            shares.setdefault((unit_id, person), []).extend(group)
    return shares


def _weights(session: Session, drawn: Draw) -> dict[tuple[int, str], float]:
    return response_weights(
        [
            DrawnCase(row.unit_id, row.unit_code, row.stratum, row.label, row.cluster, row.role, row.place,
                      row.probability)
            for row in queries.cases_of_draw(session, drawn.id)
        ]
    )  # fmt: skip


def _code_of(session: Session, unit_id: int, today: date) -> str | None:
    codes = [point.public_code for point in units.points_of_unit(session, unit_id, today)]
    return next((code for code in codes if code), None)


def _is_with_interviewers(session: Session, draw_id: int, unit_id: int) -> bool:
    given = queries.handouts_of(session, draw_id).get(unit_id)
    return given is not None and given.how == "interviewers"


def _note(
    session: Session, draw_id: int, unit_id: int, *, how: str, n: int, today: date, batch_id: object = None
) -> None:
    session.add(
        SampleHandout(
            draw_id=draw_id, unit_id=unit_id, how=how, n_cases=n, handed_on=today, batch_id=batch_id
        )
    )
    session.flush()
