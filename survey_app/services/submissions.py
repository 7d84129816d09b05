"""A tap becomes a stored response: written once, acknowledged after it is stored, never refused for being late."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyAnsweredDifferently, InvalidAnswer, UnknownSubmission
from survey_app.models import Comment, Response, RollupDirty, RootReopened
from survey_app.queries import lookups, upserts
from survey_app.services import forms, tickets
from survey_app.services.routing import OPEN
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel, QualityFlag, Stage

STRAIGHT_LINE_ITEMS = 10
# A device may be offline for half a year; an answer that claims to be older tells of an odd clock.
MAX_AGE_DAYS = 180


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What the person said about the visit; stored in columns, 0 or None meaning not said."""

    stage: int = 0
    field_code: str | None = None
    desk_code: str | None = None
    agency_id: int | None = None
    capacity: int = 0
    assisted_by: int = 0
    residence: int = 0
    is_proxy: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One checked request to store answers: the first part, the supplement, or both at once."""

    id: UUID
    point: PointToken
    language: str
    answers: Mapping[str, Any]
    parts: frozenset[int]
    reached: frozenset[str]
    dimensions: Dimensions = Dimensions()
    comment: str = ""
    polarity: str = "neutral"
    ticket: str | None = None
    # The device or interviewer that carried the answer, and whether it is still being tried out.
    collector: str | None = None
    # Of a drawn sample; a weight is shared by several cases.
    stratum: int = 0
    weight: float | None = None
    is_test: bool = False
    duration_bucket: int = 0
    gap_bucket: int = 0
    age_days: int = 0
    max_age_days: int = MAX_AGE_DAYS
    is_clock_odd: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of storage. `is_new` is false for a retry of what was already stored."""

    code: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Digests:
    first: bytes
    supplement: bytes | None


@dataclass(slots=True)
class _Arrival:
    """A submission on its way in, with what was looked up for it."""

    submission: Submission
    form: forms.Form
    digests: _Digests
    today: date
    collected_on: date = field(init=False)
    is_clock_odd: bool = field(init=False)

    def __post_init__(self) -> None:
        self.collected_on, self.is_clock_odd = self.today, self.submission.is_clock_odd
        if 0 <= self.submission.age_days <= self.submission.max_age_days:
            self.collected_on -= timedelta(days=self.submission.age_days)
        else:
            self.date_today()

    def date_today(self) -> None:
        """A day that cannot be tells of an odd clock; the answer itself is kept, as one of today."""
        self.collected_on, self.is_clock_odd = self.today, True


def receive_response(session: Session, submission: Submission, *, signer: Signer, today: date) -> Receipt:
    """Store a submission, or recognise it as stored before. The caller commits before it acknowledges."""
    form = forms.load_form(session, version_id=submission.point.version_id)
    submission = _what_counts(submission, form.headline.code)
    arrival = _Arrival(submission, form, _digests(submission, form.headline.code, signer), today)
    stored = lookups.stored_digests(session, submission.id)
    is_new = stored is None and _insert(session, arrival, signer)
    if not is_new:
        is_new = _supplement(session, arrival)
    return Receipt(signer.receipt(submission.id), is_new)


def headline_answer(session: Session, submission_id: UUID) -> str:
    """What a stored first part answered, by code; empty where nothing is stored under this id."""
    found = lookups.stored_answers(session, submission_id)
    if found is None:
        return ""
    form = forms.load_form(session, version_id=found[0])
    return str(form.unpack(found[1])[form.headline.code])


def _what_counts(submission: Submission, headline: str) -> Submission:
    """A first part alone is the headline and no more, so that what is stored is what its digest covers."""
    if submission.parts != {1}:
        return submission
    answers = {code: value for code, value in submission.answers.items() if code == headline}
    return replace(submission, answers=answers, reached=frozenset({headline}), comment="")


def _digests(submission: Submission, headline: str, signer: Signer) -> _Digests:
    """Keyed digests of the content of each part; transport fields (clock, buckets, ticket) never count."""
    about = [submission.point.version_id, submission.point.code]
    first = [*about, submission.answers.get(headline)]
    rest = {code: value for code, value in submission.answers.items() if code != headline}
    dimensions = submission.dimensions
    visit = [dimensions.stage, dimensions.field_code, dimensions.capacity, dimensions.assisted_by,
             dimensions.residence, dimensions.is_proxy]  # fmt: skip
    supplement = [*about, rest, visit, submission.comment]

    def digest(content: list[Any]) -> bytes:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=list)
        return signer.digest("response", text.encode())

    return _Digests(digest(first), digest(supplement) if 2 in submission.parts else None)


