"""Intervals of shares and of their differences, at a fixed time or at all times."""
