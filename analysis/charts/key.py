"""The key of a chart: each symbol beside its word, in as many lines as it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.charts.canvas import Canvas
from analysis.charts.lettering import LINE, text_width, wrapped
from analysis.charts.style import INK, PAPER, SMALL, TIER_COLOURS, TIER_MARKERS, TIER_SIZES
from analysis.types import Tier

SYMBOL_PX = 24.0
BETWEEN_PX = 20.0
LINE_PX = 20.0


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One symbol with its word.

    Attributes
    ----------
    words : str
    colour : str
    marker : str, optional
        A mark; with `dashes` or `is_line` on a line, and alone otherwise.
    is_hollow : bool
    is_line : bool
    dashes : tuple of float, optional
    is_patch : bool
        A filled swatch.
    size : float
        Of the mark.
    is_bold : bool
        A statement rather than a name.
    """

    words: str
    colour: str
    marker: str | None = None
    is_hollow: bool = False
    is_line: bool = False
    dashes: tuple[float, float] | None = None
    is_patch: bool = False
    size: float = 8
    is_bold: bool = False

    @property
    def symbol_px(self) -> float:
        """Room of the symbol; an entry without one is words alone."""
        has_symbol = self.marker or self.is_line or self.dashes or self.is_patch
        return SYMBOL_PX if has_symbol else 0.0


@dataclass(frozen=True, slots=True)
class Key:
    """Entries laid out in a width; draw it where there is room of its height."""

    placed: tuple[tuple[float, float, KeyEntry, tuple[str, ...]], ...]
    height: float

    def draw(self, canvas: Canvas, *, top: float, left: float = 0.0) -> None:
        """Draw all entries below `top`."""
        for x, y, entry, lines in self.placed:
            middle = top + y + LINE_PX / 2
            _symbol(canvas, left + x, middle, entry)
            canvas.write(
                left + x + entry.symbol_px, middle + (len(lines) - 1) * SMALL * LINE / 2, "\n".join(lines),
                color=INK, fontweight="bold" if entry.is_bold else "normal",
            )  # fmt: skip


def lay_key(entries: Sequence[KeyEntry], room: float) -> Key:
    """Place entries one after another, and on a new line where one is full.

    Parameters
    ----------
    entries : sequence of KeyEntry
    room : float
        Width in pixels.

    Returns
    -------
    Key
    """
    placed: list[tuple[float, float, KeyEntry, tuple[str, ...]]] = []
    x = y = line_height = 0.0
    for entry in entries:
        lines = tuple(wrapped(entry.words, room - entry.symbol_px - 4, SMALL, is_bold=entry.is_bold))
        width = entry.symbol_px + max(text_width(line, SMALL, is_bold=entry.is_bold) for line in lines)
        if x and x + width > room:
            x, y, line_height = 0.0, y + line_height, 0.0
        placed.append((x, y, entry, lines))
        x += width + BETWEEN_PX
        line_height = max(line_height, LINE_PX + (len(lines) - 1) * SMALL * LINE)
    return Key(tuple(placed), y + line_height)


def tier_entries(tiers: Iterable[Tier], words: Mapping[Tier, str] | None) -> list[KeyEntry]:
    """The symbols of those tiers that are there and have a word."""
    present = set(tiers)
    return [
        KeyEntry(
            words[tier],
            colour,
            TIER_MARKERS[tier],
            is_hollow=tier is Tier.INSUFFICIENT,
            size=TIER_SIZES[tier],
        )
        for tier, colour in TIER_COLOURS.items()
        if words and tier in present and tier in words
    ]


def _symbol(canvas: Canvas, x: float, y: float, entry: KeyEntry) -> None:
    if entry.is_patch:
        canvas.box(x + 3, y - 6, 14, 12, facecolor=entry.colour)
    if entry.is_line or entry.dashes:
        canvas.line(
            [x, x + 18], [y, y], color=entry.colour, linewidth=1.5, dashes=entry.dashes or (None, None)
        )
    if entry.marker:
        # Strokes such as "|" are all edge.
        is_edged = entry.is_hollow or entry.marker in "|_x+"
        canvas.line(
            [x + 9], [y], linestyle="none", marker=entry.marker, markersize=entry.size, color=entry.colour,
            markerfacecolor=PAPER if entry.is_hollow else entry.colour,
            markeredgecolor=entry.colour if is_edged else PAPER,
            markeredgewidth=0.8 if not is_edged else 1.6 if entry.is_hollow else 2.4,
        )  # fmt: skip
