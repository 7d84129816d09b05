"""Benchmarks and simulations: ratios to a peer or a limit, measured in one run."""