def _insert(session: Session, arrival: _Arrival, signer: Signer) -> bool:
    """Insert the row; False if another request with this id came first."""
    submission = arrival.submission
    if 1 not in submission.parts:
        raise UnknownSubmission(str(submission.id))
    if arrival.form.headline.code not in submission.answers:
        raise InvalidAnswer(arrival.form.headline.code, "mandatory")
    wave = lookups.wave_row(session, submission.point.wave_id)
    place = _place(session, arrival, opens_on=wave.opens_on)
    packed = _pack(arrival)
    is_ticketed = _spend_ticket(session, arrival, place, signer)
    values = {
        "id": submission.id,
        "wave_id": wave.id,
        "version_id": submission.point.version_id,
        "unit_id": place.unit_id,
        "point_id": place.point_id,
        "channel": submission.point.channel,
        "language": submission.language,
        "collector": submission.collector,
        "stratum": _stratum(session, arrival, place, signer) if is_ticketed else submission.stratum,
        "weight": submission.weight,
        "is_test": submission.is_test,
        "is_ticketed": is_ticketed,
        "is_late": wave.is_late(arrival.today),
        "duration_bucket": submission.duration_bucket,
        "gap_bucket": submission.gap_bucket,
        "collected_on": arrival.collected_on,
        "received_on": arrival.today,
        "answers": packed,
        "flags": _flags(arrival, packed),
        "digest": arrival.digests.first,
        "supplement_digest": arrival.digests.supplement,
        **_dimension_columns(session, submission.dimensions, point_id=place.point_id),
    }
    is_new = store_rows(session, [values], today=arrival.today) == 1
    if is_new:
        _store_comment(session, arrival, unit_id=place.unit_id)
    return is_new


def _place(session: Session, arrival: _Arrival, *, opens_on: date) -> lookups.Place:
    """Where the answer was given; one dated before its point or wave collected anything is one of today."""
    code = arrival.submission.point.code
    if arrival.collected_on >= opens_on:
        place = lookups.find_place(session, code=code, on=arrival.collected_on)
        if place is not None:
            return place
    arrival.date_today()
    return lookups.latest_place(session, code=code, by=arrival.today)


def store_rows(session: Session, rows: Sequence[dict[str, Any]], *, today: date) -> int:
    """The one place that inserts responses: each once by its id, its month marked; how many were new."""
    n_new = upserts.insert_each_once(session, Response, rows)
    if n_new:
        for point_id, day in sorted({(row["point_id"], row["collected_on"].replace(day=1)) for row in rows}):
            _mark_month(session, point_id=point_id, month=day, today=today)
    return n_new


def _supplement(session: Session, arrival: _Arrival) -> bool:
    """Recognise a retry, or fill once what the first part left open; anything else is a conflict."""
    submission, digests = arrival.submission, arrival.digests
    stored = lookups.stored_digests(session, submission.id)
    if stored is None:
        raise UnknownSubmission(str(submission.id))
    if 1 in submission.parts and stored.first != digests.first:
        raise AlreadyAnsweredDifferently(str(submission.id))
    if digests.supplement is None or stored.supplement == digests.supplement:
        return False
    if stored.supplement is None and _fill(session, arrival, stored.answers):
        return True
    stored = lookups.stored_digests(session, submission.id)
    if stored is None or stored.supplement != digests.supplement:
        raise AlreadyAnsweredDifferently(str(submission.id))
    return False


