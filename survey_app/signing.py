"""Signed values that travel through a citizen's browser: one salt a purpose, SHA-256, and no expiry of time."""

import hashlib
import hmac
from dataclasses import asdict, dataclass
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from survey_app.errors import BadToken


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

    def device_key(self, code: str) -> str:
        """The key of a tablet, by its code: derived, so that no database and no backup holds it."""
        return hmac.new(self._key("device"), code.encode(), hashlib.sha256).hexdigest()

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
