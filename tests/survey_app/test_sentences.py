"""The words of a figure, exactly as an official reads them."""

from datetime import date

import pytest

from analysis.types import Difference, Estimate, RankInterval, Tier, Verdict
from survey_app import sentences
from survey_app.queries.units import UnitRow
from survey_app.services.figures import (
    ChangeFigure,
    ComparedUnit,
    Comparison,
    FactorFigure,
    MixTable,
    PeriodChoice,
    QualityFigure,
    ShareFigure,
    Showing,
    TargetFigure,
    ToDo,
    TrendFigure,
    WeekPoint,
)

ESTIMATE = Estimate(0.8859, 0.838, 0.921, 412)
PERIOD = PeriodChoice("q3", "Quý III/2026", date(2026, 6, 15), date(2026, 9, 14))
BEFORE = PeriodChoice("q2", "Quý II/2026", date(2026, 3, 15), date(2026, 6, 14))


pytestmark = pytest.mark.usefixtures("vietnamese_page")


def make_share(
    n: int = 412, n_satisfied: int = 365, estimate: Estimate | None = ESTIMATE, label: str = ""
) -> ShareFigure:
    return ShareFigure("overall", label, Showing.SHOWN, n, n_satisfied, estimate)


def make_too_few(n: int | None) -> ShareFigure:
    showing = Showing.WITHHELD if n is None else Showing.INSUFFICIENT
    return ShareFigure("overall", "", showing, n, None, None)


def make_unit(name: str = "Đông Hà", kind: str = "ward") -> UnitRow:
    return UnitRow(
        1, "U", name, kind, 3, None, None, 1, date(2025, 7, 1), None, "dong ha", "dong ha", None, None
    )


def make_row(tier: Tier, rank: RankInterval | None = None) -> ComparedUnit:
    return ComparedUnit(make_unit(), make_share(), None, 0.27, tier, 0.2, rank, Verdict.UNDECIDED)


def make_comparison(n_by_tier: dict[Tier, int], n_to_separate: int | None = 1213) -> Comparison:
    return Comparison(
        root=make_unit("Quảng Trị", "province"), basis="sample", period=PERIOD, is_simulated=True,
        method_version="1.0", province=make_share(), rows=(), n_by_tier=n_by_tier,
        adjustment="holm", alpha=0.05,
        target=0.9, n_to_separate=n_to_separate, reference=None,
        n_withheld=0, is_composite=False, is_running=False,
        channels=MixTable((), ()), stages=MixTable((), ()), flagged=(),
        minimum_shown=30, minimum_base=5,
    )  # fmt: skip


def make_target(verdict: Verdict, n_to_confirm: int | None) -> TargetFigure:
    return TargetFigure(0.9, verdict, ESTIMATE, False, 0.93, n_to_confirm)


def make_trend(*shares_and_signals: tuple[float, bool]) -> TrendFigure:
    points = tuple(
        WeekPoint(date(2026, 6, 15), date(2026, 6, 21), 40, share, 0.8, 0.98, 0.89, is_signal)
        for share, is_signal in shares_and_signals
    )
    return TrendFigure("p", points, ())


def test_level() -> None:
    assert sentences.level(ESTIMATE) == (
        "Trong 412 phiếu hợp lệ, 88,6% hài lòng hoặc rất hài lòng (khoảng tin cậy 95%: từ 83,8% đến 92,1%)."
    )


def test_change_within_chance_never_says_up_or_down() -> None:
    figure = ChangeFigure(BEFORE, Difference(0.017, -0.045, 0.079, 0.6, "newcombe"), None)
    assert sentences.change(figure) == (
        "So với Quý II/2026, tỷ lệ chênh +1,7 điểm phần trăm (từ –4,5 đến "
        "+7,9); chưa đủ căn cứ để nói có thay đổi."
    )
    assert sentences.change_word(figure) == "chưa đủ căn cứ"


