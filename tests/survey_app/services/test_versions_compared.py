"""Figures over two versions of a form obey the mapping: one line, a break with its recoding, or no comparison."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from survey_app.models import Wave
from survey_app.queries import questionnaires as versions
from survey_app.services import questionnaires, trends
from survey_app.services.figures import Recoding
from survey_app.services.policy import current_policy
from survey_app.services.version_mappings import Kin, Link, Relation, propose_links, relation, store_mapping
from tests.builders import make_response, make_wave, release_everything
from tests.survey_app.services.test_scorecards import card

pytestmark = pytest.mark.only_database("sqlite")
# Until then the small world asks the one-tap form, which nobody has mapped.
FROM_ONE_TAP = date(2026, 5, 1)
CHANGED, DAY = date(2026, 7, 13), timedelta(days=1)
A_WEEK = 32
FIVE_TO_THREE = {"very_satisfied": "good", "satisfied": "good", "neutral": "fair", "dissatisfied": "bad",
                 "very_dissatisfied": "bad"}  # fmt: skip


def three_levels(definition: dict[str, Any]) -> dict[str, Any]:
    """The overall item on another scale, whose middle counts as satisfied."""
    definition["scales"]["other"] = {"points": [
        {"code": code, "label": {"vi": words}, "score": score, "satisfied": score > 1}
        for code, words, score in (("good", "Tốt", 3), ("fair", "Được", 2), ("bad", "Kém", 1))
    ]}  # fmt: skip
    definition["tree"][0]["scale"] = "other"
    return definition


def second_version(session, world, kin: Kin | None, *, on_other_scale: bool = False) -> int:
    """Version 2 of the full form, mapped so; its wave takes over from the first on a Monday."""
    old_id = world.versions["full_form_v1"]
    old = versions.version_definition(session, old_id)
    new = deepcopy(old) | {"version": 2}
    new = three_levels(new) if on_other_scale else new
    made = questionnaires.publish(session, new, date(2026, 7, 1))
    if kin is not None:
        points = FIVE_TO_THREE if kin is Kin.RECODED else {}
        links = [Link("overall", "overall", kin, points) if link.old == "overall" else link
                 for link in propose_links(old, new)]  # fmt: skip
        store_mapping(session, old_id=old_id, new_id=made.id, links=links, basis="kiểm thử")
    session.execute(update(Wave).where(Wave.code == "full").values(closes_on=CHANGED - DAY))
    make_wave(session, "new", version_id=made.id, root_id=world.province,
              unit_ids=[world.units["Đông Hà"]], opens_on=CHANGED)  # fmt: skip
    return made.id


def answered(session, world, *, new: tuple[str, ...] = ("satisfied", "neutral")) -> None:
    """Three weeks on each form: half satisfied, half neutral or what stands for it."""
    here = type(world).read(session)
    for week in range(-3, 3):
        answers = new if week >= 0 else ("satisfied", "neutral")
        for number in range(A_WEEK):
            make_response(session, here, wave="new" if week >= 0 else "full",
                          on=CHANGED + timedelta(weeks=week, days=number % 7),
                          answers={"overall": answers[number % 2]})  # fmt: skip
    session.flush()
    release_everything(session, here)


def line(session, world):
    found = trends.trend(
        session, unit_id=world.units["Đông Hà"], basis="continuous", ends_on=date(2026, 9, 14),
        policy=current_policy(session, date(2026, 9, 14)),
    )  # fmt: skip
    assert found is not None
    return found


def test_mapped_as_the_same_the_line_goes_on_and_both_forms_are_one_figure(session, world):
    second_version(session, world, Kin.SAME)
    answered(session, world)
    assert line(session, world).breaks == (FROM_ONE_TAP,)
    now = card(session, world)
    assert (now.overall.n, now.counted_from) == (6 * A_WEEK, None)


def test_unmapped_the_line_is_cut_and_nothing_is_recoded(session, world):
    second_version(session, world, None)
    answered(session, world)
    found = line(session, world)
    assert (found.breaks, found.recodings) == ((FROM_ONE_TAP, CHANGED), ())


def test_recoded_the_line_is_cut_and_older_answers_count_as_what_they_became(session, world):
    second_version(session, world, Kin.RECODED, on_other_scale=True)
    answered(session, world, new=("good", "bad"))
    found = line(session, world)
    words = (("Rất hài lòng", "Tốt"), ("Hài lòng", "Tốt"), ("Bình thường", "Được"), ("Không hài lòng", "Kém"),
             ("Rất không hài lòng", "Kém"))  # fmt: skip
    assert (found.breaks, found.recodings) == ((FROM_ONE_TAP, CHANGED), (Recoding(CHANGED, words),))
    # Half were neutral, which the new scale calls satisfied.
    assert [point.share for point in found.points] == [1.0] * 3 + [0.5] * 3


def test_on_another_scale_a_period_counts_the_newest_form_alone(session, world):
    second_version(session, world, Kin.BROKEN, on_other_scale=True)
    answered(session, world, new=("good", "bad"))
    assert line(session, world).breaks == (FROM_ONE_TAP, CHANGED)
    now = card(session, world)
    assert (now.overall.n, now.counted_from) == (3 * A_WEEK, CHANGED)
    assert [(level.code, level.n) for level in now.overall.levels] == [("good", 48), ("fair", 0), ("bad", 48)]


def test_a_form_that_is_only_planned_leaves_the_figure_as_it_is(session, world):
    second_version(session, world, Kin.BROKEN, on_other_scale=True)
    here = type(world).read(session)
    for number in range(40):
        make_response(session, here, wave="full", on=date(2026, 7, 1) + timedelta(days=number % 10))
    session.flush()
    release_everything(session, world)
    now = card(session, world)
    assert (now.overall.n, now.counted_from) == (40, None)


@pytest.mark.parametrize(("kin", "is_compared"), [(Kin.SAME, True), (Kin.BROKEN, False), (None, False)])
def test_a_change_between_periods_is_told_only_where_the_item_is_the_same(session, world, kin, is_compared):
    old_day, new_day = date(2026, 5, 10), date(2026, 8, 1)
    second_version(session, world, kin)
    here = type(world).read(session)
    for number in range(40):
        make_response(session, here, wave="full", on=old_day + timedelta(days=number % 20))
        make_response(session, here, wave="new", on=new_day + timedelta(days=number % 20))
    session.flush()
    release_everything(session, here)
    change = card(session, world).change
    assert (change is not None and change.difference is not None) == is_compared


def test_a_relation_is_followed_over_the_versions_between(session, world):
    old = versions.version_definition(session, world.versions["full_form_v1"])
    chain = [world.versions["full_form_v1"]]
    for number, kin in ((2, Kin.RECODED), (3, Kin.SAME)):
        definition = three_levels(deepcopy(old)) | {"version": number}
        made = questionnaires.publish(session, definition, date(2026, 7, 1))
        before = versions.version_definition(session, chain[-1])
        points = FIVE_TO_THREE if kin is Kin.RECODED else {}
        links = [Link("overall", "overall", kin, points) if link.old == "overall" else link
                 for link in propose_links(before, definition)]  # fmt: skip
        store_mapping(session, old_id=chain[-1], new_id=made.id, links=links, basis="kiểm thử")
        chain.append(made.id)

    def found(old_id: int, new_id: int) -> Relation:
        return relation(session, old_id=old_id, new_id=new_id, item="overall")

    assert found(chain[0], chain[2]) == Relation(Kin.RECODED, "overall", FIVE_TO_THREE)
    assert found(chain[2], chain[1]).kin is Kin.SAME
    assert found(chain[2], chain[0]).kin is Kin.BROKEN
    assert found(chain[0], world.versions["one_tap_v1"]).kin is None
