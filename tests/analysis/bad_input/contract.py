"""What a call with bad input may do: say a named error, or give a result that says why there is no figure."""

import dataclasses
import inspect
import re
import signal
import traceback
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analysis.errors import StatisticsError
from analysis.integrity.scores import Score, Scores
from analysis.types import Estimate, Estimates
from tests.analysis.bad_input.calls import Call, public_functions

SECONDS = 3
SINGLE = {Estimates: Estimate, Scores: Score}
"""Results that refer to another class for what their attributes mean."""
MAY_BE_ENDLESS = re.compile(r"df\w*|population\w*")
"""Degrees of freedom of the normal, and a population without end."""
NOT_FINITE = re.compile("NaN|infinity|None entries")
SAYS_MISSING = re.compile(r"NaN|[Mm]issing|undefined|no figure|reason")
SAYS_ENDLESS = re.compile(r"[Ii]nfinit|\binf\b|[Uu]nlimited|NaN|[Mm]issing")


class TooSlow(BaseException):
    """Raised by the clock; no handler of the package may catch it."""


def breach(call: Call, *, argument: str, what: str) -> str:
    """What a call does against the contract; empty where it keeps it."""
    try:
        result = _timed(call)
    except StatisticsError as error:
        return (
            "" if error.expected and error.got and error.hint else f"{type(error).__name__} says too little"
        )
    except BaseException as error:
        return f"{type(error).__name__} {str(error)[:80]!r} from {_place(error)}"
    if _has_nan(result) and not SAYS_MISSING.search("\n".join(_documents(call.function, result))):
        return "silent NaN"
    if "infinity" in what and "minus" not in what and MAY_BE_ENDLESS.fullmatch(argument):
        return disorder(result)
    if NOT_FINITE.search(what) and not SAYS_ENDLESS.search(described(call.function, argument)):
        return "takes it as a number"
    return disorder(result)


def _timed(call: Call) -> Any:
    def stop(*_: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _place(error: BaseException) -> str:
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/analysis/" in one.filename]
    inside = [one for one in frames if "/tests/" not in one.filename]
    return f"{inside[-1].filename.split('/analysis/')[-1]}:{inside[-1].lineno}" if inside else "outside"


def described(function: Any, argument: str) -> str:
    """What the docstring says of an argument, followed where it refers to another function, and its default."""
    lines = inspect.getdoc(function).splitlines()
    named = re.compile(rf"(\w+, )*\*?{argument}(, \w+)*( :|$)")
    start = next((at for at, line in enumerate(lines) if named.match(line)), len(lines))
    end = next((at for at in range(start + 1, len(lines)) if not lines[at].startswith(" ")), len(lines))
    text = "\n".join(lines[start:end])
    parameter = inspect.signature(function).parameters.get(argument)
    referred = re.search(r"(?:As in|of) `(?:[\w.]+\.)?(\w+)`", text)
    others = [
        one for name, one in public_functions().items() if referred and name.endswith(f".{referred[1]}")
    ]
    return "\n".join(
        [text, str(parameter and parameter.default), *(described(one, argument) for one in others)]
    )


def _documents(function: Any, result: Any) -> Iterator[str]:
    yield inspect.getdoc(function) or ""
    for one in _parts(result):
        if dataclasses.is_dataclass(one):
            yield (SINGLE.get(type(one), type(one))).__doc__ or ""


def _parts(result: Any, depth: int = 0) -> Iterator[Any]:
    yield result
    if depth > 4:
        return
    if dataclasses.is_dataclass(result):
        inner = [getattr(result, one.name) for one in dataclasses.fields(result)]
    elif isinstance(result, Mapping):
        inner = list(result.values())
    else:
        inner = list(result) if isinstance(result, list | tuple) else []
    for one in inner:
        yield from _parts(one, depth + 1)


def _has_nan(result: Any) -> bool:
    numbers = (one for one in _parts(result) if isinstance(one, float | np.ndarray | np.floating))
    return any(bool(np.isnan(one).any()) for one in numbers if np.asarray(one).dtype.kind == "f")


def disorder(result: Any) -> str:
    """Limits that cross or leave the figure out, and p values that are none."""
    for one in _parts(result):
        low, high, value = (getattr(one, name, None) for name in ("ci_low", "ci_high", "value"))
        if low is not None and high is not None and (np.asarray(low) > np.asarray(high)).any():
            return "limits crossed"
        if low is not None and high is not None and value is not None and np.shape(value) == np.shape(low):
            room = 1e-9 * np.maximum(1, np.abs(np.nan_to_num(value, posinf=0, neginf=0)))
            if ((np.asarray(value) < low - room) | (np.asarray(value) > high + room)).any():
                return "an estimate outside its interval"
        p_value = getattr(one, "p_value", None)
        if p_value is not None and ((np.asarray(p_value) < 0) | (np.asarray(p_value) > 1)).any():
            return "a p value outside [0, 1]"
    return ""
