"""Checks shared by the estimators: a wrong number is refused by name, never computed with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray


def finite_array(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as finite floats."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidShape(
            expected=f"numbers for {name}", got=repr(values)[:60], hint="pass numbers or an array of numbers"
        ) from None
    if not np.isfinite(array).all():
        raise InvalidCounts(
            expected=f"finite {name}",
            got="NaN or infinity",
            hint="drop or count missing answers before estimating",
        )
    return array


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
    array = np.asarray(values, dtype=np.float64)
    if not (array > 0).all():
        raise InvalidOption(
            expected=f"{name} > 0", got=repr(values)[:60], hint=f"check how {name} was estimated"
        )
    return array


def level_of(confidence_level: float) -> float:
    """A confidence level inside (0, 1)."""
    if not 0 < confidence_level < 1:
        raise InvalidOption(
            expected="0 < confidence_level < 1", got=repr(confidence_level), hint="write 0.95, not 95"
        )
    return float(confidence_level)


def labels_of(labels: ArrayLike, *, size: int, below: int, name: str) -> NDArray[Any]:
    """Integer labels in [0, below), one per row."""
    array = np.asarray(labels)
    if array.shape != (size,):
        raise InvalidShape(expected=f"{size} {name}", got=f"shape {array.shape}", hint="one label per row")
    if not np.issubdtype(array.dtype, np.integer):
        raise InvalidShape(expected=f"integer {name}", got=str(array.dtype), hint="map codes to 0..n-1 first")
    if size and (int(array.min()) < 0 or int(array.max()) >= below):
        raise InvalidShape(
            expected=f"{name} in [0, {below})",
            got=f"[{array.min()}, {array.max()}]",
            hint="map codes to 0..n-1 first",
        )
    return array


def require_share(value: float, *, name: str) -> None:
    if not 0 < value < 1:
        raise InvalidOption(expected=f"0 < {name} < 1", got=repr(value), hint="write 0.9, not 90")


def require_known(value: str, known: Sequence[str], *, name: str) -> None:
    """Refuse an option that is not among those offered."""
    if value not in known:
        raise InvalidOption(
            expected=f"{name} among {', '.join(known)}", got=repr(value), hint="check the spelling"
        )
