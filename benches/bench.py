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

import baselines
import report
import rounds
from engine import ROOT, Engine, Tls
from environment import Environment

NAMES = ("todo-api", "bare", "noop", "argon2id", "Flask", "Node")
MANY, FEW = 10_000, 20


def main():
    number = int(os.environ.get("ROUNDS") or 20)
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    names = [name for name in NAMES if name in (only or NAMES)]
    commands = {name: build(name) for name in names}
    keep_apart()
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+b") as log:
        with Engine() as engine, Tls(engine, folder) as tls:
            results = rounds.Results(names)
            scale = None
            try:
                bench = Bench(commands, engine, tls, results, log)
                for done in range(number):
                    bench.round(done)
                    report.progress(done + 1, number)
                if not only:
                    scale = bench.scale()
            except BaseException:
                log.seek(0)
                sys.stderr.write(log.read()[-2000:].decode(errors="replace"))
                raise
    service = commands.get("todo-api")
    report.write(results, number, service and service[0][0], scale)


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
        return baselines.flask()
    if name == "Node":
        return baselines.node()
    if name == "todo-api":
        words = ["cargo", "build", "--release"]
        folder = ROOT / "target"
    else:
        folder = ROOT / "target" / "baselines"
        words = ["cargo", "build", "--release", "--bin", name, "--target-dir", folder]
        words += ["--manifest-path", ROOT / "benches" / "baselines" / "Cargo.toml"]
    subprocess.run(words, cwd=ROOT, check=True)
    return [folder / "release" / name], {}


class Bench:
    """The candidates over one engine."""

    def __init__(self, commands, engine, tls, results, log):
        self.commands, self.engine, self.tls = commands, engine, tls
        self.results, self.log = results, log
        engine.add_articles_table()
        if "todo-api" in commands:
            with self.visit("todo-api", rounds.Results()) as visit:
                self.few = rounds.User(visit, "ada", FEW)
                self.many = rounds.User(visit, "bob", MANY)

    def visit(self, name, results=None, tls=False, how=""):
        command, variables = self.commands[name]
        variables = variables | (self.tls if tls else self.engine).variables
        how = " over TLS" if tls else how
        return rounds.Visit(name + how, command, variables, results or self.results, self.log)

    def round(self, number):
        """Each candidate once, in another order each time."""
        work = [(name, tls) for name in self.commands for tls in (False, True)]
        for name, tls in random.sample(work, len(work)):
            if tls and name in ("noop", "argon2id"):
                continue
            with self.visit(name, tls=tls) as visit:
                self.measure(name, tls, visit)
        if "todo-api" in self.commands:
            with self.visit("todo-api", how=" with password") as visit:
                rounds.visit_with_password(visit, self.few, number)

    def scale(self):
        with self.visit("todo-api", rounds.Results()) as visit:
            return rounds.measure_scale(visit, rounds.User(visit, "carl", 0))

    def measure(self, name, tls, visit):
        if name == "todo-api" and tls:
            rounds.visit_reader(visit, self.few.event("GET", "/tasks/2"))
        elif name == "todo-api":
            rounds.visit_service(visit, self.few, self.many)
        elif name == "Flask" and not tls:
            rounds.visit_flask(visit)
        elif name == "noop":
            rounds.visit_reader(visit, rounds.ARTICLE, "constant")
        elif name == "argon2id":
            rounds.visit_hash(visit)
        else:
            rounds.visit_reader(visit, rounds.ARTICLE)


if __name__ == "__main__":
    main()
