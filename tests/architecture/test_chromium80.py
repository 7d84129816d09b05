"""The citizen's scripts and styles are written for Chromium 80, of old phones and kiosks; checked without a browser."""

from pathlib import Path

import pytest

from config import ROOT
from tests.architecture.chromium80 import DETECTED, NAMES, UNPARSED, script_findings, style_findings

STATIC = ROOT / "survey_app" / "static"
# Pages of the staff are opened on office computers with a browser of today.
STAFF_ONLY = {
    "admin.css", "batch-progress.js", "charts.js", "documents.css", "paper-grid.js", "preview.css", "results.css",
    "security-key.js", "shown-once.js", "staff.css",
}  # fmt: skip
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if path.name not in STAFF_ONLY)
STYLES = sorted(path for path in STATIC.rglob("*.css") if path.name not in STAFF_ONLY)

# What is newer and may stay, because the page is whole without it.
ALLOWED: dict[str, dict[str, str]] = {
    "citizen.js": {"member: first": "a property of the script's own state"},
    "heart.js": {
        "member: finished": "a counter of our own",
        "member: quota": "of a storage estimate, which is asked for first",
        "member: usage": "of a storage estimate",
    },
    "main.js": {
        "member: hours": "of the kiosk's own profile",
        "member: wakeLock": "asked for where there is one",
    },
    "panel.js": {
        "member: quota": "of a storage estimate",
        "member: usage": "of a storage estimate",
        "member: records": "a function of store.js",
        "member: at": "a time in a record of our own",
    },
    "queue.js": {"member: records": "a function of store.js", "member: at": "a time in a record of our own"},
    "store.js": {"member: finished": "a counter of our own"},
    "kiosk.css": {"property: -webkit-touch-callout": "for iPads; Chromium has no such callout"},
    "citizen.css": {
        "selector: :focus-visible": "where it is unknown its rules are dropped, and every focus shows its outline",
        "property: accent-color": "a radio button in the browser's own colour works as well",
        "property: text-wrap": "lines break somewhere else",
        "media: forced-colors": "that mode came with it",
    },
}


def unexplained(path: Path, findings: list[str]) -> list[str]:
    return [finding for finding in findings if finding not in ALLOWED.get(path.name, {})]


