"""Tables of the results, for the terminal and for `docs/performance.md`."""

import statistics
import sys


def progress(done, number, results):
    print(f"\rround {done} of {number}", end="" if done < number else "\n", file=sys.stderr, flush=True)


def write(results, number, binary, document):
    for what, values in sorted(results.rounds.items()):
        unit = 1e-6 if what.endswith("memory") else 1e3
        scaled = [value * unit for value in values]
        print(f"{what:70} {statistics.median(scaled):9.3f}  {min(scaled):9.3f} to {max(scaled):9.3f}")
    for what in results.calls:
        print(what, results.calls[what], results.units[what])
