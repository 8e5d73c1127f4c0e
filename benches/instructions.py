"""`make instructions`: how many instructions a request takes, by callgrind.

Unlike time it is nearly the same each time, whatever else the machine does; but callgrind knows
neither the kernel's part nor the processor's SHA extensions. Each figure is what FEW and MANY
requests differ by. The profiles stay in target/, for `callgrind_annotate`; a build with
CARGO_PROFILE_RELEASE_STRIP=none has the functions' names.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import bench
import environment
import events
import rounds
from engine import ROOT, Engine

FEW, MANY = 100, 400


def main():
    if not shutil.which("valgrind"):
        sys.exit("make instructions: needs valgrind")
    environment.PATIENCE = 300
    commands = {name: bench.build(name)[0] for name in ("todo-api", "bare", "noop")}
    with tempfile.TemporaryFile("a+b") as log, Engine() as engine:
        engine.add_articles_table(FEW)
        service = engine.variables | rounds.SETTINGS
        with rounds.Visit("todo-api", commands["todo-api"], service, rounds.Results(), log) as visit:
            user = rounds.User(visit, "ada", 20)
        requests = {
            "noop": ("noop", rounds.ARTICLE),
            "bare, GET one": ("bare", rounds.ARTICLE),
            "todo-api, GET one": ("todo-api", user.event("GET", "/tasks/2")),
            "todo-api, list of 20": ("todo-api", user.event("GET", "/tasks", query="limit=20")),
            "todo-api, POST": ("todo-api", user.event("POST", "/tasks", rounds.ARTICLES_TITLE)),
            "todo-api, 401": ("todo-api", events.event("GET", "/tasks/2")),
        }
        for what, (name, request) in requests.items():
            few, many = (count(commands[name], service, log, request, n) for n in (FEW, MANY))
            print(f"{what:22}{(many - few) / (MANY - FEW):12,.0f}", flush=True)


def count(command, variables, log, request, number):
    """The instructions of a whole environment that gets so many requests."""
    profile = ROOT / "target" / f"callgrind.{Path(command[0]).name}"
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", *command]
    with environment.Environment(valgrind, variables, log) as function:
        for _ in range(number):
            function.invoke(request)
        function.end()
    return int(re.search(r"^totals: (\d+)", profile.read_text(), re.M)[1])


if __name__ == "__main__":
    main()
