"""Each respondent's own sums: satisfied answers, answers and scores by group, read off packed bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.counting.scoring import Scoring
from analysis.counting.tallies import PackedArray, packed_answers
from analysis.errors import InvalidShape
from analysis.packing import N_CODES, Missing
from analysis.types import FloatArray, IntArray

WORD_BITS = 62
PAIR_CODES = N_CODES * 256
"""Two neighbouring bytes read as one number, first + 256 second, stay below this."""
CHUNK_ROWS = 16_384


@checked
def respondent_values(answers: ArrayLike, scoring: Scoring) -> FloatArray:
    """Each respondent's sums, from which every share, mean and index of the version follows.

    Parameters
    ----------
    answers : (N, S) array_like of uint8
    scoring : Scoring

    Returns
    -------
    (N, d) ndarray of float
        Per group: s satisfied answers, r answers, m sum of scores, a = 1 if r > 0. Then c = own share over
        the index groups, e = 1 if the respondent reached every index item and answered one (else c = e = 0),
        and i = 1 if the respondent answered any index item.

    Examples
    --------
    >>> table = np.zeros((2, 32), dtype=bool); table[:, 1:6] = True
    >>> top = np.zeros((2, 32), dtype=bool); top[:, 4:6] = True
    >>> score = np.zeros((2, 32)); score[:, 1:6] = [1, 2, 3, 4, 5]
    >>> scoring = Scoring(("overall",), top, table, score, np.array([0, 0]), index_groups=(0,))
    >>> respondent_values([[5, 2], [4, 28]], scoring).tolist()
    [[1.0, 2.0, 7.0, 1.0, 0.5, 1.0, 1.0], [1.0, 1.0, 4.0, 1.0, 0.0, 0.0, 1.0]]
    """
    packed = packed_answers(answers, n_slots=len(scoring.group_of_slot))
    values = np.empty((len(scoring.columns), len(packed)))
    respondent_columns(packed, scoring, scoring.columns)(np.arange(len(packed)), values)
    return np.ascontiguousarray(values.T)


@dataclass(frozen=True, slots=True, eq=False)
class _Count:
    """A whole number that each respondent's answers add up to, at its place in a word.

    `points` is the (S, 32) table of what each code of each slot adds.
    """

    points: IntArray
    word: int
    shift: int
    bits: int


def respondent_columns(
    packed: PackedArray, scoring: Scoring, columns: Sequence[str]
) -> Callable[[IntArray, FloatArray], None]:
    """A reader of respondents' values by row number.

    Parameters
    ----------
    packed : (N, S) ndarray of uint8 < 32
    scoring : Scoring
    columns : sequence of str
        Some of `scoring.columns`.

    Returns
    -------
    callable
        Takes (K,) row numbers, and the (d, K) array that it fills with their values.

    Notes
    -----
    Every sum of a respondent is a small whole number, so many of them fit side by side in one 64-bit word.
    One look-up per pair of neighbouring answers adds to all sums at once; a few shifts take them apart again.
    Scores that are not whole are added up slot by slot.
    """
    unknown = [name for name in columns if name not in scoring.columns]
    if unknown:
        raise InvalidShape(
            expected=f"columns among {', '.join(scoring.columns)}",
            got=str(unknown[0]),
            hint="this version does not ask it",
        )
    tables = _tables(scoring)
    needed = _needed(columns, scoring)
    whole = [name for name in needed if _is_whole(tables[name])]
    counts = _placed({name: tables[name].astype(np.int64) for name in whole})
    words = _words(packed, list(counts.values()))
    rough = {name: tables[name] for name in needed if name not in counts}

    def read(rows: IntArray, into: FloatArray) -> None:
        own = [word[rows] for word in words]
        sums: dict[str, NDArray[Any]] = {
            name: ((own[count.word] >> count.shift) & ((1 << count.bits) - 1))
            for name, count in counts.items()
        }
        sums |= {name: _added(packed[rows], table) for name, table in rough.items()}
        _assemble(sums, columns, scoring, into)

    return read


def _tables(scoring: Scoring) -> dict[str, NDArray[Any]]:
    """What each code adds to each sum: s, r and m of a group, and "unreached" index items."""
    tables: dict[str, NDArray[Any]] = {}
    for position, group in enumerate(scoring.groups):
        own = (scoring.group_of_slot == position)[:, None]
        for kind, table in (("s", scoring.satisfied), ("r", scoring.answered), ("m", scoring.score)):
            tables[f"{kind}:{group}"] = np.where(own, table, 0)
    unreached = np.zeros(scoring.answered.shape, dtype=np.int64)
    unreached[scoring.index_slots, Missing.NOT_REACHED] = 1
    return tables | {"unreached": unreached}


def _needed(columns: Sequence[str], scoring: Scoring) -> list[str]:
    """Sums from which the columns follow."""
    needed = [name for name in columns if name[:2] in ("s:", "r:", "m:")]
    needed += [f"r:{name[2:]}" for name in columns if name.startswith("a:")]
    index = scoring.index_group_names
    if {"c", "e", "i"} & set(columns):
        needed += [f"r:{group}" for group in index]
    if {"c", "e"} & set(columns):
        needed.append("unreached")
    if "c" in columns:
        needed += [f"s:{group}" for group in index]
    return list(dict.fromkeys(needed))


def _is_whole(table: NDArray[Any]) -> bool:
    values = np.asarray(table, dtype=np.float64)
    return bool((values >= 0).all() and (values == np.rint(values)).all() and values.max(initial=0) < 1 << 16)


def _placed(tables: dict[str, IntArray]) -> dict[str, _Count]:
    """Each count's bits in as few words as hold them all."""
    counts, word, used = {}, 0, 0
    for name, table in tables.items():
        bits = max(int(table.max(axis=1).sum()).bit_length(), 1)
        if used + bits > WORD_BITS:
            word, used = word + 1, 0
        counts[name] = _Count(table, word, used, bits)
        used += bits
    return counts


