"""Simulated answers with a known truth, in a database of their own; never part of a real instance."""
