"""A form as citizens will see it, phone and kiosk side by side, and as it is printed; nothing can be sent from here.

The pages are drawn from the citizens' own templates, without code, token or script, in a frame that sends no form.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from survey_app.db import db
from survey_app.documents import paper
from survey_app.documents.paper import SheetPlace
from survey_app.errors import NotFound
from survey_app.languages import WRITTEN
from survey_app.queries.units import service_fields
from survey_app.services.definitions import definition_faults
from survey_app.services.forms import Form, compile_version
from survey_app.services.paper_sheet import sheet_columns
from survey_app.services.screen_faults import screen_faults
from survey_app.vocabulary import Channel
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.source import MAY_EDIT, Source, read_source
from survey_app.web.downloads import shown_pdf
from survey_app.web.headers import framed_by_own_pages, frames_own_pages
from survey_app.web.screens import FormPage, form_page
from survey_app.web.security import requires
from survey_app.web.visit import helpers, visit_steps

SIZES = (1, 2, 3)
FIRST, REASONS, THANKS = "question", "reasons", "thanks"


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What the citizens' templates ask of their page. Its links stay in the preview; it has nothing to send with."""

    source: str
    screen: str
    door: str
    lang: str
    size: int
    contrast: bool
    pictures: bool
    seat: bool
    is_step: bool = False
    kiosk: None = None
    is_simulated: bool = False
    is_spoken_only: bool = False
    is_ticketed: bool = False
    has_recordings: bool = False
    offers_full_form: bool = True
    token: str = ""
    submission_id: str = ""
    continuation: str = ""
    ticket_state: str = ""
    stage: str = ""
    field: str = ""
    ticket: str = ""
    assets: str = "preview"

    @property
    def unit_name(self) -> str:
        return _("Tên đơn vị")

    @property
    def choice(self) -> str:
        return self.lang

    @property
    def language_name(self) -> str:
        return WRITTEN[self.lang]

    @property
    def languages(self) -> tuple[tuple[str, str], ...]:
        return tuple(WRITTEN.items())

    @property
    def is_kiosk(self) -> bool:
        return self.door == "k"

    @property
    def has_comment(self) -> bool:
        return not self.is_kiosk

    @property
    def wording(self) -> Channel:
        return Channel.KIOSK if self.is_kiosk else Channel.QR

    @property
    def classes(self) -> str:
        said = {"kiosk": self.is_kiosk, "contrast": self.contrast, "seat": self.seat,
                "pictures-only": self.pictures}  # fmt: skip
        return " ".join([f"size-{self.size}", *(name for name, is_on in said.items() if is_on)])

    @property
    def start(self) -> str:
        return self.link(screen=FIRST)

    def link(self, **changes: Any) -> str:
        """This screen, or another, with other display choices."""
        said = {"screen": self.screen, "door": self.door, "lang": self.lang, "size": self.size,
                "contrast": int(self.contrast), "pictures": int(self.pictures), "seat": int(self.seat)}  # fmt: skip
        said |= {name: int(value) if isinstance(value, bool) else value for name, value in changes.items()}
        return f"{url_for('admin.questionnaire_screen', source=self.source)}?{urlencode(said)}"

    def action(self, _part: str = "") -> str:
        """Nowhere: what is pressed here goes to no address that takes an answer."""
        return "#"


class NothingSaid:
    """What a person said before, where nobody has said anything."""

    def chosen(self, _code: str) -> tuple[str, ...]:
        return ()

    def first(self, _code: str) -> str:
        return ""

    def said(self, _code: str) -> None:
        return None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return ()


