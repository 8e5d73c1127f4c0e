"""The results of the rounds, as tables for `docs/performance.md`."""

import platform
import re
import statistics
import tempfile
import zipfile
from datetime import date
from pathlib import Path

from engine import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
# `make bench` replaces the text between these markers.
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
# The highest allowed ratio of the first measurement to the second.
BOUNDS = (
    ("todo-api, GET one: cpu", "bare, GET one: cpu", 1.0),
    ("todo-api, GET one: seconds", "bare, GET one: seconds", 1.0),
    ("todo-api, GET one: seconds", "Flask, GET one: seconds", 0.25),
    ("todo-api, POST: cpu", "bare, GET one: cpu", 2.0),
    ("todo-api, POST: seconds", "bare, GET one: seconds", 2.0),
    ("todo-api: start", "bare: start", 0.9),
    ("todo-api over TLS: start and first request", "bare over TLS: start and first request", 0.35),
    ("todo-api, list 20 of 10,000: seconds", "todo-api, list 20 of 20: seconds", 1.3),
    ("todo-api, 401 without credentials: cpu", "noop, constant: cpu", 1.4),
    ("todo-api, 401 without credentials: seconds", "noop, constant: seconds", 1.4),
)


def write(results, number, service, complete):
    """Prints the tables, and writes those of a complete run into the document."""
    tables = [heading(number), candidates(results)]
    if service:
        tables.append(operations(results))
    if complete:
        tables.append(bounds(results, service))
    text = "\n\n".join(tables)
    print(text)
    if complete:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n\n{END}{after}")


def heading(number):
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    processor = f"{len(names)} × {names[0]}" if names else platform.machine()
    return (
        f"{date.today()}, {processor}, Linux {platform.release().partition('-')[0]}, Python"
        f" {platform.python_version()}: medians of {number} rounds (least to most); p99 of all"
        " requests of all rounds."
    )


def candidates(results):
    """Each candidate's start time, memory, and time to read one task."""
    rows = []
    for name in results.names:
        get = f"{name}, constant" if name == "noop" else f"{name}, GET one"
        rows.append(
            [
                name,
                milliseconds(results.rounds[f"{name}: start"]),
                milliseconds(results.rounds[f"{name}: first request"]),
                milliseconds(results.rounds[f"{name} over TLS: start and first request"]),
                milliseconds(results.rounds[f"{get}: seconds"]),
                f"{results.p99(get) * 1e3:.2f}",
                milliseconds(results.rounds[f"{get}: cpu"]),
                f"{statistics.median(results.rounds[f'{name}: memory']) / 1e6:.1f}",
            ]
        )
    head = ["", "start to first poll, ms", "first request, ms", "start to first response over TLS, ms"]
    head += ["GET one: p50, ms", "p99, ms", "processor, ms", "peak memory, MB"]
    return table(head, rows)


def operations(results):
    """The service's operations, compared with the article's service on Flask."""
    rows = []
    for operation in OPERATIONS:
        what = f"todo-api, {operation}"
        rows.append(
            [
                operation,
                milliseconds(results.rounds[f"{what}: seconds"]),
                f"{results.p99(what) * 1e3:.2f}",
                milliseconds(results.rounds[f"{what}: cpu"]),
                distinct(results.calls[what]),
                distinct(results.units[what]),
                milliseconds(results.rounds[f"Flask, {operation}: seconds"]),
            ]
        )
    cold = milliseconds(results.rounds["todo-api with password: first request"])
    rows.append(["first request with password", cold, "", "", "", "", ""])
    head = ["todo-api", "p50, ms", "p99, ms", "processor, ms", "calls", "units", "Flask: p50, ms"]
    return table(head, rows)


def distinct(values):
    return " or ".join(f"{value:g}" for value in sorted(values))


def bounds(results, service):
    """The bounds, and whether the results are within them."""
    measured = [(f"{a} / {b}", results.ratios(a, b), bound) for a, b, bound in BOUNDS]
    memory = [value / 1e6 for value in results.rounds["todo-api: memory"]]
    measured += [("peak memory, tokens only, MB", memory, 16), ("zip, MB", [zip_megabytes(service)], 3.2)]
    rows = [
        [what, spread(values), f"≤ {bound}", "yes" if statistics.median(values) <= bound else "no"]
        for what, values, bound in measured
    ]
    return table(["", "measured", "bound", "met"], rows)


def zip_megabytes(binary):
    """The size of the zip file that is uploaded to Lambda."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(binary, "bootstrap")
        return file.tell() / 1e6


def milliseconds(seconds):
    return spread([value * 1e3 for value in seconds]) if seconds else "–"


def spread(values):
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.2f}"
    digits = 3 if middle < 10 else 1
    return f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(head, rows):
    lines = [head, ["--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
