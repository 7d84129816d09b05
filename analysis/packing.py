"""What one byte of a response's packed answers means."""

from enum import IntEnum

N_CODES = 32
"""Codes a packed byte may take, 0 to 31: the length of every lookup table."""

MAX_POSITIONS = 20
"""Bytes 1 to MAX_POSITIONS are 1-based positions of a scale point."""


class Missing(IntEnum):
    """Why a slot holds no position of a scale.

    Examples
    --------
    >>> Missing(30).name
    'DONT_KNOW'
    """

    NOT_ASKED = 0
    NOT_RELEVANT = 26
    LEFT_BLANK = 27
    NOT_REACHED = 28
    NOT_APPLICABLE = 29
    DONT_KNOW = 30
    REFUSED = 31
