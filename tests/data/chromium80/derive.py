"""Reduce MDN's browser-compat-data to the names that came after Chromium 80.

    npm pack @mdn/browser-compat-data@8.1.9 && tar xzf mdn-browser-compat-data-8.1.9.tgz
    python derive.py package/data.json > newer.json

A name counts as old when any feature of that name was in Chromium 80 without a prefix or a flag: `at` of a new
interface is not told from `at` of an old one. What is left are names that no part of Chromium 80 knew.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

BUILT_FOR = 80
NEVER = 10_000


def added(compat: dict) -> int:
    """The version of Chromium that first had a feature, plainly."""
    support = compat["support"].get("chrome", {"version_added": False})
    plain = [
        _version(entry["version_added"])
        for entry in (support if isinstance(support, list) else [support])
        if not {"flags", "prefix", "alternative_name"} & entry.keys()
    ]
    return min(plain, default=NEVER)


def _version(text: object) -> int:
    found = re.match(r"≤?(\d+)", str(text))
    return int(found.group(1)) if found else NEVER


def features(node: dict, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    for name, child in node.items():
        if name == "__compat" or not isinstance(child, dict):
            continue
        here = (*path, name)
        if "__compat" in child:
            yield here, added(child["__compat"])
        yield from features(child, here)


def newer(pairs: Iterator[tuple[str, int]]) -> list[str]:
    """Names of which every bearer is newer."""
    first: dict[str, int] = {}
    for name, version in pairs:
        first[name] = min(version, first.get(name, NEVER))
    return sorted(name for name, version in first.items() if version > BUILT_FOR)


def members(data: dict) -> Iterator[tuple[str, int]]:
    """What stands after a dot: members of interfaces and of the language's own objects."""
    for path, version in features(data["api"]):
        if len(path) == 2 and not path[1].endswith("_event"):
            yield path[1].removesuffix("_static"), version
    for path, version in features(data["javascript"]["builtins"]):
        if len(path) == 2 or (len(path) == 3 and path[0] in {"Intl", "Temporal"}):
            yield path[-1], version


def globals_of(data: dict) -> Iterator[tuple[str, int]]:
    """What stands alone: interfaces, the language's own objects, and members of the global scopes."""
    for node in (data["api"], data["javascript"]["builtins"]):
        for path, version in features(node):
            if len(path) == 1 or (len(path) == 2 and path[0] in {"Window", "WorkerGlobalScope"}):
                yield path[-1], version


def names_of(data: dict) -> dict[str, object]:
    css = data["css"]
    values = {
        name: found
        for name, node in css["properties"].items()
        if (found := newer((path[-1], version) for path, version in features(node) if len(path) == 1))
    }
    syntax = [
        (".".join((part, *path)), version)
        for part, node in data["javascript"].items()
        if part != "builtins"
        for path, version in features(node, ())
    ]
    functions = [*features(css["types"]), *features(css["properties"])]
    return {
        "about": {"source": "@mdn/browser-compat-data", "licence": "CC0-1.0", "built_for": f"Chromium {BUILT_FOR}",
                  **data["__meta"]},
        "css_properties": newer((path[0], version) for path, version in features(css["properties"]) if len(path) == 1),
        "css_values": values,
        "css_functions_and_units": newer((path[-1], version) for path, version in functions),
        "css_selectors": newer((path[0], version) for path, version in features(css["selectors"])),
        "css_at_rules": newer((path[0], version) for path, version in features(css["at-rules"]) if len(path) == 1),
        "css_media_features": newer(
            (path[0], version) for path, version in features(css["at-rules"]["media"]) if len(path) == 1
        ),
        "js_globals": newer(globals_of(data)),
        "js_members": newer(members(data)),
        "js_syntax": sorted(name for name, version in syntax if version > BUILT_FOR),
    }  # fmt: skip


if __name__ == "__main__":
    compat = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(names_of(compat), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
