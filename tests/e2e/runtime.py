"""The function's binary in an execution environment of its own, as the benchmark has it."""

import json
import subprocess
import tempfile

from environment import Environment
from service import ROOT, make_environment


def build(*what):
    """Compiles the service, or a target of it, as `make run` does. The path of what came out."""
    words = ["cargo", "build", "--features", "local", "--message-format", "json-render-diagnostics"]
    said = subprocess.run(
        [*words, *what], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    built = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return next(message["executable"] for message in built if message.get("executable"))


class Runtime:
    """A function over a database file. `output` is all it has written."""

    def __init__(self, database, **settings):
        self.variables = make_environment() | settings | {"TODO_DB": str(database)}

    def __enter__(self):
        self.log = tempfile.TemporaryFile("a+b")
        self.environment = Environment([build()], self.variables, self.log)
        return self

    def __exit__(self, *_):
        self.environment.close()
        self.log.close()

    def invoke(self, event):
        reply, _ = self.environment.invoke(json.dumps(event).encode())
        return reply

    @property
    def output(self):
        self.log.seek(0)
        return self.log.read()
