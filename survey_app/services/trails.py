"""The hand-checkable trail of one figure: what was counted, the division, and what stands below it."""

from dataclasses import dataclass

from survey_app.errors import NotFound
from survey_app.services.figures import FactorFigure, Scorecard, ShareFigure

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class FigureTrail:
    """A figure of a scorecard; `parts` are the figures it is added up from, or that lie one step down.

    `n_satisfied_answers` of `n_answers` is the division behind a factor, over all answers to its items; None where
    an item is withheld, whose count would follow.
    """

    code: str
    kind: str
    share: ShareFigure
    factor: ShareFigure | None
    parts: tuple[ShareFigure, ...]
    n_satisfied_answers: int | None = None
    n_answers: int | None = None


def figure_trail(card: Scorecard, code: str) -> FigureTrail:
    """The trail of the overall share, of a factor or of an item; the scorecard has already withheld what it must."""
    if code == OVERALL:
        return FigureTrail(code, "overall", card.overall, None, tuple(each.share for each in card.factors))
    for factor in card.factors:
        if factor.share.code == code:
            return _factor_trail(factor)
        for item in factor.items:
            if item.code == code:
                return FigureTrail(code, "item", item, factor.share, ())
    raise NotFound(f"figure {code}")


def _factor_trail(factor: FactorFigure) -> FigureTrail:
    share, items = factor.share, factor.items
    shown = [item for item in items if item.n is not None and item.n_satisfied is not None]
    if share.estimate is None or len(shown) < len(items):
        return FigureTrail(share.code, "factor", share, None, items)
    n_satisfied = sum(item.n_satisfied or 0 for item in shown)
    return FigureTrail(
        share.code, "factor", share, None, items, n_satisfied, sum(item.n or 0 for item in shown)
    )
