"""What may be shown of a figure: minimums on the base, and no cell that the others give away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from analysis.types import Estimate
from survey_app.services.figures import Level, MixRow, ShareFigure, Showing
from survey_app.services.form_items import Choice
from survey_app.services.policy import PolicyValues

T = TypeVar("T")


def showing_of(n: int, policy: PolicyValues) -> Showing:
    """Withheld below the minimum base, without an estimate below the minimum for an index."""
    if n < policy.min_staff:
        return Showing.WITHHELD
    return Showing.SHOWN if n >= policy.min_index else Showing.INSUFFICIENT


def share_figure(
    code: str,
    label: str,
    *,
    counts: Mapping[str, int],
    choices: Sequence[Choice],
    estimate: Estimate,
    policy: PolicyValues,
    language: str,
    is_hidden: bool = False,
) -> ShareFigure:
    """A share with its level counts, cut down to what its base, or a shorter period's, allows."""
    points = [choice for choice in choices if choice.score is not None]
    n = sum(counts.get(choice.code, 0) for choice in points)
    showing = Showing.WITHHELD if is_hidden else showing_of(n, policy)
    if showing is Showing.WITHHELD:
        return ShareFigure(code, label, showing, None, None, None)
    if showing is Showing.INSUFFICIENT:
        return ShareFigure(code, label, showing, n, None, None)
    satisfied = sum(counts.get(choice.code, 0) for choice in points if choice.is_satisfied)

    def levels(of: Sequence[Choice]) -> tuple[Level, ...]:
        return tuple(
            Level(c.code, c.label.in_language(language), counts.get(c.code, 0), c.is_satisfied) for c in of
        )

    rest = [choice for choice in choices if choice.score is None]
    return ShareFigure(code, label, showing, n, satisfied, estimate, levels(points), levels(rest))


def withheld_together(
    counts: Mapping[str, int], *, minimum: int, hidden_codes: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Parts of a total that are small, and as many more, the smallest first, as keep them from being worked out.

    `hidden_codes` are withheld whatever their size, as small ones are.
    """
    small = {code for code, n in counts.items() if 0 < n < minimum or (code in hidden_codes and n)}
    hidden = sum(counts[code] for code in small)
    others = sorted((n, code) for code, n in counts.items() if n and code not in small)
    # Together they must hold enough, and more than one each: five rows of one person hide nothing.
    while len(small) == 1 or 0 < hidden < max(minimum, len(small) + 1):
        if not others:
            break
        n, code = others.pop(0)
        small.add(code)
        hidden += n
    return frozenset(small)


def protect_rows(
    rows: Sequence[MixRow], *, minimum: int, hidden_codes: frozenset[str] = frozenset()
) -> tuple[MixRow, ...]:
    """Withhold small rows, and one more where the total would otherwise give a withheld row away.

    `hidden_codes` are withheld whatever their size, as small ones are.

    The withheld come last, by code: their place among the others would tell their size.
    """
    counted = {row.code: row.n for row in rows if row.n is not None}
    small = withheld_together(counted, minimum=minimum, hidden_codes=hidden_codes)
    shown = [row for row in rows if row.code not in small]
    withheld = [_withheld(row) for row in rows if row.code in small]
    return (*shown, *sorted(withheld, key=lambda row: row.code))


def _withheld(row: MixRow) -> MixRow:
    return replace(row, showing=Showing.WITHHELD, n=None, share=None, satisfied=None)
