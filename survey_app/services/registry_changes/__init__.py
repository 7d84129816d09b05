"""Guided changes of the registry: merge, split, rename, move, a new population; planned, carried out, taken back."""
