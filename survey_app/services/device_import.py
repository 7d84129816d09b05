"""The file of a kiosk that finds no network any more: sealed by its key, taken in once however often it is brought."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from survey_app.errors import SurveyError, UnreadableQueue
from survey_app.queries import devices as queries
from survey_app.queries.devices import DeviceRow
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.device_intake import Envelope, receive_from_device
from survey_app.services.submissions import Submission
from survey_app.signing import Signer

FORMAT = "kiosk-queue-1"
MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_RECORDS = 20_000

# Turns a record of the file into what a request would have held.
Reader = Callable[[Mapping[str, Any]], tuple[Submission, Envelope]]


@dataclass(frozen=True, slots=True)
class SealedQueue:
    """An opened file: whose it is, when it was written by that device's clock, and its records."""

    device: DeviceRow
    exported_at: str
    records: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class QueueReport:
    """How many records were new, known already, and refused for what they hold."""

    n_new: int
    n_known: int
    n_refused: int


def open_queue(session: Session, content: bytes, *, signer: Signer) -> SealedQueue:
    """Open a kiosk's file with the key that only it and this server have. A revoked kiosk's file opens too:
    whoever brings it decides that its answers are to be taken over."""
    try:
        file = json.loads(content.decode("utf-8"))
        if file["format"] != FORMAT:
            raise UnreadableQueue
        code, salt, iv, sealed = (file[name] for name in ("code", "salt", "iv", "sealed"))
        device = queries.device_by_code(session, code)
        if device is None:
            raise UnreadableQueue
        material = bytes.fromhex(signer.device_key(code))
        key = HKDF(SHA256(), 32, bytes.fromhex(salt), b"kiosk-queue").derive(material)
        opened = json.loads(AESGCM(key).decrypt(bytes.fromhex(iv), bytes.fromhex(sealed), code.encode()))
        records = opened["records"]
        if len(records) > MAX_RECORDS:
            raise UnreadableQueue
        return SealedQueue(device, str(opened["exported_at"]), tuple(dict(record) for record in records))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidTag) as error:
        raise UnreadableQueue from error


def take_in(
    session: Session,
    queue: SealedQueue,
    read: Reader,
    *,
    signer: Signer,
    viewer: Viewer,
    now: datetime,
    today: date,
) -> QueueReport:
    """Store each record once, on the road of an answer that comes over the network; one that is refused for what
    it holds is counted and changes nothing."""
    n_new = n_refused = 0
    for record in queue.records:
        try:
            with session.begin_nested():
                submission, envelope = read(record)
                receipt = receive_from_device(
                    session, submission, queue.device, envelope, signer=signer, today=today
                )
        except SurveyError:
            n_refused += 1
        else:
            n_new += receipt.is_new
    report = QueueReport(n_new, len(queue.records) - n_new - n_refused, n_refused)
    target = f"device:{queue.device.id}"
    audit.record(session, "device.queue_imported", target=target, by=viewer, at=now, details=asdict(report))
    return report
