"""What the rounds have shown: tables for `docs/performance.md`."""

import platform
import re
import statistics
import sys
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
# What `make bench` writes stands between these.
BEGIN, END = "<!-- make bench -->\n", "<!-- /make bench -->"
OPERATIONS = (
    "GET one",
    "list 20 of 20",
    "list 20 of 10,000",
    "list 20 done ones of 10,000",
    "POST",
    "PUT",
    "DELETE",
    "401 without credentials",
    "401 wrong password",
)


def progress(done, number):
    """Says how far it is, on one line of the terminal."""
    end = "\n" if done == number else ""
    print(f"\rround {done} of {number}", end=end, file=sys.stderr, flush=True)


def write(results, number, service, scale=None):
    """Prints the tables; with a `scale`, which only a whole run has, into the document too."""
    tables = [heading(number), candidates(results)]
    if service:
        tables.append(operations(results))
    if scale is None:
        print("\n\n".join(tables))
        return
    tables += [
        bounds(results, zip_bytes(service)),
        "### Against the number of stored tasks",
        scale_table(scale),
    ]
    text = "\n\n".join(tables)
    print(text)
    before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def heading(number):
    return (
        f"{date.today()}, {processor()}, Linux {platform.release().partition('-')[0]}, Python"
        f" {platform.python_version()}: medians of {number} rounds (least to most); p99 of all"
        " requests of all rounds."
    )


def processor():
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def candidates(results):
    """Each candidate's start, memory and read of one task."""
    rows = []
    for name in (name for name in results.names if name != "argon2id"):
        get = f"{name}, GET one" if f"{name}, GET one: cpu" in results.rounds else f"{name}, constant"
        tls = f"{name} over TLS: start and first request"
        rows.append(
            [
                name,
                milliseconds(results.rounds[f"{name}: start"]),
                milliseconds(results.rounds[f"{name}: first request"]),
                milliseconds(results.rounds[tls]) if tls in results.rounds else "–",
                milliseconds(results.rounds[f"{get}: seconds"]),
                f"{results.p99(get) * 1e3:.2f}",
                milliseconds(results.rounds[f"{get}: cpu"]),
                f"{statistics.median(results.rounds[f'{name}: memory']) / 1e6:.1f}",
            ]
        )
    head = ["", "start to first poll, ms", "first request, ms", "start to first answer over TLS, ms"]
    head += ["GET one: p50, ms", "p99, ms", "processor, ms", "peak memory, MB"]
    return table(head, rows)


def operations(results):
    """The service's operations, each beside the article's on Flask."""
    rows = []
    for operation in OPERATIONS:
        what, flask = f"todo-api, {operation}", f"Flask, {operation}: seconds"
        rows.append(
            [
                operation,
                milliseconds(results.rounds[f"{what}: seconds"]),
                f"{results.p99(what) * 1e3:.2f}",
                milliseconds(results.rounds[f"{what}: cpu"]),
                only(results.calls[what]),
                only(results.units[what]),
                milliseconds(results.rounds[flask]) if flask in results.rounds else "–",
            ]
        )
    cold = milliseconds(results.rounds["todo-api with password: first request"])
    rows.append(["first request with password", cold, "", "", "", "", ""])
    head = ["todo-api", "p50, ms", "p99, ms", "processor, ms", "calls", "units", "Flask: p50, ms"]
    return table(head, rows)


def only(values):
    return " or ".join(f"{value:g}" for value in sorted(values))


def bounds(results, size):
    """What was asked for, and what came of it."""
    get, bare = "todo-api, GET one", "bare, GET one"
    first = "start and first request"
    hashes = results.rounds["argon2id"]
    cold = results.rounds["todo-api with password: first request"]
    over_hash = [a / (1.3 * b + 0.005) for a, b in zip(cold, hashes, strict=True)]
    megabytes = [value / 1e6 for value in results.rounds["todo-api: memory"]]
    nobody = "todo-api, 401 without credentials"
    many, few = "todo-api, list 20 of 10,000", "todo-api, list 20 of 20"
    rows = [
        ("GET one, processor: × bare", results.ratios(f"{get}: cpu", f"{bare}: cpu"), 1.0),
        ("GET one, p50: × bare", results.ratios(f"{get}: seconds", f"{bare}: seconds"), 1.0),
        ("… × Flask", results.ratios(f"{get}: seconds", "Flask, GET one: seconds"), 0.25),
        ("POST, processor: × bare", results.ratios("todo-api, POST: cpu", f"{bare}: cpu"), 2.0),
        ("POST, p50: × bare", results.ratios("todo-api, POST: seconds", f"{bare}: seconds"), 2.0),
        ("start to first poll: × bare", results.ratios("todo-api: start", "bare: start"), 0.9),
        (
            "start to first answer over TLS: × bare",
            results.ratios(f"todo-api over TLS: {first}", f"bare over TLS: {first}"),
            0.35,
        ),
        ("first request with password: × (1.3 argon2id + 5 ms)", over_hash, 1.0),
        ("peak memory, tokens only, MB", megabytes, 16),
        ("zip, MB", [size / 1e6], 3.2),
        (
            "list of 20 among 10,000: × among 20",
            results.ratios(f"{many}: seconds", f"{few}: seconds"),
            1.3,
        ),
        ("401, processor: × noop", results.ratios(f"{nobody}: cpu", "noop, constant: cpu"), 1.4),
        ("401, p50: × noop", results.ratios(f"{nobody}: seconds", "noop, constant: seconds"), 1.4),
    ]
    rows = [
        [what, spread(values), f"≤ {bound}", "yes" if statistics.median(values) <= bound else "no"]
        for what, values, bound in rows
    ]
    return table(["", "found", "bound", "met"], rows)


def scale_table(scale):
    rows = [
        [f"{stored:,}"]
        + [f"{seconds * 1e3:.2f} / {only(units)}" for seconds, units in of_operations.values()]
        for stored, of_operations in scale.items()
    ]
    names = next(iter(scale.values()))
    return table(["tasks stored", *(f"{name}: p50 in ms / units" for name in names)], rows)


def zip_bytes(binary):
    """How large what is uploaded to Lambda is."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "function.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(binary, "bootstrap")
        return path.stat().st_size


def milliseconds(seconds):
    return spread([value * 1e3 for value in seconds])


def spread(values):
    if len(values) == 1:
        return f"{values[0]:.2f}"
    digits = 3 if statistics.median(values) < 10 else 1
    middle, *ends = (statistics.median(values), min(values), max(values))
    return f"{middle:.{digits}f} ({ends[0]:.{digits}f}–{ends[1]:.{digits}f})"


def table(head, rows):
    lines = [head, ["", *["--:"] * (len(head) - 1)], *rows]
    lines[1][0] = "--"
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
