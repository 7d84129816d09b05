"""What a kiosk asks besides its page: to be let in, what to keep for days without a network, and to be heard."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import InvalidBody, NoOpenWave, UnknownCode
from survey_app.queries import devices as queries
from survey_app.queries import lookups
from survey_app.queries.devices import DeviceRow
from survey_app.services import device_intake, devices, recordings
from survey_app.services.bridge_forms import OLD
from survey_app.services.collection import CollectionContext, open_form
from survey_app.services.device_intake import DAYS_TOLD, DayCount, Heartbeat
from survey_app.services.device_profile import read_profile
from survey_app.services.working_days import kiosk_week
from survey_app.vocabulary import Channel
from survey_app.web.bodies import read_json_body
from survey_app.web.citizen.blueprint import (
    ASSETS,
    STATIC,
    asset_version,
    bp,
    kiosk_assets,
    page_version,
    refuse_foreign_origin,
)
from survey_app.web.citizen.devices import DAYS_AHEAD, device_of_request
from survey_app.web.citizen.pages import Address, Page
from survey_app.web.current import settings, signer, today
from survey_app.web.parsing import read_instant
from survey_app.web.security import public

MOST = 2**31 - 1
MANIFEST = {
    "name": "Hài lòng Một cửa",
    "short_name": "Hài lòng",
    "lang": "vi",
    "start_url": "/k/",
    "scope": "/k/",
    "display": "fullscreen",
    "background_color": "#ffffff",
    "theme_color": "#12304f",
    "icons": [
        {
            "src": f"/static/kiosk/icon-{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in (192, 512)
    ],
}


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a kiosk shows from a day on; the key changes when any of it does."""

    key: str
    urls: tuple[str, ...]
    begins_on: date


@bp.get("/k/")
@public
def kiosk_start() -> str:
    """Where the installed kiosk begins: it goes to its own page, or asks for its one-time code."""
    page = Page(address=Address("k", ""), is_simulated=settings().IS_DEMO, assets=asset_version())
    return render_template("citizen/kiosk_start.html", page=page)


@bp.get("/k/manifest.webmanifest")
@public
def kiosk_manifest() -> Response:
    response = jsonify(MANIFEST)
    response.mimetype = "application/manifest+json"
    return response


