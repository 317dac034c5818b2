"""`python -m benchmarks [name...]`: run all, or those named."""

import asyncio
import sys
from pathlib import Path

import uvloop

from benchmarks import accept, claim, closing, history, interactions, mirror, startup, turns
from benchmarks.report import Figure, show

BENCHES = {
    "accept": accept.measure,
    "claim": claim.measure,
    "close": closing.measure,
    "history": history.measure,
    "interactions": interactions.measure,
    "mirror": mirror.measure,
    "startup": startup.measure,
    "turns": turns.measure,
}


def main() -> None:
    unknown = set(sys.argv[1:]) - set(BENCHES)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    figures: list[Figure] = []
    for name in sys.argv[1:] or BENCHES:
        print(f"measuring {name} ...", flush=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures += runner.run(BENCHES[name]())
    show(figures, Path("bench-out"))


if __name__ == "__main__":
    main()
