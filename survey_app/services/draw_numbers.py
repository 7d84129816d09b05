"""Random numbers that follow from a seed and a name: the same on every machine, whatever the order of a list."""

import hashlib

_BITS = 53


def random_number(seed: str, *names: str) -> float:
    """Uniform in [0, 1): the first 53 bits of SHA-256 over the seed and the names, one name a line."""
    digest = hashlib.sha256("\n".join((seed, *names)).encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - _BITS)
    return float(number / 2**_BITS)
