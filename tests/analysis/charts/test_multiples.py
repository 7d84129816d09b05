"""Small multiples: one scale for all, withheld units named and empty, signals marked."""

import numpy as np
from matplotlib.figure import Figure

from analysis.charts import TrendPanel, trend_multiples
from analysis.types import Estimate
from tests.analysis.charts.drawings import VIETNAMESE

LATEST = Estimate(0.9, 0.86, 0.93, 300)


def panel(name: str, share: list[float], latest: Estimate | None = LATEST, **more) -> TrendPanel:
    size = len(share)
    flat = np.full(size, 0.9)
    given = {"lower": flat - 0.1, "upper": flat + 0.1, "center": flat, "is_signal": [False] * size} | more
    return TrendPanel(name, share, latest=latest, **given)


def draw(panels: list[TrendPanel], **more) -> Figure:
    return trend_multiples(
        panels, text=VIETNAMESE, scale_label="thang chung", signal_label="dấu hiệu", **more
    )


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


def test_scale_is_common_and_written() -> None:
    figure = draw([panel("xã A", [0.9, 0.95]), panel("xã B", [0.55, 0.9])])
    assert "thang chung 50–100%" in written(figure)


def test_withheld_unit_neither_has_a_line_nor_stretches_the_scale() -> None:
    hidden = (
        panel("xã B", [0.1, 0.2], None, note="dưới 5 phiếu")
        if False
        else TrendPanel("xã B", [0.1, 0.2], [0, 0], [1, 1], [0.1, 0.1], [True, True], None, "dưới 5 phiếu")
    )
    figure = draw([panel("xã A", [0.9, 0.95]), hidden])
    assert {"xã B", "dưới 5 phiếu", "thang chung 90–100%"} <= written(figure)


def test_signals_are_marked_and_named() -> None:
    figure = draw([panel("xã A", [0.9, 0.6, 0.9], is_signal=[False, True, False])])
    diamonds = next(line for line in figure.axes[0].lines if line.get_marker() == "D")
    assert np.isfinite(diamonds.get_xdata()).sum() == 1
    assert "dấu hiệu" in written(figure)
    assert "dấu hiệu" not in written(draw([panel("xã A", [0.9, 0.9])]))


def test_gap_one_point_and_no_points_are_drawn() -> None:
    nan = float("nan")
    assert draw([panel("xã A", [0.9, nan, 0.9]), panel("xã B", [nan, 0.9, nan])]).axes
    assert draw([panel("xã A", [0.9])]).axes
    assert draw([panel("xã A", [nan, nan])]).axes


def test_two_panels_stand_side_by_side_on_a_phone() -> None:
    figure = draw([panel(f"xã {row}", [0.9, 0.8]) for row in range(4)], width_px=312)
    lefts = sorted(
        {round(text.get_position()[0]) for text in figure.texts if text.get_text().startswith("xã ")}
    )
    assert lefts == [0, 166]
