"""What is read aloud: every text a citizen's page shows, under one key for all forms."""

import re
from html.parser import HTMLParser

import pytest

from survey_app.db import db
from survey_app.queries.questionnaires import list_versions
from survey_app.queries.units import service_fields
from survey_app.services import forms
from survey_app.services.recordings import text_key
from survey_app.spoken import spoken_texts
from tests.builders import CODES

# The classes of what is read, as in static/listen.js.
READ = {"ask", "lead", "hint", "tab", "word", "none", "main", "quiet", "note", "anonymity"}
VOID = {"input", "use", "circle", "path", "meta", "link"}


class Shown(HTMLParser):
    """The texts of the parts that are read, small print apart, as the browser's script finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.parts: list[list[str]] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        classes = set(dict(attrs).get("class", "").split())
        is_read = bool(classes & READ) or (tag == "small" and bool(self.parts))
        self.open.append((tag, is_read))
        if is_read:
            self.parts.append([])

    def handle_startendtag(self, tag, attrs):
        """Nothing is inside."""

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        _tag, is_read = self.open.pop()
        if is_read:
            self.found.add(" ".join("".join(self.parts.pop()).split()))

    def handle_data(self, data):
        if self.parts:
            self.parts[-1].append(data)


def texts_shown(*pages: str) -> set[str]:
    found: set[str] = set()
    for page in pages:
        reader = Shown()
        reader.feed(page)
        found |= reader.found
    return found - {""}


@pytest.fixture
def texts(app):
    def of(language: str, code: str = "full_form"):
        with app.app_context():
            version = next(row for row in list_versions(db.session) if row.code == code)
            form = forms.load_form(db.session, version_id=version.id)
            return spoken_texts(form, service_fields(db.session), language=language)

    return of


@pytest.mark.parametrize("language", ["vi", "en", "bru"])
@pytest.mark.parametrize("door", ["q", "k"])
def test_every_text_of_every_screen_has_a_key(app, texts, language, door):
    path, client = f"/{door}/{CODES['Đông Hà']}", app.test_client()
    spoken = {" ".join(text.shown.split()) for text in texts(language)}
    pages = (f"{path}?lang={language}&t=x", f"{path}/form?lang={language}")
    shown = texts_shown(*(client.get(page).text for page in pages))
    assert len(shown) > 120
    assert shown - spoken == set()


def test_a_text_that_two_forms_share_has_one_key(texts):
    full, one_tap = ({text.key for text in texts("vi", code)} for code in ("full_form", "one_tap"))
    assert text_key("Rất hài lòng") in full & one_tap
    assert len(one_tap - full) <= 2


def test_a_spoken_language_keeps_the_vietnamese_words(texts):
    assert [text.shown for text in texts("scb")] == [text.vietnamese for text in texts("vi")]
    english = {text.key: text.shown for text in texts("en")}
    assert english[text_key("Rất hài lòng")] == "Very satisfied"
    assert not re.search("[ăâđêôơư]", english[text_key("Xong")])
