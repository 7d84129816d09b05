"""Counting packed answers: the only place that turns bytes into level counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidShape
from analysis.packing import N_CODES
from analysis.validation import labels_of

PackedArray = NDArray[np.uint8]
Counts = NDArray[np.integer[Any]]

# Rows counted at a time: a chunk of 22 slots stays in the processor's cache, and has more rows than the table
# of counts has cells, so that adding it up stays cheap.
CHUNK_ROWS = 16_384
CHUNK_ROWS_PER_CELL = 2
MOST_IN_INT32 = np.iinfo(np.int32).max


@checked
def level_counts(answers: ArrayLike, units: ArrayLike, *, n_units: int) -> Counts:
    """How often each code occurs, by unit and slot.

    Parameters
    ----------
    answers : (N, S) array_like of uint8 < 32
        Packed answers, one row per response.
    units : (N,) array_like of int in [0, n_units)
        Unit of each response.
    n_units : int
        Number of units U.

    Returns
    -------
    (U, S, 32) ndarray of int32, of int64 from two thousand million responses on

    Examples
    --------
    >>> level_counts([[5, 4], [5, 30]], [0, 0], n_units=1)[0, :, [4, 5, 30]].tolist()
    [[0, 1], [2, 0], [0, 1]]
    """
    packed = packed_answers(answers)
    n_rows, n_slots = packed.shape
    labels = labels_of(units, size=n_rows, below=n_units, name="units")
    # A country's counts are the largest array held: half as wide, they fit where twice as many would not.
    counts = np.zeros((n_slots, n_units * N_CODES), dtype=np.int32 if n_rows <= MOST_IN_INT32 else np.int64)
    chunk = max(CHUNK_ROWS, CHUNK_ROWS_PER_CELL * counts.shape[1])
    for start in range(0, n_rows, chunk):
        offsets = labels[start : start + chunk].astype(np.int64) * N_CODES
        columns = np.ascontiguousarray(packed[start : start + chunk].T)
        for slot in range(n_slots):
            counts[slot] += np.bincount(offsets + columns[slot], minlength=counts.shape[1])
    return counts.reshape(n_slots, n_units, N_CODES).transpose(1, 0, 2)


@checked
def packed_answers(answers: ArrayLike, *, n_slots: int | None = None) -> PackedArray:
    """Answers as bytes: one full-length row per response, every code below 32.

    Parameters
    ----------
    answers : (N, S) array_like of int in [0, 32)
    n_slots : int, optional
        The S that is wanted.

    Returns
    -------
    (N, S) ndarray of uint8
    """
    array = np.asarray(answers)
    if array.ndim != 2 or (n_slots is not None and array.shape[1] != n_slots):
        raise InvalidShape(
            expected=f"answers of shape (N, {n_slots or 'S'})",
            got=str(array.shape),
            hint="one full-length row of bytes per response",
        )
    if not np.issubdtype(array.dtype, np.integer) or (
        array.size and not 0 <= array.min() <= array.max() < N_CODES
    ):
        raise InvalidShape(
            expected=f"codes 0 to {N_CODES - 1}",
            got=f"{array.dtype} beyond them",
            hint="pass the packed bytes as stored",
        )
    return array.view(np.uint8) if array.dtype == np.int8 else array.astype(np.uint8, copy=False)
