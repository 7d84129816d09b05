"""This period against the one before, and what closed waves mean for a page: of one unit and of many together."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from analysis.types import Estimate
from survey_app.errors import PeriodNotKept
from survey_app.queries import snapshots
from survey_app.queries.calendar import PeriodRow
from survey_app.queries.lookups import WaveRow
from survey_app.services import counting, trends
from survey_app.services.counting import Selection
from survey_app.services.figures import ChangeFigure, ClosingFigure
from survey_app.services.policy import PolicyValues

Share = Callable[[Selection], Estimate | None]


def change_figure(
    session: Session,
    selection: Selection,
    earlier: PeriodRow,
    *,
    share_of: Callable[[Selection, Selection], Share],
    policy: PolicyValues,
    language: str,
    is_running: bool,
) -> ChangeFigure | None:
    """Against an earlier period, on the forms that both used; None where either has no share to show.

    `share_of` is told both, cut down to those forms, and gives what takes the share of either.
    """
    there = counting.select_responses(
        session, unit_ids=list(selection.unit_ids), basis=selection.basis,
        starts_on=earlier.starts_on, ends_on=earlier.ends_on,
    )  # fmt: skip
    previous = counting.period_choice(earlier, language)
    now, before = counting.on_shared_forms(session, selection, there)
    if not before.parts:
        return ChangeFigure(previous, None, None) if there.parts else None
    share = share_of(now, before)
    try:
        current, past = share(now), share(before)
    except PeriodNotKept:
        return None
    if current is None or past is None:
        return None
    began = min(wave.opens_on for wave in before.waves)
    return ChangeFigure(
        previous,
        trends.difference(current, past, policy),
        began if began > earlier.starts_on else None,
        is_running=is_running,
    )


def closing_figure(
    session: Session, waves: Iterable[WaveRow], *, unit_id: int | None = None
) -> ClosingFigure:
    """Of the closed ones: how many answers came after them, to one unit or to all, and whether days are known."""
    closed = [wave.id for wave in waves if wave.is_closed]
    if not closed:
        return ClosingFigure()
    n_late = sum(snapshots.n_late(session, wave_id, unit_id=unit_id) for wave_id in closed)
    return ClosingFigure(n_late, any(each.is_coarsened for each in snapshots.in_force(session, closed)))
