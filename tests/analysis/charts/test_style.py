"""Letters can be read on every ground they stand on, and scales of any length have their own colours."""

import pytest

from analysis.charts.likert import level_colours_of
from analysis.charts.scales import nice_range, nice_ticks, padded_range, round_ticks
from analysis.charts.style import (
    ACCENT,
    BAND,
    FAINT,
    INK,
    LEVEL_COLOURS,
    MUTED,
    PAPER,
    TIER_COLOURS,
    TIER_MARKERS,
    WARM,
    ink_on,
    level_colours,
    luminance,
)
from analysis.types import Tier

READABLE, VISIBLE = 4.5, 3.0


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("letters", [INK, MUTED, ACCENT, WARM])
def test_letters_are_readable_on_paper(letters: str) -> None:
    assert contrast(letters, PAPER) >= READABLE


@pytest.mark.parametrize("ground", [FAINT, BAND])
def test_letters_and_marks_stand_out_on_bands(ground: str) -> None:
    assert contrast(INK, ground) >= READABLE
    assert contrast(MUTED, ground) >= READABLE
    assert all(contrast(mark, ground) >= VISIBLE for mark in (ACCENT, WARM))


def test_outlines_stand_out_on_paper() -> None:
    from analysis.charts.likert import OUTLINE
    from analysis.charts.quadrants import CROSS

    assert contrast(OUTLINE, PAPER) >= VISIBLE
    assert contrast(CROSS, PAPER) >= VISIBLE


@pytest.mark.parametrize("n_levels", range(2, 12))
def test_percent_in_a_bar_is_readable_on_every_level(n_levels: int) -> None:
    colours = level_colours(n_levels)
    assert len(colours) == n_levels
    assert len(set(colours)) == n_levels
    assert all(contrast(ink_on(colour), colour) >= READABLE for colour in colours), colours


def test_neutral_levels_share_the_grey_between_both_ends() -> None:
    colours = level_colours_of(11, [2, 3])
    assert colours[2] == colours[3]
    assert len(colours) == 11
    assert all(contrast(ink_on(colour), colour) >= READABLE for colour in colours)


def test_five_levels_are_those_of_every_page() -> None:
    assert tuple(level_colours(5)) == LEVEL_COLOURS


def test_tiers_differ_in_symbol_and_not_in_colour_alone() -> None:
    apart = [Tier.HIGHER, Tier.NOT_DIFFERENT, Tier.LOWER]
    assert len({TIER_MARKERS[tier] for tier in apart}) == 3
    assert set(TIER_COLOURS) == set(Tier)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.7, 1.0, [0.7, 0.8, 0.9, 1.0]),
        (0.86, 0.9, [0.86, 0.87, 0.88, 0.89, 0.9]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_round_ticks_are_round_and_few(low: float, high: float, ticks: list[float]) -> None:
    assert round_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_padded_range_of_one_point_has_width_and_stays_a_share(value: float) -> None:
    low, high = padded_range([value], [value])
    assert 0 <= low < high <= 1


def test_padded_range_of_nothing_is_everything() -> None:
    assert padded_range([], []) == (0, 1)
    assert padded_range([float("nan")], [float("nan")]) == (0, 1)


def test_nice_range_and_ticks_hold_any_numbers() -> None:
    assert nice_range([]) == (0, 1)
    low, high = nice_range([3.0, 3.0])
    assert low < 3 < high
    assert nice_ticks(-0.31, 0.42) == [-0.2, 0, 0.2, 0.4]
