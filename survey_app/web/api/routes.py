"""The calls: responses in, tickets out, and the description of both."""

from collections.abc import Sequence
from datetime import date
from time import sleep
from typing import Any

from flask import Response, jsonify, render_template, request

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import InvalidField
from survey_app.services import api_clients, tickets
from survey_app.services.bulk_responses import Intake, Outcome, OutcomeStatus, SentResponse
from survey_app.services.ticket_orders import order_by_codes
from survey_app.web.api import openapi
from survey_app.web.api.blueprint import bp
from survey_app.web.api.bodies import BULK, TICKET_ORDER, read_response, read_responses
from survey_app.web.api.calls import read_json
from survey_app.web.api.fields import read_fields
from survey_app.web.bodies import ONE_PERSON
from survey_app.web.current import settings, signer, today
from survey_app.web.reasons import reason_words
from survey_app.web.security import Scope, current_client, public, requires_scope, takes_body

# So many responses are stored together. Between two groups those of kiosks and phones get their turn: a lock
# that is let go and taken again in the same breath goes to nobody else.
GROUP = 20
PAUSE_SECONDS = 0.005
MAX_KEY = 80


@bp.get("/openapi.json")
@public
def description() -> Response:
    return jsonify(openapi.description(settings().PUBLIC_BASE_URL))


@bp.get("/docs")
@public
def docs() -> str:
    """The description as a page to be read."""
    return render_template("api/docs.html", described=openapi.description(settings().PUBLIC_BASE_URL))


# Opens a short transaction for each group: a call of a thousand must not hold up the others' answers.
@bp.post("/responses")
@requires_scope(Scope.WRITE_RESPONSES)
@takes_body(BULK.most_bytes)
def store_responses() -> Response:
    """Each response is stored, recognised or refused by itself; the whole call may be sent again."""
    sent = read_responses(read_json(request, BULK))
    outcomes = _receive(sent)
    counts = {status.value: sum(each.status is status for each in outcomes) for status in OutcomeStatus}
    return jsonify(counts=counts, results=[_result(*pair) for pair in zip(sent, outcomes, strict=True)])


@bp.post("/ticket-batches")
@requires_scope(Scope.ISSUE_TICKETS)
@writes
def issue_tickets() -> tuple[Response, int]:
    """A batch of tickets as links; the same key gives the same links again."""
    order = read_fields(read_json(request, ONE_PERSON), TICKET_ORDER)
    units = api_clients.unit_ids(db.session, current_client())
    batch, is_new = tickets.issue_for_client(
        db.session,
        order_by_codes(db.session, order, unit_ids=units, today=today()),
        client_id=current_client().id,
        key=_idempotency_key(),
        signer=signer(),
        now=utc_now(),
        today=today(),
    )
    links = tickets.ticket_links(batch, base_url=settings().PUBLIC_BASE_URL, signer=signer())
    body = {
        "batch": str(batch.id),
        "size": batch.size,
        "expires_on": batch.expires_on.isoformat(),
        "links": links,
    }
    return jsonify(body), 201 if is_new else 200


def _receive(sent: Sequence[Any]) -> list[Outcome]:
    """The outcome of each, in the order sent; stored in one order by all callers, so that none waits in a circle."""
    outcomes: dict[int, Outcome] = {}
    readable: list[tuple[int, SentResponse]] = []
    for place, value in enumerate(sent):
        try:
            readable.append((place, read_response(value)))
        except InvalidField as error:
            outcomes[place] = Outcome(OutcomeStatus.INVALID, field=error.field, reason=error.reason)
    readable.sort(
        key=lambda pair: (pair[1].point_code, pair[1].collected_on or date.max, pair[1].id, pair[0])
    )
    for start in range(0, len(readable), GROUP):
        outcomes |= _store(readable[start : start + GROUP])
        sleep(PAUSE_SECONDS)
    return [outcomes[place] for place in range(len(sent))]


def _store(group: Sequence[tuple[int, SentResponse]]) -> dict[int, Outcome]:
    with own_transaction() as session:
        intake = Intake(session, current_client(), signer(), today())
        return {place: intake.receive(response) for place, response in group}


def _result(sent: Any, outcome: Outcome) -> dict[str, str | None]:
    given = sent.get("id") if isinstance(sent, dict) else None
    result: dict[str, str | None] = {
        "id": given if isinstance(given, str) and len(given) == 36 else None,
        "status": outcome.status.value,
    }
    if outcome.receipt:
        result["receipt"] = outcome.receipt
    if outcome.reason:
        result |= {"field": outcome.field, "reason": outcome.reason, "detail": reason_words(outcome.reason)}
    return result


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise InvalidField("Idempotency-Key", "missing")
    if len(key) > MAX_KEY or not (key.isascii() and key.isprintable()):
        raise InvalidField("Idempotency-Key", "wrong_shape")
    return key
