"""Ranks with their uncertainty, chances of the first places, funnels."""
