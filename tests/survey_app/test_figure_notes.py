"""Every "?" that a template asks for has words, and none of the words is unused by mistake of its name."""

import re

from config import ROOT
from survey_app.figure_notes import FIGURE_NOTES

CALLS = re.compile(r"""(?:about\(|note=|headed\([^\n]*?, )"([a-z_]+)"\)?""")


def test_every_note_asked_for_by_a_template_has_words():
    asked = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in CALLS.findall(path.read_text(encoding="utf-8"))
    }
    assert {"overall", "factors"} <= asked
    assert asked <= FIGURE_NOTES.keys()


def test_each_note_says_what_the_figure_is_not():
    said = [str(note.says_not) for note in FIGURE_NOTES.values()]
    assert all(re.search(r"[Kk]hông|chưa", words) for words in said)
    assert len(set(said)) == len(said)
