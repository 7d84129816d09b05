"""What a sample plan means in plain words, and what to be warned of."""

from flask_babel import gettext as _

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.services.sample_plans import FEW, Plan, PlanRow
from survey_app.web.choices import kind_names

NAMED_UNITS = 5


def aim_words(aim: str) -> str:
    return {
        "whole": _("toàn tỉnh"),
        "groups": _("từng nhóm đơn vị"),
        "units": _("từng đơn vị"),
    }[aim]


def source_words(source: str) -> str:
    return {
        "registry": _("dân số trong danh mục đơn vị"),
        "transactions": _("hồ sơ đã giải quyết 12 tháng gần nhất"),
        "typed": _("danh sách nhập"),
    }[source]


def allocation_words(plan: Plan) -> str:
    """How the sample is shared out."""
    asked = plan.asked
    if asked.aim == "units" and asked.total is None:
        return _("mỗi đơn vị đủ cho sai số của mình")
    return {
        "proportional": _("theo tỷ lệ quy mô"),
        "neyman": _("Neyman"),
        "equal": _("đều nhau"),
        "power": _("lũy thừa %(exponent)s của quy mô", exponent=_number(asked.exponent, 2)),
    }[asked.allocation]


def kind_words(kind: str) -> str:
    return str(kind_names()[kind])


def explanation(plan: Plan) -> list[str]:
    """The plan in sentences that can be read out in a meeting."""
    asked = plan.asked
    level = _percent(asked.confidence_level, 0)
    sentences = [
        _(
            "Cần %(n)s phiếu hoàn thành ở %(units)s đơn vị; mời khoảng %(invited)s người vì dự kiến %(rate)s trả lời.",
            n=_count(plan.n), units=_count(plan.n_units), invited=_count(plan.n_invited),
            rate=_percent(asked.response_rate, 0),
        ),
        _(
            "Với số phiếu đó, tỷ lệ hài lòng chung có sai số ±%(margin)s điểm phần trăm ở độ tin cậy %(level)s: nếu "
            "khảo sát được %(share)s thì tỷ lệ thật nằm trong khoảng từ %(low)s đến %(high)s.",
            margin=_points(plan.margin), level=level, share=_percent(asked.share),
            low=_percent(max(asked.share - plan.margin, 0)), high=_percent(min(asked.share + plan.margin, 1)),
        ),
        _range_of_units(plan, level),
    ]  # fmt: skip
    if plan.design_effect != 1:
        sentences.append(
            _(
                "Hệ số thiết kế %(effect)s: người cùng thôn, cùng phỏng vấn viên trả lời giống nhau, nên %(n)s phiếu "
                "chỉ có giá trị như khoảng %(simple)s phiếu chọn ngẫu nhiên đơn.",
                effect=_number(plan.design_effect, 2), n=_count(plan.n),
                simple=_count(round(plan.n / plan.design_effect)),
            )
        )  # fmt: skip
    sentences.append(
        _(
            "Muốn thấy thay đổi từ %(before)s đến %(after)s (α = %(alpha)s, lực kiểm định %(power)s) cần %(n)s phiếu "
            "mỗi kỳ cho mỗi nơi muốn so sánh.",
            before=_percent(asked.before), after=_percent(asked.after), alpha=_percent(asked.alpha, 0),
            power=_percent(asked.power, 0), n=_count(plan.n_change),
        )
    )  # fmt: skip
    if plan.detectable is not None:
        sentences.append(
            _(
                "Với phương án này, kỳ sau phải đạt từ %(share)s mới kết luận được là toàn tỉnh tăng thật.",
                share=_percent(plan.detectable),
            )
        )
    return sentences


def yamane_note(plan: Plan) -> str:
    return _(
        "Công thức Yamane n = N / (1 + N·e²) cho cỡ mẫu của MỘT tập hợp: tính cho cả tỉnh được %(whole)s phiếu và "
        "không nói gì về từng đơn vị; muốn có số liệu của mỗi đơn vị thì cộng lại là %(units)s phiếu. Công thức ngầm "
        "giả định tỷ lệ 50%%, z = 2, chọn ngẫu nhiên đơn từ danh sách đầy đủ, không theo cụm và ai được chọn cũng "
        "trả lời.",
        whole=_count(plan.yamane_whole), units=_count(plan.yamane_units),
    )  # fmt: skip


def warnings(plan: Plan) -> list[str]:
    """What somebody who signs the plan should know."""
    found = []
    if not plan.is_margin_met:
        found.append(
            _("Chưa đạt sai số yêu cầu ±%(margin)s điểm phần trăm cho %(aim)s với tổng số phiếu đã định.",
              margin=_points(plan.asked.margin), aim=aim_words(plan.asked.aim))
        )  # fmt: skip
    sentences = {
        "unreachable": _(
            "Mời tất cả mọi người vẫn không đủ số phiếu, vì tỷ lệ trả lời chỉ dự kiến %(rate)s",
            rate=_percent(plan.asked.response_rate, 0),
        ),
        "census": _("Phải hỏi toàn bộ (điều tra toàn bộ, không phải chọn mẫu)"),
        "few": _("Dưới %(few)s phiếu: chỉ góp vào số chung, không công bố riêng", few=FEW),
    }
    for sign, sentence in sentences.items():
        rows = plan.with_sign(sign)
        if rows:
            found.append(f"{sentence}: {_named(rows)}.")
    if plan.asked.aim != "units" and plan.with_sign("wide"):
        found.append(
            _(
                "Số liệu riêng của %(n)s đơn vị có sai số lớn hơn ±%(margin)s điểm phần trăm: phương án này không "
                "dùng để xếp hạng đơn vị.",
                n=len(plan.with_sign("wide")), margin=_points(plan.asked.margin),
            )
        )  # fmt: skip
    if plan.left_out:
        found.append(
            _("Không có số liệu quy mô nên chưa tính: %(units)s.", units=_listed(list(plan.left_out)))
        )
    return found


def _range_of_units(plan: Plan, level: str) -> str:
    narrow = min(plan.rows, key=lambda row: row.margin)
    wide = max(plan.rows, key=lambda row: row.margin)
    if plan.n_units == 1 or _points(narrow.margin) == _points(wide.margin):
        return _("Sai số của mỗi đơn vị là ±%(margin)s điểm phần trăm.", margin=_points(wide.margin))
    return _(
        "Sai số riêng của từng đơn vị từ ±%(least)s (%(narrow)s) đến ±%(most)s điểm phần trăm (%(wide)s).",
        least=_points(narrow.margin), narrow=narrow.title, most=_points(wide.margin), wide=wide.title,
    )  # fmt: skip


def _named(rows: tuple[PlanRow, ...]) -> str:
    return _listed([row.title for row in rows])


def _listed(titles: list[str]) -> str:
    named = ", ".join(titles[:NAMED_UNITS])
    more = len(titles) - NAMED_UNITS
    return named if more <= 0 else _("%(named)s và %(n)s đơn vị khác", named=named, n=more)


def _count(value: int) -> str:
    return formatting.count(value, language=current_language())


def _number(value: float, digits: int) -> str:
    return formatting.decimal_number(value, digits=digits, language=current_language())


def _percent(value: float, digits: int = 1) -> str:
    return formatting.percent(value, digits=digits, language=current_language())


def _points(value: float) -> str:
    return formatting.percent_bare(value, digits=1, language=current_language())
