"""A definition as JSON from outside: what is no JSON object of ours is refused with its place."""

import json

import pytest

from survey_app.errors import DefinitionError
from survey_app.services.definition_json import definition_json, read_definition_json
from survey_app.services.definition_outline import outline_of
from survey_app.services.questionnaires import SEEDS

FULL = json.loads((SEEDS / "questionnaires/full_form_v1.json").read_text(encoding="utf-8"))


def test_what_is_handed_out_reads_back_without_a_fault():
    assert read_definition_json(definition_json(FULL)) == (FULL, None)


def test_a_fault_is_told_by_its_path_and_the_rest_is_kept():
    faulty = json.loads(json.dumps(FULL))
    faulty["tree"][2]["children"][0]["children"][0]["scale"] = "no_such"
    definition, fault = read_definition_json(definition_json(faulty))
    assert (definition, fault.path) == (faulty, "tree[2].children[0].children[0].scale")


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"[]", "definition"),
        (b"{", "line 1, column 2"),
        (b'{\n "code": }', "line 2, column 10"),
        (b'{"code": "a", "code": "b"}', "definition"),
        (b'{"version": NaN}', "definition"),
        (b'{"code": "\xff"}', "byte 11"),
        ('{"title": {"vi": "a\u202eb"}}'.encode(), "definition.title.vi"),
        (b'{"tree": [{"code": "a\\u0000"}]}', "definition.tree[0].code"),
        (b'{"a\\u202e": 1}', "definition"),
        (b'{"a": "\\ud800"}', "definition.a"),
        (b"[" * 100_000, "definition"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "definition" + ".a" * 24),
        (json.dumps({"tree": [0] * 60_000}).encode(), "definition"),
        (b'{"a": "' + b"x" * 2_100_000 + b'"}', "definition"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(content, path):
    with pytest.raises(DefinitionError) as error:
        read_definition_json(content)
    assert error.value.path == path


def test_the_outline_counts_what_a_form_asks_and_bears_any_shape():
    outline = outline_of(FULL)
    assert (outline.n_items, outline.n_counted, outline.n_slots, outline.languages) == (
        34,
        23,
        72,
        ("en", "vi"),
    )
    for odd in ({}, {"tree": 1}, {"tree": [1, {"children": 2}, {"kind": [], "scale": [], "relevant": 3}]}):
        assert outline_of(odd).n_counted == 0
