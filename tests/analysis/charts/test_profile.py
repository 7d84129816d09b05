"""The factor profile: the lowest first, references as ticks, the wave before as a hollow mark."""

from matplotlib.figure import Figure

from analysis.charts import factor_profile
from analysis.types import Estimate
from tests.analysis.charts.drawings import VIETNAMESE

NAMES = ["Thời gian", "Thái độ", "Kết quả"]
ESTIMATES = [Estimate(0.9, 0.86, 0.93, 300), None, Estimate(0.85, 0.8, 0.89, 300)]


def draw(**more) -> Figure:
    return factor_profile(NAMES, ESTIMATES, text=VIETNAMESE, **more)


def names_down(figure: Figure) -> list[str]:
    named = [text for text in figure.texts if text.get_text() in NAMES]
    return [text.get_text() for text in sorted(named, key=lambda text: text.get_position()[1])]


def test_lowest_lower_limit_is_on_top_and_withheld_last() -> None:
    assert names_down(draw()) == ["Kết quả", "Thời gian", "Thái độ"]
    assert names_down(draw(is_sorted=False)) == NAMES


def test_references_follow_their_factors_when_sorted() -> None:
    line = draw(references=[0.91, 0.92, 0.83], reference_label="mức tỉnh").axes[0].lines[-1]
    xs = [x for x in line.get_xdata().tolist() if x == x]
    assert xs == [0.83, 0.83, 0.91, 0.91, 0.92, 0.92]


def test_wave_before_is_hollow_and_above_the_present_one() -> None:
    previous = [Estimate(0.8, 0.7, 0.88, 90), None, None]
    axes = draw(previous=previous, previous_label="đợt trước").axes[0]
    hollow = next(line for line in axes.lines if line.get_markerfacecolor() == "#ffffff")
    filled = next(line for line in axes.lines if line.get_marker() == "o" and line is not hollow)
    assert hollow.get_xdata().tolist() == [0.8]
    assert hollow.get_ydata()[0] < filled.get_ydata()[1]


def test_key_names_what_is_there() -> None:
    words = {"own_label": "đợt này", "reference_label": "mức tỉnh", "previous_label": "đợt trước"}
    written = {text.get_text() for text in draw(**words).texts}
    assert "đợt này" in written
    assert not {"mức tỉnh", "đợt trước"} & written


def test_target_is_inside_the_axis_and_named() -> None:
    figure = draw(target=0.99, target_label="Mục tiêu 99%")
    assert figure.axes[0].get_xlim()[1] > 0.99
    assert "Mục tiêu 99%" in {text.get_text() for text in figure.texts}
