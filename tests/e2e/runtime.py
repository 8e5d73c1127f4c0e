"""Runs the function's binary in an execution environment, as the benchmark does."""

import json
import subprocess
import tempfile

from environment import Environment
from service import ROOT, make_environment


def build(*target):
    """Compiles the service or another target, as `make run` does. Returns the executable's path."""
    command = ["cargo", "build", "--features", "local", "--message-format", "json-render-diagnostics"]
    output = subprocess.run(
        [*command, *target], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return next(message["executable"] for message in messages if message.get("executable"))


class Runtime:
    """A function on a database file. `output` is all that it has logged."""

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
        response, _ = self.environment.invoke(json.dumps(event).encode())
        return response

    @property
    def output(self):
        self.log.seek(0)
        return self.log.read()
