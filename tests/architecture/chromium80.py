"""Finds in scripts and styles what no part of Chromium 80 knew, by the names in tests/data/chromium80."""

import json
import re
from collections.abc import Iterable, Iterator

import tinycss2
import tree_sitter_javascript
from tinycss2.ast import Node as CssNode
from tree_sitter import Language, Node, Parser

from config import ROOT

NEWER = json.loads((ROOT / "tests/data/chromium80/newer.json").read_text(encoding="utf-8"))
NAMES = {key: frozenset(value) for key, value in NEWER.items() if isinstance(value, list)}
# Units that the data name as groups.
GROUPED_UNITS = {
    f"viewport_percentage_units_{kind}": {f"{kind[0]}v{end}" for end in ("h", "w", "i", "b", "min", "max")}
    for kind in ("small", "large", "dynamic")
} | {"container_query_length_units": {"cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax"}}
UNITS = NAMES["css_functions_and_units"] | {
    unit for group, units in GROUPED_UNITS.items() if group in NAMES["css_functions_and_units"] for unit in units
}  # fmt: skip
FUNCTIONS = frozenset({
    "function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function",
    "generator_function_declaration",
})  # fmt: skip
LOGICAL = {
    "&&=": "operators.logical_and_assignment",
    "||=": "operators.logical_or_assignment",
    "??=": "operators.nullish_coalescing_assignment",
}
# A parser of the language without these refuses the file, which is a finding too.
UNPARSED = frozenset(
    name for name in NAMES["js_syntax"] if name.startswith(("statements.", "operators.import.", "grammar."))
)
DETECTED = frozenset({
    *LOGICAL.values(), "classes.private_class_fields_in", "classes.private_class_methods",
    "classes.static.initialization_blocks", "operators.await.top_level", "operators.import_meta.resolve",
    "regular_expressions.buffer_boundary_assertion", "regular_expressions.modifier",
    "regular_expressions.named_capturing_group.duplicate_named_capturing_groups",
})  # fmt: skip
NEWER_FLAGS = {"d": "hasIndices", "v": "unicodeSets"}

_parser = Parser(Language(tree_sitter_javascript.language()))


def script_findings(source: str) -> list[str]:
    """What of a script Chromium 80 does not know, each once, in order."""
    root = _parser.parse(source.encode()).root_node
    if root.has_error:
        return ["syntax: not understood"]
    nodes = list(_walk(root))
    ours = {_text(name) for node in nodes for name in _declared(node)}
    return list(dict.fromkeys(finding for node in nodes for finding in _of_node(node, ours)))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode()


def _declared(node: Node) -> list[Node]:
    """Names that the script itself gives to something."""
    if node.type in {"variable_declarator", "function_declaration", "class_declaration"}:
        name = node.child_by_field_name("name")
        return [part for part in _walk(name) if part.type == "identifier"] if name else []
    if node.type == "formal_parameters":
        return [part for part in _walk(node) if part.type == "identifier"]
    if node.type in {"arrow_function", "catch_clause"}:
        name = node.child_by_field_name("parameter")
        return [name] if name else []
    return []


def _of_node(node: Node, ours: set[str]) -> Iterator[str]:
    if node.type == "property_identifier" and node.parent and node.parent.type == "member_expression":
        # What follows `dataset` is a name of our own pages.
        is_ours = _text(node.parent.child_by_field_name("object")).endswith(".dataset")
        if _text(node) in NAMES["js_members"] and not is_ours:
            yield f"member: {_text(node)}"
    elif node.type == "identifier" and _text(node) in NAMES["js_globals"] - ours:
        yield f"global: {_text(node)}"
    elif node.type == "regex":
        yield from _of_regex(node)
    else:
        yield from (f"syntax: {name}" for name in _syntax(node))


def _syntax(node: Node) -> Iterator[str]:
    operator = _text(node.child_by_field_name("operator"))
    if node.type == "augmented_assignment_expression" and operator in LOGICAL:
        yield LOGICAL[operator]
    elif node.type == "class_static_block":
        yield "classes.static.initialization_blocks"
    elif node.type == "private_property_identifier" and node.parent:
        if node.parent.type == "method_definition":
            yield "classes.private_class_methods"
        if node.parent.type == "binary_expression":
            yield "classes.private_class_fields_in"
    elif node.type == "await_expression" and not _has_function_above(node):
        yield "operators.await.top_level"
    elif node.type == "import_attribute":
        yield "statements.import.import_attributes"
    elif node.type in {"import_specifier", "export_specifier", "namespace_export"} and '"' in _text(node):
        yield f"statements.{node.type[:6]}.arbitrary_module_namespace_identifier_names"
    elif node.type == "member_expression" and _text(node) == "import.meta.resolve":
        yield "operators.import_meta.resolve"
    elif node.type == "call_expression" and _text(node.child_by_field_name("function")) == "import":
        arguments = node.child_by_field_name("arguments")
        if arguments and arguments.named_child_count > 1:
            yield "operators.import.options_parameter"


