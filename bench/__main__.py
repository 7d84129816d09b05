"""The short benchmarks, one after another. Read the ratios: each is to a baseline of the same run.

Run ``python -m bench`` (`make bench`), or name some: ``python -m bench commits submit``.
"""

import subprocess
import sys
import time

from config import ROOT

SHORT = {
    "engine_counting": ["--responses", "1000000", "--repeats", "3"],
    "engine": ["--responses", "100000", "1000000", "--repeats", "3", "--beside-r", "20000"],
    "commits": [],
    "submit": ["--quick"],
    "acknowledgement": ["--quick"],
    "duplicates": ["--rounds", "50"],
    "faults": ["--restarts", "3", "--stops", "3"],
    "database": ["--responses", "300000", "--repeats", "1"],
    "pages": [],
}


def main(names: list[str]) -> int:
    unknown = set(names) - SHORT.keys()
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(SHORT)}")
    failed = []
    for name in names or SHORT:
        started = time.monotonic()
        print(f"\n=== {name}", flush=True)
        # Each in a process of its own, so that none inherits the memory of another.
        if subprocess.run([sys.executable, "-m", f"bench.{name}", *SHORT[name]], cwd=ROOT).returncode:
            failed.append(name)
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
