"""A definition written as XLSForm is an XLSForm for pyxform too, and reads back as the same definition."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from survey_app.errors import DefinitionError
from survey_app.services.definitions import items_under
from survey_app.services.questionnaires import SEEDS, definition_digest, with_library_scales
from survey_app.services.xlsform.reading import read_xlsform
from survey_app.services.xlsform.writing import without_nothing, xlsform_bytes, xlsform_sheets
from tests.survey_app.services.xlsform.forms import OVERALL as FOREIGN_OVERALL
from tests.survey_app.services.xlsform.forms import TODAY, ask, group, read

LIBRARY = json.loads((SEEDS / "scales.json").read_text(encoding="utf-8"))
SEEDED = {
    path.stem: with_library_scales(json.loads(path.read_text(encoding="utf-8")), LIBRARY)
    for path in sorted((SEEDS / "questionnaires").glob("*.json"))
}
FULL = SEEDED["full_form_v1"]


def again(definition):
    return read_xlsform([("form.xlsx", xlsform_bytes(definition))], today=TODAY)


@pytest.mark.parametrize("name", SEEDED)
def test_every_seed_questionnaire_comes_back_the_same(name):
    reading = again(SEEDED[name])
    assert reading.findings == reading.warnings == ()
    assert reading.fault is None
    assert definition_digest(reading.definition) == definition_digest(SEEDED[name])


@pytest.mark.parametrize("name", SEEDED)
def test_the_workbook_itself_is_an_xlsform_for_pyxform(name, tmp_path):
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsform_bytes(SEEDED[name]))
    result = convert(str(path))
    assert result.warnings == []
    assert 'lang="Tiếng Việt (vi)" default="true()"' in result.xform
    assert 'lang="English (en)"' in result.xform


def test_conditions_mean_the_same_in_another_tool():
    form = convert(sheets_as_dict(FULL)).xform
    assert "relevant=\" /full_form/hailong_stage  = 'collect_result'\"" in form.replace(
        "/data/", "/full_form/"
    )


def sheets_as_dict(definition):
    book = {"sheet_names": ["survey", "choices", "settings"]}
    for name, columns, rows in xlsform_sheets(definition):
        cells = [{key: str(value) for key, value in row.items() if value not in (None, "")} for row in rows]
        book |= {name: cells, f"{name}_header": [dict.fromkeys(columns)]}
    return book


def changed(**items):
    definition = copy.deepcopy(FULL)
    for item in items_under(definition["tree"]):
        item |= items.get(item["code"].replace(".", "_"), {})
    return definition


@pytest.mark.parametrize(
    "definition",
    [
        changed(visits={"relevant": {"answers": {"overall": ["dissatisfied", "very_dissatisfied"]}}}),
        changed(
            sex={"relevant": {"stage": ["submit", "refused"],
                              "answers": {"expectations": ["more_information"], "visits": ["one", "two"]}}}
        ),
        changed(F1_1={"counts": False}, sex={"channels_hidden": ["paper", "phone"], "screen": "more"}),
        changed(overall={"missing": {"refused": {"vi": "Không trả lời"}, "dont_know": {"vi": "Không rõ"}}}),
        changed(visits={"text": {"vi": "Hai\ndòng & <b>", "fr": "Deux"}, "kind": "assertion", "counts": False}),
        changed(expectations={"missing": {"refused": {"vi": "Không nói"}}, "max_choices": 1}),
    ],
)  # fmt: skip
def test_everything_a_definition_can_say_comes_back(definition):
    reading = again(definition)
    assert {each.what for each in reading.findings} <= {"markup"}
    assert reading.definition == definition


def test_codes_that_xml_may_not_use_as_names_come_back():
    definition = json.loads(json.dumps(FULL).replace('"F1.1"', '"1.1"').replace('"sex"', '"meta"'))
    names = {row["name"] for row in xlsform_sheets(definition)[0][2] if "name" in row}
    assert {"q_1.1", "q_meta"} <= names
    assert again(definition).definition == definition


def test_keys_that_say_nothing_are_the_only_difference():
    said = changed(sex={"mandatory": False, "relevant": None, "text_by_channel": {}, "missing": None})
    assert again(said).definition == without_nothing(said) == FULL


def test_a_draft_without_an_index_is_written_and_what_is_no_definition_is_not():
    draft = copy.deepcopy(FULL)
    draft["index"]["headline"] = ""
    reading = again(draft)
    assert (reading.definition, reading.fault.path) == (draft, "index.headline")
    with pytest.raises(DefinitionError):
        xlsform_bytes({**FULL, "tree": []})


NAMES = st.lists(
    st.text("abcXYZ019._-", min_size=1, max_size=8).filter(lambda name: name[0].isalpha()),
    min_size=1, max_size=6, unique_by=str.lower,
).filter(lambda names: not {name.lower() for name in names} & {"overall", "meta", "form"})  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(NAMES, st.data())
def test_what_is_read_of_a_foreign_form_is_written_and_read_again_the_same(names, data):
    rows = [FOREIGN_OVERALL]
    earlier = ["overall"]
    for name in names:
        several = data.draw(st.booleans())
        on = data.draw(st.sampled_from(earlier))
        condition = data.draw(
            st.sampled_from(["", f"selected(${{{on}}}, '{'s' if on == 'overall' else 'yes'}')"])
        )
        rows.append(
            ask(name, "select_multiple yn" if several else "select_one yn", relevant=condition or None)
        )
        earlier.append(name)
    first = read([*rows[:1], *group("together", *rows[1:])])
    assert first.definition is not None, first.findings
    assert again(first.definition).definition == first.definition
