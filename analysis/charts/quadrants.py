"""Importance against performance: what to mend first, and what cannot be told yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.charts.canvas import Canvas, canvas, empty_figure
from analysis.charts.key import KeyEntry, lay_key
from analysis.charts.labels import Box, Point, place, write_placed
from analysis.charts.lettering import LINE, balanced
from analysis.charts.numbered import Entry, Symbol, number_width, numbered_list
from analysis.charts.plane import Plane
from analysis.charts.scales import nice_range, nice_ticks, points, range_of, round_ticks
from analysis.charts.style import ACCENT, HAIRLINE, INK, MUTED, SMALL, WARM
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate

CROSS = "#7f91a4"
LEFT_PX, RIGHT_PX, AXIS_PX = 48.0, 18.0, 42.0
WIDE_PLOT_PX = (400.0, 560.0)
NARROW_PLOT_PX = 300.0
LIST_GAP_PX = 36.0
BESIDE_PX = 760.0
"""On narrower pages the list stands below the plot."""


class Quadrant(Enum):
    """Where an item lies beyond chance: high or low importance, high or low performance."""

    MEND = "mend"
    KEEP = "keep"
    LATER = "later"
    AMPLE = "ample"
    UNDECIDED = "undecided"
    WITHHELD = "withheld"


LOOKS = {
    Quadrant.MEND: Symbol("v", WARM, 11),
    Quadrant.KEEP: Symbol("^", ACCENT, 11),
    Quadrant.LATER: Symbol("s", MUTED, 8),
    Quadrant.AMPLE: Symbol("o", MUTED, 9),
    Quadrant.UNDECIDED: Symbol("o", INK, 9, is_hollow=True),
}


@dataclass(frozen=True, slots=True)
class QuadrantItem:
    """One item: how satisfied people are with it and how much it matters, each with its interval."""

    name: str
    performance: Estimate | None
    importance: Estimate | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuadrantWords:
    """Translated words: the four quadrants, both axes, and items that cannot be told apart from a cross-hair.

    Attributes
    ----------
    mend, keep, later, ample : str
        Important and weak; important and strong; unimportant and weak; unimportant and strong.
    undecided : str
        Items whose interval meets a cross-hair.
    performance, importance : str
        Names of the axes.
    cut : str
        Key of the cross-hairs, such as "mức chung của 22 câu".
    """

    mend: str
    keep: str
    later: str
    ample: str
    undecided: str
    performance: str
    importance: str
    cut: str


def importance_matrix(
    items: Sequence[QuadrantItem],
    *,
    performance_cut: float,
    importance_cut: float,
    words: QuadrantWords,
    text: ChartText,
    is_importance_share: bool = False,
    width_px: int = 1120,
) -> Figure:
    """Items by performance and importance; numbered in the plot, named in a list beside or below it.

    Parameters
    ----------
    items : sequence of QuadrantItem
        Performance as a share in [0, 1]; importance on any scale.
    performance_cut, importance_cut : float
        Where the cross-hairs stand.
    words : QuadrantWords
    text : ChartText
    is_importance_share : bool
        Write importance in percent.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure

    Notes
    -----
    An item belongs to a quadrant only if both its intervals stay clear of the cross-hairs; the others are hollow,
    as a difference that chance explains is no reason to act.

    References
    ----------
    Martilla and James (1977), Journal of Marketing 41:77-79.
    """
    if not items:
        return empty_figure(text, width_px)
    places = [quadrant_of(item, performance_cut, importance_cut) for item in items]
    order = sorted(range(len(items)), key=lambda row: (list(Quadrant).index(places[row]), row))
    items, places = [items[row] for row in order], [places[row] for row in order]
    is_narrow = width_px < BESIDE_PX
    plot_width = width_px - LEFT_PX - RIGHT_PX if is_narrow else 0.5 * width_px
    list_left = 0.0 if is_narrow else LEFT_PX + plot_width + RIGHT_PX + LIST_GAP_PX
    listed = numbered_list(
        _entries(items, places, words, text, is_importance_share), width_px=width_px - list_left
    )
    lowest, highest = (NARROW_PLOT_PX, NARROW_PLOT_PX) if is_narrow else WIDE_PLOT_PX
    plot_height = min(max(listed.height - 110, lowest), highest)
    key = lay_key([*_key(places, words), *_n_entry(items, text)], width_px)
    corners = [
        balanced(word, plot_width / 2 - 8, SMALL, is_bold=True)
        for word in (words.mend, words.keep, words.later, words.ample)
    ]
    above, below = (max(map(len, pair)) * SMALL * LINE for pair in (corners[:2], corners[2:]))
    top = key.height + 14 + 18 + above
    plot_end = top + plot_height + below + 6 + AXIS_PX
    list_top = plot_end + 12 if is_narrow else key.height + 10
    made = canvas(width_px, max(plot_end, list_top + listed.height), text)
    key.draw(made, top=0)
    listed.draw(made, left=list_left, top=list_top)
    plane = _plane(items, (performance_cut, importance_cut), (plot_width, plot_height), top)
    _write_frame(made, plane, corners, words)
    axes = plane.axes(made)
    _mark_axes(made, axes, plane, text, is_importance_share, drop=below + 6)
    made.write(plane.left + plane.width / 2, plot_end - 10, words.performance, ha="center")
    axes.axvline(performance_cut, color=INK, linewidth=1.1, dashes=(4, 3), zorder=1)
    axes.axhline(importance_cut, color=INK, linewidth=1.1, dashes=(4, 3), zorder=1)
    _draw_items(axes, items, places)
    _number(made, plane, items, (performance_cut, importance_cut))
    return made.figure


def quadrant_of(item: QuadrantItem, performance_cut: float, importance_cut: float) -> Quadrant:
    """Where an item lies, if both its intervals say so.

    Examples
    --------
    >>> weak = QuadrantItem("Giấy tờ", Estimate(0.7, 0.65, 0.75, 400), Estimate(0.5, 0.42, 0.58, 400))
    >>> quadrant_of(weak, 0.85, 0.3), quadrant_of(weak, 0.72, 0.3)
    (<Quadrant.MEND: 'mend'>, <Quadrant.UNDECIDED: 'undecided'>)
    """
    p, w = item.performance, item.importance
    if not is_shown(p) or not is_shown(w):
        return Quadrant.WITHHELD
    if p.ci_low <= performance_cut <= p.ci_high or w.ci_low <= importance_cut <= w.ci_high:
        return Quadrant.UNDECIDED
    if w.value > importance_cut:
        return Quadrant.KEEP if p.value > performance_cut else Quadrant.MEND
    return Quadrant.AMPLE if p.value > performance_cut else Quadrant.LATER


def _entries(
    items: Sequence[QuadrantItem],
    places: Sequence[Quadrant],
    words: QuadrantWords,
    text: ChartText,
    is_share: bool,
) -> list[Entry]:
    has_n = _common_n(items) is None
    entries = []
    for row, (item, place_of) in enumerate(zip(items, places, strict=True)):
        p, w = item.performance, item.importance
        caption = [item.note or text.withheld]
        if is_shown(p) and is_shown(w):
            bounds = f"{text.number(w.ci_low)}–{text.number(w.ci_high)}"
            weight = text.estimate(w) if is_share else f"{text.number(w.value)} ({bounds})"
            caption = [f"{words.performance} {text.estimate(p)}", f"{words.importance} {weight}"]
            caption += [f"{text.n_label} {text.count(p.n_respondents)}"] if has_n else []
        entries.append(Entry(str(row + 1), item.name, caption, LOOKS.get(place_of)))
    return entries


def _common_n(items: Sequence[QuadrantItem]) -> int | None:
    """The number of respondents that all items share, to be written once."""
    counts = {item.performance.n_respondents for item in items if is_shown(item.performance)}
    return counts.pop() if len(counts) == 1 else None


def _key(places: Sequence[Quadrant], words: QuadrantWords) -> list[KeyEntry]:
    entries = []
    for quadrant, look in LOOKS.items():
        if quadrant in places:
            name: str = getattr(words, quadrant.value)
            entries.append(KeyEntry(name, look.colour, look.marker, is_hollow=look.is_hollow, size=look.size))
    entries.append(KeyEntry(words.cut, INK, dashes=(4, 3)))
    return entries


def _n_entry(items: Sequence[QuadrantItem], text: ChartText) -> list[KeyEntry]:
    n = _common_n(items)
    return [] if n is None else [KeyEntry(f"{text.n_label}: {text.count(n)}", INK)]


def _plane(
    items: Sequence[QuadrantItem], cuts: tuple[float, float], size: tuple[float, float], top: float
) -> Plane:
    x = range_of([item.performance for item in items], cuts[0])
    weights = [item.importance for item in items if is_shown(item.importance)]
    y = nice_range([cuts[1], *(bound for w in weights for bound in (w.ci_low, w.ci_high, w.value))])
    x_room, y_room = 0.02 * (x[1] - x[0]), 0.03 * (y[1] - y[0])
    return Plane(LEFT_PX, top, *size, (x[0] - x_room, x[1] + x_room), (y[0] - y_room, y[1] + y_room))


def _write_frame(made: Canvas, plane: Plane, corners: Sequence[list[str]], words: QuadrantWords) -> None:
    """Names of the quadrants outside the plot, where no item can lie under them."""
    left, top, right, bottom = plane.box
    made.write(0, top - 18 - max(map(len, corners[:2])) * SMALL * LINE, words.importance)
    for lines, x, y, look in (
        (corners[0], left, top - 4, {"ha": "left", "va": "bottom"}),
        (corners[1], right, top - 4, {"ha": "right", "va": "bottom"}),
        (corners[2], left, bottom + 4, {"ha": "left", "va": "top"}),
        (corners[3], right, bottom + 4, {"ha": "right", "va": "top"}),
    ):
        made.write(x, y, "\n".join(lines), color=INK, fontweight="bold", **look)
    made.box(left, top, right - left, bottom - top, facecolor="none", edgecolor=HAIRLINE, linewidth=1)


def _mark_axes(
    made: Canvas, axes: Axes, plane: Plane, text: ChartText, is_share: bool, *, drop: float
) -> None:
    shares = round_ticks(max(plane.x[0], 0.0), min(plane.x[1], 1.0), n_ticks=int(plane.width // 56))
    weights = nice_ticks(*plane.y, n_ticks=6)
    digits = 1 if all(abs(10 * w - round(10 * w)) < 1e-9 for w in weights) else 2
    words = [text.percent(w, digits=0) if is_share else text.number(w, digits=digits) for w in weights]
    plane.mark_axes(axes, [], list(zip(weights, words, strict=True)))
    bottom = plane.top + plane.height + drop
    for share in shares:
        axes.axvline(share, color=HAIRLINE, linewidth=1, zorder=0)
        made.write(plane.at(share, plane.y[0])[0], bottom + 8, text.percent(share, digits=0), ha="center")


def _draw_items(axes: Axes, items: Sequence[QuadrantItem], places: Sequence[Quadrant]) -> None:
    gap = float("nan")
    shown = [(item.performance, item.importance, own) for item, own in zip(items, places, strict=True)]
    pairs = [(p, w, own) for p, w, own in shown if is_shown(p) and is_shown(w)]
    xs = [x for p, _w, _own in pairs for x in (p.ci_low, p.ci_high, gap, p.value, p.value, gap)]
    ys = [y for _p, w, _own in pairs for y in (w.value, w.value, gap, w.ci_low, w.ci_high, gap)]
    axes.plot(xs, ys, color=CROSS, linewidth=1.1, zorder=2, clip_on=False)
    for quadrant, look in LOOKS.items():
        at = [(p.value, w.value) for p, w, own in pairs if own is quadrant]
        points(axes, at, colour=look.colour, marker=look.marker, size=look.size, is_hollow=look.is_hollow)


def _number(made: Canvas, plane: Plane, items: Sequence[QuadrantItem], cuts: tuple[float, float]) -> None:
    """The number of each item beside its mark, off the intervals where there is room for it."""
    x, y = plane.at(*cuts)
    left, top, right, bottom = plane.box
    lines: list[Box] = [(x - 2, top, x + 2, bottom), (left, y - 2, right, y + 2)]
    marks: list[Point] = []
    words: list[str] = []
    for row, item in enumerate(items):
        p, w = item.performance, item.importance
        if is_shown(p) and is_shown(w):
            marks.append(plane.at(p.value, w.value))
            words.append(str(row + 1))
            (x0, y0), (x1, y1) = plane.at(p.ci_low, w.ci_high), plane.at(p.ci_high, w.ci_low)
            lines += [
                (x0, marks[-1][1] - 2, x1, marks[-1][1] + 2),
                (marks[-1][0] - 2, y0, marks[-1][0] + 2, y1),
            ]
    sizes = [(number_width(word), SMALL * LINE) for word in words]
    placed = place(marks, sizes, bounds=plane.box, taken=lines)
    if any(one.box is None for one in placed):
        placed = place(marks, sizes, bounds=plane.box)
    write_placed(made, placed, words)
