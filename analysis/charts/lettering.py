"""How much room words take: measured once for each wording, so that a chart can be laid out before it is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from analysis.charts.style import TEXT, UNITS_PER_INCH

# Not `str.split`, which would also break at a no-break space.
BLANKS = re.compile(r"[ \t\n]+")
LINE = 1.3
"""Height of a line over the size of its letters."""


def text_width(words: str, size: float = TEXT, *, is_bold: bool = False) -> float:
    """Width in CSS pixels of one line, letter by letter, in the widest typeface that may be used.

    Letters of a picture stand on whole pixels, those of a drawing do not; the wider of both counts.
    """
    widths = [_advances(letter, size, is_bold) for letter in words]
    return max(sum(exact for exact, _fitted in widths), sum(fitted for _exact, fitted in widths))


@lru_cache(maxsize=8192)
def _advances(letter: str, size: float, is_bold: bool) -> tuple[float, float]:
    """Advance of a letter as designed, and as fitted to whole pixels."""
    font = get_font(findfont(FontProperties(weight="bold" if is_bold else "normal")))
    font.set_size(size, UNITS_PER_INCH)
    glyph = font.load_char(ord(letter), flags=LoadFlags.DEFAULT)
    return float(glyph.linearHoriAdvance) / 65536, float(glyph.horiAdvance) / 64


def widest(lines: Sequence[str], size: float = TEXT, *, is_bold: bool = False) -> float:
    """Width of the widest line; 0 without lines."""
    return max((text_width(line, size, is_bold=is_bold) for line in lines), default=0.0)


def wrapped(words: str, room: float, size: float = TEXT, *, is_bold: bool = False) -> list[str]:
    """Lines no wider than `room` pixels, broken between words, and inside a word only where it must be."""
    lines = [""]
    for word in BLANKS.split(words.strip()):
        for piece in _pieces(word, room, size, is_bold):
            longer = f"{lines[-1]} {piece}".strip()
            if text_width(longer, size, is_bold=is_bold) <= room or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines


def balanced(words: str, room: float, size: float = TEXT, *, is_bold: bool = False) -> list[str]:
    """As few lines as `wrapped` needs, of about one length."""
    lines = wrapped(words, room, size, is_bold=is_bold)
    longest = widest(BLANKS.split(words.strip()), size, is_bold=is_bold)
    for share in (0.6, 0.7, 0.8, 0.9):
        closer = wrapped(words, max(share * room, min(longest, room)), size, is_bold=is_bold)
        if len(closer) == len(lines):
            return closer
    return lines


def joined(parts: Sequence[str], room: float, size: float = TEXT) -> list[str]:
    """Parts of a caption with dots between them, as many on a line as fit; none is broken that fits a line."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        elif text_width(part, size) <= room:
            lines.append(part)
        else:
            lines += wrapped(part, room, size)
    return lines


def _pieces(word: str, room: float, size: float, is_bold: bool) -> list[str]:
    if text_width(word, size, is_bold=is_bold) <= room or len(word) < 2:
        return [word]
    fitting = next(
        (n for n in range(len(word) - 1, 1, -1) if text_width(word[:n], size, is_bold=is_bold) <= room), 1
    )
    return [word[:fitting], *_pieces(word[fitting:], room, size, is_bold)]
