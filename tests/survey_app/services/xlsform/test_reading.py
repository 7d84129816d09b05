"""Foreign forms: what is taken, what is left out, changed and refused, each named by sheet, row and column."""

from pathlib import Path

import pytest

from survey_app.services.xlsform.findings import DECISIONS, Decision
from survey_app.services.xlsform.reading import read_xlsform
from survey_app.spreadsheets import workbook_bytes
from tests.survey_app.services.xlsform.forms import (
    CHOICES,
    OVERALL,
    SETTINGS,
    TODAY,
    ask,
    columns,
    file_of,
    group,
    read,
    table,
)

VI = "label::Tiếng Việt (vi)"
LONG_LIST = [{"list_name": "long", "name": f"c{n}", VI: f"Lựa chọn {n}"} for n in range(21)]
MANY = [{"list_name": "many", "name": f"c{n}", VI: f"Lựa chọn {n}"} for n in range(256)]
# For each code: rows after the headline (which stands in row 2), other sheets, and the row that is named.
CASES = {
    "open_question": ([ask("a", "text")], {}, 3),
    "metadata": ([{"type": "start", "name": "start"}], {}, 3),
    "note": ([ask("a", "note")], {}, 3),
    "calculation": ([{"type": "calculate", "name": "a", "calculation": "1 + 1"}], {}, 3),
    "repeat": ([ask("r", "begin_repeat"), ask("a"), {"type": "end_repeat"}], {}, 3),
    "external_list": ([ask("a", "select_one_from_file places.csv")], {}, 3),
    "filtered_list": ([ask("a", choice_filter="list_name = 'yn'")], {}, 3),
    "ranking": ([ask("a", "rank yn")], {}, 3),
    "unknown_type": ([ask("a", "telepathy")], {}, 3),
    "empty_group": (group("g", ask("a", "text")), {}, 3),
    "other_sheet": ([], {"more": [("Sheet9", [{"a": "b"}])]}, 0),
    "unused_list": ([], {}, 7),
    "or_other": ([ask("a", "select_one yn or_other")], {}, 3),
    "hint": ([ask("a", **{"hint::Tiếng Việt (vi)": "Gợi ý"})], {}, 3),
    "required": ([ask("a", required="yes")], {}, 3),
    "constraint": ([ask("a", constraint=". != 'no'")], {}, 3),
    "appearance": ([ask("a", appearance="minimal")], {}, 3),
    "default": ([ask("a", default="yes")], {}, 3),
    "media": ([ask("a", **{"media::image": "a.png"})], {}, 3),
    "audio": ([ask("a", **{"media::audio": "a.mp3"})], {}, 3),
    "parameters": ([ask("a", parameters="randomize=true")], {}, 3),
    "read_only": ([ask("a", read_only="yes")], {}, 3),
    "language_unknown": ([ask("a", **{"label::Klingon": "tlhIngan"})], {}, 0),
    "unknown_column": ([ask("a", mood="good")], {}, 0),
    "second_column": ([], {"settings": [{"form_id": "a", "form_title": "T", "id_string": "b"}]}, 1),
    "renamed": ([ask("câu_hỏi_rất_dài_" + "x" * 40)], {}, 3),
    "no_vietnamese": ([{"type": "select_one yn", "name": "a", "label::English (en)": "Q"}], {}, 3),
    "group_without_label": (group("g", ask("a"), **{VI: None}), {}, 3),
    "missing_recognised": ([], {"choices": [{"list_name": "yn", "name": "dk", VI: "Không biết"}]}, 9),
    "scores_recognised": ([], {}, 2),
    "not_scored": ([ask("a")], {}, 3),
    "markup": ([ask("a", **{VI: "Câu <b>đậm</b>"})], {}, 3),
    "piping": ([ask("a", **{VI: "Sao lại ${overall}?"})], {}, 3),
    "settings_assumed": ([], {}, 2),
    "too_long": ([ask("a", **{VI: "x" * 1001})], {}, 3),
    "pyxform": ([ask("a-b c")], {}, 3),
    "no_name": ([ask("")], {}, 3),
    "no_label": ([ask("a", **{VI: None})], {}, 3),
    "bad_name": ([ask("___")], {}, 3),
    "duplicate_name": ([ask("a"), *group("g", ask("a"))], {}, 5),
    "duplicate_choice": ([], {"choices": [{"list_name": "yn", "name": "yes", VI: "Vâng"}]}, 9),
    "unknown_list": ([ask("a", "select_one nothing")], {}, 3),
    "too_many_choices": ([ask("a", "select_one long")], {"choices": LONG_LIST}, 3),
    "too_many_slots": ([ask("a", "select_multiple many")], {"choices": MANY}, 0),
    "group_not_closed": (group("g", ask("a"))[:-1], {}, 3),
    "group_not_open": ([{"type": "end_group"}], {}, 3),
    "bad_own_value": ([ask("a", hailong_counts="maybe")], {}, 3),
    "list_differs_from_scale": ([ask("a", hailong_scale="level")], {}, 3),
    "relevant_grammar": ([ask("a", relevant="${overall} != 's'")], {}, 3),
    "relevant_function": ([ask("a", relevant="count-selected(${overall}) > 1")], {}, 3),
    "relevant_shape": ([ask("b"), ask("a", relevant="${overall} = 's' or ${b} = 'yes'")], {}, 4),
    "relevant_unknown_question": ([ask("a", relevant="${nobody} = 's'")], {}, 3),
    "relevant_dropped_question": ([ask("t", "text"), ask("a", relevant="${t} = 's'")], {}, 4),
    "relevant_later_question": ([ask("a", relevant="${b} = 'yes'"), ask("b")], {}, 3),
    "relevant_unknown_choice": ([ask("a", relevant="${overall} = 'superb'")], {}, 3),
    "relevant_equals_on_multiple": (
        [ask("m", "select_multiple yn"), ask("a", relevant="${m} = 'yes'")], {}, 4),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_it_is_named_by_its_row_and_refused_or_not_as_the_table_says(what):
    rows, sheets, row = CASES[what]
    reading = read([OVERALL, *rows], **sheets)
    found = [each for each in reading.findings if each.what == what]
    assert found, [each.what for each in reading.findings]
    assert row in {each.row for each in found}
    is_refused = DECISIONS[what] is Decision.REFUSED
    assert (reading.definition is None) == is_refused
    assert bool(reading.by(Decision.REFUSED)) == is_refused


# Shown by the tests below, and those of hostile files, which need more than rows.
ELSEWHERE = {"no_survey", "no_header", "duplicate_column", "too_many_rows", "formula", "bidi", "too_deep",
             "nothing_left", "condition_dropped"}  # fmt: skip


def test_every_code_has_a_case():
    assert set(CASES) | ELSEWHERE == set(DECISIONS)


def test_columns_are_named_as_they_stand_in_the_file():
    reading = read([OVERALL, ask("a", **{"Relevance": "today() = 1"})])
    (found,) = reading.by(Decision.REFUSED)
    assert (found.what, found.sheet, found.row, found.column) == (
        "relevant_function",
        "survey",
        3,
        "Relevance",
    )
    assert found.detail == "today() = 1"


def test_five_levels_by_their_words_are_scored_and_other_lists_are_not():
    definition = read([OVERALL, *group("g", ask("x", "select_one level"), ask("y"))]).definition
    points = definition["scales"]["level"]["points"]
    assert [(point["score"], point["satisfied"]) for point in points] == [
        (5, True), (4, True), (3, False), (2, False), (1, False),
    ]  # fmt: skip
    assert "score" not in definition["scales"]["yn"]["points"][0]
    (node,) = definition["tree"][1:]
    assert (node["kind"], [item["kind"] for item in node["children"]]) == ("factor", ["satisfaction", "fact"])
    assert definition["index"] == {"headline": "overall", "factors": ["g"]}


def test_english_levels_count_too_and_without_vietnamese_the_words_stand_in():
    names = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied", "Don't know"]
    choices = [{"list_name": "e", "name": str(n), "label": text} for n, text in enumerate(names, 1)]
    sheets = [
        ("survey", [{"type": "select_one e", "name": "q", "label": "How was it?"}]),
        ("choices", choices),
        ("settings", [{"form_title": "T", "form_id": "t", "default_language": "English (en)"}]),
    ]
    content = workbook_bytes((name, columns(rows), table(rows)) for name, rows in sheets)
    reading = read_xlsform([("e.xlsx", content)], today=TODAY)
    assert reading.fault is None
    scale = reading.definition["scales"]["e"]
    assert [point["score"] for point in scale["points"]] == [1, 2, 3, 4, 5]
    assert scale["missing"] == {"dont_know": {"vi": "Don't know", "en": "Don't know"}}
    assert reading.definition["tree"][0]["text"] == {"vi": "How was it?", "en": "How was it?"}


def test_conditions_of_a_group_hold_for_each_question_in_it():
    rows = [
        ask("m", "select_multiple yn"),
        *group(
            "g",
            ask("x", relevant="selected(${m}, 'yes') or selected(${m}, 'no')"),
            ask("y"),
            relevant="${overall} = 'd' or ${overall}='vd'",
        ),
    ]
    definition = read([OVERALL, *rows]).definition
    x, y = definition["tree"][2]["children"]
    assert x["relevant"] == {"answers": {"overall": ["d", "vd"], "m": ["yes", "no"]}}
    assert y["relevant"] == {"answers": {"overall": ["d", "vd"]}}


def test_a_group_and_a_question_with_the_same_condition_keep_what_both_allow():
    inner = ask("x", relevant="${overall} = 'vd' or ${overall} = 's'")
    definition = read(
        [OVERALL, *group("g", inner, relevant="${overall} = 'd' or ${overall} = 'vd'")]
    ).definition
    assert definition["tree"][1]["children"][0]["relevant"] == {"answers": {"overall": ["vd"]}}


def test_conditions_that_cannot_be_held_may_be_left_out_on_purpose():
    rows = [
        OVERALL,
        ask("a", relevant="count-selected(${overall}) > 1"),
        ask("b", relevant="${overall} = 's'"),
    ]
    reading = read(rows, drops_conditions=True)
    (found,) = [each for each in reading.findings if each.what == "condition_dropped"]
    assert (found.row, found.detail) == (3, "count-selected(${overall}) > 1")
    first, second = reading.definition["tree"][1:]
    assert "relevant" not in first
    assert second["relevant"] == {"answers": {"overall": ["s"]}}


def test_a_repeat_goes_with_everything_in_it_and_the_rest_is_kept():
    rows = [ask("r", "begin_repeat"), *group("g", ask("a")), {"type": "end_repeat"}, ask("b")]
    definition = read([OVERALL, *rows]).definition
    assert [node["code"] for node in definition["tree"]] == ["overall", "b"]


def test_most_choices_are_read_from_the_constraint():
    several = ask("m", "select_multiple yn", constraint="count-selected(.) <= 2")
    definition = read([OVERALL, several]).definition
    assert definition["tree"][1]["max_choices"] == 2


def test_a_fault_of_the_definition_is_named_by_its_row():
    reading = read([OVERALL, ask("a", hailong_kind="guess")])
    assert (reading.fault.path, reading.fault.row) == ("tree[1].kind", 3)


def test_a_set_of_csv_files_and_one_csv_file_say_the_same_as_the_workbook():
    rows = {"survey": [OVERALL, ask("a", relevant="${overall} = 's'")], "choices": None, "settings": None}
    whole = read(rows["survey"])
    rows |= {"choices": CHOICES, "settings": SETTINGS}
    lines = {name: [columns(part), *table(part)] for name, part in rows.items()}
    split = [(f"form_{name}.csv", csv_of(part)) for name, part in lines.items()]
    single = csv_of(
        [line for name, part in lines.items() for line in ([name], *(["", *each] for each in part))]
    )
    for files in (split, [("form.csv", single)]):
        assert read_xlsform(files, today=TODAY).definition == whole.definition


def csv_of(lines):
    quoted = (",".join('"' + str(cell or "").replace('"', '""') + '"' for cell in line) for line in lines)
    return "\n".join(quoted).encode()


def test_the_documentation_says_what_becomes_of_each():
    page = (Path(__file__).parents[4] / "docs/xlsform.md").read_text(encoding="utf-8")
    for what, decision in DECISIONS.items():
        assert f"| `{what}` | {decision.value} |" in page, what


def test_nothing_readable_is_refused():
    assert [each.what for each in read([ask("a", "text")]).by(Decision.REFUSED)] == ["nothing_left"]
    deep = OVERALL
    rows = [deep]
    for level in range(8):
        rows = group(f"g{level}", *rows)
    assert {each.what for each in read(rows).by(Decision.REFUSED)} == {"too_deep"}
    repeats = [*(ask(f"r{n}", "begin_repeat") for n in range(9)), *[{"type": "end_repeat"}] * 9]
    assert {each.what for each in read([OVERALL, *repeats]).by(Decision.REFUSED)} == {"too_deep"}


def test_a_file_of_ours_that_was_edited_still_reads():
    content = file_of([OVERALL, ask("a")], settings=[{"form_title": "T", "form_id": "t", "hailong_format": "1",
                      "version": "2", "hailong_headline": "overall", "hailong_factors": ""}])  # fmt: skip
    reading = read_xlsform([("x.xlsx", content)], today=TODAY)
    assert reading.fault is None
    assert reading.definition["version"] == 2
