"""What is read aloud: which recording belongs to which words of a page, and the recordings themselves."""

from collections.abc import Mapping

from flask import Response, jsonify, request

from survey_app.db import db
from survey_app.queries.units import service_fields
from survey_app.services import recordings
from survey_app.services.recordings import Voice
from survey_app.spoken import SpokenText, spoken_texts
from survey_app.web.citizen.blueprint import bp
from survey_app.web.citizen.routes import opened_at
from survey_app.web.security import public

# A new recording is heard after this; the recordings themselves never change under their names.
WORDS_MAX_AGE = 300
SOUND_MAX_AGE = 365 * 24 * 3600


@bp.get("/<any(q, k):door>/<code>/audio")
@public
def words_read_aloud(door: str, code: str) -> Response:
    """For each language in order: the address of the recording of every text, by the text as the page shows it."""
    address, context = opened_at(door, code)
    texts = spoken_texts(context.form, service_fields(db.session), language=address.choice)
    voices = recordings.voices(db.session, address.choice)
    response = jsonify(voices=[_described(voice, texts) for voice in voices])
    response.cache_control.public = True
    response.cache_control.max_age = WORDS_MAX_AGE
    return response


@bp.get("/audio/<address>")
@public
def sound(address: str) -> Response:
    """One recording, in parts if the player asks for parts; a browser may keep it for good."""
    found = recordings.sound_at(db.session, address)
    response = Response(found.content, mimetype=found.media_type)
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = SOUND_MAX_AGE
    response.set_etag(address)
    return response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))


def _described(voice: Voice, texts: tuple[SpokenText, ...]) -> dict[str, object]:
    return {
        "lang": voice.language,
        "office": _by_words(voice.office, texts),
        "generated": _by_words(voice.generated, texts),
    }


def _by_words(addresses: Mapping[str, str], texts: tuple[SpokenText, ...]) -> dict[str, str]:
    return {" ".join(text.shown.split()): addresses[text.key] for text in texts if text.key in addresses}
