"""A case each: up, down, no change, still running, too few, withheld; nothing claims more than its interval."""

from dataclasses import replace

import pytest

from analysis.types import Tier, Verdict
from survey_app import report_sentences
from survey_app.remedy_drafts import problems
from survey_app.services.figures import Showing, ToDo
from tests.survey_app.documents import report_values as values

CLAIMS = ("tăng", "giảm", "cải thiện", "ổn định", "giữ nguyên")


def said(card) -> str:
    return " ".join(report_sentences.unit_summary(card))


@pytest.mark.parametrize(
    ("change", "claims", "words"),
    [
        (values.change(0.063, 0.007, 0.12), {"tăng"}, "tăng 6,3 điểm phần trăm (từ 0,7 đến 12,0)"),
        (values.change(-0.063, -0.12, -0.007), {"giảm"}, "giảm 6,3 điểm phần trăm (từ 0,7 đến 12,0)"),
        (values.change(0.017, -0.045, 0.079), set(), "chưa đủ căn cứ để nói có thay đổi"),
        (values.change(0.063, 0.007, 0.12, is_running=True), set(), "chưa kết luận có thay đổi hay không"),
    ],
)
def test_change_is_claimed_only_where_the_interval_leaves_zero_out(change, claims, words):
    text = said(values.card(change=change))
    assert words in text
    assert {word for word in CLAIMS if word in text} == claims


def test_target_met_missed_and_open():
    estimate = values.card().overall.estimate
    texts = {verdict: said(values.card(target=values.target(estimate, verdict))) for verdict in Verdict}
    assert "đạt mục tiêu" in texts[Verdict.MET]
    assert "không đạt mục tiêu" in texts[Verdict.NOT_MET]
    assert "chưa đủ căn cứ" in texts[Verdict.UNDECIDED]
    assert "đạt mục tiêu" not in texts[Verdict.UNDECIDED]


def test_too_few_and_withheld_say_nothing_else():
    few = values.card(overall=values.share(17, 17))
    assert said(few) == "Mới có 17 phiếu; cần ít nhất 30 phiếu để công bố tỷ lệ."
    hidden = values.card(overall=values.share(None, 3))
    assert hidden.overall.showing is Showing.WITHHELD
    assert said(hidden) == "Không hiển thị để bảo vệ danh tính người trả lời."


def test_most_named_reason_is_called_apart_only_where_it_is():
    apart = values.card()
    assert "chưa tách biệt" not in said(apart).split("được nêu nhiều nhất")[1].split(".")[0]
    close = values.card(
        reasons_bad=(values.share(9, 349, label="Chờ lâu"), values.share(8, 349, label="Đi lại"))
    )
    assert "chưa tách biệt rõ với “Đi lại”" in said(close)


def test_province_names_only_who_differs_and_counts_who_is_left_out():
    text = " ".join(report_sentences.province_summary(values.comparison()))
    assert "Thấp hơn mức chung sau khi kiểm soát so sánh nhiều lần: xã Trường Sơn." in text
    assert "Cao hơn mức chung" not in text
    assert "1 đơn vị có dưới 5 phiếu" in text
    assert "tạm thời" in " ".join(report_sentences.province_summary(values.comparison(is_running=True)))
    rows = tuple(replace(row, tier=Tier.NOT_DIFFERENT) for row in values.comparison().rows[:3])
    same = values.comparison(rows=rows, n_by_tier={Tier.NOT_DIFFERENT: 3})
    assert "Thấp hơn mức chung" not in " ".join(report_sentences.province_summary(same))


def test_plan_starts_from_what_stands_out_and_from_nothing_else():
    calm = values.card(lowest_is_separate=False, reasons_bad=(), change=values.change(-0.01, -0.05, 0.03))
    assert problems(calm) == ()
    estimate = values.card().overall.estimate
    card = values.card(
        target=values.target(estimate, Verdict.NOT_MET), change=values.change(-0.063, -0.12, -0.007),
        to_do=(ToDo("silent_desk", "Quầy 2"),),
    )  # fmt: skip
    found = [each.problem for each in problems(card)]
    assert found == [
        "Tỷ lệ hài lòng chung thấp hơn mục tiêu", "Tỷ lệ hài lòng chung giảm so với kỳ trước",
        "Yếu tố thấp nhất: Góp ý, phản ánh", "Người dân nêu: =Chờ lâu, trễ hẹn",
        "Nơi lấy ý kiến không có phiếu hoặc còn nợ phiếu",
    ]  # fmt: skip
    assert all(each.evidence for each in problems(card))
