"""From the tap on "Xong" to the acknowledgement: 1, 32 and 128 people at once, on both databases.

Run ``python -m bench.acknowledgement``; ``--quick`` for fewer requests. Every answer is on disk before it is
acknowledged. The ratio is to a bare Flask insert on the same database, measured in turns in the same run.
"""

import argparse
import os

from bench.scratch import scratch
from bench.submit import Figures, in_turns

CLIENTS = (1, 32, 128)
# One person after the other: fewer posts are enough, since none of them waits for another.
FEW = 200
BARE, PLATFORM = "bare Flask insert", "platform"
HEADER = f"{'':<40} {'p50 ms':>8} {'ratio':>6} {'p95 ms':>8} {'ratio':>6} {'per s':>7} {'failed':>6}"


def line(name: str, figures: Figures, baseline: Figures) -> str:
    parts = [f"{name:<40}"]
    for q in (50, 95):
        parts.append(f"{figures.percentile(q):8.1f} {figures.percentile(q) / baseline.percentile(q):6.2f}")
    return " ".join([*parts, f"{figures.per_second:7.0f} {figures.n_failed:6d}"])


def compare(kind: str, *, total: int, repeats: int) -> int:
    """Print the table of one database; how many posts were not acknowledged."""
    n_failed = 0
    with scratch(kind) as at:
        for n_clients in CLIENTS:
            settings = [("granian", BARE), ("granian", PLATFORM)]
            n_posts = min(total, FEW) if n_clients == 1 else total
            found = in_turns(at, settings, n_clients=n_clients, total=n_posts, repeats=repeats)
            for (_, app), figures in found.items():
                name = f"{kind}, {n_clients} clients, {app}"
                print(line(name, figures, found["granian", BARE]), flush=True)
                n_failed += figures.n_failed
    return n_failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    total, repeats = (384, 1) if parser.parse_args().quick else (640, 3)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n{HEADER}")
    n_failed = sum(compare(kind, total=total, repeats=repeats) for kind in ("sqlite", "postgresql"))
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    return 1 if n_failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
