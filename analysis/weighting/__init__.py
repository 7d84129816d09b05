"""Weights to known populations, what they cost, and figures at one common mix."""
