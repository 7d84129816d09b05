"""A figure in one sentence: statistics give the verdict, this module the words, everywhere the same."""

from datetime import date

from flask_babel import gettext as _

from analysis.types import Difference, Estimate, Tier, Verdict
from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.services.figures import (
    ChangeFigure,
    ComparedUnit,
    Comparison,
    FactorFigure,
    QualityFigure,
    Recoding,
    ShareFigure,
    Showing,
    TargetFigure,
    ToDo,
    TrendFigure,
)


def _percent(value: float) -> str:
    return formatting.percent_bare(value, language=current_language())


def _whole_percent(value: float) -> str:
    """A target is a round number: 90, not 90,0; a half is kept."""
    digits = 0 if abs(100 * value - round(100 * value)) < 1e-9 else 1
    return formatting.percent_bare(value, digits=digits, language=current_language())


def _points(value: float) -> str:
    return formatting.points(value, language=current_language())


def _count(value: int) -> str:
    return formatting.count(value, language=current_language())


def _date(value: date) -> str:
    return formatting.short_date(value, language=current_language())


def capitalised(label: str) -> str:
    """A label at the head of a line: "phường Đông Hà" as "Phường Đông Hà"."""
    return label[:1].upper() + label[1:]


def level(estimate: Estimate) -> str:
    """How many answered and what share of them is satisfied."""
    return _(
        "Trong %(n)s phiếu hợp lệ, %(p)s%% hài lòng hoặc rất hài lòng "
        "(khoảng tin cậy %(level)s%%: từ %(a)s%% đến %(b)s%%).",
        n=_count(estimate.n_respondents),
        p=_percent(estimate.value),
        level=_whole_percent(estimate.confidence_level),
        a=_percent(estimate.ci_low),
        b=_percent(estimate.ci_high),
    )


def self_selected() -> str:
    """What the interval of a self-selected stream leaves out."""
    return _(
        "Khoảng này chỉ phản ánh sai số ngẫu nhiên của người tự nguyện trả lời, "
        "không bao gồm sai lệch do người không trả lời."
    )


def is_significant(difference: Difference) -> bool:
    """Whether the interval of the difference leaves zero out."""
    return difference.ci_low > 0 or difference.ci_high < 0


def is_concluded(figure: ChangeFigure) -> bool:
    """Whether a change is claimed: chance does not explain it, and the period is over."""
    return figure.difference is not None and not figure.is_running and is_significant(figure.difference)


def change(figure: ChangeFigure) -> str:
    """This period against the one before; never a trend where chance explains it."""
    difference = figure.difference
    if difference is None:
        return _("Hai kỳ dùng phiếu hỏi khác nhau nên không so sánh trực tiếp.")
    if figure.is_running:
        return _(
            "Đến nay tỷ lệ chênh %(d)s điểm phần trăm so với %(period)s (từ %(a)s đến %(b)s). "
            "Kỳ chưa kết thúc nên chưa kết luận có thay đổi hay không.",
            period=figure.previous.title,
            d=_points(difference.value),
            a=_points(difference.ci_low),
            b=_points(difference.ci_high),
        )
    if not is_significant(difference):
        return _(
            "So với %(period)s, tỷ lệ chênh %(d)s điểm phần trăm (từ %(a)s đến %(b)s); "
            "chưa đủ căn cứ để nói có thay đổi.",
            period=figure.previous.title,
            d=_points(difference.value),
            a=_points(difference.ci_low),
            b=_points(difference.ci_high),
        )
    return _significant_change(figure, difference)


def change_word(figure: ChangeFigure) -> str:
    """The verdict on a change in two or three words."""
    difference = figure.difference
    if difference is None or not is_concluded(figure):
        return _("chưa đủ căn cứ")
    return _("tăng") if difference.value > 0 else _("giảm")


def same_form(figure: ChangeFigure) -> str:
    """Which days of the earlier period are compared, where it began with another form."""
    return _(
        "Chỉ so với phần của %(period)s từ %(on)s, khi bắt đầu dùng phiếu hỏi hiện nay.",
        period=figure.previous.title,
        on=_date(figure.same_form_from),
    )


