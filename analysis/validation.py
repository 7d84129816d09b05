"""Checks shared by the estimators: a wrong number is refused by name, never computed with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray

LARGEST = 1e100
"""No measurement of a survey is larger; beyond it squares and cubes overflow."""

MOST_COUNTED = 1e15
"""Counts beyond it are not exact as floats, and no register holds as many people."""

LEAST_RATIO = 1e-9
"""No design effect, weight or cost is so small; as a divisor it would make people out of nothing."""

MOST_REPEATS = 10_000_000
"""Resamples, units or steps that memory and patience still allow."""


def numbers_of(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as floats, NaN and infinity among them; words, ragged lists and objects are refused."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InvalidShape(
            expected=f"numbers for {name}", got=repr(values)[:60], hint="pass numbers or an array of numbers"
        ) from None


def finite_array(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as finite floats."""
    array = numbers_of(values, name=name)
    # One comparison refuses NaN, infinities and what would overflow.
    if not (np.abs(array) <= LARGEST).all():
        is_finite = bool(np.isfinite(array).all())
        raise InvalidCounts(
            expected=f"{name} within {LARGEST:g}" if is_finite else f"finite {name}",
            got=f"{array.flat[np.abs(array).argmax()]:g}" if is_finite else "NaN or infinity",
            hint="check the unit" if is_finite else "drop or count missing answers before estimating",
        )
    return array


