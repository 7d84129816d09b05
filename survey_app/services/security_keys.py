"""Security keys and built-in readers (WebAuthn) as a second factor beside the code generator."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn.helpers import options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from survey_app.errors import NotFound, SignInRefused
from survey_app.models import SecondFactor, SecurityKey
from survey_app.queries import accounts as queries
from survey_app.services import audit
from survey_app.services.accounts import SignedIn, Transaction, Viewer
from survey_app.services.second_factors import ISSUER, change_row, complete, count_attempt, pending

MAX_ANSWER_LENGTH = 16_000
MOST_KEYS = 10


@dataclass(frozen=True, slots=True)
class Site:
    """The address under which browsers know this instance; a key answers to no other."""

    origin: str
    host: str

    @classmethod
    def of(cls, base_url: str) -> "Site":
        parts = urlsplit(base_url)
        return cls(f"{parts.scheme}://{parts.netloc}", parts.hostname or "")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as its owner knows it."""

    reference: str
    name: str
    added_on: date


def keys_of(session: Session, *, account_id: int) -> list[KeyRow]:
    rows = session.execute(
        select(SecurityKey.credential_id, SecurityKey.name, SecurityKey.added_on)
        .where(SecurityKey.account_id == account_id)
        .order_by(SecurityKey.added_on, SecurityKey.credential_id)
    )
    return [KeyRow(reference(credential_id), name, added_on) for credential_id, name, added_on in rows]


def reference(credential_id: bytes) -> str:
    """A short name for a key in an address."""
    return credential_id.hex()[:32]


def begin_adding(session: Session, *, viewer: Viewer, site: Site) -> dict[str, Any]:
    """What the browser asks the key to sign, so that it becomes one of the account's."""
    if not queries.has_second_factor(session, viewer.account_id):
        raise NotFound("second factor")
    challenge = secrets.token_bytes(32)
    change_row(session, viewer.account_id, challenge=challenge)
    name = queries.account_name(session, viewer.account_id)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=ISSUER,
        user_id=viewer.account_id.to_bytes(8, "big"),
        user_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
        exclude_credentials=_descriptors(session, viewer.account_id),
    )
    return _plain(options)


def add(
    session: Session, *, viewer: Viewer, answer: str, name: str, site: Site, today: date, now: datetime
) -> None:
    """Keep the key's public half, if what it signed is what it was asked to."""
    row = session.get(SecondFactor, viewer.account_id)
    n_keys = len(keys_of(session, account_id=viewer.account_id))
    if row is None or row.challenge is None or n_keys >= MOST_KEYS:
        raise NotFound("challenge of a key")
    try:
        verified = webauthn.verify_registration_response(
            credential=_answer(answer),
            expected_challenge=row.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=False,
        )
    except WebAuthnException as error:
        raise SignInRefused from error
    row.challenge = None
    if session.get(SecurityKey, verified.credential_id) is not None:
        raise SignInRefused
    session.add(
        SecurityKey(
            credential_id=verified.credential_id, account_id=viewer.account_id, name=name, added_on=today,
            public_key=verified.credential_public_key, n_signed=verified.sign_count,
        )
    )  # fmt: skip
    session.flush()
    _record(session, "added", name, viewer=viewer, at=now)


def remove(session: Session, *, viewer: Viewer, key_reference: str, now: datetime) -> None:
    for key in session.scalars(select(SecurityKey).where(SecurityKey.account_id == viewer.account_id)):
        if reference(key.credential_id) == key_reference:
            session.execute(delete(SecurityKey).where(SecurityKey.credential_id == key.credential_id))
            _record(session, "removed", key.name, viewer=viewer, at=now)
            return
    raise NotFound(f"key {key_reference}")


def sign_in_options(session: Session, *, token: str, site: Site, now: datetime) -> dict[str, Any] | None:
    """What a key of this account is asked to sign; None when the account has no key."""
    asked = pending(session, token=token, now=now)
    allowed = _descriptors(session, asked.account_id)
    if not allowed:
        return None
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=asked.challenge,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return _plain(options)


def finish_sign_in(
    transaction: Transaction,
    *,
    token: str,
    answer: str,
    site: Site,
    now: datetime,
    previous_token: str | None,
    browser: str,
) -> SignedIn:
    """A session for a key of the account that signed this sign-in's own challenge."""
    with transaction() as session:
        asked = pending(session, token=token, now=now)
    count_attempt(transaction, asked.account_id, now=now)
    with transaction() as session:
        try:
            credential = webauthn.helpers.parse_authentication_credential_json(_answer(answer))
            key = session.get(SecurityKey, credential.raw_id)
            if key is None or key.account_id != asked.account_id:
                raise SignInRefused
            verified = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=asked.challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.n_signed,
                require_user_verification=False,
            )
        except WebAuthnException as error:
            raise SignInRefused from error
        key.n_signed = verified.new_sign_count
        session.flush()
        return complete(session, token, asked, now=now, previous_token=previous_token, browser=browser)


def _descriptors(session: Session, account_id: int) -> list[PublicKeyCredentialDescriptor]:
    ids = session.scalars(
        select(SecurityKey.credential_id)
        .where(SecurityKey.account_id == account_id)
        .order_by(SecurityKey.credential_id)
    )
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in ids]


def _answer(text: str) -> dict[str, Any]:
    """What the browser sent, as JSON; anything else was not made by our page."""
    try:
        answer = json.loads(text[:MAX_ANSWER_LENGTH])
    except ValueError as error:
        raise SignInRefused from error
    if not isinstance(answer, dict):
        raise SignInRefused
    return answer


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain


def _record(session: Session, what: str, name: str, *, viewer: Viewer, at: datetime) -> None:
    target = f"account:{viewer.account_id}"
    audit.record(
        session, f"account.security_key_{what}", target=target, by=viewer, at=at, details={"name": name}
    )
