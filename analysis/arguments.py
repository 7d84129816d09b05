"""Arguments held against what their annotations say, before a function computes with them."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.validation import MOST_COUNTED, numbers_of

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Check = Callable[[Any, str], Any]

NUMBERS = "biuf"
"""Kinds of NumPy data that hold numbers."""


def checked(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """`function`, whose arguments are first held against their annotations.

    What is annotated as numbers, one number, a whole number, a word, names or a mapping is refused by name where it
    is something else; what the numbers must satisfy stays with the function. Annotations of the package's own
    classes and of arrays that it has checked already (`FloatArray`) are taken as they are.

    Parameters
    ----------
    function : callable
        With its annotations as strings.

    Returns
    -------
    callable
        Of the same signature.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> wilson_interval("many", 30)
    Traceback (most recent call last):
    analysis.errors.InvalidShape: expected numbers for k; got 'many'; hint: pass numbers or an array of numbers
    """
    checks = {
        name: check
        for name, parameter in signature(function).parameters.items()
        if (check := _check_of(parameter)) is not None
    }
    by_position = [(name, checks.get(name)) for name in signature(function).parameters]

    @wraps(function)
    def with_checks(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        given = [
            value if check is None else check(value, name)
            for value, (name, check) in zip(args, by_position, strict=False)
        ]
        named = {
            name: checks[name](value, name) if name in checks else value for name, value in kwargs.items()
        }
        return function(*given, *args[len(given) :], **named)  # type: ignore[arg-type]

    return with_checks


def _check_of(parameter: Parameter) -> Check | None:
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else _OBJECTS.get(annotation, "")
    kind, _, rest = text.partition(" | None")
    check = next((check for start, check in _CHECKS.items() if kind.startswith(start)), None)
    if check is _number and (parameter.default == np.inf or parameter.name.startswith("df")):
        check = _number_or_endless
    if check is _number and parameter.default != parameter.default:
        return None
    if check is None or rest or parameter.kind is Parameter.VAR_POSITIONAL:
        return None
    if text == kind:
        return check
    return lambda value, name: None if value is None else check(value, name)


def _array(value: Any, name: str) -> Any:
    """Numbers in an array, a nested list or alone; None among them becomes NaN."""
    if isinstance(value, float | int) or (isinstance(value, np.ndarray) and value.dtype.kind in NUMBERS):
        return value
    if sparse.issparse(value):
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array({})
    return array if array.dtype.kind in NUMBERS else numbers_of(value, name=name)


def _number(value: Any, name: str) -> Any:
    if type(value) is float and value - value == 0:
        return value
    if np.isinf(numbers_of(_number_or_endless(value, name), name=name)):
        raise InvalidCounts(expected=f"a finite {name}", got=repr(value), hint=f"check {name}")
    return value


def _number_or_endless(value: Any, name: str) -> Any:
    if type(value) is float and value - value == 0:
        return value
    array = numbers_of(value, name=name)
    if array.ndim:
        raise InvalidShape(
            expected=f"one number for {name}", got=f"shape {array.shape}", hint="pass a number"
        )
    if np.isnan(array):
        raise InvalidOption(
            expected=f"a number for {name}", got="NaN", hint="leave it out to take the default"
        )
    return value


def _whole(value: Any, name: str) -> Any:
    if type(value) is int and abs(value) <= MOST_COUNTED:
        return value
    number = numbers_of(value, name=name)
    if number.ndim or not np.abs(number) <= MOST_COUNTED or number != np.rint(number):
        raise InvalidOption(
            expected=f"a whole number for {name}", got=repr(value)[:60], hint="pass an integer"
        )
    return int(number)


def _word(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        raise InvalidOption(expected=f"a word for {name}", got=repr(value)[:60], hint="pass a string")
    return value


def _names(value: Any, name: str) -> Any:
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise InvalidShape(
            expected=f"a sequence for {name}", got=repr(value)[:60], hint="pass a list, also of one entry"
        )
    return value


def _mapping(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidShape(expected=f"a mapping for {name}", got=repr(value)[:60], hint="pass {key: value}")
    return value


def _pair(value: Any, name: str) -> Any:
    pair = numbers_of(value, name=name)
    if pair.shape != (2,):
        raise InvalidShape(expected=f"two numbers for {name}", got=repr(value)[:60], hint="lower and upper")
    if np.isnan(pair).any():
        raise InvalidCounts(expected=f"two numbers for {name}", got="NaN", hint="lower and upper")
    return value


def _generator(value: Any, name: str) -> Any:
    if not isinstance(value, np.random.Generator):
        raise InvalidOption(
            expected=f"a generator for {name}",
            got=repr(value)[:60],
            hint="pass numpy.random.default_rng(seed)",
        )
    return value


_CHECKS: dict[str, Check] = {
    "ArrayLike": _array,
    "float": _number,
    "int": _whole,
    "str | Sequence": _names,
    "Names": _names,
    "Columns": _names,
    "str": _word,
    "Sequence[": _names,
    "Mapping[": _mapping,
    "tuple[float, float]": _pair,
    "Prior": _pair,
    "np.random.Generator": _generator,
}
_OBJECTS: dict[Any, str] = {
    ArrayLike: "ArrayLike",
    ArrayLike | None: "ArrayLike | None",
    float: "float",
    int: "int",
    str: "str",
}
