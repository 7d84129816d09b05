"""Charts of the staff pages: drawn once for each figure and language, in two widths."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from analysis.types import Estimate, Tier
from survey_app import i18n
from survey_app.services.figures import Level, MixRow, Showing, TrendFigure, WeekPoint
from survey_app.web import charts

LEVELS = (
    Level("vs", "Rất hài lòng", 201, True),
    Level("s", "Hài lòng", 164, True),
    Level("n", "Bình thường", 29),
)


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    i18n.init_app(app)
    return app


@pytest.fixture(autouse=True)
def vietnamese_page(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_chart_is_drawn_wide_and_narrow_and_kept() -> None:
    drawing = charts.levels(LEVELS, is_simulated=True)
    assert 'width="548"' in drawing.wide
    assert 'width="312"' in drawing.narrow
    assert charts.levels(LEVELS, is_simulated=True) is drawing


@pytest.mark.parametrize(("is_simulated", "n"), [(True, 1), (False, 0)])
def test_simulated_data_say_so_inside_the_image(is_simulated: bool, n: int) -> None:
    assert charts.levels(LEVELS, is_simulated=is_simulated).wide.count("DỮ LIỆU MÔ PHỎNG") == n


def test_numbers_in_a_chart_follow_the_language(app: Flask) -> None:
    rows = (MixRow("qr", "QR", Showing.SHOWN, 291, 0.291, None),)
    assert "29,1%" in charts.mix(rows, "Kênh", is_simulated=False).wide
    with app.test_request_context("/?lang=en"):
        assert "29.1%" in charts.mix(rows, "Kênh", is_simulated=False).wide


def test_withheld_rows_are_not_drawn() -> None:
    rows = (
        MixRow("qr", "Mã QR", Showing.SHOWN, 291, 0.291, None),
        MixRow("link", "Đường dẫn", Showing.WITHHELD, None, None, None),
    )
    assert "Đường dẫn" not in charts.mix(rows, "Kênh", is_simulated=False).wide


def test_trend_of_two_points_is_drawn() -> None:
    points = tuple(
        WeekPoint(date(2026, 6, day), date(2026, 6, day + 6), 40, 0.9, 0.8, 0.98, 0.89, False)
        for day in (15, 22)
    )
    assert "15/06" in charts.trend(TrendFigure("p", points, ()), is_simulated=False).wide


@pytest.mark.parametrize("tier", [None, *Tier])
def test_interval_bar_stays_inside_and_carries_no_style(tier: Tier | None) -> None:
    bar = charts.interval_bar(Estimate(0.98, 0.2, 1.0, 30), 0.7, 1.0, mark=0.9, tier=tier)
    assert "style=" not in bar
    assert "M6.0 6.0v8m0-4H194.0" in bar
    assert 'aria-hidden="true"' in bar


def test_axis_leaves_out_an_end_that_would_touch_the_mark() -> None:
    assert ">100%<" not in charts.axis_bar(0.7, 1.0, mark=0.985)
    assert ">98,5%<" in charts.axis_bar(0.7, 1.0, mark=0.985)
    assert ">70%<" in charts.axis_bar(0.7, 1.0, mark=0.985)


def test_bar_range_holds_every_interval_in_whole_tens() -> None:
    estimates = (Estimate(0.88, 0.838, 0.921, 412), Estimate(0.77, 0.712, 0.82, 402))
    assert charts.bar_range(estimates) == pytest.approx((0.7, 1.0))
    assert charts.bar_range(()) == (0.0, 1.0)
