"""Some seconds of computing that a flooded server asks for, by the open ALTCHA protocol, with nobody else involved.

A challenge is signed, expires, and is made for the one answer that was refused. An id is stored once, so a
solution lets in one answer and nothing has to be remembered.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import altcha

from survey_app.signing import Signer

LIFETIME = timedelta(minutes=10)
# Hashes to try, at least and at most: around a tenth of a second on a computer, one to three on an old phone.
EASIEST, HARDEST = 200_000, 400_000
MAX_PROOF = 2_000
_PURPOSE = "proof of work"


def challenge_for(signer: Signer, subject: str, *, now: datetime) -> dict[str, Any]:
    """What the sender must solve before this answer is let in."""
    challenge = altcha.create_challenge(
        "SHA-256",
        1,
        counter=EASIEST + secrets.randbelow(HARDEST - EASIEST),
        expires_at=now + LIFETIME,
        data={"for": _mark(signer, subject)},
        hmac_secret=_secret(signer),
    )
    made: dict[str, Any] = challenge.to_dict()
    return made


def is_proven(signer: Signer, subject: str, proof: str) -> bool:
    """Whether the proof solves an unexpired challenge of ours that was made for this very answer."""
    if not proof or len(proof) > MAX_PROOF:
        return False
    if not altcha.verify_solution(proof, _secret(signer)).verified:
        return False
    made_for = altcha.Payload.from_base64(proof).challenge.parameters.data
    return made_for == {"for": _mark(signer, subject)}


def _mark(signer: Signer, subject: str) -> str:
    return signer.digest(_PURPOSE, subject.encode()).hex()


def _secret(signer: Signer) -> bytes:
    return signer.digest(_PURPOSE, b"secret of the challenges")
