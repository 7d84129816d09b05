"""The funnel plot: limits as given or exact, names only for units apart, numbers where names do not fit."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.charts import FunnelBand, funnel_plot
from analysis.ranking.funnel import binomial_limits
from analysis.types import Tier
from tests.analysis.charts.drawings import VIETNAMESE, long_names

TIERS = [Tier.NOT_DIFFERENT, Tier.HIGHER, Tier.LOWER]


def draw(
    names=("xã A", "xã B", "xã C"), n=(60, 300, 1000), share=(0.9, 0.96, 0.7), tiers=TIERS, **more
) -> Figure:
    return funnel_plot(names, n, share, tiers, center=0.87, n_label="Số phiếu", text=VIETNAMESE, **more)


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


def test_only_units_that_stand_apart_are_named() -> None:
    assert {"xã B", "xã C"} <= written(draw())
    assert "xã A" not in written(draw())


def test_names_are_numbered_and_listed_on_a_phone() -> None:
    words = written(draw(width_px=336))
    assert {"1", "2", "xã B", "xã C", "96,0% · Số phiếu: 300"} <= words


def test_names_that_hide_each_other_are_numbered_and_listed() -> None:
    names = long_names(12)
    figure = draw(names, np.linspace(200, 230, 12).tolist(), [0.97] * 12, [Tier.HIGHER] * 12)
    words = written(figure)
    assert {str(number) for number in range(1, 13)} <= words
    assert all(any(name == word.replace("\n", " ") for word in words) for name in names)


def test_numbers_run_from_the_highest_share_down() -> None:
    figure = draw(["xã A", "xã B", "xã C"], [60, 300, 1000], [0.7, 0.8, 0.99], [Tier.LOWER, Tier.LOWER, Tier.HIGHER],
                  width_px=336)  # fmt: skip
    listed = [text for text in figure.texts if text.get_text().startswith("xã ")]
    assert [text.get_text() for text in sorted(listed, key=lambda text: text.get_position()[1])] == [
        "xã C",
        "xã B",
        "xã A",
    ]


def test_exact_limits_are_drawn_where_none_are_given() -> None:
    lines = [line for line in draw().axes[0].lines if line.is_dashed()]
    first = lines[0]
    n, lower = first.get_xdata()[0], first.get_ydata()[0]
    assert n == round(n)
    assert lower == pytest.approx(binomial_limits(0.87, n, level=0.95)[0].item())
    assert len(lines) == 4
    assert {"95%", "99,8%"} <= written(draw())


def test_no_limits_are_drawn_where_everyone_is_satisfied() -> None:
    figure = funnel_plot(
        ["A", "B"], [40, 90], [1.0, 1.0], [Tier.NOT_DIFFERENT] * 2, center=1.0, n_label="n", text=VIETNAMESE
    )
    assert not [line for line in figure.axes[0].lines if line.is_dashed()]


def test_given_limits_are_drawn_as_they_are_and_cut_to_shares() -> None:
    band = FunnelBand("chính xác", [50, 500, 1100], [0.6, 0.8, 0.82], [1.2, 0.95, 0.9])
    figure = draw(bands=[band])
    lower, upper = [line for line in figure.axes[0].lines if line.is_dashed()]
    assert lower.get_ydata().tolist() == [0.6, 0.8, 0.82]
    assert upper.get_ydata().tolist() == [1.0, 0.95, 0.9]
    assert "chính xác" in written(figure)


def test_withheld_units_are_counted_and_not_drawn() -> None:
    figure = draw(share=(float("nan"), 0.96, 0.7))
    assert "chưa đủ dữ liệu: 1" in written(figure)


def test_units_of_very_unequal_size_share_a_logarithmic_axis() -> None:
    assert draw(n=(30, 300, 3000)).axes[0].get_xscale() == "log"
    assert draw(n=(60, 300, 1000)).axes[0].get_xscale() == "linear"


def test_every_unit_lies_inside_the_axes() -> None:
    axes = draw(share=(0.0, 1.0, 0.5)).axes[0]
    low, high = axes.get_ylim()
    assert low < 0 < 1 < high
