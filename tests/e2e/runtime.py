"""The Lambda Runtime API, played to the function's binary: one event at a time."""

import json
import os
import queue
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from service import ROOT, make_environment

ANSWER_SECONDS = 30


def binary():
    """The binary that `make run` runs, compiled if need be."""
    words = ["cargo", "build", "--features", "local", "--message-format", "json-render-diagnostics"]
    said = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    built = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return next(message["executable"] for message in built if message.get("executable"))


class Runtime:
    """A function in an execution environment of its own. `output` is all it has written."""

    def __init__(self, database, **settings):
        self.events = queue.Queue()
        self.replies = queue.Queue()
        self.output = b""
        handler = type("Handler", (_Handler,), {"runtime": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        address = "{}:{}".format(*self.server.server_address)
        self.environment = make_environment() | settings | {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "todo-api",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "TODO_DB": str(database),
        }

    def __enter__(self):
        self.process = subprocess.Popen(
            [binary()], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.server.shutdown()
        self.server.server_close()

    def _read(self):
        for line in self.process.stdout:
            self.output += line

    def invoke(self, event):
        self.events.put(json.dumps(event).encode())
        return json.loads(self.replies.get(timeout=ANSWER_SECONDS))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A function that is killed breaks its connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    runtime = None
    count = 0

    def do_GET(self):
        event = self.runtime.events.get()
        type(self).count += 1
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{self.count}")
        self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
        self._send(event)

    def do_POST(self):
        self.runtime.replies.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(202)
        self._send(b"")

    def _send(self, body):
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
