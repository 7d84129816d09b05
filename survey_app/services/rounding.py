"""Shares of a release to as many decimals as its audience gets, wherever they stand in it."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from analysis.types import Difference, Estimate
from survey_app.services.figures import ComparedUnit, Comparison, MixRow, Scorecard, ShrunkFigure, UnitMix

T = TypeVar("T")
CERTAIN_DIGITS = 9
# What is rounded of each value; all of it lies between -1 and 1.
_SHARES: dict[type, tuple[str, ...]] = {
    Estimate: ("value", "ci_low", "ci_high"),
    Difference: ("value", "ci_low", "ci_high"),
    ShrunkFigure: ("value", "ci_low", "ci_high"),
    MixRow: ("share",),
    UnitMix: ("shares",),
    Scorecard: ("response_rate",),
    ComparedUnit: ("response_rate",),
    Comparison: ("reference",),
}


def rounded(value: T, digits: int) -> T:
    """The value, and everything in it, with its shares rounded."""
    done: T = _rounded(value, digits)
    return done


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_rounded(each, digits) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    mine = _SHARES.get(type(value), ())
    changed = {}
    for field in fields(value):
        before = getattr(value, field.name)
        after = _round(before, digits) if field.name in mine else _rounded(before, digits)
        if after is not before:
            changed[field.name] = after
    return replace(value, **changed) if changed else value


def _round(value: Any, digits: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_round(each, digits) for each in value)
    # First to what arithmetic keeps for certain, so that counting again in another order cannot tip a half.
    return value if value is None else round(round(value, CERTAIN_DIGITS), digits)
