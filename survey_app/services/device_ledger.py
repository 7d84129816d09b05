"""Which numbered records of a device have come: one bit a number, and no way from a bit to an answer.

A device numbers its records from 1. The rows of bits are made beforehand and changed in place; they hold no time and
no key, so that the ledger can say how many are missing and never which answer was which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.models import DeviceLedger
from survey_app.queries import upserts

BLOCK_BYTES = 128
BLOCK_NUMBERS = BLOCK_BYTES * 8
# A tablet that answers every minute of every working day for twenty years stays below.
MAX_NUMBER = 4_000_000


@dataclass(frozen=True, slots=True)
class Received:
    """How many numbers have come, and the highest of them."""

    n: int = 0
    highest: int = 0


def prepare(session: Session, device_id: int, *, through: int = 4 * BLOCK_NUMBERS) -> None:
    """Make the blocks up to a number, each once."""
    rows = [
        {"device_id": device_id, "block": block, "ticked": bytes(BLOCK_BYTES)}
        for block in range(_block(through) + 1)
    ]
    upserts.insert_each_once(session, DeviceLedger, rows)


def tick(session: Session, device_id: int, number: int) -> bool:
    """Tick a number off; False if it was ticked before. Waits for whoever ticks the same block."""
    block, place = _block(number), (number - 1) % BLOCK_NUMBERS
    of_block = (DeviceLedger.device_id == device_id, DeviceLedger.block == block)
    find = select(DeviceLedger.ticked).where(*of_block).with_for_update()
    ticked = session.scalar(find)
    if ticked is None:
        prepare(session, device_id, through=(block + 1) * BLOCK_NUMBERS)
        ticked = session.scalar(find) or bytes(BLOCK_BYTES)
    mask = 1 << (place % 8)
    if ticked[place // 8] & mask:
        return False
    changed = bytearray(ticked)
    changed[place // 8] |= mask
    session.execute(update(DeviceLedger).where(*of_block).values(ticked=bytes(changed)))
    return True


def received(blocks: Sequence[tuple[int, bytes]]) -> Received:
    """Count the bits of a device's blocks."""
    n = highest = 0
    for block, ticked in blocks:
        bits = int.from_bytes(ticked, "little")
        if bits:
            n += bits.bit_count()
            highest = max(highest, block * BLOCK_NUMBERS + bits.bit_length())
    return Received(n, highest)


def _block(number: int) -> int:
    return (number - 1) // BLOCK_NUMBERS
