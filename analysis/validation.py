"""Checks shared by the estimators: a wrong number is refused by name, never computed with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray


def finite_array(values: ArrayLike, *, name: str) -> FloatArray:
    """`values` as finite floats.

    Parameters
    ----------
    values : array_like
    name : str
        For the message.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> finite_array([1, 2], name="scores").tolist()
    [1.0, 2.0]
    """
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
    """The arrays broadcast to one shape.

    Parameters
    ----------
    *arrays : ndarray

    Returns
    -------
    list of ndarray
        Copies, so that they may be written to.

    Examples
    --------
    >>> [array.tolist() for array in together(np.array([1.0, 2.0]), np.array(3.0))]
    [[1.0, 2.0], [3.0, 3.0]]
    """
    try:
        return [np.array(array) for array in np.broadcast_arrays(*arrays)]
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise InvalidShape(expected="arrays of one shape", got=shapes, hint="one entry per unit") from None


def counts_of(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Satisfied and answering respondents, broadcast, with 0 <= k <= n and whole n.

    Parameters
    ----------
    k, n : array_like

    Returns
    -------
    k, n : ndarray of float
        k need not be whole: it may be a weighted count.

    Examples
    --------
    >>> [counts.tolist() for counts in counts_of([3, 4.5], 5)]
    [[3.0, 4.5], [5.0, 5.0]]
    """
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
    """Refuse counts that are negative or not whole.

    Parameters
    ----------
    array : ndarray
    name : str
        For the message.

    Examples
    --------
    >>> require_whole(np.array([1.5]), name="n")
    Traceback (most recent call last):
    analysis.errors.InvalidCounts: expected whole n; got 1.5; hint: counts are whole; shrink them with design_effect
    """
    if (array < 0).any():
        raise InvalidCounts(expected=f"{name} >= 0", got=f"{array.min():g}", hint=f"{name} is a count")
    if (array != np.rint(array)).any():
        raise InvalidCounts(
            expected=f"whole {name}",
            got=f"{array[array != np.rint(array)].flat[0]:g}",
            hint="counts are whole; shrink them with design_effect",
        )


def population_of(population: ArrayLike, n: FloatArray) -> FloatArray:
    """Population sizes that hold the sample.

    Parameters
    ----------
    population : array_like
        Whole numbers.
    n : ndarray
        Respondents.

    Returns
    -------
    ndarray of float
        In the broadcast shape of both.

    Examples
    --------
    >>> population_of(400, np.array([30.0, 50.0])).tolist()
    [400.0, 400.0]
    """
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
    """Strictly positive values; infinity is allowed (degrees of freedom).

    Parameters
    ----------
    values : array_like
    name : str
        For the message.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> positive([1.5, np.inf], name="df").tolist()
    [1.5, inf]
    """
    array = np.asarray(values, dtype=np.float64)
    if not (array > 0).all():
        raise InvalidOption(
            expected=f"{name} > 0", got=repr(values)[:60], hint=f"check how {name} was estimated"
        )
    return array


def level_of(confidence_level: float) -> float:
    """A confidence level inside (0, 1).

    Parameters
    ----------
    confidence_level : float

    Returns
    -------
    float

    Examples
    --------
    >>> level_of(0.95)
    0.95
    """
    if not 0 < confidence_level < 1:
        raise InvalidOption(
            expected="0 < confidence_level < 1", got=repr(confidence_level), hint="write 0.95, not 95"
        )
    return float(confidence_level)


def labels_of(labels: ArrayLike, *, size: int, below: int, name: str) -> NDArray[Any]:
    """Integer labels in [0, below), one per row.

    Parameters
    ----------
    labels : array_like of int
    size : int
        Rows.
    below : int
    name : str
        For the message.

    Returns
    -------
    (size,) ndarray of int

    Examples
    --------
    >>> labels_of([0, 2, 1], size=3, below=3, name="units").tolist()
    [0, 2, 1]
    """
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
    """Refuse what is not a share strictly between 0 and 1.

    Parameters
    ----------
    value : float
    name : str
        For the message.

    Examples
    --------
    >>> require_share(90, name="power")
    Traceback (most recent call last):
    analysis.errors.InvalidOption: expected 0 < power < 1; got 90; hint: write 0.9, not 90
    """
    if not 0 < value < 1:
        raise InvalidOption(expected=f"0 < {name} < 1", got=repr(value), hint="write 0.9, not 90")


def require_known(value: str, known: Sequence[str], *, name: str) -> None:
    """Refuse an option that is not among those offered.

    Parameters
    ----------
    value : str
    known : sequence of str
    name : str
        For the message.

    Examples
    --------
    >>> require_known("wlad", ("wald", "wilson"), name="method")
    Traceback (most recent call last):
    analysis.errors.InvalidOption: expected method among wald, wilson; got 'wlad'; hint: check the spelling
    """
    if value not in known:
        raise InvalidOption(
            expected=f"{name} among {', '.join(known)}", got=repr(value), hint="check the spelling"
        )