def _words(packed: PackedArray, counts: list[_Count]) -> list[IntArray]:
    """One number per respondent and word, holding all of its counts."""
    n_slots = packed.shape[1]
    points = np.zeros(
        (max((count.word for count in counts), default=-1) + 1, n_slots + n_slots % 2, N_CODES), np.int64
    )
    for count in counts:
        points[count.word, :n_slots] += count.points << count.shift
    pairs = _pair_tables(points)
    words = [np.zeros(len(packed), dtype=np.int64) for _ in points]
    room = np.empty(CHUNK_ROWS, dtype=np.int64)
    for start in range(0, len(packed), CHUNK_ROWS):
        chunk = packed[start : start + CHUNK_ROWS]
        if n_slots % 2:
            chunk = np.column_stack([chunk, np.zeros(len(chunk), dtype=np.uint8)])
        codes = np.ascontiguousarray(chunk).view("<u2")
        for word, tables in zip(words, pairs, strict=True):
            into = word[start : start + CHUNK_ROWS]
            for position, table in tables:
                into += table.take(codes[:, position], out=room[: len(into)], mode="clip")
    return words


def _pair_tables(points: IntArray) -> list[list[tuple[int, IntArray]]]:
    """By word, what each pair of neighbouring codes adds; pairs that add nothing are left out."""
    n_words, n_slots, _ = points.shape
    found: list[list[tuple[int, IntArray]]] = []
    for word in range(n_words):
        tables = []
        for position in range(n_slots // 2):
            first, second = points[word, 2 * position], points[word, 2 * position + 1]
            if first.any() or second.any():
                table = np.zeros((N_CODES, 256), dtype=np.int64)
                table[:, :N_CODES] = second[:, None] + first[None, :]
                tables.append((position, table.ravel()))
        found.append(tables)
    return found


def _added(packed: PackedArray, table: NDArray[Any]) -> FloatArray:
    total = np.zeros(len(packed))
    for slot in np.flatnonzero(np.asarray(table, dtype=bool).any(axis=1)):
        total += np.asarray(table[slot], dtype=np.float64)[packed[:, slot]]
    return total


def _assemble(
    sums: dict[str, NDArray[Any]], columns: Sequence[str], scoring: Scoring, into: FloatArray
) -> None:
    """Write the columns in order, from the sums."""
    nobody = np.zeros(into.shape[1], dtype=np.int64)
    index = scoring.index_group_names
    answered = sum((sums[f"r:{group}"] for group in index if f"r:{group}" in sums), nobody)
    complete = (answered > 0) & (sums["unreached"] == 0) if "unreached" in sums else answered > 0
    for place, name in enumerate(columns):
        if name in sums:
            into[place] = sums[name]
        elif name.startswith("a:"):
            into[place] = sums[f"r:{name[2:]}"] > 0
        elif name == "c":
            satisfied = sum((sums[f"s:{group}"] for group in index), nobody)
            into[place] = np.divide(satisfied, answered, out=np.zeros(into.shape[1]), where=complete)
        else:
            into[place] = complete if name == "e" else answered > 0
