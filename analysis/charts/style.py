"""One look for every chart: ink, symbols and type sizes."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.types import Tier

INK = "#12304f"
MUTED = "#5b6b7c"
RULE = "#c9d3de"
FAINT = "#e6eef7"
HAIRLINE = "#e9edf2"
ACCENT = "#0b5cad"
WARM = "#b35900"
PAPER = "#ffffff"
BAND = "#eef2f6"

TIER_COLOURS = {Tier.HIGHER: ACCENT, Tier.NOT_DIFFERENT: MUTED, Tier.LOWER: WARM, Tier.INSUFFICIENT: MUTED}
TIER_MARKERS = {Tier.HIGHER: "^", Tier.NOT_DIFFERENT: "o", Tier.LOWER: "v", Tier.INSUFFICIENT: "o"}
TIER_SIZES = {Tier.HIGHER: 11, Tier.NOT_DIFFERENT: 8, Tier.LOWER: 11, Tier.INSUFFICIENT: 6}
LEVEL_COLOURS = ("#0b5cad", "#7fb0dd", "#d5dce4", "#e7b27a", "#b35900")
# Dark to pale, without the middling shades on which neither white nor ink can be read.
BLUES = ("#083f7d", "#0b5cad", "#7fb0dd", "#a9cbea", "#c3dbf2")
ORANGES = ("#8a4300", "#b35900", "#e7b27a", "#f0cba3", "#f7e2cb")
STEPS_OF_RAMP = {1: [1], 2: [1, 2], 3: [1, 2, 4], 4: [0, 1, 2, 4], 5: [0, 1, 2, 3, 4]}

HEADING = 15.0
TEXT = 13.0
SMALL = 12.0
TINY = 11.0
NARROW_PX = 480
# An SVG written by matplotlib has 72 units to the inch; one unit is used as one CSS pixel.
UNITS_PER_INCH = 72.0


def level_colours(n_levels: int) -> list[str]:
    """From best to worst, as many steps as the scale has; a scale of an odd number keeps its grey middle."""
    half = n_levels // 2
    middle = [LEVEL_COLOURS[2]] * (n_levels % 2)
    return [*shades(BLUES, half), *middle, *reversed(shades(ORANGES, half))]


def shades(ramp: Sequence[str], n: int) -> list[str]:
    """So many steps of a ramp, the outermost level first and the palest last."""
    picks = STEPS_OF_RAMP.get(n, [row * len(ramp) // n for row in range(n)] if n else [])
    return [ramp[pick] for pick in picks]


def ink_on(colour: str) -> str:
    """Letters that can be read on that ground."""
    return PAPER if luminance(colour) < 0.18 else INK


def luminance(colour: str) -> float:
    """Relative luminance as the Web Content Accessibility Guidelines 2.2 define it.

    Examples
    --------
    >>> luminance("#ffffff"), luminance("#000000")
    (1.0, 0.0)
    """
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
