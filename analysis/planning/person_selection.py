"""Which adult of a household to ask: Kish's tables, one of them printed on every case sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arguments import checked
from analysis.validation import number_of

MOST_ADULTS = 6


@dataclass(frozen=True, slots=True)
class KishTable:
    """One of the eight tables.

    Attributes
    ----------
    name : str
    share : float
        Of the sheets that carry it.
    chosen : tuple of int
        The adult to ask where 1, 2, … 6 or more live there; adults are listed men first, then women, by age from
        the oldest.
    """

    name: str
    share: float
    chosen: tuple[int, ...]


KISH_TABLES = (
    KishTable("A", 1 / 6, (1, 1, 1, 1, 1, 1)),
    KishTable("B1", 1 / 12, (1, 1, 1, 1, 2, 2)),
    KishTable("B2", 1 / 12, (1, 1, 1, 2, 2, 2)),
    KishTable("C", 1 / 6, (1, 1, 2, 2, 3, 3)),
    KishTable("D", 1 / 6, (1, 2, 2, 3, 4, 4)),
    KishTable("E1", 1 / 12, (1, 2, 3, 3, 3, 5)),
    KishTable("E2", 1 / 12, (1, 2, 3, 4, 5, 5)),
    KishTable("F", 1 / 6, (1, 2, 3, 4, 5, 6)),
)


@checked
def kish_table(number: float) -> KishTable:
    """The table that a household's sheet carries.

    Parameters
    ----------
    number : float in [0, 1)
        A uniform random number of the household.

    Returns
    -------
    KishTable

    Notes
    -----
    The tables have shares 1/6, 1/12, 1/12, 1/6, 1/6, 1/12, 1/12, 1/6. Every adult of households of 1, 2, 3, 4 and 6
    adults then has the same chance; of 5 adults the third and the fifth have 1/4 and the others 1/6.

    References
    ----------
    Kish (1949), JASA 44:380-387.

    Examples
    --------
    >>> kish_table(0.3).name, kish_table(0.3).chosen
    ('B2', (1, 1, 1, 2, 2, 2))
    """
    value = number_of(number, name="number", at_least=0, at_most=1)
    ends = np.cumsum([table.share for table in KISH_TABLES])
    return KISH_TABLES[min(int(np.searchsorted(ends, value, side="right")), len(KISH_TABLES) - 1)]
