"""From a period's results to a release: draft, review, hearing of the units, a second person, and frozen for good."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from survey_app.errors import DisclosureLeft, NotAllowed, PublicationRefused
from survey_app.models import (
    HearingNotice,
    Publication,
    PublicationPart,
    PublishedScore,
    UnitReply,
)
from survey_app.queries import calendar, snapshots, units
from survey_app.queries import publications as queries
from survey_app.queries.publications import PublicationRow
from survey_app.services import accounts, approvals, audit, counting, freezing, public_withholding
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.figures import Comparison, Showing
from survey_app.services.policy import policy_for
from survey_app.services.publication_content import LANGUAGES, Parts, content_parts, scores_of, unlike
from survey_app.services.publication_parts import COMPARISON, joined
from survey_app.services.working_days import add_working_days

ROLES = frozenset({Role.PAR_OFFICE, Role.ADMIN})
APPROVE = "publication.approve"
SEED = Path(__file__).resolve().parents[2] / "seeds" / "publishing.json"
CHANGES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Ready:
    """A period whose results may be drafted, or why not."""

    period_code: str
    basis: str
    obstacles: tuple[tuple[str, dict[str, Any]], ...]
    revision: int


def hearing_days(on: date) -> int:
    """Working days that units have to reply, by the rule in force on a day."""
    rows = json.loads(SEED.read_text(encoding="utf-8"))
    in_force = [row for row in rows if date.fromisoformat(row["effective_from"]) <= on]
    return int(max(in_force, key=lambda row: row["effective_from"])["hearing_working_days"])


def ready(
    session: Session, *, root_unit_id: int, basis: str, period_code: str, viewer: Viewer, today: date
) -> Ready:
    """What stands in the way of drafting the results of a period."""
    _require(viewer)
    accounts.require_unit(session, unit_id=root_unit_id, viewer=viewer)
    roots = units.ancestor_ids(session, root_unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        raise PublicationRefused(("no_period", {}))
    taking_part = calendar.units_in_waves(session, basis=basis)
    unit_ids = [
        row.id for row in units.units_as_at(session, period.ends_on, root_unit_id) if row.id in taking_part
    ]
    selection = counting.select_responses(
        session, unit_ids=unit_ids, basis=basis, starts_on=period.starts_on, ends_on=period.ends_on
    )
    found: list[tuple[str, dict[str, Any]]] = []
    if not selection.waves:
        found.append(("no_wave", {}))
    not_closed = [wave.title_vi for wave in selection.waves if not wave.is_closed]
    if not_closed:
        found.append(("wave_open", {"waves": ", ".join(not_closed)}))
    elif today <= period.ends_on and basis != "sample":
        # A closed sample takes in nobody any more; beside a closed stream another may open.
        found.append(("period_running", {"ends_on": period.ends_on}))
    before = queries.revisions_of(session, root_unit_id=root_unit_id, basis=basis, period_code=period_code)
    if any(row.state in queries.UNFINISHED for row in before):
        found.append(("unfinished", {}))
    return Ready(period_code, basis, tuple(found), before[0].revision + 1 if before else 1)


def start(
    session: Session, *, root_unit_id: int, basis: str, period_code: str, reason: str, by: Viewer,
    now: datetime, today: date,
) -> int:  # fmt: skip
    """Draft the results of a period whose waves are closed; its id. A later revision says why there is one."""
    state = ready(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=by, today=today
    )
    if state.obstacles:
        raise PublicationRefused(*state.obstacles)
    reason = reason.strip()
    if state.revision > 1 and not reason:
        raise PublicationRefused(("revision_reason", {}))
    as_of = _as_of(session, root_unit_id, period_code, today)
    earlier = public_withholding.standing(session, root_unit_id=root_unit_id, basis=basis)
    parts = _content(session, root_unit_id, basis, period_code, as_of, earlier=earlier)
    compared = comparison_of(parts["vi"])
    if compared.province.showing is not Showing.SHOWN:
        raise PublicationRefused(("too_few", {"minimum": compared.minimum_shown}))
    mark = freezing.fingerprint(parts)
    row = Publication(
        root_unit_id=root_unit_id, basis=basis, period_code=period_code, revision=state.revision, reason=reason,
        state="draft", as_of=as_of, is_simulated=compared.is_simulated, method_version=compared.method_version,
        fingerprint=mark, verification_code=code_of(mark),
        terms=_terms(session, compared, as_of, earlier), started_by_id=by.account_id, started_at=now, end_reason="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    _store(session, row.id, parts)
    _record(session, "started", queries.publication(session, row.id), by=by, at=now)
    return row.id


def code_of(mark: str) -> str:
    """What a reader types to ask whether a paper says what was published."""
    return "-".join(mark[place : place + 4].upper() for place in (0, 4, 8))


def comparison_of(parts: Mapping[str, Any]) -> Comparison:
    return freezing.thaw(parts[COMPARISON], Comparison)


def _as_of(session: Session, root_unit_id: int, period_code: str, today: date) -> date:
    """Figures of a closed sample do not wait for the last day of the period: they are those of the day after it."""
    roots = units.ancestor_ids(session, root_unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        raise PublicationRefused(("no_period", {}))
    return max(today, period.ends_on + timedelta(days=1))


def _content(
    session: Session, root_unit_id: int, basis: str, period_code: str, as_of: date, *, earlier: Sequence[int]
) -> Parts:
    """Counted over the whole office, whoever asks: scope is checked before."""
    whole = Viewer(account_id=0, role=Role.ADMIN, unit_id=root_unit_id)
    try:
        parts = content_parts(
            session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=whole, as_of=as_of,
            earlier=earlier,
        )  # fmt: skip
    except DisclosureLeft as left:
        raise PublicationRefused(("discloses", {"n": 1, "places": str(left)})) from left
    if parts is None:
        raise PublicationRefused(("no_period", {}))
    return parts


def recounted(session: Session, row: PublicationRow, *, earlier: Sequence[int] | None = None) -> Parts:
    """The content counted again, by the rules of the day and beside the releases that the publication follows."""
    before = row.terms["earlier_releases"] if earlier is None else earlier
    return _content(session, row.root_unit_id, row.basis, row.period_code, row.as_of, earlier=before)


def _standing(session: Session, row: PublicationRow) -> list[int]:
    return public_withholding.standing(session, root_unit_id=row.root_unit_id, basis=row.basis)


def _terms(session: Session, compared: Comparison, as_of: date, earlier: Sequence[int]) -> dict[str, Any]:
    """The policy, the closings and the earlier releases that the figures stand on."""
    policy = policy_for(session, as_of, is_public=True)
    selection = counting.select_responses(
        session, unit_ids=[row.unit.id for row in compared.rows], basis=compared.basis,
        starts_on=compared.period.starts_on, ends_on=compared.period.ends_on,
    )  # fmt: skip
    closings = [
        {
            "wave": wave.code, "title_vi": wave.title_vi, "title_en": wave.title_en, "revision": last.revision,
            "root": last.root.hex(), "received_through": last.received_through.isoformat(),
        }
        for wave in selection.waves
        for last in snapshots.snapshots_of(session, wave.id)[-1:]
    ]  # fmt: skip
    return {
        "policy_from": policy.effective_from.isoformat(),
        "minimum_base": policy.min_staff,
        "minimum_shown": policy.min_index,
        "hearing_days": hearing_days(as_of),
        "closings": closings,
        "earlier_releases": list(earlier),
    }


def _store(session: Session, publication_id: int, parts: Parts) -> None:
    session.execute(delete(PublicationPart).where(PublicationPart.publication_id == publication_id))
    session.execute(
        insert(PublicationPart),
        [
            {
                "publication_id": publication_id,
                "language": language,
                "name": name,
                "position": place,
                "content": part,
            }
            for language in LANGUAGES
            for place, (name, part) in enumerate(parts[language].items())
        ],
    )


def visible(session: Session, publication_id: int, *, viewer: Viewer) -> PublicationRow:
    """A publication of an office that this person may see; any other does not exist."""
    row = queries.publication(session, publication_id)
    accounts.require_unit(session, unit_id=row.root_unit_id, viewer=viewer)
    return row


def send_to_review(session: Session, publication_id: int, *, by: Viewer, now: datetime) -> None:
    """The draft is complete: colleagues look at it."""
    row = _own(session, publication_id, by, "draft")
    _set(session, row, by=by, at=now, step="reviewed", state="review")


def open_hearing(session: Session, publication_id: int, *, by: Viewer, now: datetime, today: date) -> date:
    """Ask every unit what it says of its results; the last day on which one may reply."""
    row = _own(session, publication_id, by, "review")
    days = hearing_days(today)
    rows = comparison_of(queries.parts(session, row.id, language="vi")).rows
    reply_by = {each.unit.id: add_working_days(session, today, days, each.unit.id) for each in rows}
    session.execute(
        insert(HearingNotice),
        [
            {"publication_id": row.id, "unit_id": unit_id, "notified_on": today, "reply_by": until}
            for unit_id, until in reply_by.items()
        ],
    )
    last = max(reply_by.values())
    details = {"n_units": len(reply_by), "reply_by": last.isoformat()}
    _set(session, row, by=by, at=now, step="hearing_opened", details=details, state="hearing")
    return last


def back_to_draft(session: Session, publication_id: int, *, reason: str, by: Viewer, now: datetime) -> None:
    """Count again and begin anew, before anything is published; units are then heard anew too."""
    row = _own(session, publication_id, by, *queries.UNFINISHED)
    if not reason.strip():
        raise PublicationRefused(("reason_needed", {}))
    _withdraw_proposal(session, row, by, now)
    earlier = _standing(session, row)
    parts = recounted(session, row, earlier=earlier)
    compared = comparison_of(parts["vi"])
    _store(session, row.id, parts)
    session.execute(delete(UnitReply).where(UnitReply.publication_id == row.id))
    session.execute(delete(HearingNotice).where(HearingNotice.publication_id == row.id))
    mark = freezing.fingerprint(parts)
    _set(
        session, row, by=by, at=now, step="recounted", details={"reason": reason.strip()}, state="draft",
        fingerprint=mark, verification_code=code_of(mark), method_version=compared.method_version,
        terms=_terms(session, compared, row.as_of, earlier), approval_id=None, approved_by_id=None,
    )  # fmt: skip


def _withdraw_proposal(session: Session, row: PublicationRow, by: Viewer, now: datetime) -> None:
    """What a second person was asked no longer holds."""
    waiting = approvals.visible_approvals(session, viewer=by, kinds=KINDS, is_pending=True)
    if row.approval_id is not None and row.approval_id in {each.id for each in waiting}:
        approvals.reject(session, approval_id=row.approval_id, kinds=KINDS, note="", by=by, now=now)


def propose(session: Session, publication_id: int, *, by: Viewer, now: datetime, today: date) -> int:
    """Ask a second person, once the units were heard and every reply has its answer."""
    row = _own(session, publication_id, by, "hearing")
    last = max(notice.reply_by for notice in queries.notices(session, row.id))
    asked, answered = queries.notices(session, row.id), queries.replies(session, row.id)
    found: list[tuple[str, dict[str, Any]]] = []
    if today <= last and len(answered) < len(asked):
        found.append(("hearing_runs", {"reply_by": last}))
    if n := queries.n_unanswered(session, row.id):
        found.append(("unanswered", {"n": n}))
    waiting = approvals.visible_approvals(session, viewer=by, kinds=KINDS, is_pending=True)
    if row.approval_id in {each.id for each in waiting}:
        found.append(("already_proposed", {}))
    if found:
        raise PublicationRefused(*found)
    payload = {"publication_id": row.id, "fingerprint": row.fingerprint}
    approval_id = approvals.propose(
        session, kind=APPROVE, kinds=KINDS, unit_id=row.root_unit_id, subject=row.period_vi, payload=payload,
        reason=row.reason, by=by, now=now,
    )  # fmt: skip
    session.execute(update(Publication).where(Publication.id == row.id).values(approval_id=approval_id))
    return approval_id


def _approve(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    row = queries.publication(session, payload["publication_id"], lock=True)
    if row.state != "hearing" or row.fingerprint != payload["fingerprint"]:
        raise PublicationRefused(("changed_since", {}))
    values = {"state": "approved", "approved_by_id": by.account_id}
    session.execute(update(Publication).where(Publication.id == row.id).values(**values))


KINDS: Mapping[str, Kind] = {APPROVE: Kind(ROLES, _approve)}


def publish(session: Session, publication_id: int, *, by: Viewer, now: datetime, today: date) -> None:
    """Freeze what was approved, if it still counts to the same and gives no small group away."""
    row = _own(session, publication_id, by, "approved")
    parts = recounted(session, row, earlier=_standing(session, row))
    reviewed = {language: queries.parts(session, row.id, language=language) for language in LANGUAGES}
    changes = [change.where for change in unlike(reviewed["vi"], parts["vi"])]
    if changes or freezing.fingerprint(reviewed) != row.fingerprint:
        named = {"n": len(changes), "places": "; ".join(changes[:CHANGES_NAMED])}
        raise PublicationRefused(("content_changed", named))
    freeze_release(session, row, reviewed["vi"], by=by, now=now, today=today)


def freeze_release(
    session: Session, row: PublicationRow, parts: Mapping[str, Any], *, by: Viewer, now: datetime, today: date
) -> None:
    """Write the figures, end the release before, and let nothing change any more."""
    content, before = joined(parts, "vi"), _standing(session, row)
    if found := public_withholding.findings(session, content, earlier=before):
        places = "; ".join(f"{each.unit}: {each.cell[1]}" for each in found[:CHANGES_NAMED])
        raise PublicationRefused(("discloses", {"n": len(found), "places": places}))
    scores = scores_of(content)
    session.execute(insert(PublishedScore), [{"publication_id": row.id, **asdict(score)} for score in scores])
    for earlier in queries.revisions_of(
        session, root_unit_id=row.root_unit_id, basis=row.basis, period_code=row.period_code
    ):
        if earlier.state == "published":
            values = {"state": "superseded", "ended_on": today, "end_reason": row.reason}
            session.execute(update(Publication).where(Publication.id == earlier.id).values(**values))
    _set(
        session, row, by=by, at=now, step="published", details={"fingerprint": row.fingerprint},
        state="published", published_on=today, published_by_id=by.account_id,
        terms=row.terms | {"earlier_releases": before},
    )  # fmt: skip


def withdraw(
    session: Session, publication_id: int, *, reason: str, by: Viewer, now: datetime, today: date
) -> None:
    """Take a release back, or drop what was never released; either stays on record with its reason."""
    row = _own(session, publication_id, by, "published", *queries.UNFINISHED)
    if not reason.strip():
        raise PublicationRefused(("reason_needed", {}))
    _withdraw_proposal(session, row, by, now)
    _set(
        session, row, by=by, at=now, step="withdrawn", details={"reason": reason.strip()}, state="withdrawn",
        ended_on=today, end_reason=reason.strip(),
    )  # fmt: skip


def _own(session: Session, publication_id: int, by: Viewer, *states: str) -> PublicationRow:
    _require(by)
    visible(session, publication_id, viewer=by)
    row = queries.publication(session, publication_id, lock=True)
    if row.state not in states:
        raise PublicationRefused(("wrong_state", {}))
    return row


def _require(viewer: Viewer) -> None:
    if viewer.role not in ROLES:
        raise NotAllowed


def _set(
    session: Session, row: PublicationRow, *, by: Viewer, at: datetime, step: str,
    details: Mapping[str, object] | None = None, **values: Any,
) -> None:  # fmt: skip
    session.execute(update(Publication).where(Publication.id == row.id).values(**values))
    _record(session, step, row, by=by, at=at, details=details)


def _record(
    session: Session, step: str, row: PublicationRow, *, by: Viewer, at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    about = {"period": row.period_code, "basis": row.basis, "revision": row.revision, **(details or {})}
    audit.record(session, f"publication.{step}", target=f"publication:{row.id}", by=by, at=at, details=about)
