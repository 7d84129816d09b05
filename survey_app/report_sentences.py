"""What a report says of its figures in whole sentences; none claims more than its interval allows."""

from collections.abc import Iterable

from flask_babel import gettext as _

from analysis.types import Estimate, Tier
from survey_app import formatting, sentences
from survey_app.i18n import current_language
from survey_app.services.figures import Comparison, PeriodChoice, Scorecard, ShareFigure, Showing


def _percent(value: float) -> str:
    return formatting.percent_bare(value, language=current_language())


def _count(value: int) -> str:
    return formatting.count(value, language=current_language())


def period(value: PeriodChoice) -> str:
    """A period with its days: "Quý III/2026 (15/06–14/09/2026)"."""
    days = formatting.date_range(value.starts_on, value.ends_on, language=current_language())
    return f"{value.title} ({days})"


def unit_summary(card: Scorecard) -> tuple[str, ...]:
    """A unit's period in the order a reader asks: how it is, against the target, whether it changed, what is lowest."""
    if card.overall.estimate is None:
        return (sentences.not_shown(card.overall, minimum_shown=card.minimum_shown),)
    said: list[str | None] = [sentences.level(card.overall.estimate)]
    if card.basis != "sample":
        said.append(sentences.self_selected())
    said.append(coverage(card))
    said.append(sentences.target(card.target, card.overall) if card.target else None)
    said.append(sentences.change(card.change) if card.change else None)
    said.append(sentences.lowest_factor(card.factors, is_separate=card.lowest_is_separate))
    said.append(most_named(card.reasons_bad))
    said.append(sentences.flagged(card.quality))
    return tuple(words for words in said if words)


def coverage(card: Scorecard) -> str | None:
    """How many responses stand against what they are set against; said without praise or blame."""
    if card.n_responses is None or not card.n_transactions or card.response_rate is None:
        return None
    values = {
        "n": _count(card.n_responses),
        "total": _count(card.n_transactions),
        "rate": _percent(card.response_rate),
    }
    if card.basis == "sample":
        return _("Đã thu %(n)s phiếu so với chỉ tiêu %(total)s phiếu (%(rate)s%%).", **values)
    return _("Có %(n)s phiếu trên %(total)s hồ sơ giải quyết trong kỳ (%(rate)s%%).", **values)


def most_named(reasons: tuple[ShareFigure, ...]) -> str | None:
    """The reason named most often, and whether it really stands out from the next."""
    shown = [row for row in reasons if row.estimate is not None]
    if not shown:
        return None
    shown.sort(key=lambda row: -_value(row))
    first = shown[0].estimate
    if first is None:
        return None
    said = _(
        "Điều chưa hài lòng được nêu nhiều nhất là “%(label)s”: %(x)s/%(n)s phiếu, %(p)s%% "
        "(từ %(a)s%% đến %(b)s%%)",
        label=shown[0].label,
        x=_count(shown[0].n_satisfied or 0),
        n=_count(shown[0].n or 0),
        p=_percent(first.value),
        a=_percent(first.ci_low),
        b=_percent(first.ci_high),
    )
    if len(shown) < 2:
        return f"{said}."
    second = shown[1].estimate
    if second is not None and first.ci_low > second.ci_high:
        return f"{said}."
    return _("%(said)s; chưa tách biệt rõ với “%(second)s”.", said=said, second=shown[1].label)


def _value(row: ShareFigure) -> float:
    return row.estimate.value if row.estimate else -1.0


def province_summary(comparison: Comparison) -> tuple[str, ...]:
    """All units in a few sentences: the common level, who differs from it beyond chance, and who does not."""
    whole = comparison.province
    if whole.estimate is None:
        return (sentences.not_shown(whole, minimum_shown=comparison.minimum_shown),)
    said: list[str | None] = [sentences.level(whole.estimate)]
    if comparison.basis != "sample":
        said.append(sentences.self_selected())
    if comparison.is_running:
        said.append(_("Kỳ chưa kết thúc; các nhóm dưới đây là tạm thời."))
    said += [tiers(comparison), named_units(comparison, Tier.HIGHER), named_units(comparison, Tier.LOWER)]
    said += [sentences.why_not_different(comparison), targets(comparison), not_counted(comparison)]
    return tuple(words for words in said if words)


def tiers(comparison: Comparison) -> str:
    """How many units stand in each group, and by which rule."""
    counted = comparison.n_by_tier
    return _(
        "Trong %(n)s đơn vị: %(higher)s cao hơn, %(lower)s thấp hơn mức chung, %(alike)s không khác biệt rõ, "
        "%(few)s chưa đủ dữ liệu. %(rule)s",
        n=_count(len(comparison.rows)),
        higher=_count(counted.get(Tier.HIGHER, 0)),
        lower=_count(counted.get(Tier.LOWER, 0)),
        alike=_count(counted.get(Tier.NOT_DIFFERENT, 0)),
        few=_count(counted.get(Tier.INSUFFICIENT, 0)),
        rule=sentences.multiplicity(comparison),
    )


def named_units(comparison: Comparison, tier: Tier) -> str | None:
    """The units of a group that differs, in the order of their names."""
    names = sorted(
        ((row.unit.sort_key, row.unit.label) for row in comparison.rows if row.tier is tier),
        key=lambda each: each[0],
    )
    if not names:
        return None
    listed = ", ".join(label for _key, label in names)
    if tier is Tier.HIGHER:
        return _("Cao hơn mức chung sau khi kiểm soát so sánh nhiều lần: %(units)s.", units=listed)
    return _("Thấp hơn mức chung sau khi kiểm soát so sánh nhiều lần: %(units)s.", units=listed)


def targets(comparison: Comparison) -> str | None:
    """How many units meet the target, miss it, or cannot be told."""
    verdicts = [row.verdict for row in comparison.rows if row.verdict is not None]
    if not verdicts:
        return None
    return _(
        "So với mục tiêu %(target)s: %(met)s đơn vị đạt, %(missed)s không đạt, %(open)s chưa đủ căn cứ để kết luận.",
        target=formatting.percent(comparison.target, digits=0, language=current_language()),
        met=_count(sum(verdict > 0 for verdict in verdicts)),
        missed=_count(sum(verdict < 0 for verdict in verdicts)),
        open=_count(sum(verdict == 0 for verdict in verdicts)),
    )


def not_counted(comparison: Comparison) -> str | None:
    """How many units have too few responses to be shown, and that the common level leaves them out."""
    if not comparison.n_withheld:
        return None
    return _(
        "%(n)s đơn vị có dưới %(minimum)s phiếu nên không hiển thị và không tính vào mức chung.",
        n=_count(comparison.n_withheld),
        minimum=_count(comparison.minimum_base),
    )


def rank_range(low: int, high: int, n_units: int) -> str:
    """The ranks that cannot be ruled out: "hạng từ 12 đến 47/78"."""
    return _("hạng từ %(low)s đến %(high)s/%(n)s", low=_count(low), high=_count(high), n=_count(n_units))


def withheld_counts(cards: Iterable[ShareFigure]) -> tuple[int, int]:
    """How many shares are withheld, and how many have too few responses for a share."""
    shares = list(cards)
    return (
        sum(share.showing is Showing.WITHHELD for share in shares),
        sum(share.showing is Showing.INSUFFICIENT for share in shares),
    )


def interval(estimate: Estimate) -> str:
    """ "88,6% (từ 83,8% đến 92,1%)"."""
    return _(
        "%(p)s%% (từ %(a)s%% đến %(b)s%%)",
        p=_percent(estimate.value),
        a=_percent(estimate.ci_low),
        b=_percent(estimate.ci_high),
    )
