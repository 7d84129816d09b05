"""Answers a browser without a script carries from page to page until it sends them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from survey_app.web.parsing import LIST_MARK

# Written by every page itself.
_OWN = frozenset({"s", "token", "lang", "id", "go", "step"})


@dataclass(frozen=True, slots=True)
class Carried:
    """Fields of earlier pages, with their repeats."""

    fields: MultiDict[str, str]

    def first(self, name: str) -> str:
        return self.fields.get(name, "")

    def said(self, name: str) -> str | None:
        """The answer, which may be empty ("I don't remember"), or None if there was none."""
        return self.fields.get(name)

    def chosen(self, name: str) -> list[str]:
        """What was ticked of a multi-select."""
        return self.fields.getlist(name + LIST_MARK)

    def without(self, names: Iterable[str]) -> "Carried":
        """What a page must carry on that asks these names itself."""
        asked = {spelt for name in names for spelt in (name, name + LIST_MARK)}
        kept = [(name, value) for name, value in self.fields.items(multi=True) if name not in asked | _OWN]
        return Carried(MultiDict(list(dict.fromkeys(kept))))

    def pairs(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields.items(multi=True))
