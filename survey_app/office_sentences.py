"""Sentences of the office's analyses: as in `sentences`, statistics give the verdict and this module the words."""

from flask_babel import gettext as _

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.sentences import capitalised, is_significant
from survey_app.services.crosstabs import Crosstab
from survey_app.services.equity import FEW, NOBODY, EquityTable, GroupFigure
from survey_app.services.figures import ComparedUnit, OfficeTask, PeerGroup
from survey_app.services.measurement import Drivers, Reliability
from survey_app.services.remedies import RemedyFigure

# From here on items are taken to measure one thing (Nunnally and Bernstein 1994).
GOOD_ALPHA = 0.7


def _percent(value: float) -> str:
    return formatting.percent_bare(value, language=current_language())


def _whole_percent(value: float) -> str:
    return formatting.percent_bare(value, digits=0, language=current_language())


def _points(value: float) -> str:
    return formatting.points(value, language=current_language())


def _count(value: int) -> str:
    return formatting.count(value, language=current_language())


def peer_group(group: PeerGroup, kind: str) -> str:
    """A group of similar units by what makes them alike; `kind` is the word of its kind."""
    parts = [kind]
    if group.low is not None and group.high is not None:
        parts.append(_("từ %(low)s đến dưới %(high)s dân", low=_count(group.low), high=_count(group.high)))
    elif group.high is not None:
        parts.append(_("dưới %(high)s dân", high=_count(group.high)))
    elif group.low is not None:
        parts.append(_("từ %(low)s dân trở lên", low=_count(group.low)))
    if group.is_heavy is not None:
        parts.append(
            _("nhiều hồ sơ đất đai, xây dựng") if group.is_heavy else _("ít hồ sơ đất đai, xây dựng")
        )
    return ", ".join(parts)


def chances(row: ComparedUnit, *, n_places: int) -> str | None:
    """How probable the first and the last places are; said of a unit that may hold either."""
    if row.chances is None:
        return None
    return _(
        "%(unit)s: xác suất thuộc %(k)s đơn vị cao nhất là %(top)s%%, thuộc %(k)s đơn vị thấp nhất là %(bottom)s%%.",
        unit=capitalised(row.unit.label),
        k=_count(n_places),
        top=formatting.percent_bare(row.chances.top, digits=0, language=current_language()),
        bottom=formatting.percent_bare(row.chances.bottom, digits=0, language=current_language()),
    )


def office_task(task: OfficeTask) -> str:
    """One thing that waits for the head of the office."""
    values = {
        "n": _count(task.n),
        "of": task.of,
        "answers": _count(task.n_answers or 0),
        "on": formatting.short_date(task.on, language=current_language()) if task.on else "",
    }
    if task.kind == "pending":
        return _("%(n)s thay đổi chờ người thứ hai quyết định", **values)
    if task.kind == "silent":
        return _("%(n)s điểm đặt không có phiếu nhiều ngày làm việc (%(of)s)", **values)
    if task.kind == "owing":
        return _("%(n)s máy còn nợ %(answers)s phiếu", **values)
    if task.kind == "behind":
        return _(
            "%(n)s đơn vị chậm so với chỉ tiêu mẫu, còn thiếu %(answers)s phiếu, đóng ngày %(on)s (%(of)s)",
            **values,
        )
    if task.kind == "replies":
        return _("%(n)s ý kiến của đơn vị chờ trả lời, hạn góp ý %(on)s (%(of)s)", **values)
    if task.kind == "heard":
        return _("Kết quả %(of)s đã hết hạn lấy ý kiến ngày %(on)s, chưa trình duyệt", **values)
    if task.kind == "draft":
        return _("Dự thảo kết quả %(of)s chưa chuyển soát xét", **values)
    if task.kind == "review":
        return _("Kết quả %(of)s đang soát xét, chưa gửi lấy ý kiến đơn vị", **values)
    if task.kind == "approved":
        return _("Kết quả %(of)s đã duyệt, chưa công bố", **values)
    raise ValueError(f"no words for an office task of kind {task.kind!r}")


def after_remedy(figure: RemedyFigure) -> str:
    """What may be said of a remedy: the change, and whether anything but chance and time could explain it."""
    difference = figure.net or figure.together.difference
    if difference is None:
        return _("Chưa đủ dữ liệu để so sánh trước và sau.")
    values = {
        "d": _points(difference.value),
        "a": _points(difference.ci_low),
        "b": _points(difference.ci_high),
    }
    if figure.has_break:
        return _("Phiếu hỏi thay đổi trong thời gian này nên không so sánh trước và sau.")
    if figure.net is not None:
        if not is_significant(difference):
            return _(
                "So với nhóm đối chứng, tỷ lệ thay đổi chênh %(d)s điểm phần trăm (từ %(a)s đến %(b)s); "
                "chưa đủ căn cứ để nói kế hoạch tạo ra khác biệt.",
                **values,
            )
        return _(
            "So với nhóm đối chứng, tỷ lệ thay đổi chênh %(d)s điểm phần trăm (từ %(a)s đến %(b)s), vượt quá sai số "
            "ngẫu nhiên. Chỉ quy cho kế hoạch nếu hai nhóm vốn sẽ thay đổi như nhau.",
            **values,
        )
    if not is_significant(difference):
        return _(
            "Trước và sau chênh %(d)s điểm phần trăm (từ %(a)s đến %(b)s); chưa đủ căn cứ để nói có thay đổi.",
            **values,
        )
    low, high = sorted((abs(difference.ci_low), abs(difference.ci_high)))
    size = {"d": _percent(abs(difference.value)), "a": _percent(low), "b": _percent(high)}
    if difference.value > 0:
        return _(
            "Sau khi thực hiện kế hoạch, tỷ lệ cao hơn %(d)s điểm phần trăm (từ %(a)s đến %(b)s); "
            "không có nhóm đối chứng nên chưa khẳng định là do kế hoạch.",
            **size,
        )
    return _(
        "Sau khi thực hiện kế hoạch, tỷ lệ thấp hơn %(d)s điểm phần trăm (từ %(a)s đến %(b)s); "
        "không có nhóm đối chứng nên chưa khẳng định là do kế hoạch.",
        **size,
    )


