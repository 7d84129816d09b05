"""The citizen's routes: the same views behind a QR code (`/q/`) and at a kiosk (`/k/`)."""

import uuid
from dataclasses import replace
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as WerkzeugResponse

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import WaveClosed
from survey_app.i18n import current_language
from survey_app.languages import AUTHORITATIVE, NAMES, SPOKEN_ONLY, offered_language
from survey_app.queries.units import service_fields
from survey_app.services import forms, recordings, tickets
from survey_app.services.collection import CollectionContext, open_form
from survey_app.services.device_profile import KioskProfile
from survey_app.services.submissions import Receipt, Submission, headline_answer, receive_response
from survey_app.signing import Continuation
from survey_app.web.bodies import read_form_body, read_json_body
from survey_app.web.citizen import guarding
from survey_app.web.citizen.blueprint import asset_version, bp, refuse_foreign_origin
from survey_app.web.citizen.carried import Carried
from survey_app.web.citizen.devices import is_from_device, kiosk_profile, later_day, store_from_device
from survey_app.web.citizen.pages import SIZES, Address, Page, stage_name
from survey_app.web.current import settings, signer, today
from survey_app.web.parsing import Arrival, form_answers, submission_from_form, submission_from_json
from survey_app.web.screens import TONES, FormPage, Step, form_page, numbered_step
from survey_app.web.security import public
from survey_app.web.visit import helpers, visit_steps

ID_PLACEHOLDER = "00000000-0000-4000-8000-000000000000"
FIRST_STEP = "reasons"
MAX_CACHED_PAGES = 512
FORM_MAX_AGE = 3600


@bp.get("/<any(q, k):door>/<code>")
@public
def answer(door: str, code: str) -> str | tuple[str, int] | WerkzeugResponse:
    """The question, and hidden behind it every screen a script needs until thanks."""
    address = _address(door, code)
    try:
        context = _open(address)
    except WaveClosed as closed:
        return _closed_page(address, closed), 410
    asked = context.wave.languages
    # An old link may name a language that this wave does not ask in; the page of a kiosk never does.
    if door == "q" and asked is not None and address.choice not in (*asked, AUTHORITATIVE):
        plain = replace(address, lang=AUTHORITATIVE, spoken="")
        return redirect(f"{plain.base}?{urlencode(plain.display() | plain.visit())}", code=303)
    address = replace(address, form=context.form_number)
    kiosk = kiosk_profile(address)
    pages: dict[object, str] = current_app.extensions.setdefault("citizen_pages", {})
    has_recordings = recordings.has_voice(db.session, address.choice)
    key = (
        address, context.token, context.place.unit_title, context.wave.is_simulated, kiosk, has_recordings,
    )  # fmt: skip
    text = pages.get(key)
    if text is None:
        text = _answer_text(address, context, kiosk, has_recordings=has_recordings)
        # A ticket is one person's: its page is not worth keeping.
        if not address.ticket and len(pages) < MAX_CACHED_PAGES:
            pages[key] = text
    return text.replace(ID_PLACEHOLDER, str(uuid.uuid4()))


@bp.post("/<any(q, k):door>/<code>")
@public
@writes
def submit(door: str, code: str) -> Response | WerkzeugResponse | tuple[Response, int]:
    """Store what a script sends at once, or the first part of a browser without one."""
    refuse_foreign_origin()
    address = _address(door, code)
    arrival = _arrival(address)
    if request.is_json:
        body = read_json_body(request)
        submission = submission_from_json(body, arrival)
        if is_from_device():
            receipt = store_from_device(submission, body)
        else:
            guarding.admit(submission, signer=signer())
            receipt = _store(submission)
        return jsonify(status="stored" if receipt.is_new else "already_stored", receipt=receipt.code), (
            201 if receipt.is_new else 200
        )
    fields = read_form_body(request)
    submission = submission_from_form(fields, arrival, part=1, id_text=fields.get("id", ""))
    guarding.admit(submission, signer=signer())
    _store(submission)
    tone = TONES.get(str(submission.answers.get("overall")), "neutral")
    said = {name: fields.get(name, "") for name in ("stage", "field")}
    query = {"s": signer().continuation(Continuation(str(submission.id), tone)), "p": fields["token"]}
    return _see_other(address, "more", query | {name: value for name, value in said.items() if value})