def test_there_are_scripts_and_styles_to_check():
    assert {"citizen.js", "listen.js"} <= {path.name for path in SCRIPTS}
    assert "citizen.css" in {path.name for path in STYLES}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_uses_nothing_newer_than_chromium_80(path):
    assert unexplained(path, script_findings(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_uses_nothing_newer_than_chromium_80(path):
    assert unexplained(path, style_findings(path.read_text(encoding="utf-8"))) == []


def test_everything_that_is_allowed_is_still_there():
    """A reason for something that is gone would let it back in unseen."""
    for path in [*SCRIPTS, *STYLES]:
        check = script_findings if path.suffix == ".js" else style_findings
        found = check(path.read_text(encoding="utf-8"))
        assert ALLOWED.get(path.name, {}).keys() <= set(found), path.name


def test_every_newer_syntax_of_the_data_is_looked_for():
    assert NAMES["js_syntax"] == DETECTED | UNPARSED


@pytest.mark.parametrize(
    ("script", "finding"),
    [
        ("a ??= 1;", "syntax: operators.nullish_coalescing_assignment"),
        ("a ||= 1;", "syntax: operators.logical_or_assignment"),
        ("a &&= 1;", "syntax: operators.logical_and_assignment"),
        ("class A { static { a(); } }", "syntax: classes.static.initialization_blocks"),
        ("class A { #b() {} }", "syntax: classes.private_class_methods"),
        ("class A { #b; c(o) { return #b in o; } }", "syntax: classes.private_class_fields_in"),
        ("await a;", "syntax: operators.await.top_level"),
        ("import.meta.resolve('a');", "syntax: operators.import_meta.resolve"),
        ("import('a', {with: {type: 'json'}});", "syntax: operators.import.options_parameter"),
        ("import a from './a.json' with { type: 'json' };", "syntax: statements.import.import_attributes"),
        ("import { \"a b\" as c } from './a.js';",
         "syntax: statements.import.arbitrary_module_namespace_identifier_names"),
        ("using a = b;\nfor (;;;) {}", "syntax: not understood"),
        ("/(?i:a)b/.test(c);", "syntax: regular_expressions.modifier"),
        ("/(?<y>a)|(?<y>b)/;",
         "syntax: regular_expressions.named_capturing_group.duplicate_named_capturing_groups"),
        (r"/\Aa/u;", "syntax: regular_expressions.buffer_boundary_assertion"),
        ("/a/d;", "syntax: regular expression flag d"),
        ("a.replaceAll('b', 'c');", "member: replaceAll"),
        ("a?.at(-1);", "member: at"),
        ("Object.hasOwn(a, 'b');", "member: hasOwn"),
        ("crypto.randomUUID();", "member: randomUUID"),
        ("structuredClone(a);", "global: structuredClone"),
        ("new WeakRef(a);", "global: WeakRef"),
        ("navigation.back();",
         "global: navigation"),
    ],
)  # fmt: skip
def test_a_newer_script_is_found_out(script, finding):
    assert finding in script_findings(script)


@pytest.mark.parametrize(
    "script",
    [
        "a?.b ?? c;", "class A { #b = 1; static c = 2; }", "async () => { await a; };", "import('a');",
        "import a, { b } from './a.js'; export const c = a; export * as d from './d.js';",
        "const structuredClone = a => a; structuredClone(b);", "navigator.sendBeacon('a', new Blob([]));",
        "Promise.allSettled([]); [].flat().flatMap(a => a); Object.fromEntries(b); ' '.trimStart();",
        "/(?<a>b)(?<!c)(?:d)/su.test(e); indexedDB.open('f'); new AbortController();",
    ],
)  # fmt: skip
def test_what_chromium_80_knows_is_let_through(script):
    assert script_findings(script) == []


@pytest.mark.parametrize(
    ("style", "finding"),
    [
        ("a { inset: 0; }", "property: inset"), ("a { aspect-ratio: 1; }", "property: aspect-ratio"),
        ("a { display: flex; gap: 1rem; }", "property: gap"), ("a { overflow: clip; }", "value: overflow: clip"),
        ("a { color: color-mix(in srgb, red, blue); }", "function: color-mix()"),
        ("a { --b: oklch(1 0 0); }", "function: oklch()"), ("a { height: 100dvh; }", "unit: dvh"),
        ("a { width: 50cqi; }", "unit: cqi"), ("a:has(b) { color: red; }", "selector: :has"),
        (":not(a:is(b, c)) { color: red; }", "selector: :is"), ("a { & b { color: red; } }", "selector: nesting"),
        ("@layer a { b { color: red; } }", "at-rule: @layer"),
        ("@media (width >= 40rem) { a { color: red; } }", "media: range_syntax"),
        ("@media (prefers-contrast: more) { a { color: red; } }", "media: prefers-contrast"),
        ("@media (min-width: 1px) { a { translate: 1px; } }", "property: translate"),
    ],
)  # fmt: skip
def test_a_newer_style_is_found_out(style, finding):
    assert finding in style_findings(style)


def test_a_style_that_chromium_80_knows_is_let_through():
    assert (
        style_findings(
            "@media (min-width: 40rem) and (orientation: landscape) { .a::before:not(b) { display: grid; "
            "grid-gap: 1rem; width: min(10px, 2vh); padding: env(safe-area-inset-top); position: sticky; } } "
            "@keyframes a { to { transform: scaleX(0); } } :focus { outline: 3px solid var(--b, #fff); }"
        )
        == []
    )