def _has_function_above(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type not in FUNCTIONS:
        above = above.parent
    return above is not None


def _of_regex(node: Node) -> Iterator[str]:
    pattern, flags = _text(node.child_by_field_name("pattern")), _text(node.child_by_field_name("flags"))
    for flag, member in NEWER_FLAGS.items():
        if flag in flags and member in NAMES["js_members"]:
            yield f"syntax: regular expression flag {flag}"
    if re.search(r"\(\?[ims]*-?[ims]+:", pattern):
        yield "syntax: regular_expressions.modifier"
    if re.search(r"(?<!\\)\\[Az]", pattern):
        yield "syntax: regular_expressions.buffer_boundary_assertion"
    named = re.findall(r"\(\?<(\w+)>", pattern)
    if len(named) > len(set(named)):
        yield "syntax: regular_expressions.named_capturing_group.duplicate_named_capturing_groups"


def style_findings(source: str) -> list[str]:
    """What of a style sheet Chromium 80 does not know, each once, in order."""
    rules = tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True)
    return list(dict.fromkeys(_of_rules(rules)))


def _of_rules(rules: Iterable[CssNode]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "error":
            yield f"syntax: {rule.message}"
        elif rule.type == "at-rule":
            yield from _of_at_rule(rule)
        elif rule.type == "qualified-rule":
            yield from _of_selector(rule.prelude)
            yield from _of_block(rule.content)


def _of_at_rule(rule: CssNode) -> Iterator[str]:
    keyword = rule.lower_at_keyword
    if keyword in NAMES["css_at_rules"]:
        yield f"at-rule: @{keyword}"
    if keyword == "media":
        yield from _of_query(rule.prelude)
    if rule.content is None:
        return
    if keyword in {"media", "supports", "layer", "container", "scope"}:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        yield from _of_rules(inner)
    elif keyword.endswith("keyframes"):
        for frame in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
            yield from _of_block(frame.content)
    else:
        yield from _of_block(rule.content)


def _of_query(prelude: Iterable[CssNode]) -> Iterator[str]:
    for token in prelude:
        if token.type == "ident" and token.lower_value == "or":
            yield "media: or"
        if token.type == "() block":
            words = [part.lower_value for part in token.content if part.type == "ident"]
            yield from (f"media: {word}" for word in words[:1] if word in NAMES["css_media_features"])
            if any(part.type == "literal" and part.value in {"<", ">", "<=", ">="} for part in token.content):
                yield "media: range_syntax"
            yield from _of_query(token.content)


def _of_selector(prelude: list[CssNode]) -> Iterator[str]:
    for before, token in zip([None, *prelude], prelude, strict=False):
        name = {"ident": "lower_value", "function": "lower_name"}.get(token.type)
        if name and before is not None and before.type == "literal" and before.value == ":":
            found = getattr(token, name)
            if found in NAMES["css_selectors"]:
                yield f"selector: :{found}"
        if token.type == "literal" and token.value == "&":
            yield "selector: nesting"
        if token.type == "function":
            yield from _of_selector(token.arguments)


def _of_block(content: list[CssNode]) -> Iterator[str]:
    for part in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if part.type == "qualified-rule":
            yield "selector: nesting"
        elif part.type == "at-rule":
            yield from _of_at_rule(part)
        elif part.type == "declaration" and not part.name.startswith("--"):
            yield from _of_declaration(part.lower_name, part.value)
        elif part.type == "declaration":
            yield from _of_values("", part.value)


def _of_declaration(name: str, value: list[CssNode]) -> Iterator[str]:
    if name in NAMES["css_properties"]:
        yield f"property: {name}"
        return
    # In a flex box the gap is newer than in a grid, which may say grid-gap.
    if "flex_context" in NEWER["css_values"].get(name, ()):
        yield f"property: {name}"
    yield from _of_values(name, value)


def _of_values(name: str, tokens: Iterable[CssNode]) -> Iterator[str]:
    for token in tokens:
        if token.type == "ident" and token.lower_value in NEWER["css_values"].get(name, ()):
            yield f"value: {name}: {token.lower_value}"
        elif token.type == "dimension" and token.lower_unit in UNITS:
            yield f"unit: {token.lower_unit}"
        elif token.type == "function":
            if token.lower_name in NAMES["css_functions_and_units"]:
                yield f"function: {token.lower_name}()"
            yield from _of_values(name, token.arguments)
