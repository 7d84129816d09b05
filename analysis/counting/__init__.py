"""Packed answers into counts, and respondents into sums that add."""
