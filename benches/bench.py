"""`make bench`: benchmarks the service's release binary and its baselines in interleaved rounds, one
event at a time. Builds them, prints the results and writes them into `docs/performance.md`.

ROUNDS=20 sets the number of rounds. ONLY=todo-api,bare measures only these candidates, and does not
change the document.
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import report
import rounds
from engine import ROOT, Engine, Tls
from environment import Environment

NAMES = ("todo-api", "bare", "noop", "Flask", "Node")
MANY, FEW = 10_000, 20
TLS, PASSWORD = " over TLS", " with password"
# Each mode is measured in a new environment. The other candidates have two: without and with TLS.
MODES = {"noop": [""], "todo-api": ["", TLS, PASSWORD]}


def main():
    number = int(os.environ.get("ROUNDS") or 20)
    names = (os.environ.get("ONLY") or ",".join(NAMES)).split(",")
    if unknown := set(names) - set(NAMES):
        sys.exit(f"ONLY: {unknown.pop()} is not one of {', '.join(NAMES)}")
    commands = {name: build(name) for name in names}
    pin_cores()
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "a+b") as log:
        with Engine() as engine, Tls(engine, folder) as tls:
            results = rounds.Results(names)
            try:
                benchmark = Benchmark(commands, engine, tls, results, log)
                for done in range(number):
                    benchmark.round(done)
                    print(f"round {done + 1} of {number}", file=sys.stderr, flush=True)
            except BaseException:
                log.seek(0)
                sys.stderr.write(log.read()[-2000:].decode(errors="replace"))
                raise
    service = commands.get("todo-api")
    report.write(results, number, service and service[0][0], set(names) == set(NAMES))


def pin_cores():
    """Reserves one core for the candidates and leaves the others to the engine and this process. On
    Lambda a function with less than 1,769 MB has less than one core."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        Environment.core = cores.pop()
        os.sched_setaffinity(0, cores)


def build(name):
    """Builds a candidate. Returns its command and environment variables."""
    if name == "Flask":
        # AWS's runtime client, which needs the `Content-Type` that the environment sends with an event.
        make(".tools/flask/.installed")
        command = [ROOT / ".tools/flask/bin/python", "-m", "awslambdaric", "app.lambda_handler"]
        return command, {"PYTHONPATH": str(ROOT / "benches/baselines/flask")}
    if name == "Node":
        return ["node", make(".tools/node/bundle.mjs")], {}
    service = name == "todo-api"
    package = ROOT if service else ROOT / "benches" / "baselines"
    folder = ROOT / "target" if service else ROOT / "target" / "baselines"
    command = ["cargo", "build", "--release", "--bin", name, "--target-dir", folder]
    subprocess.run([*command, "--manifest-path", package / "Cargo.toml"], check=True)
    return [folder / "release" / name], rounds.SETTINGS if service else {}


def make(path):
    """Builds a file with the Makefile. Returns its path."""
    subprocess.run(["make", "--silent", path], cwd=ROOT, stdout=sys.stderr, check=True)
    return ROOT / path


class Benchmark:
    """The candidates, which share one engine."""

    def __init__(self, commands, engine, tls, results, log):
        self.commands, self.engine, self.tls = commands, engine, tls
        self.results, self.log = results, log
        engine.add_articles_table(FEW)
        if "todo-api" in commands:
            with self.start("todo-api", results=rounds.Results()) as run:
                self.few = rounds.User(run, "ada", FEW)
                self.many = rounds.User(run, "bob", MANY)

    def start(self, name, mode="", results=None):
        command, variables = self.commands[name]
        variables = variables | (self.tls if mode == TLS else self.engine).variables
        return rounds.Run(name + mode, command, variables, results or self.results, self.log)

    def round(self, number):
        """Measures each candidate once in each of its modes, in random order."""
        runs = [(name, mode) for name in self.commands for mode in MODES.get(name, ["", TLS])]
        for name, mode in random.sample(runs, len(runs)):
            with self.start(name, mode) as run:
                self.measure(name, mode, run, number)

    def measure(self, name, mode, run, number):
        if mode == PASSWORD:
            rounds.measure_passwords(run, self.few, number)
        elif name == "todo-api" and mode == TLS:
            rounds.measure_read(run, self.few.event("GET", "/tasks/2"))
        elif name == "todo-api":
            rounds.measure_service(run, self.few, self.many)
        elif name == "Flask" and mode != TLS:
            rounds.measure_flask(run)
        else:
            operation = "constant" if name == "noop" else "GET one"
            rounds.measure_read(run, rounds.READ_ARTICLES_TASK, operation)


if __name__ == "__main__":
    main()
