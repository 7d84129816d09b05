"""What is frozen comes back the same, through JSON, and its fingerprint tells any change."""

import json
import math
from dataclasses import dataclass, replace
from datetime import date

import pytest

from analysis.types import Estimate, Tier, Verdict
from survey_app.services.figures import PeriodChoice, Showing
from survey_app.services.freezing import fingerprint, freeze, thaw

ESTIMATE = Estimate(0.886, 0.838, 0.921, 412, 1.3, 316.9, math.inf, math.nan, "wilson", 0.95)


@dataclass(frozen=True, slots=True)
class _Whole:
    period: PeriodChoice
    estimate: Estimate | None
    n_by_tier: dict[Tier, int]
    verdicts: tuple[Verdict, ...]
    showing: Showing


WHOLE = _Whole(
    PeriodChoice("2026-Q3", "Quý III năm 2026", date(2026, 6, 15), date(2026, 9, 14)),
    replace(ESTIMATE, standard_error=0.02),
    {Tier.LOWER: 3, Tier.INSUFFICIENT: 8},
    (Verdict.MET, Verdict.UNDECIDED),
    Showing.SHOWN,
)


def test_a_value_comes_back_through_json():
    content = json.loads(json.dumps(freeze(WHOLE), allow_nan=False))
    assert thaw(content, _Whole) == WHOLE


def test_numbers_that_json_cannot_hold_come_back():
    back = thaw(json.loads(json.dumps(freeze(ESTIMATE), allow_nan=False)), Estimate)
    assert (back.df, math.isnan(back.standard_error)) == (math.inf, True)


def test_an_unknown_field_is_refused():
    with pytest.raises(ExceptionGroup):
        thaw(freeze(WHOLE) | {"rank": 1}, _Whole)


def test_the_fingerprint_tells_the_last_digit():
    other = replace(WHOLE, estimate=replace(WHOLE.estimate, value=math.nextafter(0.886, 1)))
    assert fingerprint(freeze(WHOLE)) == fingerprint(freeze(WHOLE))
    assert fingerprint(freeze(WHOLE)) != fingerprint(freeze(other))
    assert len(fingerprint(freeze(WHOLE))) == 64
