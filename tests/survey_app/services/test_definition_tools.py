"""Editing, comparing and mapping of definitions: pure functions, no database."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import DefinitionError, NotFound
from survey_app.services import definition_edit as edit
from survey_app.services.definition_diff import differences
from survey_app.services.definition_texts import n_missing, texts_of, with_texts
from survey_app.services.definitions import definition_faults, items_under, validate_definition
from survey_app.services.questionnaires import SEEDS, _read_json, with_library_scales
from survey_app.services.version_mappings import Kin, Link, Why, link_faults, propose_links


def seed(name: str) -> dict[str, Any]:
    library = _read_json(SEEDS / "scales.json")
    return with_library_scales(_read_json(SEEDS / "questionnaires" / f"{name}.json"), library)


FULL, TAP, THREE = seed("full_form_v1"), seed("one_tap_v1"), seed("three_level_v1")


def address(definition: Any, code: str) -> str:
    return next(each.address for each in edit.placed_nodes(definition) if each.node["code"] == code)


def changed(definition: Any, which: str, **values: Any) -> dict[str, Any]:
    where = address(definition, which)
    return edit.with_node(definition, where, {**edit.node_at(definition, where), **values})


def what(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(change.what, change.code) for change in differences(old, new)]


def is_valid(definition: Any) -> bool:
    try:
        validate_definition(definition)
    except DefinitionError:
        return False
    return True


def spoil(definition: dict[str, Any], kind: int, at: int) -> None:
    """One of the faults that an editor can make, at any node."""
    nodes = [each.node for each in edit.placed_nodes(definition)]
    node: Any = nodes[at % len(nodes)]
    if kind == 0:
        (node.get("text") or node.get("title") or {}).pop("vi", None)
    elif kind == 1:
        node["code"] = "overall"
    elif kind == 2:
        node["code"] = "không phải mã"
    elif kind == 3 and "scale" in node:
        node["scale"] = "nowhere"
    elif kind == 4 and "options" in node:
        node["options"] = []
    elif kind == 5:
        definition["index"]["factors"] = ["nowhere"]
    elif kind == 6 and "children" in node:
        node["children"] = []
    elif kind == 7:
        definition["legal_basis"] = " "
    elif kind == 8:
        next(iter(definition["scales"].values()))["points"][0].pop("score", None)
    elif kind == 9:
        definition["effective_from"] = "31/12/2026"
    elif kind == 10 and "children" not in node:
        node["relevant"] = {"stage": ["nowhere"]}


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 60)), max_size=4))
def test_faults_are_listed_exactly_where_a_definition_is_refused(spoils):
    definition = deepcopy(FULL)
    for kind, at in spoils:
        spoil(definition, kind, at)
    assert (not definition_faults(definition)) == is_valid(definition)


def test_every_fault_of_a_draft_is_listed_at_its_place():
    draft = changed(changed(FULL, "F1.1", text={}), "F3", title={"en": "Staff"}) | {"legal_basis": ""}
    assert [fault.path for fault in definition_faults(draft)] == [
        "legal_basis", "tree[2].children[0].children[0].text.vi", "tree[2].children[2].title.vi",
    ]  # fmt: skip
    assert edit.address_of_path("tree[2].children[0].children[0].text.vi") == "2.0.0"


def test_a_node_is_added_moved_shifted_and_removed_and_the_first_definition_stays():
    before = deepcopy(FULL)
    grown, there = edit.with_new_node(FULL, "2.0", {"code": "N", "kind": "fact", "text": {"vi": "?"}})
    assert there == "2.0.4"
    shifted, there = edit.with_node_shifted(grown, there, -1)
    assert there == "2.0.3"
    assert edit.node_at(shifted, "2.0.3")["code"] == "N"
    moved, there = edit.with_node_moved(shifted, there, "2.4")
    assert edit.node_at(moved, there)["code"] == "N"
    assert edit.without_node(moved, there) == before
    assert before == FULL


def test_a_node_moved_out_of_the_way_of_its_target_is_found_at_its_new_address():
    moved, there = edit.with_node_moved(FULL, "0", "2.0")
    assert edit.node_at(moved, there)["code"] == "overall"
    assert there == "1.0.4"


@pytest.mark.parametrize("where", ["", "9", "2.9", "0.0", "x", "2.0.0.0", "1" * 50])
def test_an_address_that_names_no_node_is_not_found(where):
    with pytest.raises(NotFound):
        edit.node_at(FULL, where)


def test_a_group_is_never_moved_into_itself():
    with pytest.raises(NotFound):
        edit.with_node_moved(FULL, "2", "2.0")


@pytest.mark.parametrize(
    "spoilt",
    [[], {}, FULL | {"tree": {}}, FULL | {"tree": [{"code": "a", "kind": "aspect", "title": [], "children": []}]},
     FULL | {"scales": {"x": {"points": [1]}}}, FULL | {"index": {"headline": 1, "factors": []}},
     FULL | {"tree": [{"code": "a", "kind": "no such kind", "text": {"vi": "?"}}]},
     FULL | {"title": {"vi": 1}}, FULL | {"version": True}],
)  # fmt: skip
def test_what_is_not_of_the_shape_of_a_questionnaire_is_refused(spoilt):
    with pytest.raises(DefinitionError):
        edit.check_shape(spoilt)
    edit.check_shape(FULL)


def test_a_blank_definition_lacks_only_what_a_person_has_to_say():
    blank = edit.blank_definition("moi", effective_from="2027-01-01")
    assert {fault.path for fault in definition_faults(blank)} == {"title.vi", "legal_basis", "provenance"}


def test_differences_name_what_came_went_moved_and_changed():
    new = changed(FULL, "F1.1", text={**edit.node_at(FULL, address(FULL, "F1.1"))["text"], "vi": "Đủ ghế"})
    new = edit.without_node(new, address(new, "F2.5"))
    new, _ = edit.with_node_moved(new, address(new, "F3.6"), address(new, "F4"))
    new, _ = edit.with_new_node(new, address(new, "F5"), {"code": "F5.5", "kind": "satisfaction",
                                                          "scale": "satisfaction5", "text": {"vi": "Mới"}})  # fmt: skip
    new["scales"]["visits"]["points"][0]["label"]["vi"] = "Một lần"
    assert what(FULL, new) == [
        ("removed", "F2.5"), ("added", "F5.5"), ("moved", "F3.6"), ("reworded", "F1.1"),
        ("scale_points", "visits"),
    ]  # fmt: skip
    assert what(FULL, FULL) == []


def test_a_node_put_elsewhere_among_its_siblings_is_the_only_one_reordered():
    new, _ = edit.with_node_shifted(FULL, address(FULL, "F3.1"), 1)
    assert [name for name, _code in what(FULL, new)] == ["reordered"]


def test_a_moved_factor_takes_its_items_along_without_a_word():
    new, _ = edit.with_node_shifted(FULL, address(FULL, "F1"), 1)
    assert {name for name, _code in what(FULL, new)} == {"reordered"}
    assert len(what(FULL, new)) == 1


def test_every_text_is_translated_by_its_path_and_an_empty_one_is_taken_away():
    place = next(place for place in texts_of(FULL) if place.owner == "F1.1")
    assert n_missing(FULL, "en") == 0
    without = with_texts(FULL, "en", {place.path: " "})
    assert n_missing(without, "en") == 1
    assert with_texts(without, "en", {place.path: place.text["en"]}) == FULL
    assert with_texts(FULL, "vi", {place.path: ""}) == FULL


def test_a_copy_is_proposed_as_the_same_throughout():
    links = propose_links(FULL, FULL)
    assert {link.kin for link in links} == {Kin.SAME}
    assert [link.old for link in links] == [item["code"] for item in items_under(FULL["tree"])]
    assert list(link_faults(links, FULL, FULL)) == []


def test_a_proposal_goes_by_code_then_by_words_and_never_calls_other_words_the_same():
    new = changed(FULL, "F1.1", text={"vi": "Hoàn toàn khác"})
    new = changed(new, "F1.2", code="F1.9")
    new = edit.without_node(new, address(new, "F1.3"))
    by_old = {link.old: link for link in propose_links(FULL, new)}
    assert (by_old["F1.1"].kin, by_old["F1.1"].why) == (Kin.BROKEN, Why.WORDS)
    assert (by_old["F1.2"].kin, by_old["F1.2"].new, by_old["F1.2"].why) == (Kin.SAME, "F1.9", Why.RENAMED)
    assert (by_old["F1.3"].kin, by_old["F1.3"].new) == (Kin.BROKEN, "")


def test_a_scale_with_every_old_point_in_it_is_proposed_as_recoded_and_one_without_as_broken():
    wider = deepcopy(THREE)
    wider["scales"]["satisfaction3"]["points"].append(
        {"code": "bad", "label": {"vi": "Rất kém"}, "score": 0, "satisfied": False}
    )
    link = next(link for link in propose_links(THREE, wider) if link.old == "overall")
    assert (link.kin, dict(link.points)) == (
        Kin.RECODED, {code: code for code in ("very_satisfied", "satisfied", "not_satisfied")},
    )  # fmt: skip
    narrower = next(link for link in propose_links(TAP, THREE) if link.old == "overall")
    assert narrower.kin is Kin.BROKEN


@pytest.mark.parametrize(
    ("link", "problem"),
    [(Link("overall", "reasons", Kin.SAME), "differ"), (Link("overall", "", Kin.SAME), "no new item"),
     (Link("overall", "nowhere", Kin.BROKEN), "not there"),
     (Link("overall", "overall", Kin.RECODED, {"very_satisfied": "satisfied"}), "recoding")],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_told_at_its_item(link, problem):
    links = [link if each.old == "overall" else each for each in propose_links(TAP, TAP)]
    faults = list(link_faults(links, TAP, TAP))
    assert [fault.path for fault in faults][:1] == ["mapping.overall"]
    assert problem in faults[0].problem
