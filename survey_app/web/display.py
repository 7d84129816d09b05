"""What every staff page has at hand: words, charts, navigation, and the reader's choices carried in links."""

from collections.abc import Mapping, Set
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _

from survey_app import sentences
from survey_app.figure_notes import figure_note
from survey_app.i18n import LANGUAGES
from survey_app.services import trends
from survey_app.services.figures import ToDo
from survey_app.web import charts
from survey_app.web.security import Role, access_table, may_open
from survey_app.web.unit_kinds import UNIT_KINDS

CARRYING = frozenset({"admin", "auth", "fieldwork", "manager", "par_office", "public"})
# They only lead on.
ENTRANCES = frozenset({"admin.home", "fieldwork.home"})


class StaffPage(NamedTuple):
    """An entry of the navigation."""

    blueprint: str
    endpoint: str
    title: str


def prepare(state: BlueprintSetupState) -> None:
    """Give the templates their globals, once, when the first staff blueprint is registered."""
    app: Flask = state.app
    if "say" in app.jinja_env.globals:
        return
    app.jinja_env.globals.update(
        say=sentences,
        charts=charts,
        figure_note=figure_note,
        staff_pages=staff_pages,
        is_current_page=is_current_page,
        may_open=may_open,
        to_do_action=to_do_action,
        carried_choices=carried_choices,
        contrast_path=contrast_path,
        path_without_language=path_without_language,
        wants_high_contrast=wants_high_contrast,
        is_demo=is_demo,
        requires_second_factor=requires_second_factor,
        trend_points_needed=trends.POINTS_NEEDED,
        unit_kinds=UNIT_KINDS,
    )
    app.url_defaults(_carry_choices)


def staff_pages(role: Role) -> list[StaffPage]:
    """The pages open to a role, read off the access table; a room in which it may open nothing is left out."""
    pages = (
        StaffPage("manager", "manager.home", _("Đơn vị của tôi")),
        StaffPage("manager", "manager.hearings", _("Lấy ý kiến")),
        StaffPage("par_office", "par_office.home", _("Phân tích")),
        StaffPage("par_office", "par_office.publications", _("Công bố kết quả")),
        StaffPage("fieldwork", "fieldwork.home", _("Thu thập ý kiến")),
        StaffPage("admin", "admin.home", _("Thiết lập")),
    )
    table = access_table(current_app)
    opened = {endpoint for endpoint, access in table.items() if access and role in access.roles}
    return [page for page in pages if page.endpoint in opened and _leads_somewhere(page, opened)]


def is_current_page(page: StaffPage, pages: list[StaffPage]) -> bool:
    """Whether the reader is behind this entry: by the name of the page, else the first entry of its room."""
    endpoint = request.endpoint or ""
    named = [each for each in pages if endpoint.startswith(each.endpoint.rstrip("s"))]
    of_room = [each for each in pages if each.blueprint == request.blueprint]
    return page in (named or of_room)[:1]


def _leads_somewhere(page: StaffPage, opened: Set[str]) -> bool:
    """Whether there is something behind a page that is the entrance to a room; other pages are enough themselves."""
    is_entrance = page.endpoint in ENTRANCES
    return not is_entrance or any(each.startswith(f"{page.blueprint}.") for each in opened - ENTRANCES)


def to_do_action(item: ToDo, unit_id: int) -> tuple[str, str] | None:
    """The one thing to do about an entry of the list: its address and its words; None where the reader has none."""
    if item.kind == "owing_device" and may_open("fieldwork.device"):
        return url_for("fieldwork.device", device_id=item.target_id), _("Xem máy")
    if item.kind == "silent_point" and may_open("fieldwork.device_list"):
        return url_for("fieldwork.device_list"), _("Xem các máy")
    if item.kind == "new_comments" and may_open("manager.comments"):
        return url_for("manager.comments", unit_id=unit_id), _("Đọc góp ý")
    return None


def is_demo() -> bool:
    """Whether everything here is made up to be shown; then every page says so."""
    return bool(current_app.extensions["settings"].IS_DEMO)


def requires_second_factor() -> bool:
    return bool(current_app.extensions["settings"].REQUIRES_SECOND_FACTOR)


def wants_high_contrast() -> bool:
    return request.args.get("contrast") == "high"


def carried_choices() -> dict[str, str]:
    """Choices of the reader that stay while they move from page to page."""
    chosen = {"contrast": "high"} if wants_high_contrast() else {}
    language = request.args.get("lang")
    return {**chosen, "lang": language} if language in LANGUAGES else chosen


def contrast_path() -> str:
    """This page with the other contrast."""
    arguments = {**request.args.to_dict(), "contrast": "high"}
    if wants_high_contrast():
        del arguments["contrast"]
    return _path(arguments)


def path_without_language() -> str:
    """This page without a language of its own, so that the one chosen next holds."""
    return _path({name: value for name, value in request.args.items() if name != "lang"})


def _path(arguments: Mapping[str, str]) -> str:
    return f"{request.path}?{urlencode(arguments)}" if arguments else request.path


def _carry_choices(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.partition(".")[0] in CARRYING and request:
        for name, value in carried_choices().items():
            values.setdefault(name, value)
