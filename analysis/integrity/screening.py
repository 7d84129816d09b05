"""All screens of all channels together: which to look at, and how many of those chance alone would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.arguments import checked
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.errors import InvalidOption, InvalidShape
from analysis.integrity.scores import Scores
from analysis.types import FloatArray
from analysis.validation import require_known

METHODS = ("bh", "by", "expected")


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """What the flags of one channel are worth.

    Attributes
    ----------
    n_tests, n_not_computed, n_flagged : int
        Scores with a p value, without one, and flagged.
    expected_false_alarms : float
        Of the flagged, how many would be there without anything wrong, at most: on average.
    method : str
    rate : float
    """

    n_tests: int
    n_not_computed: int
    n_flagged: int
    expected_false_alarms: float
    method: str
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """Flags by channel and screen. There is no total per unit: different signs do not add up to guilt.

    Attributes
    ----------
    flagged : dict of (channel, screen) to ndarray of bool
    adjusted : dict of (channel, screen) to ndarray
        Adjusted p values, NaN where not computed; for "expected" the number of false alarms if everything as
        extreme were flagged.
    channels : dict of channel to ChannelSummary
    """

    flagged: dict[tuple[str, str], NDArray[np.bool_]]
    adjusted: dict[tuple[str, str], FloatArray]
    channels: dict[str, ChannelSummary]


@checked
def screening(
    scores: Mapping[tuple[str, str], Scores], *, rate: float = 0.05, method: str = "bh"
) -> Screening:
    """Flags over all screens, each channel a family of its own.

    Parameters
    ----------
    scores : mapping of (channel, screen) to Scores
        A channel's yardsticks are its own: a mailing bunches, a kiosk does not.
    rate : float > 0
        "bh", "by": share of the flagged that may be false, below 1. "expected": false alarms per channel and run.
    method : {"bh", "by", "expected"}
        "bh" (Benjamini and Hochberg) where screens are independent or move together; "by" whatever their
        dependence; "expected" flags ``p <= rate / m``, which bounds the mean number of false alarms by `rate`
        whatever their dependence.

    Returns
    -------
    Screening

    Notes
    -----
    If nothing at all is wrong, "bh" flags anything with chance `rate` at most. A flag is an invitation to look:
    report figures with and without what was flagged, never delete it.

    References
    ----------
    Benjamini and Hochberg (1995), JRSS B 57:289-300. Benjamini and Yekutieli (2001), Annals of Statistics 29.

    Examples
    --------
    >>> from analysis.integrity.shares import excess_share_scores
    >>> fast = excess_share_scores([14, 11, 16, 12, 13, 70], [100] * 6)
    >>> found = screening({("kiosk", "speeding"): fast})
    >>> np.flatnonzero(found.flagged["kiosk", "speeding"]).tolist(), found.channels["kiosk"].n_tests
    ([5], 6)
    """
    require_known(method, METHODS, name="method")
    if not rate > 0 or (method != "expected" and rate >= 1):
        raise InvalidOption(
            expected="rate > 0, below 1 for bh and by", got=repr(rate), hint="write 0.05, not 5"
        )
    for key, one in scores.items():
        if not isinstance(one, Scores) or not isinstance(key, tuple):
            raise InvalidShape(
                expected="scores by (channel, screen)",
                got=repr((key, one))[:60],
                hint="pass results of the screens",
            )
    adjusted: dict[tuple[str, str], FloatArray] = {}
    channels: dict[str, ChannelSummary] = {}
    for channel in dict.fromkeys(key[0] for key in scores):
        family = {key: value for key, value in scores.items() if key[0] == channel}
        adjusted |= _adjusted(family, method)
        n_flagged = sum(int((adjusted[key] <= rate).sum()) for key in family)
        n_tests = sum(int(one.is_computed.sum()) for one in family.values())
        expected = rate * n_flagged if method != "expected" else (rate if n_tests else 0.0)
        n_all = sum(len(one) for one in family.values())
        channels[channel] = ChannelSummary(n_tests, n_all - n_tests, n_flagged, expected, method, rate)
    return Screening({key: values <= rate for key, values in adjusted.items()}, adjusted, channels)


def _adjusted(family: Mapping[tuple[str, str], Scores], method: str) -> dict[tuple[str, str], FloatArray]:
    """P values adjusted over one channel, in the shape of each screen."""
    together = np.concatenate([one.p_value[one.is_computed] for one in family.values()])
    values = together * len(together) if method == "expected" else adjust_p_values(together, method=method)
    found, start = {}, 0
    for key, one in family.items():
        size = int(one.is_computed.sum())
        found[key] = np.full(len(one), np.nan)
        found[key][one.is_computed] = values[start : start + size]
        start += size
    return found