@pytest.mark.parametrize(("sign", "word"), [(1, "tăng"), (-1, "giảm")])
def test_change_beyond_chance_says_which_way_and_no_cause(sign: int, word: str) -> None:
    low, high = sorted((sign * 0.007, sign * 0.12))
    figure = ChangeFigure(BEFORE, Difference(sign * 0.063, low, high, 0.02, "newcombe"), None)
    assert sentences.change(figure) == (
        f"So với Quý II/2026, tỷ lệ {word} 6,3 điểm phần trăm (từ 0,7 đến 12,0); "
        "khác biệt có ý nghĩa thống kê ở mức 5%. Số liệu này không cho biết nguyên nhân."
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.MET, "Cận dưới 83,8% không thấp hơn 90%: đạt mục tiêu."),
        (Verdict.NOT_MET, "Cận trên 92,1% thấp hơn 90%: không đạt mục tiêu."),
        (
            Verdict.UNDECIDED,
            "Mục tiêu 90% nằm trong khoảng tin cậy nên chưa đủ căn cứ để kết luận đạt hay không đạt. "
            "Nếu tỷ lệ thật là 93%, cần khoảng 1.054 phiếu để khẳng định đạt.",
        ),
    ],
)
def test_target(verdict: Verdict, words: str) -> None:
    assert sentences.target(make_target(verdict, 1054), make_share()) == words


def test_target_undecided_without_a_sample_size_promises_none() -> None:
    assert "cần khoảng" not in sentences.target(make_target(Verdict.UNDECIDED, None), make_share())


def test_target_while_the_period_runs_names_the_wider_interval_it_was_read_from() -> None:
    wider = Estimate(0.8859, 0.82, 0.94, 412)
    figure = TargetFigure(0.95, Verdict.NOT_MET, wider, True, 0.98, None)
    assert sentences.target(figure, make_share()) == (
        "Cận trên 94,0% thấp hơn 95%: không đạt mục tiêu. Kỳ chưa kết thúc nên kết luận dùng khoảng 82,0–94,0%, "
        "rộng hơn khoảng tin cậy thường, để việc xem lại nhiều lần không dẫn đến kết luận sai."
    )


def test_change_while_the_period_runs_is_shown_and_not_concluded() -> None:
    figure = ChangeFigure(BEFORE, Difference(0.063, 0.007, 0.12, 0.02, "newcombe"), None, is_running=True)
    assert sentences.change(figure) == (
        "Đến nay tỷ lệ chênh +6,3 điểm phần trăm so với Quý II/2026 (từ +0,7 đến +12,0). "
        "Kỳ chưa kết thúc nên chưa kết luận có thay đổi hay không."
    )
    assert sentences.change_word(figure) == "chưa đủ căn cứ"
    assert not sentences.is_concluded(figure)


def test_target_with_everyone_satisfied_says_how_low_the_truth_may_be() -> None:
    estimate = Estimate(1.0, 0.886, 1.0, 30)
    figure = TargetFigure(0.95, Verdict.UNDECIDED, estimate, False, 0.98, None)
    assert sentences.target(figure, make_share(30, 30, estimate)) == (
        "Cả 30/30 phiếu đều hài lòng; mức thật vẫn có thể chỉ 88,6%, nên chưa "
        "đủ căn cứ để khẳng định đạt 95%."
    )


def test_not_shown_keeps_a_withheld_count_to_itself() -> None:
    few, hidden = make_too_few(17), make_too_few(None)
    assert (
        sentences.not_shown(few, minimum_shown=30)
        == "Mới có 17 phiếu; cần ít nhất 30 phiếu để công bố tỷ lệ."
    )
    assert (
        sentences.not_shown(hidden, minimum_shown=30) == "Không hiển thị để bảo vệ danh tính người trả lời."
    )


def test_tier() -> None:
    assert sentences.tier(make_row(Tier.LOWER)) == (
        "Phường Đông Hà thấp hơn mức chung của tỉnh sau khi kiểm soát so sánh nhiều lần."
    )
    assert sentences.tier(make_row(Tier.NOT_DIFFERENT)) == (
        "Chưa thấy khác biệt rõ so với mức chung của tỉnh; điều này không có nghĩa là bằng nhau."
    )
    assert all(sentences.tier(make_row(tier)) and sentences.tier_word(tier) for tier in Tier)