def _significant_change(figure: ChangeFigure, difference: Difference) -> str:
    low, high = sorted((abs(difference.ci_low), abs(difference.ci_high)))
    values = {
        "period": figure.previous.title,
        "d": _percent(abs(difference.value)),
        "a": _percent(low),
        "b": _percent(high),
        "alpha": _whole_percent(1 - difference.confidence_level),
    }
    if difference.value > 0:
        return _(
            "So với %(period)s, tỷ lệ tăng %(d)s điểm phần trăm (từ %(a)s đến %(b)s); khác biệt có ý nghĩa "
            "thống kê ở mức %(alpha)s%%. Số liệu này không cho biết nguyên nhân.",
            **values,
        )
    return _(
        "So với %(period)s, tỷ lệ giảm %(d)s điểm phần trăm (từ %(a)s đến %(b)s); khác biệt có ý nghĩa "
        "thống kê ở mức %(alpha)s%%. Số liệu này không cho biết nguyên nhân.",
        **values,
    )


def composite_period() -> str:
    """Why a period that holds shorter ones shows no breakdown."""
    return _(
        "Kỳ gộp chỉ hiện tỷ lệ chung. Phần chia nhỏ xem ở từng kỳ ngắn hơn, để không ai suy ra được "
        "những ô đã ẩn bằng cách lấy kỳ gộp trừ đi."
    )


def rate_title(basis: str) -> str:
    """What responses are set against: the target number of a sample, hồ sơ of a stream."""
    return _("Đạt chỉ tiêu") if basis == "sample" else _("Phản hồi")


def signals(figure: TrendFigure) -> str:
    """What on the control chart is more than chance: points beyond the limits, and long runs on one side."""
    marked = [point for point in figure.points if point.is_signal]
    n_beyond = sum(not point.lower <= point.share <= point.upper for point in marked)
    if not marked:
        return _(
            "Không có thời điểm nào nằm ngoài giới hạn: các dao động lên xuống có thể chỉ do ngẫu nhiên."
        )
    parts = []
    if n_beyond:
        parts.append(
            _(
                "Có %(n)s trong %(total)s thời điểm nằm ngoài giới hạn; "
                "cần tìm hiểu điều gì đã khác đi khi đó.",
                n=_count(n_beyond),
                total=_count(len(figure.points)),
            )
        )
    if len(marked) > n_beyond:
        parts.append(
            _("Có dãy thời điểm liền nhau ở cùng một phía đường trung bình; mức chung có thể đã dịch chuyển.")
        )
    return " ".join(parts)


def method_break(on: date) -> str:
    """Why the line is cut on a chart."""
    return _("Phiếu hỏi thay đổi từ %(on)s; không so sánh trực tiếp trước và sau mốc này.", on=_date(on))


def recoding(figure: Recoding) -> str:
    """How older answers are counted where the scale changed, and what that does not allow."""
    answers = "; ".join(f"{old} → {new}" for old, new in figure.answers)
    return _(
        "Thang trả lời thay đổi từ %(on)s; câu trả lời cũ được quy đổi: %(answers)s. "
        "Không so sánh trực tiếp trước và sau mốc này.",
        on=_date(figure.on),
        answers=answers,
    )


def counted_from(on: date) -> str:
    """Why a figure leaves out the beginning of its period."""
    return _(
        "Từ %(on)s dùng phiếu hỏi đo khác trước; tỷ lệ của kỳ này chỉ tính phiếu từ ngày đó, không gộp hai phiếu.",
        on=_date(on),
    )


def target(figure: TargetFigure, share: ShareFigure) -> str:
    """Whether the target is reached beyond chance, and what would settle it."""
    if share.estimate is None:
        return not_shown(share, minimum_shown=None)
    said = _target_verdict(figure, share)
    return f"{said} {_still_running(figure)}" if figure.is_running else said


def _still_running(figure: TargetFigure) -> str:
    return _(
        "Kỳ chưa kết thúc nên kết luận dùng khoảng %(a)s–%(b)s%%, rộng hơn khoảng tin cậy thường, "
        "để việc xem lại nhiều lần không dẫn đến kết luận sai.",
        a=_percent(figure.interval.ci_low),
        b=_percent(figure.interval.ci_high),
    )