@bp.get("/<any(q, k):door>/<code>/form")
@public
def full_form(door: str, code: str) -> Response:
    """The screens of the full form, for a script; the same for everyone, so a browser may keep them."""
    address = _address(door, code)
    context = _open(address)
    form = _form_page(context.form, address)
    response = Response(render_template("citizen/form.html", form=form, page=_page(address, context)))
    response.cache_control.public = True
    response.cache_control.max_age = FORM_MAX_AGE
    return response


@bp.get("/<any(q, k):door>/<code>/more")
@public
def more(door: str, code: str) -> str:
    """Reasons and comment after a first part that is stored, for a browser without a script."""
    address = _address(door, code)
    said = {name: request.args.get(name, "") for name in ("stage", "field")}
    carried = Carried(MultiDict({name: value for name, value in said.items() if value}))
    return _more_text(address, request.args.get("s", ""), request.args.get("p", ""), carried)


@bp.post("/<any(q, k):door>/<code>/more")
@public
@writes
def submit_more(door: str, code: str) -> WerkzeugResponse:
    """Store the second part."""
    refuse_foreign_origin()
    address, fields = _address(door, code), read_form_body(request)
    continuation = signer().read_continuation(fields.get("s", ""))
    _store(submission_from_form(fields, _arrival(address), part=2, id_text=continuation.submission_id))
    return _see_other(address, "thanks", {"s": fields["s"]})


@bp.post("/<any(q, k):door>/<code>/step")
@public
def step(door: str, code: str) -> str:
    """The next factor of the full form, earlier answers carried along; nothing is stored until the end."""
    refuse_foreign_origin()
    address, fields = _address(door, code), read_form_body(request)
    goal = fields.get("go", fields.get("step", FIRST_STEP))
    carried = Carried(fields)
    if goal == FIRST_STEP:
        return _more_text(address, fields.get("s", ""), fields.get("token", ""), carried)
    continuation = signer().read_continuation(fields.get("s", ""))
    page, form = _step_page(address, fields.get("s", ""), fields.get("token", ""))
    said = _said(form, fields, continuation)
    shown = numbered_step(
        form, code=goal, stage=fields.get("stage", ""), said=said, before=fields.get("step", "")
    )
    kept = carried.without(screen.code for screen in shown.screens)
    return render_template("citizen/step.html", page=page, step=shown, carried=carried, kept=kept)


@bp.get("/<any(q, k):door>/<code>/thanks")
@public
def thanks(door: str, code: str) -> str:
    """Stored; on a phone the receipt is there for those who ask for it."""
    address = _address(door, code)
    continuation = signer().read_continuation(request.args.get("s", ""))
    receipt = signer().receipt(uuid.UUID(continuation.submission_id))
    return render_template("citizen/thanks.html", page=_plain_page(address), receipt=receipt)


@bp.context_processor
def page_of_an_error() -> dict[str, Page]:
    """Error pages of this blueprint look like its other pages; a view's own `page` takes precedence."""
    given = request.view_args or {}
    return {"page": _plain_page(_address(given.get("door", "q"), given.get("code", "")))}


def _address(door: str, code: str) -> Address:
    asked = request.args
    size = asked.get("size", "")
    # What a kiosk offers is in the settings of its device; its menu shows no other.
    choice = offered_language(asked.get("lang", ""), NAMES if door == "k" else settings().LANGUAGES)
    return Address(
        door=door,
        code=code.upper(),
        lang=current_language(),
        spoken=choice if choice in SPOKEN_ONLY else "",
        languages=settings().LANGUAGES,
        size=int(size) if size in {str(known) for known in SIZES} else 1,
        contrast=asked.get("contrast") in {"1", "True"},
        seat=asked.get("seat") in {"1", "True"},
        pictures=asked.get("pictures") in {"1", "True"},
        stage=stage_name(asked.get("s", "")),
        field=asked.get("f", "")[:40],
        wave=asked.get("w", "")[:40],
        ticket=asked.get("t", "")[:200],
        via="link" if asked.get("c") == "link" else "",
        form={"1": 1, "2": 2}.get(asked.get("b", ""), 0),
        on=later_day(asked.get("on", ""), today()) if door == "k" else None,
    )


def _open(address: Address) -> CollectionContext:
    return open_form(
        db.session,
        signer=signer(),
        code=address.code,
        channel=address.channel,
        today=address.on or today(),
        wave_code=address.wave or None,
        asked_on=address.wording,
        form_number=address.form,
    )