@bp.get("/questionnaires/preview/<source>")
@requires(*MAY_EDIT)
@frames_own_pages
def questionnaire_preview(source: str) -> str:
    """Both sizes side by side, one screen at a time; a form with faults says what to mend first."""
    found = read_source(source)
    language = _language()
    faults = [*definition_faults(found.definition), *screen_faults(found.definition)]
    screens: list[tuple[str, str]] = []
    if not faults:
        page = _drawn(found, door="q", language=language)[1]
        screens = [(FIRST, _("Câu đầu")), (REASONS, _("Lý do")),
                   *((screen.code, screen.text) for screen in page.screens), (THANKS, _("Cảm ơn"))]  # fmt: skip
    codes = [code for code, _text in screens]
    chosen = request.args.get("screen", "")
    at = codes.index(chosen) if chosen in codes else 0
    return render_template(
        "admin/questionnaires/preview.html",
        source=found,
        screens=screens,
        screen=codes[at] if codes else "",
        at=at,
        language=language,
        languages=tuple(WRITTEN.items()),
        faults=faults,
        words=words,
    )


@bp.get("/questionnaires/preview/<source>/screen")
@requires(*MAY_EDIT)
@framed_by_own_pages
def questionnaire_screen(source: str) -> str:
    """One screen, drawn by the template citizens get."""
    found, asked = read_source(source), request.args
    door = "k" if asked.get("door") == "k" else "q"
    page = PreviewPage(
        source=source,
        screen=asked.get("screen", FIRST)[:40],
        door=door,
        lang=_language(),
        size=next((size for size in SIZES if asked.get("size") == str(size)), 1),
        contrast=asked.get("contrast") == "1",
        pictures=asked.get("pictures") == "1",
        seat=asked.get("seat") == "1",
    )
    with force_locale(page.lang):
        return _screen_text(found, page)


@bp.get("/questionnaires/preview/<source>/sheet.pdf")
@requires(*MAY_EDIT)
def questionnaire_sheet(source: str) -> Response:
    """The paper sheet of a form as a specimen, for no point in particular."""
    found = read_source(source)
    form = _compiled(found)
    begins = date.fromisoformat(found.definition["effective_from"])
    place = SheetPlace(_("Tên đơn vị"), _("Tên điểm đặt"), begins, is_simulated=False)
    columns = sheet_columns(form, service_fields(db.session))
    made = paper.specimen_pdf(form, columns=columns, place=place, language=_language())
    return shown_pdf(made, f"xem-truoc-{source}.pdf")


def _screen_text(source: Source, page: PreviewPage) -> str:
    form = _drawn(source, door=page.door, language=page.lang, pictures=page.pictures)[1]
    values = {
        "page": page,
        "form": form,
        "helpers": helpers(),
        "carried": NothingSaid(),
        "kept": NothingSaid(),
    }
    if page.screen == FIRST:
        return render_template("admin/questionnaires/preview_question.html", **values)
    if page.screen == REASONS:
        return render_template("admin/questionnaires/preview_reasons.html", tone="neutral", **values)
    if page.screen == THANKS:
        return render_template("admin/questionnaires/preview_thanks.html", receipt="", **values)
    screen = next((each for each in form.screens if each.code == page.screen), None)
    if screen is None:
        raise NotFound(f"screen {page.screen}")
    numbered = [each.code for each in form.screens if each.is_numbered]
    number = ""
    if screen.is_numbered:
        number = _("Câu {i}/{n}").format(i=numbered.index(screen.code) + 1, n=len(numbered))
    return render_template(
        "admin/questionnaires/preview_item.html", screen=screen, is_alone=True, number=number, **values
    )


def _drawn(source: Source, *, door: str, language: str, pictures: bool = False) -> tuple[Form, FormPage]:
    form = _compiled(source)
    asking = PreviewPage(source.key, FIRST, door, language, 1, contrast=False, pictures=pictures, seat=False)
    with force_locale(language):
        visit = visit_steps(service_fields(db.session), lang=language, in_pictures=pictures)
        return form, form_page(form, address=asking, visit=visit, has_pictures=pictures)


def _compiled(source: Source) -> Form:
    """The form of a definition that a citizen's page can show."""
    for fault in screen_faults(source.definition):
        raise fault
    return compile_version(source.definition)


def _language() -> str:
    asked = request.args.get("language") or request.args.get("lang") or "vi"
    return asked if asked in WRITTEN else "vi"
