"""What an address or a form of the registry's pages asks for: days, numbers, roles."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from flask import flash, request

from survey_app.errors import RegistryMovedOn, RegistryRefused
from survey_app.services.cell_values import read_count, read_day
from survey_app.services.known_tables import BadValue
from survey_app.web.admin.registry.words import refusal
from survey_app.web.current import today
from survey_app.web.security import Role

EDITORS = (Role.ADMIN, Role.PAR_OFFICE)
READERS = (*EDITORS, Role.MANAGER, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)
View = TypeVar("View", bound=Callable[..., Any])


def day_asked() -> date:
    """The day of the "as at" switch; today where none, or no day, is given."""
    try:
        return read_day(request.args.get("on", ""))
    except BadValue:
        return today()


def carried(on: date) -> str | None:
    """The day as links carry it: today needs no mention."""
    return None if on == today() else on.isoformat()


def day_of(form: Mapping[str, str], name: str) -> date:
    try:
        return read_day(form.get(name, ""))
    except BadValue:
        raise RegistryRefused("not_a_date") from None


def whole_of(form: Mapping[str, str], name: str, *, reason: str) -> int:
    """A whole number, its thousands separated as people write them or not."""
    text = form.get(name, "")
    if not text.strip():
        raise RegistryRefused(reason)
    try:
        return read_count(text)
    except BadValue:
        raise RegistryRefused(reason) from None


def may_edit(role: Role) -> bool:
    return role in EDITORS


def told(error: RegistryRefused | RegistryMovedOn) -> str:
    """Why nothing was done."""
    return refusal(error) if isinstance(error, RegistryRefused) else refusal(RegistryRefused("moved_on"))


def refusals_are_told(page: Callable[..., Any]) -> Callable[[View], View]:
    """A refused edit shows its page again (422), which says why. The page is `page` of the view's own arguments."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(**arguments: Any) -> Any:
            try:
                return view(**arguments)
            except (RegistryRefused, RegistryMovedOn) as error:
                flash(told(error), "problem")
                return page(**arguments), 422

        return answered  # type: ignore[return-value]

    return decorate
