"""Signing in through an OpenID provider: authorization code with PKCE, and an ID token that is checked whole.

The provider sends the browser back by GET, so this is the one address that begins a session without a POST: what it
acts on is a code that works once, bound to a state and a verifier that only this browser holds.
"""

from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from config import SignOnProvider
from survey_app.clock import utc_now
from survey_app.db import own_transaction
from survey_app.errors import NotFound, SignOnRefused, SignOnUnavailable, UnknownIdentity
from survey_app.services.sign_on import MAX_SUBJECT_LENGTH, Identity, sign_in_with_identity
from survey_app.web import security
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import go_on
from survey_app.web.auth.next_page import safe_path
from survey_app.web.browsers import browser_word
from survey_app.web.current import settings
from survey_app.web.security import public

# Signatures that only the provider can make; what it states beyond these is not accepted.
ALGORITHMS = ("RS256", "PS256", "ES256")
PROVIDER_SECONDS = 8
CLOCK_SECONDS = 60
NEXT = "sign_on_next"


def init_app(app: Flask) -> None:
    provider: SignOnProvider | None = app.extensions["settings"].OIDC
    if provider is None:
        return
    OAuth(app).register(
        "provider",
        client_id=provider.CLIENT_ID,
        client_secret=provider.CLIENT_SECRET,
        server_metadata_url=f"{provider.ISSUER}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": PROVIDER_SECONDS,
        },
    )


@bp.get("/sign-in/provider")
@public
def sign_on() -> ResponseReturnValue:
    """Send the browser to the provider; what it must bring back is kept in its own signed cookie."""
    client = _client()
    session[NEXT] = safe_path(request.args.get("next"))
    return cast(ResponseReturnValue, client.authorize_redirect(_callback_address()))


@bp.get("/sign-in/provider/callback")
@public
def sign_on_callback() -> ResponseReturnValue:
    client = _client()
    identity = _identity(client)
    try:
        outcome = sign_in_with_identity(
            own_transaction,
            identity=identity,
            now=utc_now(),
            previous_token=security.session_token(),
            browser=browser_word(),
        )
    except UnknownIdentity as unknown:
        page = render_template("auth/not_linked.html", name=identity.name, reference=unknown.reference)
        return make_response(page, 403)
    return go_on(outcome, safe_path(session.pop(NEXT, None)))


def _client() -> Any:
    """The provider as its own description says it is, if that is the one that was set up."""
    provider = settings().OIDC
    if provider is None:
        raise NotFound("sign-on is not set up")
    client = current_app.extensions["authlib.integrations.flask_client"].create_client("provider")
    try:
        metadata = client.load_server_metadata()
    except (RequestException, ValueError) as error:
        raise SignOnUnavailable(provider.ISSUER) from error
    if metadata.get("issuer") != provider.ISSUER:
        raise SignOnUnavailable(f"{provider.ISSUER} calls itself {metadata.get('issuer')!r}")
    stated = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [each for each in ALGORITHMS if each in stated]
    return client


def _identity(client: Any) -> Identity:
    """Who the ID token says is there, after its signature, issuer, audience, times and nonce were checked."""
    provider = settings().OIDC
    assert provider is not None
    # RFC 9207: an answer that names another issuer is one provider's answer handed to another's client.
    if request.args.get("iss", provider.ISSUER) != provider.ISSUER:
        raise SignOnRefused("iss")
    options = {
        "iss": {"essential": True, "value": provider.ISSUER},
        "aud": {"essential": True, "value": provider.CLIENT_ID},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }
    try:
        token = client.authorize_access_token(claims_options=options, leeway=CLOCK_SECONDS)
    except RequestException as error:
        raise SignOnUnavailable(provider.ISSUER) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise SignOnRefused(type(error).__name__) from error
    claims = token.get("userinfo")
    subject = claims.get("sub") if claims else None
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or "\x00" in subject:
        raise SignOnRefused("sub")
    return Identity(
        provider.ISSUER, subject, str(claims.get("name") or claims.get("preferred_username") or "")
    )


def _callback_address() -> str:
    """From the configured address of this site, never from what the request says its host is."""
    return settings().PUBLIC_BASE_URL + url_for("auth.sign_on_callback", lang=None)
