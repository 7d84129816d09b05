"""What citizens' pages need of a form beyond a valid definition."""

from collections.abc import Sequence
from typing import Any

from survey_app.errors import DefinitionError
from survey_app.services.definitions import MULTI_KINDS, Definition, items_under
from survey_app.services.forms import OVERALL

REASONS = "reasons"
TONES = frozenset({"good", "bad", "neutral"})


def screen_faults(definition: Definition) -> list[DefinitionError]:
    """Where the pages begin, and the reasons they ask next; empty for a form that can be shown."""
    items = {item["code"]: item for item in items_under(definition["tree"])}
    faults = []
    headline = items.get(OVERALL)
    if headline is None or definition["index"]["headline"] != OVERALL or headline.get("screen") != "question":
        faults.append(DefinitionError("index.headline", "citizens' pages begin with the item overall"))
    reasons = items.get(REASONS)
    if reasons is None or reasons["kind"] not in MULTI_KINDS or reasons.get("screen") != REASONS:
        faults.append(DefinitionError("tree", "citizens' pages need the multi-select reasons"))
    elif any(option.get("group") not in TONES for option in reasons.get("options", ())):
        place = next(path for path, item in _paths(definition["tree"], "tree") if item is reasons)
        faults.append(DefinitionError(f"{place}.options", "every reason is good, bad or neutral"))
    return faults


def _paths(nodes: Sequence[Any], path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for place, node in enumerate(nodes):
        here = f"{path}[{place}]"
        found += [(here, node), *_paths(node.get("children", ()), f"{here}.children")]
    return found
