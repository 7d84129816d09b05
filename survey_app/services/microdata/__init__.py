"""Rows for analysts: re-keyed, in random order, without days, with rare persons' traits withheld."""
