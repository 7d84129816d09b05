"""The conditions that `relevant` may hold: answers of earlier questions joined by `and` and `or`. Never evaluated.

    ${q} = 'a'     'a' = ${q}     selected(${q}, 'a')     ( … )     … and …     … or …

`or` may only join answers of one question: that is what a definition can say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_DEPTH = 20
_TOKEN = re.compile(
    r"\s*(?:\$\{(?P<name>[^{}]*)\}|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<number>\d+(?![\w.]))"
    r"|(?P<word>[A-Za-z_][\w.:-]*)|(?P<mark>[()=,])|(?P<other>\S))"
)

_CALL = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_MAY_STAND_BEFORE_A_BRACKET = frozenset({"selected", "and", "or"})


class NotUnderstood(Exception):
    """The text is no condition that a definition can hold; `reason` is a code of `findings`."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: {part}")
        self.reason = reason
        self.part = part


@dataclass(frozen=True, slots=True)
class Clause:
    """One question and the answers of which one must have been given; `is_equality` where it was written with `=`."""

    name: str
    values: tuple[str, ...]
    is_equality: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse_condition(text: str) -> tuple[Clause, ...]:
    """The clauses of a condition, all of which must hold; raises `NotUnderstood` for anything else."""
    _refuse_functions(text)
    parser = _Parser(list(_tokens(text)))
    clauses = parser.any_of(0)
    parser.expect_end()
    return clauses


def write_condition(clauses: Sequence[tuple[str, Sequence[str], bool]]) -> str:
    """The same as text, from (question, answers, whether several may be chosen)."""
    written = []
    for name, values, is_multiple in clauses:
        parts = [f"selected(${{{name}}}, '{v}')" if is_multiple else f"${{{name}}} = '{v}'" for v in values]
        joined = " or ".join(parts)
        written.append(f"({joined})" if len(parts) > 1 and len(clauses) > 1 else joined)
    return " and ".join(written)


def _refuse_functions(text: str) -> None:
    """Functions of XPath are named as such, wherever in the text the grammar is left."""
    for name in _CALL.findall(_QUOTED.sub("''", text)):
        if name not in _MAY_STAND_BEFORE_A_BRACKET:
            raise NotUnderstood("relevant_function", name)


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise NotUnderstood("relevant_grammar", text[place:])
        kind, written = found.lastgroup, found.group(found.lastgroup)
        place = found.end()
        if kind == "other":
            raise NotUnderstood("relevant_grammar", text[found.start() :].strip())
        yield _Token("value" if kind in {"single", "double", "number"} else kind, written)


class _Parser:
    """Recursive descent over the tokens; how deep it goes is bounded."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0

    def any_of(self, depth: int) -> tuple[Clause, ...]:
        parts = [self.all_of(depth)]
        while self.takes("word", "or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else (_united(parts),)

    def all_of(self, depth: int) -> tuple[Clause, ...]:
        clauses = [*self.one(depth)]
        while self.takes("word", "and"):
            clauses += self.one(depth)
        return tuple(clauses)

    def one(self, depth: int) -> tuple[Clause, ...]:
        if depth > MAX_DEPTH:
            raise NotUnderstood("relevant_grammar", "((…")
        if self.takes("mark", "("):
            inner = self.any_of(depth + 1)
            self.expect("mark", ")")
            return inner
        token = self.next()
        if token.kind == "word":
            return (self.selected(token.text),)
        if token.kind not in {"name", "value"}:
            raise NotUnderstood("relevant_grammar", token.text)
        self.expect("mark", "=")
        other = self.next()
        sides: Mapping[str, str] = {token.kind: token.text, other.kind: other.text}
        if set(sides) != {"name", "value"}:
            raise NotUnderstood("relevant_shape", other.text)
        return (Clause(sides["name"], (sides["value"],), True),)

    def selected(self, function: str) -> Clause:
        if function != "selected":
            raise NotUnderstood("relevant_grammar", function)
        self.expect("mark", "(")
        name = self.next()
        self.expect("mark", ",")
        value = self.next()
        self.expect("mark", ")")
        if (name.kind, value.kind) != ("name", "value"):
            raise NotUnderstood("relevant_shape", "selected")
        return Clause(name.text, (value.text,), False)

    def next(self) -> _Token:
        if self.place >= len(self.tokens):
            raise NotUnderstood("relevant_grammar", "…")
        self.place += 1
        return self.tokens[self.place - 1]

    def takes(self, kind: str, text: str) -> bool:
        is_there = self.place < len(self.tokens) and self.tokens[self.place] == _Token(kind, text)
        self.place += is_there
        return is_there

    def expect(self, kind: str, text: str) -> None:
        if not self.takes(kind, text):
            raise NotUnderstood("relevant_grammar", text)

    def expect_end(self) -> None:
        if self.place < len(self.tokens):
            raise NotUnderstood("relevant_grammar", self.tokens[self.place].text)


def _united(parts: Sequence[tuple[Clause, ...]]) -> Clause:
    """Alternatives that are answers of one question, as one clause."""
    names = {clause.name for part in parts for clause in part}
    if len(names) != 1 or any(len(part) != 1 for part in parts):
        raise NotUnderstood("relevant_shape", "or")
    clauses = [part[0] for part in parts]
    values = tuple(dict.fromkeys(value for clause in clauses for value in clause.values))
    return Clause(clauses[0].name, values, any(clause.is_equality for clause in clauses))
