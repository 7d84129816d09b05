"""Responses that another system sends, many at a time: each finds its place, wave and form, then takes the one road."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.errors import AlreadyAnsweredDifferently, InvalidAnswer, InvalidField, NotFound
from survey_app.queries import lookups
from survey_app.queries import questionnaires as versions
from survey_app.queries.lookups import Place, WaveRow
from survey_app.services import api_clients, forms
from survey_app.services.api_clients import Client
from survey_app.services.submissions import Dimensions, Submission, receive_response
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel

# Answers of a system that was away for long are still answers; older ones come as a file with their own wave.
MAX_AGE_DAYS = 366
# How much of a name that nobody knows is told back.
SHOWN = 64


class OutcomeStatus(StrEnum):
    STORED = "stored"
    ALREADY_STORED = "already_stored"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one response; `field` and `reason` say what was wrong with an invalid one."""

    status: OutcomeStatus
    receipt: str = ""
    field: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentResponse:
    """One response as a program sends it, its shape checked and nothing looked up yet."""

    id: UUID
    point_code: str
    channel: Channel
    language: str
    answers: Mapping[str, Any]
    reached: frozenset[str]
    dimensions: Dimensions
    comment: str = ""
    polarity: str = "neutral"
    ticket: str | None = None
    wave_code: str | None = None
    questionnaire: str | None = None
    version: int | None = None
    collected_on: date | None = None


@dataclass(slots=True)
class Intake:
    """One call of a program: what it looked up for one response serves the next."""

    session: Session
    client: Client
    signer: Signer
    today: date
    _unit_ids: frozenset[int] = field(init=False)
    _places: dict[tuple[str, date], Place | None] = field(default_factory=dict)
    _waves: dict[tuple[str | None, int, date], WaveRow | None] = field(default_factory=dict)
    _versions: dict[tuple[int, str | None, int | None], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._unit_ids = api_clients.unit_ids(self.session, self.client)

    def receive(self, sent: SentResponse) -> Outcome:
        """Store one response or say why not; what a refused one had begun to write is taken back."""
        try:
            submission = self._submission(sent)
            with self.session.begin_nested():
                receipt = receive_response(self.session, submission, signer=self.signer, today=self.today)
        except AlreadyAnsweredDifferently:
            return Outcome(OutcomeStatus.CONFLICT)
        except InvalidField as error:
            return Outcome(OutcomeStatus.INVALID, field=error.field, reason=error.reason)
        except InvalidAnswer as error:
            field = f"answers.{error.item_code[:SHOWN]}"
            return Outcome(OutcomeStatus.INVALID, field=field, reason=error.reason)
        status = OutcomeStatus.STORED if receipt.is_new else OutcomeStatus.ALREADY_STORED
        return Outcome(status, receipt.code)

    def _submission(self, sent: SentResponse) -> Submission:
        collected_on = sent.collected_on or self.today
        age_days = (self.today - collected_on).days
        if not 0 <= age_days <= MAX_AGE_DAYS:
            raise InvalidField("collected_on", "out_of_range")
        place = self._place(sent.point_code, collected_on)
        wave = self._wave(sent.wave_code, place.unit_id, collected_on)
        version_id = self._version(wave, sent.questionnaire, sent.version)
        return Submission(
            id=sent.id,
            point=PointToken(sent.point_code, version_id, int(sent.channel), wave.id),
            language=sent.language,
            answers=sent.answers,
            parts=frozenset({1, 2}),
            reached=sent.reached,
            dimensions=sent.dimensions,
            comment=sent.comment,
            polarity=sent.polarity,
            ticket=sent.ticket,
            collector=self.client.collector,
            is_test=self.client.is_trial,
            age_days=age_days,
            max_age_days=MAX_AGE_DAYS,
        )

    def _place(self, code: str, on: date) -> Place:
        """The point and its unit on the day; a point of another's units is as unknown as one that is not there."""
        key = (code, on)
        if key not in self._places:
            self._places[key] = lookups.find_place(self.session, code=code, on=on)
        place = self._places[key]
        if place is None or place.unit_id not in self._unit_ids:
            raise InvalidField("point", "unknown")
        return place

    def _wave(self, code: str | None, unit_id: int, on: date) -> WaveRow:
        """The wave named, or the stream that ran at the unit on the day. It may be over; then the answer is late."""
        key = (code, unit_id, on)
        if key not in self._waves:
            self._waves[key] = self._find_wave(code, unit_id, on)
        wave = self._waves[key]
        if wave is None:
            raise InvalidField("wave", "unknown")
        if on < wave.opens_on:
            raise InvalidField("collected_on", "before_wave")
        return wave

    def _find_wave(self, code: str | None, unit_id: int, on: date) -> WaveRow | None:
        if code is None:
            return lookups.open_continuous_wave(self.session, unit_id=unit_id, on=on)
        try:
            wave = lookups.wave_by_code(self.session, code)
        except NotFound:
            return None
        is_member = lookups.takes_part(self.session, wave_id=wave.id, unit_id=unit_id)
        return wave if is_member and wave.state != "draft" else None

    def _version(self, wave: WaveRow, code: str | None, number: int | None) -> int:
        """The wave's form, or the version named of the same questionnaire; of a bridge wave either of its two."""
        key = (wave.version_id, code, number)
        if key not in self._versions:
            codes = {
                forms.load_form(self.session, version_id=each).code: each for each in wave.version_ids[::-1]
            }
            version_id = codes.get(code or "", wave.version_id)
            self._versions[key] = self._find_version(version_id, code, number)
        return self._versions[key]

    def _find_version(self, version_id: int, code: str | None, number: int | None) -> int:
        form = forms.load_form(self.session, version_id=version_id)
        if code not in (None, form.code):
            raise InvalidField("questionnaire", "not_of_this_wave")
        if number in (None, form.version):
            return version_id
        found = versions.find_version(self.session, code=form.code, version=number or 0)
        if found is None or found.published_on is None:
            raise InvalidField("version", "unknown")
        return found.id
