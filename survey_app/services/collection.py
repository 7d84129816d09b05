"""What a collection point asks today: its unit, its wave and the form, resolved when a person opens the page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NoOpenWave, UnknownCode, WaveClosed
from survey_app.queries import lookups
from survey_app.queries.lookups import Place, WaveRow
from survey_app.services import bridge_forms, forms
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class CollectionContext:
    """Everything a citizen's page is drawn from, and the token that lets its answers in."""

    code: str
    place: Place
    wave: WaveRow
    form: forms.Form
    channel: Channel
    token: str
    # Which of the two forms of a bridge wave; 0 elsewhere.
    form_number: int = 0


def open_form(
    session: Session,
    *,
    signer: Signer,
    code: str,
    channel: Channel,
    today: date,
    wave_code: str | None = None,
    asked_on: Channel | None = None,
    form_number: int = 0,
) -> CollectionContext:
    """The form asked at a point today, or of the wave named in a link while that wave is open.

    A wave is asked only on its own channels; `asked_on` is the channel as people see it where the token carries
    another, as at a kiosk. What is sent is stored all the same: this decides what is offered, not what is taken.
    """
    if not lookups.is_live_code(session, code, today):
        raise UnknownCode(code)
    place = lookups.place_of_answer(session, code=code, on=today)
    wave = _wave(session, place=place, wave_code=wave_code, today=today, channel=asked_on or channel)
    number = bridge_forms.form_on(wave, form_number)
    version_id = bridge_forms.version_of(wave, number)
    form = forms.load_form(session, version_id=version_id)
    token = signer.point_token(PointToken(code, version_id, int(channel), wave.id))
    return CollectionContext(code, place, wave, form, channel, token, number)


def _wave(session: Session, *, place: Place, wave_code: str | None, today: date, channel: Channel) -> WaveRow:
    if wave_code:
        wave = lookups.wave_by_code(session, wave_code)
        if today < wave.opens_on or wave.state == "draft" or not wave.offers(channel):
            raise NoOpenWave(place.unit_name)
        if not wave.is_open(today):
            raise WaveClosed(wave.title_vi, wave.closes_on)
        return wave
    running = lookups.open_continuous_wave(session, unit_id=place.unit_id, on=today, channel=channel)
    if running is None:
        raise NoOpenWave(place.unit_name)
    return running