def measured_array(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as floats of which some may be NaN, where nothing was measured; infinities are refused."""
    array = numbers_of(values, name=name)
    if (np.abs(array) > LARGEST).any():
        raise InvalidCounts(
            expected=f"{name} within {LARGEST:g} or NaN",
            got="infinity" if np.isinf(array).any() else f"{np.nanmax(np.abs(array)):g}",
            hint="mark what is missing as NaN",
        )
    return array


def number_of(
    value: float,
    *,
    name: str,
    at_least: float = -LARGEST,
    at_most: float = LARGEST,
    above: float | None = None,
) -> float:
    """One number within bounds, which are in unless it must lie `above`."""
    array = numbers_of(value, name=name)
    if array.ndim:
        raise InvalidShape(
            expected=f"one number for {name}", got=f"shape {array.shape}", hint="pass a number"
        )
    number = float(array)
    if not at_least <= number <= at_most or (above is not None and not number > above):
        low = f"{at_least:g} <= " if above is None else f"{above:g} < "
        raise InvalidOption(
            expected=f"{low}{name} <= {at_most:g}", got=f"{number:g}", hint=f"check {name} and its unit"
        )
    return number


def count_of(value: float, *, name: str, at_least: int = 0, at_most: float = MOST_REPEATS) -> int:
    """One whole number within bounds: a size, a number of groups, resamples or steps."""
    number = number_of(value, name=name, at_least=at_least, at_most=at_most)
    if number != np.rint(number):
        raise InvalidOption(expected=f"whole {name}", got=f"{number:g}", hint=f"{name} is a count")
    return int(number)


def count_array(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as floats that are whole and at least 0."""
    array = finite_array(values, name=name)
    require_whole(array, name=name)
    return array


def whole_numbers(values: Sequence[int], *, name: str) -> tuple[int, ...]:
    """A plain sequence of whole numbers, such as periods or widths."""
    array = finite_array(values, name=name)
    if array.ndim != 1 or (array != np.rint(array)).any() or (np.abs(array) > MOST_COUNTED).any():
        raise InvalidOption(expected=f"whole {name}", got=repr(values)[:60], hint="pass a list of integers")
    return tuple(int(number) for number in array)


def sparse_of(matrix: Any, *, name: str) -> sparse.csr_array:
    """A table of finite numbers, kept sparse where it comes so."""
    if not sparse.issparse(matrix):
        matrix = np.atleast_1d(finite_array(matrix, name=name))
        if matrix.ndim > 2:
            raise InvalidShape(expected=f"a table for {name}", got=f"shape {matrix.shape}", hint="two axes")
    found = sparse.csr_array(matrix, dtype=np.float64)
    finite_array(found.data, name=name)
    return found


def together(*arrays: FloatArray) -> list[FloatArray]:
    """The arrays broadcast to one shape."""
    try:
        return [np.array(array) for array in np.broadcast_arrays(*arrays)]
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise InvalidShape(expected="arrays of one shape", got=shapes, hint="one entry per unit") from None


def counts_of(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Satisfied and answering respondents, broadcast, with 0 <= k <= n and whole n."""
    k_array, n_array = together(finite_array(k, name="k"), finite_array(n, name="n"))
    require_whole(n_array, name="n")
    if (k_array < 0).any():
        raise InvalidCounts(expected="k >= 0", got=f"k = {k_array.min():g}", hint="k counts satisfied people")
    if (k_array > n_array * (1 + 1e-12)).any():
        worst = np.argmax(k_array - n_array)
        raise InvalidCounts(
            expected="k <= n",
            got=f"k = {k_array.flat[worst]:g}, n = {n_array.flat[worst]:g}",
            hint="n counts everyone who answered, satisfied or not",
        )
    return k_array, n_array


def require_whole(array: FloatArray, *, name: str) -> None:
    """Refuse counts that are negative or not whole."""
    if (array < 0).any():
        raise InvalidCounts(expected=f"{name} >= 0", got=f"{array.min():g}", hint=f"{name} is a count")
    if ((array > MOST_COUNTED) & (array < np.inf)).any():
        raise InvalidCounts(
            expected=f"{name} <= {MOST_COUNTED:g}",
            got=f"{array.max():g}",
            hint=f"{name} counts people or answers",
        )
    if (array != np.rint(array)).any():
        raise InvalidCounts(
            expected=f"whole {name}",
            got=f"{array[array != np.rint(array)].flat[0]:g}",
            hint="counts are whole; shrink them with design_effect",
        )


def population_of(population: ArrayLike, n: FloatArray) -> FloatArray:
    """Population sizes that hold the sample."""
    sizes = finite_array(population, name="population")
    sizes, n = together(sizes, n)
    require_whole(sizes, name="population")
    if (sizes < n).any():
        worst = np.argmax(n - sizes)
        raise InvalidCounts(
            expected="population >= n",
            got=f"N = {sizes.flat[worst]:g}, n = {n.flat[worst]:g}",
            hint="refresh the number of dossiers; late answers may exceed an old count",
        )
    return sizes


def positive(values: ArrayLike, *, name: str) -> FloatArray:
    """Strictly positive values; infinity is allowed (degrees of freedom)."""
    array = numbers_of(values, name=name)
    # Tiny or huge but finite values are no variance ratio; as divisors they would overflow.
    if not ((array >= 1 / LARGEST) & ((array <= LARGEST) | (array == np.inf))).all():
        raise InvalidOption(
            expected=f"{name} > 0", got=repr(values)[:60], hint=f"check how {name} was estimated"
        )
    return array


def finite_positive(values: ArrayLike, *, name: str) -> FloatArray:
    """Strictly positive finite values: a design effect, a weight, a cost."""
    array = finite_array(values, name=name)
    if not ((array >= LEAST_RATIO) & (array <= MOST_COUNTED)).all():
        raise InvalidOption(
            expected=f"{name} > 0"
            if (array <= 0).any()
            else f"{LEAST_RATIO:g} <= {name} <= {MOST_COUNTED:g}",
            got=repr(values)[:60],
            hint=f"check how {name} was estimated",
        )
    return array


def spread_over(array: FloatArray, shape: tuple[int, ...], *, name: str) -> FloatArray:
    """One value for all, or one for each, over `shape`."""
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise InvalidShape(
            expected=f"one {name}, or one per entry of shape {shape}",
            got=f"shape {array.shape}",
            hint="align it with the counts",
        ) from None


def level_of(confidence_level: float) -> float:
    """A confidence level inside (0, 1)."""
    level = _number_or_nan(confidence_level)
    # Tails below 1e-15 are lost beside 1.
    if not 1e-15 < level < 1:
        raise InvalidOption(
            expected="0 < confidence_level < 1", got=repr(confidence_level)[:60], hint="write 0.95, not 95"
        )
    return level


def _number_or_nan(value: Any) -> float:
    """What is no single number fails every comparison as NaN does."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def marks_of(values: ArrayLike, *, name: str) -> NDArray[np.bool_]:
    """Yes or no for each entry, given as booleans or as 1 and 0."""
    array = numbers_of(values, name=name)
    if not ((array == 0) | (array == 1)).all():
        raise InvalidShape(expected=f"yes or no in {name}", got="other numbers", hint="pass booleans")
    return array.astype(bool)


def codes_of(labels: ArrayLike, *, size: int, name: str) -> NDArray[Any]:
    """Whole numbers that name groups, one per row."""
    try:
        array = np.asarray(labels)
    except ValueError:
        raise InvalidShape(expected=f"{size} {name}", got="a ragged list", hint="one label per row") from None
    if array.shape != (size,):
        raise InvalidShape(expected=f"{size} {name}", got=f"shape {array.shape}", hint="one label per row")
    if not np.issubdtype(array.dtype, np.integer):
        raise InvalidShape(expected=f"integer {name}", got=str(array.dtype), hint="map codes to 0..n-1 first")
    return array


def labels_of(labels: ArrayLike, *, size: int, below: int, name: str) -> NDArray[Any]:
    """Integer labels in [0, below), one per row."""
    if not 0 <= below <= MOST_REPEATS:
        raise InvalidOption(
            expected=f"0 to {MOST_REPEATS} groups of {name}",
            got=str(below),
            hint="count the groups that there are",
        )
    array = codes_of(labels, size=size, name=name)
    if size and (int(array.min()) < 0 or int(array.max()) >= below):
        raise InvalidShape(
            expected=f"{name} in [0, {below})",
            got=f"[{array.min()}, {array.max()}]",
            hint="map codes to 0..n-1 first",
        )
    return array


def require_share(value: float, *, name: str) -> None:
    """Refuse what is not a share strictly between 0 and 1."""
    if not 1e-15 < _number_or_nan(value) < 1:
        raise InvalidOption(expected=f"0 < {name} < 1", got=repr(value)[:60], hint="write 0.9, not 90")


def require_known(value: str, known: Sequence[str], *, name: str) -> None:
    """Refuse an option that is not among those offered."""
    if not isinstance(value, str) or value not in known:
        raise InvalidOption(
            expected=f"{name} among {', '.join(known)}", got=repr(value)[:60], hint="check the spelling"
        )


def require_groups(groups: Mapping[str, Sequence[str]], *, name: str) -> None:
    """Refuse groups of names that are none: no group, or a group that is no sequence."""
    for key, members in groups.items():
        if not isinstance(members, Sequence):
            raise InvalidShape(
                expected=f"names in {key!r} of {name}", got=repr(members)[:60], hint="pass {group: [names]}"
            )
    if not groups:
        raise InvalidOption(expected=f"one or more {name}", got="none", hint="pass {group: [names]}")