def many_changes(figure: RemedyFigure) -> str:
    """How mistakes are controlled when several units are read one by one."""
    return _(
        "Đọc riêng %(n)s đơn vị cùng một lúc: trị số p đã hiệu chỉnh (%(method)s), chỉ kết luận khi dưới %(alpha)s%%.",
        n=_count(len(figure.each)),
        method={"holm": "Holm", "bh": "Benjamini–Hochberg"}.get(figure.adjustment, figure.adjustment),
        alpha=_whole_percent(figure.alpha),
    )


def independence(table: Crosstab) -> str:
    """Whether two dimensions go together, beyond chance and beyond likeness within device-days."""
    if table.test is None:
        return _("Không kiểm định được: một trong hai chiều chỉ có một nhóm.")
    if table.test.p_value < table.alpha:
        return _(
            "Hai chiều có liên hệ, vượt quá sai số ngẫu nhiên ở mức %(alpha)s%%. "
            "Số liệu này không cho biết nguyên nhân.",
            alpha=_whole_percent(table.alpha),
        )
    return _("Chưa đủ căn cứ để nói hai chiều có liên hệ.")


def drivers(found: Drivers) -> str:
    """Which factor goes with the overall answer most, and whether it is really ahead of the next."""
    first, second = found.drivers[0], found.drivers[1]
    explained = _(
        "Các yếu tố cùng nhau giải thích %(r)s%% khác biệt trong đánh giá chung (%(n)s phiếu).",
        r=_percent(found.r_squared or 0.0),
        n=_count(found.n or 0),
    )
    if found.is_one_factor or found.is_collinear or not first.share.ci_low > second.share.ci_high:
        rest = _(
            "Phần lớn nhất là %(first)s, nhưng chưa tách biệt rõ với %(second)s.",
            first=first.label,
            second=second.label,
        )
    else:
        rest = _(
            "Phần lớn nhất là %(first)s, tách biệt rõ với %(second)s.", first=first.label, second=second.label
        )
    return f"{explained} {rest}"


def halo(found: Drivers) -> str:
    """Why importance cannot be told apart where everything is answered alike."""
    return _(
        "Các yếu tố được trả lời gần như nhau (alpha = %(alpha)s): người trả lời cho một ấn tượng chung hơn là "
        "đánh giá riêng từng yếu tố. Thứ tự dưới đây không nên dùng để chọn việc sửa trước.",
        alpha=formatting.decimal_number(found.alpha or 0.0, digits=2, language=current_language()),
    )


def reliability(found: Reliability) -> str:
    """What alpha says of the form, from the lower limits."""
    known = [scale for scale in found.scales if scale.alpha is not None]
    if not known:
        return _("Chưa đủ phiếu trả lời đủ để tính độ tin cậy.")
    weak = [scale.label for scale in known if scale.alpha and scale.alpha.ci_low < GOOD_ALPHA]
    if not weak:
        return _("Mọi nhóm câu đều nhất quán: cận dưới của alpha từ 0,7 trở lên.")
    return _("Chưa thể nói là nhất quán (cận dưới của alpha dưới 0,7): %(names)s.", names=", ".join(weak))


def group_missing(group: GroupFigure, minimum_base: int, minimum_shown: int) -> str:
    """Why nothing, or not enough, is known of a group."""
    if group.state == NOBODY:
        return _("không có người nào trong số liệu.")
    if group.n is None:
        return _("quá ít phiếu để hiển thị (có ô dưới %(n)s phiếu).", n=_count(minimum_base))
    if group.state == FEW:
        return _("mới có %(n)s phiếu, cần ít nhất %(k)s.", n=_count(group.n), k=_count(minimum_shown))
    if group.is_less and group.part is not None and group.population is not None:
        return _(
            "chiếm %(part)s%% người trả lời, ít hơn phần trong dân số %(population)s%%.",
            part=_percent(group.part.value),
            population=_percent(group.population),
        )
    return _("đủ phiếu.")


def equity(table: EquityTable, alpha: float) -> str:
    """Whether satisfaction differs between the groups of a question, after all questions are screened."""
    if table.p_adjusted is None:
        return _("Chưa đủ dữ liệu để so các nhóm với nhau.")
    if table.p_adjusted < alpha:
        return _(
            "Mức hài lòng khác nhau giữa các nhóm, vượt quá sai số ngẫu nhiên. Số liệu này không cho biết nguyên nhân."
        )
    return _("Chưa đủ căn cứ để nói mức hài lòng khác nhau giữa các nhóm.")
