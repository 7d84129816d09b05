"""Kill the whole server under load, start it again, and count: what was acknowledged is stored exactly once.

Run ``python -m bench.soak`` (`make soak`): 10,000 acknowledgements and 100 kills on each database.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable

from bench.posting import Devices, Verdict, judge
from bench.scratch import Scratch, scratch
from bench.serving import Server, free_port, start
from survey_app.serve import web_command

N_ACKNOWLEDGED, N_KILLS = 10_000, 100
# Between a start and its kill: from the middle of the first transactions to a second of full load.
LIFE_SECONDS = (0.05, 1.2)


def kill_and_count(
    at: Scratch, *, n_kills: int, n_acknowledged: int, command: Callable[[int], list[str]] = web_command
) -> tuple[Verdict, Devices]:
    """Kills at random moments under load, then load until enough is acknowledged, then the count."""
    port = free_port()
    devices = Devices(at, port)

    def up() -> Server:
        return start(command(port), port, at.environ, ready="/readyz")

    server = up()
    devices.start()
    try:
        for _ in range(n_kills):
            time.sleep(random.uniform(*LIFE_SECONDS))
            server.kill()
            server = up()
        while len(devices.receipts) < n_acknowledged:
            time.sleep(0.1)
    finally:
        devices.finish()
        server.kill()
    return judge(devices), devices


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=N_KILLS)
    parser.add_argument("--acknowledged", type=int, default=N_ACKNOWLEDGED)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    is_clean = True
    for kind in arguments.databases:
        started = time.monotonic()
        with scratch(kind) as at:
            verdict, devices = kill_and_count(
                at, n_kills=arguments.kills, n_acknowledged=arguments.acknowledged
            )
        seconds = time.monotonic() - started
        print(
            f"{kind}: {arguments.kills} kills, {verdict}, {dict(devices.outcomes)}, {seconds:.0f} s",
            flush=True,
        )
        is_clean &= verdict.is_clean
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
