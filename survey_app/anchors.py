"""Heads of the audit log kept outside the database, one a line: day, number of the newest entry, its seal."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from survey_app.errors import UnreadableAnchors
from survey_app.services.audit_verification import Anchor

SEAL_BYTES = 32


def anchor_line(anchor: Anchor, day: date) -> str:
    return f"{day.isoformat()} {anchor.sequence} {anchor.seal.hex()}"


def read_anchors(path: Path) -> Sequence[Anchor]:
    """The anchors of a file, in its order; none where there is no file yet."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_anchor(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def keep_anchor(path: Path, anchor: Anchor, day: date) -> str:
    """Append the head of the chain unless the file ends with it; the line as it is written."""
    line = anchor_line(anchor, day)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if not lines or lines[-1].split()[1:] != line.split()[1:]:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    return line


def _anchor(line: str, number: int) -> Anchor:
    try:
        day, sequence, seal = line.split()
        date.fromisoformat(day)
        anchor = Anchor(int(sequence), bytes.fromhex(seal))
    except ValueError as error:
        raise UnreadableAnchors(number) from error
    if len(anchor.seal) != SEAL_BYTES or anchor.sequence < 1:
        raise UnreadableAnchors(number)
    return anchor
