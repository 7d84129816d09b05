"""Shares to points at the borders of bands, exactly; what an office may store, and when it holds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from analysis.types import Estimate
from survey_app.clock import utc_now
from survey_app.errors import InvalidField, NotFound
from survey_app.services import conversions
from survey_app.services.accounts import Role, Viewer
from survey_app.services.conversions import Conversion, convert, points_of, read_bands
from tests.survey_app.staffing import make_account

TABLE = Conversion("Bộ chỉ số", "sample", "Quyết định", date(2026, 1, 1), date(2026, 12, 31),
                   read_bands("90 = 2\n0 = 0\n85 = 1,5"))  # fmt: skip


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 400)


@pytest.mark.parametrize(
    ("percent", "points"),
    [("0", "0"), ("84.9", "0"), ("85.0", "1.5"), ("89.9", "1.5"), ("90.0", "2"), ("100", "2")],
)
def test_a_border_belongs_to_the_band_it_opens(percent, points):
    assert points_of(Decimal(percent), TABLE) == Decimal(points)


def test_a_share_is_converted_as_it_is_printed():
    assert convert(estimate(0.8496, 0.80, 0.89), TABLE).points == Decimal("1.5")
    assert convert(estimate(0.8494, 0.80, 0.89), TABLE).points == Decimal("0")
    # 0.1 + 0.2 and their like must not move a border.
    assert convert(estimate(0.3 * 3, 0.86, 0.95), TABLE).points == Decimal("2")


@pytest.mark.parametrize(
    ("low", "high", "edge"),
    [(0.86, 0.89, None), (0.85, 0.899, None), (0.85, 0.90, "90"), (0.849, 0.88, "85"), (0.80, 0.95, "85")],
)
def test_a_border_inside_the_interval_is_told(low, high, edge):
    found = convert(estimate(0.87, low, high), TABLE)
    assert found.edge == (None if edge is None else Decimal(edge))
    assert found.crosses == (found.points_low != found.points_high)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("85 1", "line"), ("x = 1", "line"), ("0 = -1", "line"), ("0 = 1e9", "line")],
)
def test_bands_that_cannot_be_read(text, reason):
    with pytest.raises(InvalidField) as refused:
        read_bands(text)
    assert refused.value.reason == reason


def test_tables_hold_for_their_days_and_for_the_offices_below(session, world):
    office = make_account(session, "office", Role.PAR_OFFICE, world.units["Quảng Trị"])
    elsewhere = Viewer(1, Role.PAR_OFFICE, world.units["Đông Hà"])
    new = replace(TABLE, unit_id=office.unit_id)
    stored = conversions.save_conversion(session, conversion=new, by=office, now=utc_now())

    def held(on: date, basis: str = "sample") -> list[str]:
        unit_id = world.units["Đông Hà"]
        return [
            row.title for row in conversions.conversions_for(session, unit_id=unit_id, basis=basis, on=on)
        ]

    assert held(date(2026, 1, 1)) == held(date(2026, 12, 31)) == ["Bộ chỉ số"]
    assert held(date(2025, 12, 31)) == held(date(2027, 1, 1)) == held(date(2026, 6, 1), "continuous") == []
    read = conversions.conversion_of(session, conversion_id=stored, viewer=office)
    assert read.bands == TABLE.bands
    with pytest.raises(NotFound):
        conversions.conversion_of(session, conversion_id=stored, viewer=elsewhere)
    for wrong, field in (
        (replace(new, bands=read_bands("10 = 1")), "bands"), (replace(new, bands=read_bands("0=1\n0=2")), "bands"),
        (replace(new, valid_to=date(2025, 1, 1)), "valid_to"), (replace(new, legal_basis=" "), "legal_basis"),
    ):  # fmt: skip
        with pytest.raises(InvalidField) as refused:
            conversions.save_conversion(session, conversion=wrong, by=office, now=utc_now())
        assert refused.value.field == field