def test_rank_is_never_a_single_number() -> None:
    assert sentences.rank(make_row(Tier.NOT_DIFFERENT, RankInterval(9, 61)), n_units=78) == (
        "Với số phiếu hiện có, thứ hạng hợp lý nằm từ 9 đến 61 trong 78 đơn vị."
    )


@pytest.mark.parametrize(
    ("is_separate", "words"),
    [
        (False, "Thấp nhất là Góp ý, phản ánh, nhưng chưa tách biệt rõ với Thủ tục hành chính."),
        (True, "Thấp nhất là Góp ý, phản ánh, tách biệt rõ với Thủ tục hành chính."),
        (None, None),
    ],
)
def test_lowest_factor(is_separate: bool | None, words: str | None) -> None:
    factors = tuple(
        FactorFigure(make_share(label=label), None, ()) for label in ("Góp ý, phản ánh", "Thủ tục hành chính")
    )
    assert sentences.lowest_factor(factors, is_separate=is_separate) == words


def test_flagged_gives_both_figures_and_accuses_nobody() -> None:
    figure = QualityFigure(9, ESTIMATE, Estimate(0.883, 0.83, 0.92, 403), 0)
    assert sentences.flagged(figure) == (
        "Có 9 phiếu có dấu hiệu cần kiểm tra; tính cả: 88,6%, không tính: 88,3%. "
        "Dấu hiệu không phải là kết luận vi phạm."
    )
    assert sentences.flagged(QualityFigure(0, ESTIMATE, ESTIMATE, 0)) is None


def test_why_not_different_counts_only_units_with_enough_data() -> None:
    comparison = make_comparison(
        {Tier.NOT_DIFFERENT: 63, Tier.HIGHER: 4, Tier.LOWER: 3, Tier.INSUFFICIENT: 8}
    )
    words = sentences.why_not_different(comparison)
    assert words is not None
    assert words.startswith(
        "63 trong 70 đơn vị đủ số liệu chưa khác biệt rõ với mức tỉnh: số phiếu hiện có chưa đủ để tách "
        "các đơn vị này; điều đó không có nghĩa là các đơn vị bằng nhau."
    )
    assert "cần khoảng 1.213 phiếu mỗi đơn vị" in words
    assert sentences.why_not_different(make_comparison({Tier.INSUFFICIENT: 8})) is None


def test_multiplicity() -> None:
    assert sentences.multiplicity(make_comparison({})) == (
        "Đã kiểm soát sai lầm khi so sánh nhiều đơn vị (Holm, 5%)."
    )


def test_signals_tell_points_beyond_the_limits_from_runs() -> None:
    assert "Không có thời điểm nào" in sentences.signals(make_trend((0.9, False)))
    beyond = sentences.signals(make_trend((0.7, True), (0.9, False)))
    assert beyond.startswith("Có 1 trong 2 thời điểm nằm ngoài giới hạn")
    run = sentences.signals(make_trend((0.93, True)))
    assert "ngoài giới hạn" not in run
    assert "dãy thời điểm liền nhau" in run


def test_method_break_and_to_do_write_dates_as_the_office_does() -> None:
    assert "01/01/2027" in sentences.method_break(date(2027, 1, 1))
    assert sentences.to_do(ToDo("silent_point", "Quầy 2", on=date(2026, 9, 10))) == (
        "Quầy 2 không có phiếu từ 10/09/2026"
    )


def test_to_do_counts_what_a_kiosk_owes() -> None:
    assert sentences.to_do(ToDo("owing_device", "Máy 1", n=1400)) == "Máy 1 còn nợ 1.400 phiếu"


def test_to_do_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        sentences.to_do(ToDo("unheard_of", "x"))


@pytest.mark.parametrize("basis", ["continuous", "sample"])
def test_basis_has_its_own_title_and_only_the_survey_ministry_says_sipas(basis: str) -> None:
    assert "SIPAS" not in sentences.basis_title(basis)
    assert sentences.basis_note(basis)
