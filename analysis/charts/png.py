"""A figure as a PNG picture that says itself what it shows."""

from __future__ import annotations

import io

from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from analysis.charts.style import PAPER, UNITS_PER_INCH

MARGIN_PX = 16


def to_png(figure: Figure, *, scale: float = 2.0, margin_px: float = MARGIN_PX) -> bytes:
    """Write a figure as a picture on white, with a margin, title and description in its metadata.

    Parameters
    ----------
    figure : Figure
        Its label holds the title and, after a line break, the description.
    scale : float > 0
        Dots for each CSS pixel.
    margin_px : float
        White room on every side, in CSS pixels.

    Returns
    -------
    bytes
        The same figure gives the same bytes.

    Examples
    --------
    >>> from analysis.charts import ChartText, mix_bars
    >>> to_png(mix_bars(["Mã QR"], [0.3], text=ChartText("Kênh", "Tỷ lệ")))[:4]
    b'\\x89PNG'
    """
    title, _, description = str(figure.get_label()).partition("\n")
    width, height = (float(side) for side in figure.get_size_inches())
    margin = margin_px / UNITS_PER_INCH
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=UNITS_PER_INCH * scale,
        facecolor=PAPER,
        bbox_inches=Bbox([[-margin, -margin], [width + margin, height + margin]]),
        metadata={"Software": None, "Title": title, "Description": description},
    )
    return buffer.getvalue()