def _form_page(form: forms.Form, address: Address) -> FormPage:
    return form_page(form, address=address, visit=_visit(address), has_pictures=address.pictures)


def _visit(address: Address) -> tuple[Step, Step]:
    fields = service_fields(db.session)
    return visit_steps(fields, lang=address.lang, in_pictures=address.pictures)


def opened_at(door: str, code: str) -> tuple[Address, CollectionContext]:
    """The address of this request and what is asked there today."""
    address = _address(door, code)
    return address, _open(address)


def _page(
    address: Address, context: CollectionContext, *, submission_id: str = "", has_recordings: bool = False
) -> Page:
    return Page(
        address=address,
        unit_name=context.place.unit_title,
        is_simulated=context.wave.is_simulated,
        ticket_state=_ticket_state(address, context),
        has_comment=address.takes_comment,
        token=context.token,
        submission_id=submission_id,
        has_recordings=has_recordings,
        assets=asset_version(),
        wave_languages=None if context.wave.languages is None else tuple(context.wave.languages),
        bridge_share=context.wave.bridge_share,
    )


def _ticket_state(address: Address, context: CollectionContext) -> str:
    if not address.ticket:
        return ""
    return tickets.ticket_state(
        db.session,
        address.ticket,
        point_id=context.place.point_id,
        wave_id=context.wave.id,
        today=today(),
        signer=signer(),
    )


def _plain_page(address: Address) -> Page:
    """A page that needs no database, so that it can tell of a fault of the database too."""
    return Page(address=address, is_simulated=settings().IS_DEMO, assets=asset_version())


def _answer_text(
    address: Address, context: CollectionContext, kiosk: KioskProfile | None, *, has_recordings: bool
) -> str:
    page = _page(address, context, submission_id=ID_PLACEHOLDER, has_recordings=has_recordings)
    form = form_page(context.form, address=address, has_pictures=address.pictures)
    return render_template(
        "citizen/answer.html", page=replace(page, kiosk=kiosk), form=form, helpers=helpers()
    )


def _more_text(address: Address, continuation: str, token: str, carried: Carried) -> str:
    tone = signer().read_continuation(continuation).tone
    page, form = _step_page(address, continuation, token)
    kept = carried.without(("reasons", "comment", "polarity", "is_proxy", "assisted_by"))
    return render_template(
        "citizen/more.html",
        page=page,
        form=form,
        tone=carried.first("polarity") or tone,
        helpers=helpers(),
        carried=carried,
        kept=kept,
    )


def _step_page(address: Address, continuation: str, token: str) -> tuple[Page, FormPage]:
    """The page of a second part, on the form version of the first part's token, whatever runs today."""
    point = _arrival(address).point(token)
    form = forms.load_form(db.session, version_id=point.version_id)
    page = Page(
        address=address,
        is_simulated=settings().IS_DEMO,
        has_comment=address.takes_comment,
        token=token,
        continuation=continuation,
        is_step=request.method == "POST",
        assets=asset_version(),
    )
    return page, _form_page(form, address)


def _said(form: FormPage, fields: MultiDict[str, str], continuation: Continuation) -> dict[str, list[str]]:
    """What has been answered so far, by question: on earlier pages, and in the first part, which is stored."""
    answers = form_answers(fields)
    said = {code: [value] if isinstance(value, str) else value for code, value in answers.items()}
    overall = form.overall.code
    if any(code == overall for screen in form.screens for code, _answers in screen.conditions):
        said[overall] = [headline_answer(db.session, uuid.UUID(continuation.submission_id))]
    return said


def _closed_page(address: Address, closed: WaveClosed) -> str:
    return render_template("citizen/closed.html", page=_plain_page(address), closed_on=closed.closed_on)


def _store(submission: Submission) -> Receipt:
    return receive_response(db.session, submission, signer=signer(), today=today())


def _arrival(address: Address) -> Arrival:
    return Arrival(
        code=address.code,
        signer=signer(),
        now=utc_now(),
        time_zone=settings().TIME_ZONE,
        takes_comment=address.takes_comment,
    )


def _see_other(address: Address, part: str, query: dict[str, str]) -> WerkzeugResponse:
    return redirect(f"{address.base}/{part}?{urlencode(query | address.display())}", code=303)