def _fill(session: Session, arrival: _Arrival, before: bytes) -> bool:
    """Add the second part in one conditional UPDATE; False if another second part won."""
    # What a closing took in stands as it was counted: the first part stays, and the second is told so.
    place = lookups.place_of_response(session, arrival.submission.id)
    arrival.collected_on = place.collected_on
    packed = bytes(
        new if old in OPEN else old for old, new in zip(before, _pack(arrival, before), strict=True)
    )
    filled = session.execute(
        update(Response)
        .where(Response.id == arrival.submission.id, Response.supplement_digest.is_(None))
        .where(Response.closed_in == 0)
        .values(
            answers=packed,
            flags=Response.flags.bitwise_or(_flags(arrival, packed)),
            supplement_digest=arrival.digests.supplement,
            duration_bucket=arrival.submission.duration_bucket,
            gap_bucket=arrival.submission.gap_bucket,
            **_dimension_columns(session, arrival.submission.dimensions, point_id=place.point_id),
        )
        .returning(Response.wave_id, Response.received_on)
    ).one_or_none()
    if filled is None:
        return False
    _reopen_batch(session, *filled, today=arrival.today)
    month = arrival.collected_on.replace(day=1)
    _mark_month(session, point_id=place.point_id, month=month, today=arrival.today)
    _store_comment(session, arrival, unit_id=place.unit_id)
    return True


def _pack(arrival: _Arrival, before: bytes | None = None) -> bytes:
    submission = arrival.submission
    return arrival.form.pack(
        submission.answers,
        stage=Stage(submission.dimensions.stage),
        channel=Channel(submission.point.channel),
        reached=submission.reached,
        before=before,
    )


def _dimension_columns(session: Session, said: Dimensions, *, point_id: int) -> dict[str, Any]:
    return {
        "stage": said.stage,
        "capacity": said.capacity,
        "assisted_by": said.assisted_by,
        "residence": said.residence,
        "is_proxy": None if said.is_proxy is None else int(said.is_proxy),
        "agency_id": said.agency_id,
        "field_id": lookups.service_field_id(session, said.field_code),
        "desk_id": lookups.desk_id(session, said.desk_code, point_id=point_id),
    }


def _flags(arrival: _Arrival, packed: bytes) -> int:
    """Signs for a later look; nothing is refused because of them."""
    flags = straight_line_flag(arrival.form, packed)
    scored = arrival.form.scored_answers(packed)
    if arrival.submission.duration_bucket == 1 and len(scored) > 3:
        flags |= QualityFlag.FAST
    if arrival.is_clock_odd:
        flags |= QualityFlag.CLOCK_ODD
    return flags


def straight_line_flag(form: forms.Form, packed: bytes) -> int:
    """The sign of one answer to everything, whatever the channel; 0 without it."""
    scored = form.scored_answers(packed)
    is_line = len(scored) >= STRAIGHT_LINE_ITEMS and len(set(scored)) == 1
    return int(QualityFlag.STRAIGHT_LINE) if is_line else 0


def _mark_month(session: Session, *, point_id: int, month: date, today: date) -> None:
    """The cells of an earlier month no longer hold; those of the current one are not made yet."""
    if month != today.replace(day=1):
        upserts.upsert(session, RollupDirty, {"point_id": point_id, "month": month}, {"mark": uuid4()})


def _reopen_batch(session: Session, wave_id: int, received_on: date, *, today: date) -> None:
    """The root over an earlier day no longer holds: the night makes a new revision of it."""
    if received_on != today:
        upserts.upsert(
            session, RootReopened, {"wave_id": wave_id, "received_on": received_on}, {"mark": uuid4()}
        )


def _store_comment(session: Session, arrival: _Arrival, *, unit_id: int) -> None:
    """The words that came with a part, in the same transaction and with no key to it."""
    submission = arrival.submission
    if submission.comment:
        session.add(
            Comment(
                id=uuid4(),
                unit_id=unit_id,
                month=arrival.collected_on.replace(day=1),
                polarity=submission.polarity,
                language=submission.language,
                text=submission.comment,
            )
        )


def _spend_ticket(session: Session, arrival: _Arrival, place: lookups.Place, signer: Signer) -> bool:
    """Spend the ticket if it is good here; otherwise the answer is stored as unticketed.

    An answer of a trial spends none: it never counts, and the ticket is somebody's.
    """
    submission = arrival.submission
    if submission.ticket is None or submission.is_test:
        return False
    return tickets.spend(
        session,
        submission.ticket,
        point_id=place.point_id,
        wave_id=submission.point.wave_id,
        collected_on=arrival.collected_on,
        signer=signer,
    )


def _stratum(session: Session, arrival: _Arrival, place: lookups.Place, signer: Signer) -> int:
    """Of an answer whose ticket was just spent: the one that its whole batch was made for, if it was."""
    return tickets.stratum_of(
        session,
        arrival.submission.ticket or "",
        unit_id=place.unit_id,
        on=arrival.collected_on,
        signer=signer,
    )
