"""Signed values that travel through a citizen's browser: one salt a purpose, SHA-256, and no expiry of time."""

import hashlib
import hmac
import os
from dataclasses import asdict, dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import BadData, URLSafeSerializer

from survey_app.errors import BadToken

# Under this name an engine carries the key of the audit log to the services, which know no settings.
AUDIT_KEY_OPTION = "audit_key"
# Thirty letters and digits that nobody takes for one another, in print or read aloud.
TICKET_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TICKET_BYTES = 10
NONCE_BYTES = 12
TICKET_LENGTH = 17


@dataclass(frozen=True, slots=True)
class PointToken:
    """Proof that we served the form of this version for this point; a page open for days stays valid."""

    code: str
    version_id: int
    channel: int
    wave_id: int


@dataclass(frozen=True, slots=True)
class Continuation:
    """Lets a browser without JavaScript add the second part to its own first part."""

    submission_id: str
    tone: str


class Signer:
    """Signs and reads every value under the instance's secret."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()

    def point_token(self, token: PointToken) -> str:
        return self._dump("point", asdict(token))

    def read_point_token(self, value: str) -> PointToken:
        return PointToken(**self._load("point", value))

    def continuation(self, value: Continuation) -> str:
        return self._dump("continuation", asdict(value))

    def read_continuation(self, value: str) -> Continuation:
        return Continuation(**self._load("continuation", value))

    def digest(self, purpose: str, content: bytes) -> bytes:
        """Sixteen keyed bytes: without the key, a dump of the database cannot confirm a guess of the content."""
        return hmac.new(self._key(purpose), content, hashlib.sha256).digest()[:16]

    def receipt(self, submission_id: UUID) -> str:
        """Proves that this submission was stored; opens nothing (a coerced citizen has nothing to show)."""
        code = self.digest("receipt", submission_id.bytes).hex().upper()[:12]
        return "-".join(code[i : i + 4] for i in range(0, 12, 4))

    def seal(self, purpose: str, content: bytes, *, owner: int) -> bytes:
        """The content so that only this instance can read it, and only as this owner's (AES-256-GCM)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._key(f"seal.{purpose}")).encrypt(nonce, content, owner.to_bytes(8, "big"))

    def unseal(self, purpose: str, sealed: bytes, *, owner: int) -> bytes:
        nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self._key(f"seal.{purpose}")).decrypt(nonce, content, owner.to_bytes(8, "big"))
        except InvalidTag as error:
            raise BadToken(purpose) from error

    def device_key(self, code: str) -> str:
        """The key of a tablet, by its code: derived, so that no database and no backup holds it."""
        return hmac.new(self._key("device"), code.encode(), hashlib.sha256).hexdigest()

    def audit_key(self) -> bytes:
        """What the entries of the audit log are sealed with: derived, so that no database and no backup holds it."""
        return self._key("audit")

    def ticket(self, *, batch: UUID, wave_id: int, serial: int) -> str:
        """The text of one ticket, the same whenever it is asked for; it shows neither its batch nor its number."""
        content = batch.bytes + wave_id.to_bytes(8, "big") + serial.to_bytes(8, "big")
        return _spelled(self.digest("ticket.text", content)[:TICKET_BYTES])

    def ticket_hash(self, text: str) -> bytes:
        """What the store keeps of a ticket: enough to spend it once, nothing that leads to an answer."""
        return self.digest("ticket", _ticket_bytes(text))

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    def _dump(self, purpose: str, value: dict[str, object]) -> str:
        return str(self._serializer(purpose).dumps(value))

    def _load(self, purpose: str, value: str) -> dict[str, object]:
        try:
            loaded = self._serializer(purpose).loads(value)
        except BadData as error:
            raise BadToken(purpose) from error
        return dict(loaded)

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._secret, salt=f"survey.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )


def _spelled(content: bytes) -> str:
    """The bytes as one number, written in the letters of a ticket."""
    number, letters = int.from_bytes(content, "big"), ""
    for _ in range(TICKET_LENGTH):
        number, place = divmod(number, len(TICKET_ALPHABET))
        letters = TICKET_ALPHABET[place] + letters
    return letters


def _ticket_bytes(text: str) -> bytes:
    """The bytes a ticket spells; each has one spelling only, so nothing altered or appended is read as the same."""
    if len(text) != TICKET_LENGTH or not set(text) <= set(TICKET_ALPHABET):
        raise BadToken("ticket")
    number = 0
    for letter in text:
        number = number * len(TICKET_ALPHABET) + TICKET_ALPHABET.index(letter)
    if number >= 1 << (8 * TICKET_BYTES):
        raise BadToken("ticket")
    return number.to_bytes(TICKET_BYTES, "big")
