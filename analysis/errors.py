"""What can be wrong with the numbers handed to `analysis`, said so that the caller can mend it."""


class StatisticsError(ValueError):
    """Input from which no honest figure can be computed.

    Parameters
    ----------
    expected, got, hint : str
        What was needed, what arrived, and how to mend it.

    Examples
    --------
    >>> str(StatisticsError(expected="n >= 0", got="-3", hint="pass respondents, not a difference"))
    'expected n >= 0; got -3; hint: pass respondents, not a difference'
    """

    def __init__(self, *, expected: str, got: str, hint: str) -> None:
        super().__init__(f"expected {expected}; got {got}; hint: {hint}")
        self.expected = expected
        self.got = got
        self.hint = hint


class InvalidCounts(StatisticsError):
    """Counts, shares or populations that contradict each other."""


class InvalidShape(StatisticsError):
    """Arrays whose sizes or labels do not fit together."""


class InvalidOption(StatisticsError):
    """A level, method or design value outside what the function offers."""


class NoConvergence(StatisticsError):
    """An iteration that found no answer: the model does not fit the data well enough to be estimated."""
