"""Where words and marks of a drawn figure are, as the renderer has them."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

# Letters are rounded to whole pixels; what is less than that is no overlap.
TOLERANCE_PX = 1.0
# A line's box holds the leading above and below its letters too: 0.3 of the smallest size written.
LEADING_PX = 3.3


def words_of(figure: Figure) -> tuple[list[str], np.ndarray]:
    """Every visible word and its box (left, bottom, right, top)."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    renderer = canvas.get_renderer()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    boxes = [text.get_window_extent(renderer).extents for text in texts]
    return [text.get_text() for text in texts], np.array(boxes).reshape(-1, 4)


def overlapping(words: list[str], boxes: np.ndarray) -> list[tuple[str, str]]:
    """Pairs of words that share room."""
    left, bottom, right, top = boxes.T
    inner_right, inner_top = right - TOLERANCE_PX, top - LEADING_PX
    shared = (
        (left[:, None] < inner_right[None])
        & (left[None] < inner_right[:, None])
        & (bottom[:, None] < inner_top[None])
        & (bottom[None] < inner_top[:, None])
    )
    return [(words[one], words[other]) for one, other in zip(*np.nonzero(np.triu(shared, 1)), strict=True)]


def outside(figure: Figure, words: list[str], boxes: np.ndarray) -> list[str]:
    """Words that leave the picture."""
    width, height = figure.get_size_inches() * figure.dpi
    left, bottom, right, top = boxes.T
    gone = (
        (left < -TOLERANCE_PX)
        | (bottom < -TOLERANCE_PX)
        | (right > width + TOLERANCE_PX)
        | (top > height + TOLERANCE_PX)
    )
    return [words[index] for index in np.flatnonzero(gone)]


def marks_of(figure: Figure) -> np.ndarray:
    """Middles of all marks inside the axes, in pixels."""
    lines = [line for axes in figure.axes for line in axes.lines if line.get_marker() not in ("None", "")]
    places = [line.get_transform().transform(line.get_xydata()) for line in lines if len(line.get_xdata())]
    found = np.vstack([np.empty((0, 2)), *places])
    return found[np.isfinite(found).all(axis=1)]


def struck_out(figure: Figure, words: list[str], boxes: np.ndarray) -> list[str]:
    """Words under a mark."""
    marks = marks_of(figure)
    inside = (
        (marks[None, :, 0] > boxes[:, 0, None])
        & (marks[None, :, 0] < boxes[:, 2, None])
        & (marks[None, :, 1] > boxes[:, 1, None])
        & (marks[None, :, 1] < boxes[:, 3, None])
    )
    return [words[index] for index in np.flatnonzero(inside.any(axis=1))]


def from_the_top(figure: Figure, start: str) -> list[str]:
    """Words that begin so, from the top of the picture to its bottom."""
    found = [text for text in figure.texts if text.get_text().startswith(start)]
    return [text.get_text() for text in sorted(found, key=lambda text: text.get_position()[1])]
