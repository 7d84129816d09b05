"""Screens that hang on earlier answers: their order, and the pages of a browser without a script."""

import copy
import json

from werkzeug.datastructures import MultiDict

from survey_app.services.definitions import items_under
from survey_app.services.forms import compile_version
from survey_app.services.questionnaires import SEEDS
from survey_app.web.citizen.pages import Address
from survey_app.web.screens import form_page, numbered_step

FULL = json.loads((SEEDS / "questionnaires/full_form_v1.json").read_text(encoding="utf-8"))
CONDITIONS = {
    "visits": {"overall": ["dissatisfied"]},
    "punctuality": {"visits": ["three_or_more"]},
    "confidential": {"expectations": ["more_information"]},
    "sex": {"visits": ["three_or_more", "two"]},
}


def page_of(conditions, tree=FULL["tree"]):
    definition = copy.deepcopy({**FULL, "tree": tree})
    for item in items_under(definition["tree"]):
        if item["code"] in conditions:
            item["relevant"] = {"answers": conditions[item["code"]]}
    return form_page(compile_version(definition), address=Address("q", "ABCDEFGH"))


PAGE = page_of(CONDITIONS)


def step(code, said, **more):
    return numbered_step(PAGE, code=code, stage="submit", said=said, **more)


def test_a_screen_carries_its_conditions_for_the_script_and_in_words():
    screens = {screen.code: screen for screen in PAGE.screens}
    assert screens["sex"].rule == "visits=three_or_more two"
    assert screens["punctuality"].only_if == "Ông/Bà phải đến mấy lần? – 3 lần trở lên"
    assert (screens["F1.1"].rule, screens["F1.1"].only_if) == ("", "")


def test_a_step_opens_and_closes_by_what_was_said_before():
    assert [screen.code for screen in step("facts", {"overall": ["dissatisfied"]}).screens] == [
        "visits",
        "punctuality",
    ]
    assert step("facts", {"overall": ["satisfied"]}, before="F5").code == "expectations"


def test_a_condition_on_the_same_page_is_said_in_words_and_a_settled_one_is_not():
    shown = step("facts", {"overall": ["dissatisfied"], "visits": ["one"]})
    assert {screen.code: bool(screen.only_if) for screen in shown.screens} == {
        "visits": False,
        "punctuality": True,
    }


def test_a_step_that_the_answers_of_this_page_may_open_comes_next_and_is_passed_over_if_they_did_not():
    assert step("expectations", {}).next == "confidential"
    told = {"expectations": ["more_information"]}
    assert step("confidential", told, before="expectations").code == "confidential"
    assert step("confidential", {"expectations": ["other"]}, before="expectations").code == "profile"
    assert step("expectations", {"expectations": ["other"]}, before="profile").code == "expectations"


def test_the_last_step_ends_where_its_answers_opened_nothing():
    page = page_of({"confidential": {"expectations": ["more_information"]}}, FULL["tree"][:-1])
    assert [step.code for step in page.steps][-1] == "confidential"
    first = numbered_step(page, code="expectations", stage="submit", said={})
    assert (first.next, first.is_last) == ("confidential", False)
    again = numbered_step(
        page, code="confidential", stage="submit", said={"expectations": ["other"]}, before="expectations"
    )
    assert (again.code, again.is_last) == ("expectations", True)


def test_going_back_passes_over_what_is_not_asked():
    assert step("profile", {}).previous == "expectations"
    assert step("confidential", {}, before="profile").code == "expectations"


def test_what_hangs_on_a_question_that_is_no_longer_asked_is_not_asked_for_an_old_answer():
    old = {"overall": ["satisfied"], "visits": ["two"]}
    assert "sex" not in {screen.code for screen in step("profile", old).screens}
    now = {"overall": ["dissatisfied"], "visits": ["two"]}
    assert "sex" in {screen.code for screen in step("profile", now).screens}


def test_what_governs_is_asked_first_whatever_its_group():
    headline, reasons, criteria, facts, *rest = FULL["tree"]
    assert facts["code"] == "facts"
    codes = [
        step.code
        for step in page_of({"F2.1": {"visits": ["two"]}}, [headline, reasons, facts, criteria, *rest]).steps
    ]
    assert codes[:6] == ["F1", "F3", "F4", "F5", "facts", "F2"]
    assert [step.code for step in page_of({}).steps][:6] == ["F1", "F2", "F3", "F4", "F5", "facts"]


def test_an_interviewer_is_told_when_to_ask(app):
    screens = {screen.code: screen for screen in PAGE.screens}
    with app.test_request_context("/"):
        macro = app.jinja_env.get_template("fieldwork/_questions.html").module.question
        assert "Chỉ hỏi nếu: Ông/Bà phải đến mấy lần? – 3 lần trở lên." in macro(
            screens["punctuality"], MultiDict()
        )
        assert "Chỉ hỏi nếu" not in macro(screens["F1.1"], MultiDict())
