"""Posting answers over HTTP: two web servers, the least that Flask can do, with and without the write lock.

Run ``python -m bench.submit``; ``--quick`` for fewer requests. Every pair is measured in turns, in one run.
"""

import argparse
from dataclasses import dataclass, field
from statistics import median

from bench import clients, serving
from bench.clients import Load
from bench.scratch import CODE, Scratch, scratch
from bench.serving import SERVERS, free_port

PATH = f"/q/{CODE}"
APPLICATIONS = {
    "platform": "survey_app:create_app()",
    "platform, no lock": "bench.apps:unlocked()",
    "bare Flask insert": "bench.apps:bare()",
}
CLIENTS = (1, 8, 32)
BURST = 1_000
HALF_OPEN = 200
WARM_UP = 30


@dataclass
class Figures:
    """Repeated loads of one setting; medians of the repeats."""

    loads: list[Load] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return median(load.per_second for load in self.loads)

    def percentile(self, q: float) -> float:
        return median(load.percentile(q) for load in self.loads)

    @property
    def n_failed(self) -> int:
        return sum(len(load.seconds) - load.n_stored for load in self.loads)

    def line(self, name: str, baseline: "Figures | None" = None) -> str:
        ratio = f"{self.per_second / baseline.per_second:6.2f}" if baseline else " " * 6
        percentiles = " ".join(f"{self.percentile(q):8.1f}" for q in (50, 95, 99))
        return f"{name:<34} {percentiles} {self.per_second:8.0f} {ratio} {self.n_failed:6d}"


HEADER = f"{'':<34} {'p50 ms':>8} {'p95':>8} {'p99':>8} {'per s':>8} {'ratio':>6} {'failed':>6}"


def compare_servers(at: Scratch, *, total: int, repeats: int) -> None:
    """Both servers and the bare application, at each number of clients, in turns."""
    settings = [(server, app) for app in ("bare Flask insert", "platform") for server in SERVERS]
    for n_clients in CLIENTS:
        figures = in_turns(at, settings, n_clients=n_clients, total=total, repeats=repeats)
        print(f"\n{n_clients} clients\n{HEADER}")
        for (server, app), measured in figures.items():
            print(measured.line(f"{app}, {server}", figures[server, "bare Flask insert"]))


def compare_lock(at: Scratch, *, total: int, repeats: int, server: str) -> None:
    """Eight writers with the lock of the process and without it; the ratio is to the one with the lock."""
    settings = [(server, "platform"), (server, "platform, no lock")]
    figures = in_turns(at, settings, n_clients=8, total=total, repeats=repeats)
    print(f"\nwrite lock, 8 writers, {server}\n{HEADER}")
    for (_, app), measured in figures.items():
        print(measured.line(app, figures[server, "platform"]))


def compare_crowds(at: Scratch) -> None:
    """A thousand at once from one address; and honest requests beside two hundred half-sent ones."""
    body = at.body()
    head = clients.request_head(PATH, len(body))
    crowds = {
        "half a header": head[: len(head) // 2],
        "half a body": head + body[: len(body) // 2],
    }
    print(f"\n{HEADER}")
    for name, command in SERVERS.items():
        port = free_port()
        with serving.serving(command(APPLICATIONS["platform"], port), port, at.environ):
            clients.post_load(port, PATH, at.body, clients=1, each=WARM_UP)
            burst = clients.post_burst(port, PATH, at.body, n=BURST)
            print(Figures([burst]).line(f"{BURST} at once, {name}"))
            for crowd, part in crowds.items():
                beside = clients.post_beside_half_open(
                    port, PATH, at.body, part=part, half_open=HALF_OPEN, n=8
                )
                print(Figures([beside]).line(f"{HALF_OPEN} × {crowd}, {name}"))


def in_turns(
    at: Scratch, settings: list[tuple[str, str]], *, n_clients: int, total: int, repeats: int
) -> dict[tuple[str, str], Figures]:
    """Each setting after the other, and again; every time on a server that was just started and warmed up."""
    figures: dict[tuple[str, str], Figures] = {setting: Figures() for setting in settings}
    for _ in range(repeats):
        for server, app in settings:
            port = free_port()
            with serving.serving(SERVERS[server](APPLICATIONS[app], port), port, at.environ):
                clients.post_load(port, PATH, at.body, clients=1, each=WARM_UP)
                load = clients.post_load(port, PATH, at.body, clients=n_clients, each=total // n_clients)
            figures[server, app].loads.append(load)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    total, repeats = (300, 1) if quick else (600, 3)
    clients.TIMEOUT = 5.0 if quick else 20.0
    with scratch("sqlite") as at:
        compare_servers(at, total=total, repeats=repeats)
        compare_lock(at, total=total, repeats=repeats, server="granian")
        compare_crowds(at)


if __name__ == "__main__":
    main()