def _target_verdict(figure: TargetFigure, share: ShareFigure) -> str:
    if figure.verdict is Verdict.MET:
        return _(
            "Cận dưới %(a)s%% không thấp hơn %(target)s%%: đạt mục tiêu.",
            a=_percent(figure.interval.ci_low),
            target=_whole_percent(figure.target),
        )
    if figure.verdict is Verdict.NOT_MET:
        return _(
            "Cận trên %(b)s%% thấp hơn %(target)s%%: không đạt mục tiêu.",
            b=_percent(figure.interval.ci_high),
            target=_whole_percent(figure.target),
        )
    if share.n_satisfied == share.n:
        return _all_satisfied(figure, share)
    return _target_not_proven(figure)


def _all_satisfied(figure: TargetFigure, share: ShareFigure) -> str:
    return _(
        "Cả %(x)s/%(n)s phiếu đều hài lòng; mức thật vẫn có thể chỉ %(a)s%%, "
        "nên chưa đủ căn cứ để khẳng định đạt %(target)s%%.",
        x=_count(share.n_satisfied or 0),
        n=_count(share.n or 0),
        a=_percent(figure.interval.ci_low),
        target=_whole_percent(figure.target),
    )


def _target_not_proven(figure: TargetFigure) -> str:
    undecided = _(
        "Mục tiêu %(target)s%% nằm trong khoảng tin cậy nên chưa đủ căn cứ để kết luận đạt hay không đạt.",
        target=_whole_percent(figure.target),
    )
    if figure.n_to_confirm is None:
        return undecided
    needed = _(
        "Nếu tỷ lệ thật là %(assumed)s%%, cần khoảng %(n)s phiếu để khẳng định đạt.",
        assumed=_whole_percent(figure.assumed),
        n=_count(figure.n_to_confirm),
    )
    return f"{undecided} {needed}"


def verdict(value: Verdict) -> str:
    """The verdict on a target in two or three words."""
    return {
        Verdict.MET: _("đạt"),
        Verdict.UNDECIDED: _("chưa đủ căn cứ"),
        Verdict.NOT_MET: _("không đạt"),
    }[value]


def too_few(n: int, *, minimum_shown: int) -> str:
    """A count that is too small for a share."""
    return _(
        "Mới có %(n)s phiếu; cần ít nhất %(minimum)s phiếu để công bố tỷ lệ.",
        n=_count(n),
        minimum=_count(minimum_shown),
    )


def withheld() -> str:
    """A count that must not be shown at all."""
    return _("Không hiển thị để bảo vệ danh tính người trả lời.")


def not_shown(share: ShareFigure, *, minimum_shown: int | None) -> str:
    """Why a figure is missing from its place."""
    if share.showing is Showing.WITHHELD or share.n is None or minimum_shown is None:
        return withheld() if share.showing is Showing.WITHHELD else _("chưa đủ dữ liệu")
    return too_few(share.n, minimum_shown=minimum_shown)


def tier_word(value: Tier) -> str:
    """The group of a unit, as it stands beside the symbol."""
    return {
        Tier.HIGHER: _("cao hơn"),
        Tier.NOT_DIFFERENT: _("không khác biệt rõ"),
        Tier.LOWER: _("thấp hơn"),
        Tier.INSUFFICIENT: _("chưa đủ dữ liệu"),
    }[value]


def tier(row: ComparedUnit) -> str:
    """A unit against its province."""
    if row.tier is Tier.HIGHER:
        return _(
            "%(unit)s cao hơn mức chung của tỉnh sau khi kiểm soát so sánh nhiều lần.",
            unit=capitalised(row.unit.label),
        )
    if row.tier is Tier.LOWER:
        return _(
            "%(unit)s thấp hơn mức chung của tỉnh sau khi kiểm soát so sánh nhiều lần.",
            unit=capitalised(row.unit.label),
        )
    if row.tier is Tier.NOT_DIFFERENT:
        return _("Chưa thấy khác biệt rõ so với mức chung của tỉnh; điều này không có nghĩa là bằng nhau.")
    return _("Chưa đủ dữ liệu để so với mức chung của tỉnh.")


def rank(row: ComparedUnit, *, n_units: int) -> str:
    """The ranks a unit may hold; a rank never stands without its interval."""
    if row.rank is None:
        return _("Không xếp hạng trên cơ sở này.")
    return _(
        "Với số phiếu hiện có, thứ hạng hợp lý nằm từ %(low)s đến %(high)s trong %(n)s đơn vị.",
        low=_count(row.rank.low),
        high=_count(row.rank.high),
        n=_count(n_units),
    )


