"""The listing of the comparison: order, search and columns; never a naked rank."""

from dataclasses import replace
from datetime import date

import pytest

from analysis.types import Estimate, RankInterval, Tier, Verdict
from survey_app.names import sort_key, unit_search_key
from survey_app.queries.units import UnitRow
from survey_app.services.figures import (
    ComparedUnit,
    Comparison,
    MixTable,
    PeriodChoice,
    ShareFigure,
    Showing,
    ShrunkFigure,
)
from survey_app.web import charts
from survey_app.web.par_office.listing import Choice, arrange, read_choice

PERIOD = PeriodChoice("q3", "Quý III/2026", date(2026, 6, 15), date(2026, 9, 14))


pytestmark = pytest.mark.usefixtures("vietnamese_page")


def make_row(
    name: str, *, value: float | None = 0.88, n: int = 100, tier: Tier = Tier.NOT_DIFFERENT
) -> ComparedUnit:
    unit = UnitRow(
        len(name),
        f"U-{name}",
        name,
        "ward",
        3,
        None,
        None,
        1,
        date(2025, 7, 1),
        None,
        unit_search_key("ward", name),
        sort_key(name),
        None,
        None,
    )
    if value is None:
        hidden = ShareFigure("o", "", Showing.WITHHELD, None, None, None)
        return ComparedUnit(unit, hidden, None, None, Tier.INSUFFICIENT, None, None, None)
    estimate = Estimate(value, value - 0.04, value + 0.04, n)
    share = ShareFigure("o", "", Showing.SHOWN, n, int(n * value), estimate)
    return ComparedUnit(unit, share, None, 0.3, tier, 0.5, RankInterval(9, 61), Verdict.UNDECIDED)


ROWS = (
    make_row("Vĩnh Linh", value=0.95, n=300, tier=Tier.HIGHER),
    make_row("Đông Hà", value=0.90, n=200),
    make_row("Đakrông", value=0.80, n=400, tier=Tier.LOWER),
    make_row("Cồn Cỏ", value=None),
    make_row("A Dơi", value=0.85),
)


def make_comparison(basis: str = "sample", rows: tuple[ComparedUnit, ...] = ROWS) -> Comparison:
    return Comparison(
        root=replace(make_row("Quảng Trị").unit, kind="province"),
        basis=basis,
        period=PERIOD,
        is_simulated=False,
        method_version="1.0",
        province=make_row("Tỉnh", value=0.874).share,
        rows=rows,
        n_by_tier={},
        adjustment="holm",
        alpha=0.05,
        target=0.9,
        n_to_separate=None,
        reference=None,
        n_withheld=0,
        is_composite=False,
        is_running=False,
        channels=MixTable((), ()),
        stages=MixTable((), ()),
        flagged=(),
        minimum_shown=30,
        minimum_base=5,
    )


def names(choice: Choice) -> list[str]:
    return [row.unit.name for row in arrange(make_comparison(), choice).rows]


def test_default_order_is_by_vietnamese_name_not_by_score() -> None:
    assert names(read_choice({})) == ["A Dơi", "Cồn Cỏ", "Đakrông", "Đông Hà", "Vĩnh Linh"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"sort": "tier"}, ["Vĩnh Linh", "A Dơi", "Đông Hà", "Đakrông", "Cồn Cỏ"]),
        ({"sort": "n", "order": "desc"}, ["Đakrông", "Vĩnh Linh", "Đông Hà", "A Dơi", "Cồn Cỏ"]),
        ({"sort": "value", "order": "desc"}, ["Vĩnh Linh", "Đông Hà", "A Dơi", "Đakrông", "Cồn Cỏ"]),
        ({"sort": "rank", "order": "sideways"}, ["A Dơi", "Cồn Cỏ", "Đakrông", "Đông Hà", "Vĩnh Linh"]),
    ],
)
def test_order_of_the_address(arguments: dict[str, str], expected: list[str]) -> None:
    assert names(read_choice(arguments)) == expected


@pytest.mark.parametrize("typed", ["dong ha", "ĐÔNG HÀ", "Đông Hà", " phuong dong ha "])
def test_search_finds_dong_ha_however_it_is_typed(typed: str) -> None:
    assert names(read_choice({"q": typed})) == ["Đông Hà"]


def test_search_for_nothing_known_gives_nothing() -> None:
    assert names(read_choice({"q": "Hà Nội"})) == []


def test_rank_column_stands_only_on_a_sample() -> None:
    def titles(basis: str) -> list[str]:
        return [column.title for column in arrange(make_comparison(basis), Choice()).columns]

    assert "Hạng từ–đến" in titles("sample")
    assert not [title for title in titles("continuous") if "Hạng" in title]


def test_no_column_sorts_by_rank() -> None:
    columns = arrange(make_comparison(), Choice()).columns
    assert [column.title for column in columns if column.arguments] == [
        "Đơn vị",
        "Số phiếu",
        "Hài lòng",
        "Nhóm",
    ]


def test_sorted_column_says_so_and_turns_round() -> None:
    column = next(c for c in arrange(make_comparison(), Choice(sort="n")).columns if c.title == "Số phiếu")
    assert column.sorted == "ascending"
    assert column.arguments == {"basis": "sample", "period": "q3", "sort": "n", "order": "desc"}


def test_units_without_enough_data_are_listed_apart_even_when_filtered_out() -> None:
    listing = arrange(make_comparison(), read_choice({"q": "dong ha"}))
    assert [row.unit.name for row in listing.not_compared] == ["Cồn Cỏ"]


def test_comparison_of_nothing_has_no_chart() -> None:
    assert not arrange(make_comparison(rows=(make_row("Cồn Cỏ", value=None),)), Choice()).has_chart


def drawn_rows() -> Comparison:
    rows = tuple(
        replace(row, shrunk=ShrunkFigure(0.87, 0.84, 0.9, 0.6)) if row.share.estimate else row for row in ROWS
    )
    return make_comparison(rows=rows)


def test_forest_keeps_the_row_of_a_unit_that_is_not_shown_and_says_why() -> None:
    for drawing in (charts.forest(drawn_rows()).wide, charts.forest(drawn_rows()).narrow):
        assert "Cồn Cỏ" in drawing
        assert "dưới 5 phiếu" in drawing


def test_ranks_are_drawn_for_ranked_units_only() -> None:
    drawing = charts.ranks(drawn_rows()).wide
    assert "9–61" in drawing
    assert "Cồn Cỏ" not in drawing


def test_estimates_drawn_to_the_common_level_stand_beside_the_direct_ones() -> None:
    drawing = charts.shrunk(drawn_rows()).wide
    assert "87,0% (84,0–90,0)" in drawing
    assert "95,0% (91,0–99,0)" in drawing
    assert "60%" in drawing
