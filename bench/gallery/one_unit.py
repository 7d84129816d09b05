"""Charts of one simulated unit: over time, by item and by factor, in the words of the pages."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import LikertRow, QuadrantItem, QuadrantWords
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import Rule
from analysis.types import Estimate
from bench.gallery.language import Language
from bench.gallery.simulated import SEED, simulated_text, weeks

FACTORS = (
    ("Tiếp cận dịch vụ", "Access to the service"),
    ("Thủ tục hành chính", "Administrative procedures"),
    ("Công chức trực tiếp giải quyết công việc", "The official who handles the matter"),
    ("Kết quả dịch vụ", "The result of the service"),
    ("Tiếp nhận, giải quyết góp ý, phản ánh, kiến nghị", "Receiving and answering comments and complaints"),
)
LEVELS = (
    ("Rất hài lòng", "Very satisfied"),
    ("Hài lòng", "Satisfied"),
    ("Bình thường", "Neutral"),
    ("Không hài lòng", "Dissatisfied"),
    ("Rất không hài lòng", "Very dissatisfied"),
)
ITEMS = (
    ("Nơi ngồi chờ có đủ chỗ ngồi", "There are enough seats to wait"),
    ("Trang thiết bị phục vụ người dân đầy đủ", "The equipment for citizens is complete"),
    ("Trang thiết bị dễ sử dụng", "The equipment is easy to use"),
    ("Thủ tục hành chính được niêm yết công khai đầy đủ", "Procedures are fully posted in public"),
    ("Thành phần hồ sơ phải nộp là đúng quy định", "The papers asked for are those of the rules"),
    ("Phí, lệ phí phải nộp là đúng quy định", "The fees asked for are those of the rules"),
    ("Thời hạn giải quyết là đúng quy định", "The time limit is that of the rules"),
    ("Công chức có thái độ giao tiếp lịch sự", "Officials are polite"),
    ("Công chức chú ý lắng nghe ý kiến của người dân", "Officials listen to citizens"),
    ("Công chức trả lời, giải đáp đầy đủ các ý kiến", "Officials answer all questions"),
    ("Công chức hướng dẫn kê khai hồ sơ tận tình, chu đáo", "Officials help with forms patiently"),
    ("Công chức hướng dẫn hồ sơ dễ hiểu", "Officials explain the papers clearly"),
    ("Kết quả đúng quy định", "The result follows the rules"),
    ("Kết quả có thông tin đầy đủ", "The result is complete"),
    ("Kết quả có thông tin chính xác", "The result is correct"),
    ("Có bố trí hình thức tiếp nhận góp ý, phản ánh, kiến nghị", "There are ways to comment and complain"),
    ("Người dân góp ý, phản ánh, kiến nghị dễ dàng", "Commenting is easy"),
    ("Cơ quan thông báo kịp thời kết quả xử lý góp ý", "The office answers comments in time"),
)


def control(say: Language, width: int) -> Figure:
    data = weeks()
    text = simulated_text(
        say,
        say.say("Tỷ lệ hài lòng theo tuần", "Satisfaction by week"),
        say.say(
            "Biểu đồ kiểm soát; tuần ít phiếu được gộp cho đủ 30 phiếu, tuần nghỉ để trống.",
            "Control chart; small weeks are pooled to 30 responses, closed weeks stay empty.",
        ),
    )
    return charts.control_chart(
        data.starts, data.laney.p, lower=data.laney.lower, upper=data.laney.upper, center=data.laney.center,
        is_signal=data.signals(Rule.BEYOND_LIMITS), is_run=data.signals(Rule.RUN_OF_EIGHT), ends_on=data.ends,
        n=data.laney.n.tolist(), breaks=data.breaks, text=text, width_px=width,
        break_label=say.say("đổi phiếu", "new form"), center_label=say.say("trung bình", "mean"),
        limit_label=say.say("giới hạn Laney p′ (3σ)", "Laney p′ limits (3σ)"),
        other_limits=(data.plain.lower, data.plain.upper), other_label=say.say("giới hạn p", "p limits"),
        signal_label=say.say("ngoài giới hạn Laney", "beyond Laney's limits"),
        run_label=say.say("8 điểm liền một phía", "8 in a row on one side"),
    )  # fmt: skip


def importance(say: Language, width: int) -> Figure:
    rng = np.random.default_rng(SEED + 3)
    n = 640
    items = []
    for wordings in ITEMS:
        p = wilson_interval(int(rng.binomial(n, rng.beta(40, 6))), n).at()
        w = float(rng.uniform(0.08, 0.55))
        items.append(QuadrantItem(say.say(*wordings), p, Estimate(w, w - 0.06, w + 0.06, n)))
    items[2] = QuadrantItem(say.say(*ITEMS[2]), None, None, say.say("dưới 30 phiếu", "under 30 responses"))
    words = QuadrantWords(
        mend=say.say("Nên cải thiện trước", "Mend first"), keep=say.say("Giữ vững", "Keep up"),
        later=say.say("Cải thiện sau", "Mend later"), ample=say.say("Đã tốt, ít ảnh hưởng", "Good, matters less"),
        undecided=say.say("Chưa phân biệt được với mức chung", "Cannot be told from the common level"),
        performance=say.say("Hài lòng", "Satisfied"), importance=say.say("Tầm quan trọng", "Importance"),
        cut=say.say("mức chung của các câu", "common level of the items"),
    )  # fmt: skip
    text = simulated_text(
        say,
        say.say("Tầm quan trọng và mức hài lòng của từng câu", "Importance and satisfaction, item by item"),
        say.say(
            "Chỉ những câu mà cả hai khoảng 95% đều không chạm đường mức chung mới được xếp ô.",
            "An item has a quadrant only where both its 95% intervals stay clear of the common levels.",
        ),
    )
    return charts.importance_matrix(
        items, performance_cut=0.87, importance_cut=0.31, words=words, text=text, width_px=width
    )


def _likert(say: Language, width: int, *, is_neutral_aside: bool) -> Figure:
    rng = np.random.default_rng(SEED + 4)
    rows = []
    for wordings in ITEMS[:10]:
        counts = rng.multinomial(412, rng.dirichlet([14, 12, 3, 1.5, 0.7])).tolist()
        estimate = wilson_interval(sum(counts[:2]), 412).at()
        rows.append(LikertRow(say.say(*wordings), counts, rng.integers(0, 30, 2).tolist(), estimate))
    rows[6] = LikertRow(rows[6].name, None, note=say.say("dưới 30 phiếu", "under 30 responses"))
    title = say.say("Trả lời theo mức của từng câu", "Answers by level, item by item")
    neutral = say.say("mức giữa để riêng", "neutral set aside") if is_neutral_aside else ""
    return charts.diverging_bars(
        rows, levels=[say.say(*level) for level in LEVELS], is_neutral_aside=is_neutral_aside, width_px=width,
        missing_labels=[say.say("Không biết", "Don't know"), say.say("Không liên quan", "Not relevant")],
        text=simulated_text(
            say, f"{title}: {neutral}" if neutral else title,
            say.say(
                "Bình thường không tính là hài lòng; câu không trả lời được đếm riêng.",
                "Neutral does not count as satisfied; missing answers are counted apart.",
            ),
        ),
    )  # fmt: skip


def likert(say: Language, width: int) -> Figure:
    return _likert(say, width, is_neutral_aside=False)


def likert_neutral_aside(say: Language, width: int) -> Figure:
    return _likert(say, width, is_neutral_aside=True)


def profile(say: Language, width: int) -> Figure:
    now = wilson_interval([358, 331, 372, 377, 301], [412, 405, 410, 404, 371])
    before = wilson_interval([160, 133, 168, 171, 139], [190, 188, 190, 186, 175])
    return charts.factor_profile(
        [say.say(*factor) for factor in FACTORS], [now[row] for row in range(5)], width_px=width,
        references=[0.88, 0.84, 0.9, 0.91, 0.83], reference_label=say.say("mức tỉnh", "province"),
        previous=[before[row] for row in range(5)], previous_label=say.say("đợt trước", "the wave before"),
        own_label=say.say("đợt này, khoảng 95%", "this wave, 95% interval"), target=0.9,
        target_label=say.say("Mục tiêu 90%", "Target 90%"),
        text=simulated_text(
            say,
            say.say("Năm yếu tố của một đơn vị", "Five factors of one unit"),
            say.say(
                "Xếp theo cận dưới, thấp nhất ở trên; cùng một trục cho mọi yếu tố.",
                "By lower limit, the lowest on top; one axis for all factors.",
            ),
        ),
    )  # fmt: skip


ONE_UNIT: dict[str, Callable[[Language, int], Figure]] = {
    draw.__name__: draw for draw in (control, importance, likert, likert_neutral_aside, profile)
}
