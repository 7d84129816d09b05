"""Rules a case writes down for columns to make from its file, such as "1 if api00 >= 700 else 0"."""

import ast
import operator
import re
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

Columns = dict[str, np.ndarray]

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: np.isin,
    ast.NotIn: lambda values, listed: ~np.isin(values, listed),
    ast.And: np.logical_and.reduce,
    ast.Or: np.logical_or.reduce,
    ast.USub: operator.neg,
    ast.Not: np.logical_not,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log": np.log, "sqrt": np.sqrt, "exp": np.exp, "abs": np.abs, "I": lambda value: value,
}  # fmt: skip


def with_rule(columns: Columns, name: str, rule: str, *, asked: Collection[str] = ()) -> Columns:
    """The columns with what one written rule adds, or without the rows it leaves out.

    A rule in words, or of columns that another file of the case has, changes nothing.
    """
    if left_out := re.match(r"(?:data )?rows? (\d[\d, and]*)", rule):
        rows = [int(row) - 1 for row in re.findall(r"\d+", left_out.group(1))]
        return {column: np.delete(values, rows) for column, values in columns.items()}
    if reversed_ := re.match(r"(\d+) - answers?(?: (?:for|on|of) (?:items? )?(.*))?$", rule):
        top, listed = reversed_.groups()
        names = re.split(r", | and ", listed or name)
        olds = names if listed else [new.removesuffix("r") for new in names]
        # A reversed item has a name of its own, or the old one where nobody asks for a new one.
        turned = {f"{old}r": float(top) - columns[old] for old in olds if old in columns}
        in_place = {old: turned[f"{old}r"] for old in olds if old in asked and f"{old}r" not in asked}
        return columns | turned | in_place
    if re.search(r"\banswers?\b", rule):
        return columns
    try:
        return columns | {name: evaluated(rule.removesuffix(" for every row"), columns)}
    except (SyntaxError, KeyError):
        return columns


def evaluated(rule: str, columns: Columns) -> np.ndarray:
    """A rule such as "1 if api00 >= 700 else 0", row by row; missing where a column it reads is missing."""
    rule = re.sub(r"(?<![<>=!])=(?!=)", "==", rule.replace("^", "**"))
    names: dict[str, str] = {}
    named = [column for column in columns if column and not column.isdigit()]
    for position, column in enumerate(sorted(named, key=len, reverse=True)):
        rule, found = re.subn(rf"(?<![\w.'\"]){re.escape(column)}(?![\w.'\"])", f"_{position}_", rule)
        if found:
            names[f"_{position}_"] = column
    size = len(next(iter(columns.values())))
    values = np.broadcast_to(_value(ast.parse(rule, mode="eval").body, columns, names), (size,))
    values = np.array(values, dtype=values.dtype if values.dtype.kind == "U" else float)
    for column in names.values():
        values[missing(columns[column])] = "" if values.dtype.kind == "U" else np.nan
    return values


def missing(column: np.ndarray) -> np.ndarray:
    return np.isnan(column) if column.dtype.kind == "f" else np.isin(column, ("", "NA"))


def _value(node: ast.expr, columns: Columns, names: dict[str, str]) -> Any:
    def of(part: ast.expr) -> Any:
        return _value(part, columns, names)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id="TRUE" | "FALSE" as word):
            return word
        case ast.Name(id=name):
            return columns[names[name]]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [of(part) for part in parts]
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](of(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](of(left), of(right))
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = [of(part) for part in (left, *rights)]
            links = [OPERATORS[type(op)](*pair) for op, *pair in zip(ops, sides[:-1], sides[1:], strict=True)]
            return np.logical_and.reduce(links).astype(float)
        case ast.BoolOp(op=op, values=parts):
            return OPERATORS[type(op)]([of(part) for part in parts]).astype(float)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return np.where(of(test), of(body), of(orelse))
        case ast.Call(func=ast.Name(id=name), args=parts):
            return FUNCTIONS[name](*(of(part) for part in parts))
    raise SyntaxError(f"a rule with {ast.dump(node)}")