@bp.get("/k/sw.js")
@public
def service_worker() -> Response:
    """The script that keeps the kiosk's pages; its first line names the release, so that a new one is noticed."""
    text = (STATIC / "kiosk" / "sw.js").read_text(encoding="utf-8")
    shell = [
        "/k/",
        "/k/manifest.webmanifest",
        *(_static(name) for name in (*ASSETS, *kiosk_assets()) if name != "kiosk/sw.js"),
    ]
    head = f"self.RELEASE = {asset_version()!r};\nself.SHELL = {current_app.json.dumps(shell)};\n"
    response = Response(head + text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.post("/k/enrol")
@public
@writes
def enrol() -> ResponseReturnValue:
    """Let in the tablet that knows a one-time code. The answer is the only time that the key travels."""
    refuse_foreign_origin()
    code = read_json_body(request).get("code")
    if not isinstance(code, str):
        raise InvalidBody("code")
    enrolled = devices.enrol(db.session, signer=signer(), code=code, now=utc_now())
    return jsonify(code=enrolled.code, key=enrolled.key)


@bp.get("/k/<code>/content")
@public
def kiosk_content(code: str) -> ResponseReturnValue:
    """What to keep for days without a network: of today, and of the next day on which something changes."""
    device = queries.device_by_code(db.session, code.upper())
    if device is None:
        raise UnknownCode(code)
    now, later = contents(device, today())
    body: dict[str, Any] = {"key": now.key, "urls": now.urls, "next": None}
    if later:
        body["next"] = {"key": later.key, "urls": later.urls, "begins_on": later.begins_on.isoformat()}
    return jsonify(body)


# Finding out what the kiosk should keep takes longer than hearing it, and must not hold the lock of those who answer.
@bp.post("/k/<code>/heartbeat")
@public
def heartbeat(code: str) -> ResponseReturnValue:
    """Hear what the device says of itself, and tell it what its office wants of it."""
    refuse_foreign_origin()
    device = device_of_request(code.upper())
    now = utc_now()
    said = _heartbeat(read_json_body(request))
    with own_transaction() as session:
        device_intake.hear(session, device, said, now=now, today=today())
    profile = read_profile(device.profile)
    week = kiosk_week(db.session, device.point_id, today(), usual=profile.hours)
    return jsonify(
        state=device.state,
        name=device.name,
        message=device.message or "",
        n_reloads_asked=device.n_reloads_asked,
        profile=replace(profile, hours=week).stored(),
        content=[content.key for content in contents(device, today()) if content],
        now=now.isoformat(),
    )


def contents(device: DeviceRow, on: date) -> tuple[Content, Content | None]:
    """What the kiosk shows today, and what it will show after the next change, if one is known."""
    now = _content(device, on, is_today=True)
    until = on + timedelta(days=DAYS_AHEAD)
    change = lookups.next_change(db.session, point_id=device.point_id, after=on, until=until)
    later = _content(device, change, is_today=False) if change else None
    return now, None if later is None or later.key == now.key else later


def _content(device: DeviceRow, on: date, *, is_today: bool) -> Content:
    context = _context(device, on)
    parts = [asset_version(), page_version(), str(device.profile)]
    if context is not None:
        parts += [
            context.token, context.place.unit_title, str(context.wave.is_simulated), str(context.wave.languages),
            str(context.wave.bridge_version_id), str(context.wave.bridge_share),
        ]  # fmt: skip
    languages = read_profile(device.profile).languages
    sounds = _sounds(languages)
    parts += sounds
    day = {} if is_today else {"on": on.isoformat()}
    # A kiosk without a network still gives each person either form: it keeps both.
    is_bridge = context is not None and context.form_number > 0
    pages = [
        url_for(f"citizen.{view}", door="k", code=device.code, lang=language, **look, **which, **day)
        for language in languages
        for which in (({}, {"b": "1"}, {"b": "2"}) if is_bridge else ({},))
        for look in ({}, {"pictures": "1"})
        for view in (("answer", "full_form", "words_read_aloud") if context is not None else ("answer",))
    ]
    urls = (*pages, *sounds, *(_static(name) for name in (*ASSETS, *kiosk_assets()) if name != "kiosk/sw.js"))
    return Content(sha256("\n".join(parts).encode()).hexdigest()[:16], urls, on)


def _context(device: DeviceRow, on: date) -> CollectionContext | None:
    try:
        return open_form(
            db.session, signer=signer(), code=device.code, channel=Channel.LINK, today=on,
            asked_on=Channel.KIOSK, form_number=OLD,
        )  # fmt: skip
    except (NoOpenWave, UnknownCode):
        return None


def _sounds(languages: tuple[str, ...]) -> list[str]:
    """Of each text that is recorded in a language offered, the recording that is played first."""
    found = {
        (voice.language, key): address
        for language in languages
        for voice in recordings.voices(db.session, language)
        for played in (voice.generated, voice.office)
        for key, address in played.items()
    }
    return [url_for("citizen.sound", address=address) for address in sorted(set(found.values()))]


def _static(name: str) -> str:
    return url_for("static", filename=name, v=asset_version())


def _heartbeat(body: Mapping[str, Any]) -> Heartbeat:
    return Heartbeat(
        app_version=str(body.get("app_version", ""))[:40],
        n_opened=_count(body, "n_opened"),
        n_finished=_count(body, "n_finished"),
        n_sent=_count(body, "n_sent"),
        n_unsent=_count(body, "n_unsent"),
        n_refused=_count(body, "n_refused"),
        oldest_unsent_days=_known_count(body, "oldest_unsent_days"),
        battery_percent=_known_count(body, "battery_percent", 100),
        is_charging=body.get("is_charging") if type(body.get("is_charging")) is bool else None,
        storage_percent=_known_count(body, "storage_percent", 100),
        is_storage_persistent=body.get("is_storage_persistent") is True,
        client_now=read_instant(body.get("client_now")),
        days=[_day(value) for value in _days(body)],
    )


def _days(body: Mapping[str, Any]) -> list[Any]:
    value = body.get("days", [])
    if not isinstance(value, list) or len(value) > DAYS_TOLD:
        raise InvalidBody("days")
    return value


def _day(value: object) -> DayCount:
    if not isinstance(value, dict):
        raise InvalidBody("days")
    return DayCount(**{name: _count(value, name) for name in DayCount.__dataclass_fields__})


def _count(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= MOST:
        raise InvalidBody(name)
    return value


def _known_count(body: Mapping[str, Any], name: str, most: int = MOST) -> int | None:
    """A number that not every browser can tell."""
    return None if body.get(name) is None else min(_count(body, name), most)
