"""Signs that answers were not given freely: each a score with its own false-alarm rate, never a verdict."""
