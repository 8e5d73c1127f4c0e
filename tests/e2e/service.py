"""Starts the service with `make run`, as a user does, and sends requests to it."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
API = "/todo/api/v1.0"
MIGUEL = "Basic " + base64.b64encode(b"miguel:python").decode()
# Long enough for the first `make run`, which compiles everything.
READY_SECONDS = 1800
STOP_SECONDS = 20


def make_environment():
    """The variables of a user's shell: without those that `make test` or a test run sets."""
    ours = ("PORT", "TODO_DB", "EVENT", "PUBLIC_URL", "TABLE_NAME", "AWS_ENDPOINT_URL_DYNAMODB")
    make = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS")
    python = ("PYTHONPATH",)
    settings = ("AUTH_CACHE_SECONDS", "AUTH_FAILURE_STATUS", "CORS_ORIGINS")
    left_out = {*ours, *make, *python, *settings}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def restore_signals():
    """A child inherits ignored signals: SIGINT from a background job of a shell, SIGHUP from nohup."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Service:
    """`make run` on a free port, from the line that says it is ready until Ctrl-C."""

    def __init__(self, database, **settings):
        self.port = free_port()
        self.output = []
        self._ready = threading.Event()
        variables = [f"PORT={self.port}", f"TODO_DB={database}"]
        self.process = subprocess.Popen(
            ["make", "run", *variables],
            cwd=ROOT,
            env=make_environment() | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A process group of its own, as a terminal creates it, so that `stop` can signal all of it.
            start_new_session=True,
            preexec_fn=restore_signals,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line)
            if f"http://localhost:{self.port}" in line:
                self._ready.set()
        self._ready.set()

    def __enter__(self):
        try:
            self._ready.wait(READY_SECONDS)
            if self.process.poll() is not None or not self._ready.is_set():
                raise AssertionError("make run did not become ready:\n" + "".join(self.output))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ctrl-C: SIGINT to the whole foreground group."""
        try:
            os.killpg(self.process.pid, signal.SIGINT)
        except ProcessLookupError:
            pass
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError("make run did not stop:\n" + "".join(self.output)) from None
        # The pipe is closed when the last process that has it open exits.
        self._reader.join(STOP_SECONDS)
        if self._reader.is_alive():
            raise AssertionError("a process is still running after make run:\n" + "".join(self.output))
        self.process.stdout.close()

    def request(self, method, path, body=None, auth=MIGUEL, **headers):
        if auth:
            headers["Authorization"] = auth
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        return send(self.port, method, path, body, headers)

    def uri(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def listens_on(self, address):
        """Whether the service's port accepts connections at that address."""
        try:
            socket.create_connection((address, self.port), timeout=5).close()
        except OSError:
            return False
        return True


def send(port, method, path, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()


class Response:
    def __init__(self, status, headers, content):
        self.status = status
        self.headers = headers
        self.content = content

    @property
    def json(self):
        return json.loads(self.content)


def eventually(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
