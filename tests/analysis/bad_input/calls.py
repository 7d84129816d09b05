"""One valid call of every public function of `analysis`: that of its own docstring's example."""

import contextlib
import copy
import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import analysis

BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
LEFT_OUT = tuple(
    f"analysis.{part}"
    for part in ("charts", "validation", "errors", "arguments", "arithmetic", "distributions")
)
"""Pictures, and what stands behind the checks."""


@dataclass(frozen=True)
class Call:
    """A function with arguments that it accepts, by name, defaults included."""

    function: Callable[..., Any]
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.function.__module__.removeprefix('analysis.')}.{self.function.__qualname__}"

    def with_argument(self, name: str, value: Any) -> "Call":
        return Call(self.function, self.arguments | {name: value})

    def __call__(self) -> Any:
        """The result; a random generator starts where it stood when the call was recorded."""
        signature = inspect.signature(self.function)
        given = {name: copied(value) for name, value in self.arguments.items()}
        kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
        first = [value for name, value in given.items() if kinds[name] in BY_POSITION]
        several = [
            one for name in given if kinds[name] is inspect.Parameter.VAR_POSITIONAL for one in given[name]
        ]
        named = {
            name: value for name, value in given.items() if kinds[name] is inspect.Parameter.KEYWORD_ONLY
        }
        for name in given:
            if kinds[name] is inspect.Parameter.VAR_KEYWORD:
                named |= given[name]
        return self.function(*first, *several, **named)


def copied(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


@cache
def public_functions() -> dict[str, Callable[..., Any]]:
    """By dotted name without `analysis.`."""
    found = {}
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        if module.name.startswith(LEFT_OUT):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_"):
                found[f"{module.name.removeprefix('analysis.')}.{name}"] = value
    return found


def bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """A call with its defaults written out."""
    arguments = inspect.signature(function).bind(*args, **kwargs)
    arguments.apply_defaults()
    return Call(function, {name: copied(value) for name, value in arguments.arguments.items()})


def documented_calls(function: Callable[..., Any]) -> list[Call]:
    """The calls that a function's own example makes."""
    calls: list[Call] = []

    def recorded(*args: Any, **kwargs: Any) -> Any:
        calls.append(bound(function, *args, **kwargs))
        return function(*args, **kwargs)

    names = vars(importlib.import_module(function.__module__)) | {function.__name__: recorded}
    with contextlib.redirect_stdout(io.StringIO()):
        for example in doctest.DocTestParser().get_examples(function.__doc__ or ""):
            exec(compile(example.source, function.__name__, "single"), names)
    return calls
