"""The scorecard as a week's summary shows it: of whole weeks, and no week of it that adds only a few people."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.queries import tallies
from survey_app.services import accounts, counting, scorecards
from survey_app.services.figures import Scorecard
from survey_app.services.policy import current_policy


def weekly_scorecard(
    session: Session,
    *,
    unit_id: int,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
) -> Scorecard | None:
    """The unit's scorecard up to the last Sunday at which enough were new; None while its office has no period."""
    card = scorecards.unit_scorecard(
        session, unit_id=unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today,
        language=language,
    )  # fmt: skip
    if card is None or card.overall.n is None:
        return card
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=card.period.starts_on, ends_on=card.period.ends_on
    )
    weeks: dict[date, int] = {}
    for part in selection.parts:
        for monday, counted in tallies.weekly_tallies(session, part.scope).items():
            weeks[monday] = weeks.get(monday, 0) + int(counted.n_responses.sum())
    through = last_batch(weeks, today=today, minimum=current_policy(session, today).release_min_new)
    if through is None:
        return card
    return scorecards.unit_scorecard(
        session, unit_id=unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today,
        language=language, through=through,
    )  # fmt: skip


def last_batch(weeks: dict[date, int], *, today: date, minimum: int) -> date | None:
    """The last Sunday before today that closes a batch of `minimum` or more, and leaves as many or none after it.

    Two summaries, or a summary and the page of the day, then never differ by fewer people than that. `weeks` are
    responses by the Monday of their week.
    """
    total, counted, batch = sum(weeks.values()), 0, 0
    found = None
    for monday in sorted(weeks):
        sunday = monday + timedelta(days=6)
        if sunday >= today:
            break
        counted, batch = counted + weeks[monday], batch + weeks[monday]
        if batch >= minimum:
            batch = 0
            if total - counted == 0 or total - counted >= minimum:
                found = sunday
    return found
