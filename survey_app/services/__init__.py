"""Use cases: the rules and the writes; no Flask."""
