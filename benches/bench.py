"""`make bench`: the service's release binary and its baselines, one event at a time, in interleaved
rounds. Builds all that it needs, prints what it found and writes it into `docs/performance.md`.

ROUNDS=20 says how many rounds; ONLY=todo-api,bare leaves the other candidates out, and the document
alone.
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
# How a candidate is measured, each way in an environment of its own, if not with and without TLS.
WAYS = {"noop": [""], "todo-api": ["", TLS, PASSWORD]}


def main():
    number = int(os.environ.get("ROUNDS") or 20)
    names = (os.environ.get("ONLY") or ",".join(NAMES)).split(",")
    if unknown := set(names) - set(NAMES):
        sys.exit(f"ONLY: {unknown.pop()} is none of {', '.join(NAMES)}")
    commands = {name: build(name) for name in names}
    keep_apart()
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "a+b") as log:
        with Engine() as engine, Tls(engine, folder) as tls:
            results = rounds.Results(names)
            try:
                bench = Bench(commands, engine, tls, results, log)
                for done in range(number):
                    bench.round(done)
                    print(f"round {done + 1} of {number}", file=sys.stderr, flush=True)
            except BaseException:
                log.seek(0)
                sys.stderr.write(log.read()[-2000:].decode(errors="replace"))
                raise
    service = commands.get("todo-api")
    report.write(results, number, service and service[0][0], set(names) == set(NAMES))


def keep_apart():
    """Gives the candidates a core, and the engine and this process the others: a function of less
    than 1,769 MB has less than one core on Lambda."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        Environment.core = cores.pop()
        os.sched_setaffinity(0, cores)


def build(name):
    """How to start a candidate: its command and the variables it needs."""
    if name == "Flask":
        # AWS's own runtime client. It crashes when an event has no `Content-Type`.
        made(".tools/flask/.installed")
        command = [ROOT / ".tools/flask/bin/python", "-m", "awslambdaric", "app.lambda_handler"]
        return command, {"PYTHONPATH": str(ROOT / "benches/baselines/flask")}
    if name == "Node":
        return ["node", made(".tools/node/bundle.mjs")], {}
    service = name == "todo-api"
    package = ROOT if service else ROOT / "benches" / "baselines"
    folder = ROOT / "target" if service else ROOT / "target" / "baselines"
    words = ["cargo", "build", "--release", "--bin", name, "--target-dir", folder]
    subprocess.run([*words, "--manifest-path", package / "Cargo.toml"], check=True)
    return [folder / "release" / name], rounds.SETTINGS if service else {}


def made(path):
    """A file that the Makefile knows how to make."""
    subprocess.run(["make", "--silent", path], cwd=ROOT, stdout=sys.stderr, check=True)
    return ROOT / path


class Bench:
    """The candidates over one engine."""

    def __init__(self, commands, engine, tls, results, log):
        self.commands, self.engine, self.tls = commands, engine, tls
        self.results, self.log = results, log
        engine.add_articles_table(FEW)
        if "todo-api" in commands:
            with self.visit("todo-api", results=rounds.Results()) as visit:
                self.few = rounds.User(visit, "ada", FEW)
                self.many = rounds.User(visit, "bob", MANY)

    def visit(self, name, how="", results=None):
        command, variables = self.commands[name]
        variables = variables | (self.tls if how == TLS else self.engine).variables
        return rounds.Visit(name + how, command, variables, results or self.results, self.log)

    def round(self, number):
        """Each candidate once, in another order each time."""
        work = [(name, how) for name in self.commands for how in WAYS.get(name, ["", TLS])]
        for name, how in random.sample(work, len(work)):
            with self.visit(name, how) as visit:
                self.measure(name, how, visit, number)

    def measure(self, name, how, visit, number):
        if how == PASSWORD:
            rounds.visit_with_password(visit, self.few, number)
        elif name == "todo-api" and how == TLS:
            rounds.visit_reader(visit, self.few.event("GET", "/tasks/2"))
        elif name == "todo-api":
            rounds.visit_service(visit, self.few, self.many)
        elif name == "Flask" and how != TLS:
            rounds.visit_flask(visit)
        elif name == "noop":
            rounds.visit_reader(visit, rounds.ARTICLE, "constant")
        else:
            rounds.visit_reader(visit, rounds.ARTICLE)


if __name__ == "__main__":
    main()
