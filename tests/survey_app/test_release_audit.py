"""The release plan under brute force: no difference of tables, periods, units or revisions tells of a small group."""

from dataclasses import replace
from datetime import date

import pytest

from survey_app.release_audit import NOTHING, audit_releases
from survey_app.release_drill import drill
from survey_app.services.policy import current_policy
from survey_app.services.release_cells import bases, partition
from survey_app.services.release_checks import Leak
from survey_app.services.release_plan import Audience, disclosure_findings, plan_of, withhold

INSTANCES, SOLVED = 2, 1


@pytest.fixture
def policy(session, world):
    return current_policy(session, date(2026, 9, 15))


@pytest.fixture(autouse=True)
def in_a_request(app):
    with app.test_request_context():
        yield


def released(series, audience, policy):
    kept = []
    for content in series.releases:
        kept.append(
            withhold(content, audience=audience, policy=policy, earlier=kept, successors=series.successors)
        )
    return kept


@pytest.mark.parametrize("audience", list(Audience))
def test_every_difference_over_the_plan_is_nobody_or_enough(audience, policy):
    """All pairs of figures, all wholes less their parts, and of one series all figures solved at once."""
    k = plan_of(audience).minimums(policy).base
    before, after = NOTHING, NOTHING
    for seed in range(INSTANCES):
        series = drill(seed, is_merged=seed != SOLVED)
        before += audit_releases(series.releases, successors=series.successors, k=k)
        kept = released(series, audience, policy)
        after += audit_releases(kept, successors=series.successors, k=k, is_solved=seed == SOLVED)
    # As the staff pages are, without the plan, the same sums tell of small groups: the audit can find them.
    assert len(before.disclosures) > 20
    assert after.disclosures == ()
    assert after.n_comparisons > 3_000
    shown = [card.overall.n for content in kept for card in content.cards]
    assert sum(n is not None for n in shown) > 0.6 * len(shown)


def test_findings_name_what_a_release_would_give_away_and_nothing_of_what_was_withheld(policy):
    series = drill(0)
    kept = released(series, Audience.PUBLIC, policy)
    for number, content in enumerate(kept):
        assert disclosure_findings(content, kept[:number], successors=series.successors) == ()
    raw = [
        replace(content, comparison=replace(content.comparison, minimum_base=10))
        for content in series.releases
    ]
    found = {
        finding.leak
        for number, content in enumerate(raw)
        for finding in disclosure_findings(content, raw[:number], successors=series.successors)
    }
    assert {Leak.SMALL, Leak.COLUMN, Leak.LINEAGE} <= found


def test_a_unit_that_three_people_joined_keeps_its_earlier_figures(policy):
    first = withhold(drill(2).releases[0], audience=Audience.PUBLIC, policy=policy)
    unit = next(card for card in first.cards if card.channels and all(row.n for row in card.channels))
    one = unit.channels[0]
    good, *others = unit.overall.levels
    overall = replace(unit.overall, n=unit.overall.n + 3, levels=(replace(good, n=good.n + 3), *others))
    more = replace(unit, overall=overall, channels=(replace(one, n=one.n + 3), *unit.channels[1:]), stages=())
    second = replace(first, whole=None, cards=tuple(more if card is unit else card for card in first.cards))
    again = withhold(second, audience=Audience.PUBLIC, policy=policy, earlier=[first])
    assert bases(again.card(unit.unit.id)) == bases(unit)


def test_the_public_gets_no_table_outside_the_plan_and_shares_to_three_decimals(policy):
    content = withhold(drill(2).releases[0], audience=Audience.PUBLIC, policy=policy)
    card = next(card for card in content.cards if card.overall.estimate)
    assert card.trend is None and card.comments is None and card.to_do == ()
    assert (card.overall.estimate.value, card.minimum_base) == (0.812, 10)
    withheld = [row for row in card.channels if row.n is None]
    assert all(row.share is None and row.satisfied is None for row in withheld)
    assert partition(card, "channels").keys() == {row.code for row in card.channels}