def lowest_factor(factors: tuple[FactorFigure, ...], *, is_separate: bool | None) -> str | None:
    """Which factor to mend first, and whether it really is the lowest."""
    shown = [factor for factor in factors if factor.share.estimate is not None]
    if len(shown) < 2 or is_separate is None:
        return None
    lowest, second = shown[0].share.label, shown[1].share.label
    if is_separate:
        return _("Thấp nhất là %(lowest)s, tách biệt rõ với %(second)s.", lowest=lowest, second=second)
    return _("Thấp nhất là %(lowest)s, nhưng chưa tách biệt rõ với %(second)s.", lowest=lowest, second=second)


def flagged(figure: QualityFigure) -> str | None:
    """How much the responses with a sign to be looked at matter."""
    if not figure.n_flagged or figure.with_flagged is None or figure.without_flagged is None:
        return None
    return _(
        "Có %(n)s phiếu có dấu hiệu cần kiểm tra; tính cả: %(with)s%%, không tính: %(without)s%%. "
        "Dấu hiệu không phải là kết luận vi phạm.",
        **{
            "n": _count(figure.n_flagged),
            "with": _percent(figure.with_flagged.value),
            "without": _percent(figure.without_flagged.value),
        },
    )


def multiplicity(comparison: Comparison) -> str:
    """How mistakes are controlled when many units are compared at once."""
    return _(
        "Đã kiểm soát sai lầm khi so sánh nhiều đơn vị (%(method)s, %(alpha)s%%).",
        method={"holm": "Holm", "bh": "Benjamini–Hochberg"}.get(comparison.adjustment, comparison.adjustment),
        alpha=_whole_percent(comparison.alpha),
    )


def why_not_different(comparison: Comparison) -> str | None:
    """Why most units are not told apart, and what sample would do it."""
    n_alike = comparison.n_by_tier.get(Tier.NOT_DIFFERENT, 0)
    n_compared = sum(n for tier, n in comparison.n_by_tier.items() if tier is not Tier.INSUFFICIENT)
    if not n_alike:
        return None
    reason = _(
        "%(alike)s trong %(compared)s đơn vị đủ số liệu chưa khác biệt rõ với mức tỉnh: số phiếu hiện có "
        "chưa đủ để tách các đơn vị này; điều đó không có nghĩa là các đơn vị bằng nhau.",
        alike=_count(n_alike),
        compared=_count(n_compared),
    )
    if comparison.n_to_separate is None:
        return reason
    needed = _(
        "Để tách một đơn vị chênh 5 điểm phần trăm so với mức tỉnh, cần khoảng %(n)s phiếu mỗi đơn vị.",
        n=_count(comparison.n_to_separate),
    )
    return f"{reason} {needed}"


def basis_title(basis: str) -> str:
    """The page title that each of the numbers keeps to itself."""
    return {
        "continuous": _("Chỉ số phản hồi tại Một cửa"),
        "sample": _("Chỉ số hài lòng – khảo sát chọn mẫu của tỉnh"),
    }[basis]


def basis_note(basis: str) -> str:
    """What kind of evidence the figures are."""
    if basis == "sample":
        return _(
            "Người trả lời được chọn ngẫu nhiên từ danh sách hồ sơ; khoảng tin cậy tính theo thiết kế mẫu."
        )
    return _("Người trả lời tự chọn; không phải mẫu xác suất, không phải SIPAS.")


def to_do(item: ToDo) -> str:
    """One thing that waits for the manager."""
    values = {
        "subject": item.subject,
        "on": _date(item.on) if item.on else "",
        "n": _count(item.n) if item.n is not None else "",
    }
    if item.kind in {"silent_point", "silent_desk"}:
        return (
            _("%(subject)s không có phiếu từ %(on)s", **values)
            if item.on
            else _("%(subject)s chưa có phiếu nào trong kỳ", **values)
        )
    if item.kind == "owing_device":
        return _("%(subject)s còn nợ %(n)s phiếu", **values)
    raise ValueError(f"no words for a to-do of kind {item.kind!r}")
