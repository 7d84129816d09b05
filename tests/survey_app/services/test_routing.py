"""Questions that hang on earlier answers: what may be asked so, and what the server makes of what was sent."""

import copy
import json

import pytest

from survey_app.errors import DefinitionError
from survey_app.services.conditions import answer_codes
from survey_app.services.definitions import validate_definition
from survey_app.services.forms import compile_version
from survey_app.services.paper_sheet import sheet_columns
from survey_app.services.questionnaires import SEEDS
from survey_app.vocabulary import Channel, Stage

FULL = json.loads((SEEDS / "questionnaires/full_form_v1.json").read_text(encoding="utf-8"))
AT = {"stage": Stage.SUBMIT, "channel": Channel.QR}
# On the headline; on a question of many; on a question that itself hangs on another.
CONDITIONS = {
    "visits": {"answers": {"overall": ["dissatisfied", "very_dissatisfied"]}},
    "confidential": {"answers": {"expectations": ["more_information"]}},
    "sex": {"stage": ["submit"], "answers": {"visits": ["three_or_more"]}},
}


def routed(**conditions):
    definition = copy.deepcopy(FULL)
    for item in walk(definition["tree"]):
        if item["code"] in conditions:
            item["relevant"] = conditions[item["code"]]
    return definition


def walk(nodes):
    for node in nodes:
        if "children" in node:
            yield from walk(node["children"])
        else:
            yield node


FORM = compile_version(routed(**CONDITIONS))


def packed(values, *, reached=None, before=None, **at):
    return FORM.unpack(FORM.pack(values, **(AT | at), reached=reached, before=before))


@pytest.mark.parametrize(
    ("overall", "kept"),
    [("dissatisfied", "two"), ("very_dissatisfied", "two"), ("satisfied", "not_relevant")],
)
def test_an_answer_is_kept_only_where_the_earlier_answer_allows_it(overall, kept):
    assert packed({"overall": overall, "visits": "two"})["visits"] == kept


def test_an_earlier_question_left_blank_or_not_known_leaves_the_later_one_out():
    assert packed({"overall": "dont_know", "visits": "two"})["visits"] == "not_relevant"
    assert packed({"visits": "two"})["visits"] == "not_relevant"


def test_an_earlier_question_not_reached_leaves_the_later_one_not_reached_whatever_was_sent():
    assert packed({"visits": "two"}, reached={"visits"})["visits"] == "not_reached"


def test_a_question_shown_and_left_is_blank_and_one_not_shown_is_not_reached():
    assert packed({"overall": "dissatisfied"}, reached={"overall", "visits"})["visits"] == "left_blank"
    assert packed({"overall": "dissatisfied"}, reached={"overall"})["visits"] == "not_reached"


def test_one_ticked_option_of_many_is_enough_and_another_is_not():
    said = {"overall": "neutral", "confidential": "yes"}
    assert packed(said | {"expectations": ["more_information"]})["confidential"] == "yes"
    other = next(option["code"] for option in expectations() if option["code"] != "more_information")
    assert packed(said | {"expectations": [other]})["confidential"] == "not_relevant"


def expectations():
    return next(item for item in walk(FULL["tree"]) if item["code"] == "expectations")["options"]


def test_what_hangs_on_a_question_that_was_itself_left_out_is_left_out_too():
    chain = {"visits": "three_or_more", "sex": "female"}
    assert packed({"overall": "dissatisfied"} | chain)["sex"] == "female"
    assert packed({"overall": "satisfied"} | chain)["sex"] == "not_relevant"
    assert packed({"overall": "dissatisfied"} | chain, stage=Stage.COLLECT_RESULT)["sex"] == "not_relevant"


def test_a_second_part_is_settled_by_the_first_that_is_stored():
    for overall, kept in (("dissatisfied", "two"), ("satisfied", "not_relevant")):
        first = FORM.pack({"overall": overall}, **AT, reached={"overall"})
        assert packed({"visits": "two"}, reached={"visits"}, before=first)["visits"] == kept


def test_all_conditions_must_hold():
    form = compile_version(routed(sex={"answers": {"visits": ["one", "two"], "punctuality": ["on_time"]}}))
    for punctuality, kept in (("on_time", "male"), ("not_due", "not_relevant")):
        answers = {"visits": "two", "punctuality": punctuality, "sex": "male"}
        assert form.unpack(form.pack(answers, **AT, reached=None))["sex"] == kept


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({}, "relevant"),
        ({"answers": {}}, "relevant.answers"),
        ({"answers": {"sex": ["male"]}}, "relevant.answers.sex"),
        ({"answers": {"visits": ["one"]}}, "relevant.answers.visits"),
        ({"answers": {"nobody": ["one"]}}, "relevant.answers.nobody"),
        ({"answers": {"overall": []}}, "relevant.answers.overall"),
        ({"answers": {"overall": "satisfied"}}, "relevant.answers.overall"),
        ({"answers": {"overall": ["satisfied", "dont_know"]}}, "relevant.answers.overall[1]"),
        ({"answers": {"overall": ["satisfied", "satisfied"]}}, "relevant.answers.overall"),
        ({"answers": {"overall": [["satisfied"]]}}, "relevant.answers.overall[0]"),
    ],
)
def test_conditions_that_cannot_be_held_are_refused_with_their_place(condition, path):
    with pytest.raises(DefinitionError) as refused:
        validate_definition(routed(visits=condition))
    assert refused.value.path.endswith(path)


def test_paper_says_when_a_question_is_to_be_answered():
    notes = {column.item: column.note for column in sheet_columns(FORM, ())}
    assert "Chỉ trả lời nếu" in notes["visits"].vi
    assert "Không hài lòng, Rất không hài lòng" in notes["visits"].vi
    assert "Dissatisfied, Very dissatisfied" in notes["visits"].in_language("en")
    assert notes["age_band"] is None


def test_an_earlier_question_that_is_faulty_itself_offers_no_answer():
    for earlier in ({"scale": "no_such"}, {"options": [{}]}, {}):
        assert answer_codes(earlier, {}) == []
