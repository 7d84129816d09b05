"""A real survey of a public project: what is not supported is named, the rest is read, written and read again.

What is kept here is its structure with the words left out; where REAL_DATA_DIR names a folder that has the file
itself (`xlsform/mitwirken_umfrage.xlsx`), the same test reads that too. See tests/data/xlsform/NOTICE.md.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from config import ROOT
from survey_app.services.definitions import items_under
from survey_app.services.xlsform.findings import Decision
from survey_app.services.xlsform.reading import read_xlsform
from survey_app.services.xlsform.writing import xlsform_bytes
from tests.survey_app.services.xlsform.forms import TODAY

FORMS = {"structure": ROOT / "tests" / "data" / "xlsform" / "needs_assessment_structure.csv"}
if "REAL_DATA_DIR" in os.environ:
    FORMS["whole"] = Path(os.environ["REAL_DATA_DIR"]) / "xlsform" / "mitwirken_umfrage.xlsx"
# Counted by hand in the workbook: rows by type, cells by column.
DROPPED = {"open_question": 18, "appearance": 9, "required": 7, "note": 4, "empty_group": 2, "hint": 1}
OPEN_QUESTIONS = [8, 9, 10, 15, 17, 21, 25, 26, 28, 32, 34, 36, 41, 43, 49, 53, 54, 55]


def read(path):
    return read_xlsform([(path.name, path.read_bytes())], today=TODAY)


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_held_is_named_by_its_row(form):
    reading = read(FORMS[form])
    assert reading.by(Decision.REFUSED) == ()
    assert Counter(each.what for each in reading.by(Decision.DROPPED)) == DROPPED
    rows = [each.row for each in reading.findings if each.what == "open_question"]
    first = 2 if form == "whole" else 3
    assert rows == [row - 2 + first for row in OPEN_QUESTIONS]


@pytest.mark.parametrize("form", FORMS)
def test_the_rest_is_read_with_its_groups_and_conditions(form):
    definition = read(FORMS[form]).definition
    items = list(items_under(definition["tree"]))
    assert [node["kind"] for node in definition["tree"]] == ["section"] * 7
    assert Counter(item["kind"] for item in items) == {"multi": 12, "fact": 8}
    governed = [item for item in items if "relevant" in item]
    first, last = items[2]["code"], items[6]["code"]
    assert [list(item["relevant"]["answers"]) for item in governed] == [[first]] * 3 + [[last]]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_read_is_written_accepted_by_pyxform_and_read_again_the_same(form):
    first = read(FORMS[form])
    # Nothing in it is scored: whoever takes it chooses a headline first, and until then it is a draft.
    assert first.fault.path == "index.headline"
    again = read_xlsform([("again.xlsx", xlsform_bytes(first.definition))], today=TODAY)
    assert (again.definition, again.findings, again.warnings) == (first.definition, (), ())
