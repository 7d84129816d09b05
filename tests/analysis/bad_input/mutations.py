"""Wrong values of an argument, by the kind of argument that its annotation names."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tests.analysis.bad_input.calls import Call

NOT_NUMBERS: dict[str, Any] = {
    "a word": "many",
    "a list of words": ["many", "few"],
    "a dict": {"n": 3},
    "ragged": [[1.0], [1.0, 2.0]],
}
NUMBERS: dict[str, Any] = {
    "NaN": np.nan,
    "infinity": np.inf,
    "minus infinity": -np.inf,
    "negative": -3,
    "zero": 0,
    "a fraction": 0.37,
    "one": 1,
    "1e300": 1e300,
    "1e-30": 1e-30,
    "the largest integer": np.iinfo(np.int64).max,
    "true": True,
}
INNER = re.compile(
    r"FloatArray|IntArray|NDArray|numpy\.ndarray|PackedArray|csr_array|Callable|tuple\[int, \.\.\.\]|"
    r"\b(Pairs|Structure|Labels|Table|Margin|CellMargin|Categories|DesignMatrix|Linearised|RakedCells)\b"
)


def mutations(call: Call) -> Iterator[tuple[str, str, Call]]:
    """Argument, what is wrong with it, and the call with it."""
    for name, parameter in inspect.signature(call.function).parameters.items():
        value = call.arguments.get(name)
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            wrongs = wrong_values(annotation_of(parameter), value[0])
            yield from ((name, what, call.with_argument(name, (wrong, *value[1:]))) for what, wrong in wrongs)
            continue
        for what, wrong in wrong_values(annotation_of(parameter), value):
            yield name, what, call.with_argument(name, wrong)


def is_inner(function: Callable[..., Any]) -> bool:
    """Whether a function takes what the package has checked or made already: not for the outside."""
    return any(INNER.search(annotation_of(one)) for one in inspect.signature(function).parameters.values())


def annotation_of(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return "ArrayLike" if "_ArrayLike" in text or "_array_like" in text else text


def wrong_values(annotation: str, value: Any) -> Iterator[tuple[str, Any]]:
    kind = annotation.removesuffix(" | None")
    if kind == "ArrayLike":
        yield from wrong_arrays(value)
    elif kind in ("float", "int"):
        yield from wrong_scalars(value)
    elif kind == "str":
        yield from {
            "unknown": "no such",
            "empty": "",
            "None": None,
            "a number": 3,
            "a list": ["no such"],
        }.items()
    elif kind in (
        "Sequence[str]",
        "Sequence[int]",
        "Sequence[float]",
        "Sequence[Any]",
        "str | Sequence[str]",
    ):
        yield from wrong_sequences(value)
    elif kind.startswith("Mapping"):
        yield from wrong_mappings(value)
    elif kind in ("tuple[float, float]", "Prior"):
        yield from wrong_pairs()


def wrong_scalars(value: Any) -> Iterator[tuple[str, Any]]:
    yield from NUMBERS.items()
    yield from {"a word": "many", "an empty list": [], "two": [1.0, 2.0], "a dict": {}}.items()
    if value is not None:
        yield "None", None


def wrong_arrays(value: Any) -> Iterator[tuple[str, Any]]:
    """Not numbers, other shapes, and the valid array with one entry or all of them replaced."""
    yield from NOT_NUMBERS.items()
    yield "None", None
    yield "empty", []
    yield "an object", object()
    if value is None:
        yield from ((f"{what} alone", wrong) for what, wrong in NUMBERS.items())
        return
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        yield from ((f"{what} alone", wrong) for what, wrong in NUMBERS.items())
        return
    yield "one axis more", np.stack([array] * 3)
    if array.ndim:
        yield (
            "one entry less",
            value[:-1] if isinstance(value, list) else array[:-1].astype(np.asarray(value).dtype),
        )
        yield "no entries", np.asarray(value)[:0]
        yield "a scalar", array.flat[0] if array.size else 1.0
        yield "one entry only", np.asarray(value)[:1]
    if array.ndim > 1:
        yield "one column less", np.asarray(value)[..., :-1]
        yield "no columns", np.asarray(value)[..., :0]
        yield "one column", np.asarray(value)[..., :1]
    for what, wrong in NUMBERS.items():
        if array.size:
            changed = array.copy() if what != "the largest integer" else array.astype(np.float64)
            changed.flat[0] = wrong
            yield what, changed
        yield f"all {what}", np.full(array.shape, wrong)
    if np.issubdtype(np.asarray(value).dtype, np.integer) and array.size:
        for what, wrong in {
            "integer -1": -1,
            "integer max": np.iinfo(np.int64).max,
            "integer 0": 0,
            "integer 99": 99,
        }.items():
            whole = np.array(value, dtype=np.int64)
            whole.flat[0] = wrong
            yield what, whole
            yield f"all {what}", np.full_like(whole, wrong)
    yield "doubled", array * 2
    yield "negated", -array
    yield "reversed", np.asarray(value)[::-1] if array.ndim else array
    yield "words", np.full(array.shape, "many")
    yield "None entries", np.full(array.shape, None)


def wrong_sequences(value: Any) -> Iterator[tuple[str, Any]]:
    listed = [value] if isinstance(value, str) else list(value or [])
    yield from {
        "empty": [],
        "a number": 3,
        "unknown": ["no such"],
        "numbers": [1.5, -2],
        "NaN": [np.nan],
        "negative": [-1],
        "huge": [10**9],
        "Nones": [None],
    }.items()
    if value is not None:
        yield "None", None
    if listed:
        yield "twice", listed + listed[:1]
        yield "one less", listed[:-1]
        yield "reversed", listed[::-1]


def wrong_mappings(value: Any) -> Iterator[tuple[str, Any]]:
    yield from {
        "empty": {},
        "a list": [1],
        "unknown": {"no such": 1.0},
        "unknown of mapping": {"no such": {"x": 1.0}},
        "a word": "many",
    }.items()
    if value is not None:
        yield "None", None
    if isinstance(value, Mapping) and value:
        first = next(iter(value))
        yield "one key less", {key: value[key] for key in value if key != first}
        yield "one key more", dict(value) | {"no such": value[first]}
        for what, wrong in (
            NUMBERS
            | {"a word": "many", "None": None, "empty": [], "unknown": ["no such"], "empty mapping": {}}
        ).items():
            yield f"{what} in it", dict(value) | {first: wrong}
            if isinstance(value[first], Mapping) and value[first]:
                inner = next(iter(value[first]))
                yield f"{what} inside", dict(value) | {first: dict(value[first]) | {inner: wrong}}


def wrong_pairs() -> Iterator[tuple[str, Any]]:
    yield from {
        "None": None,
        "one": (1.0,),
        "three": (0.0, 0.5, 1.0),
        "reversed": (1.0, 0.0),
        "equal": (1.0, 1.0),
        "NaN": (np.nan, 1.0),
        "infinite": (-np.inf, np.inf),
        "negative": (-1.0, -2.0),
        "zero": (0.0, 0.0),
        "words": ("a", "b"),
        "a number": 3.0,
        "empty": (),
        "huge": (1e300, 1e300),
    }.items()
