"""A Lambda execution environment: serves the Runtime API to one function, one event at a time,
<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>."""

import json
import os
import re
import selectors
import socket
import subprocess
import time
import uuid

TIMEOUT_SECONDS = 60
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:todo-api"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class FunctionError(Exception):
    """The function exited, reported an error or did not follow the Runtime API."""


class Environment:
    """Starts `command` with `variables` and waits for its first poll. Use it in a `with` block."""

    # The processor core that functions run on; None means any core.
    core = None

    def __init__(self, command, variables, log):
        self.log = log
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._buffers = {}
        self._polling = None
        variables = variables | {
            "AWS_LAMBDA_RUNTIME_API": "{}:{}".format(*self._listener.getsockname()),
            "AWS_LAMBDA_FUNCTION_NAME": "todo-api",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/todo-api",
            "AWS_LAMBDA_LOG_STREAM_NAME": "benchmark",
            "PATH": os.environ["PATH"],
        }
        if self.core is not None:
            # A process inherits the cores of the process that starts it.
            own_cores = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {self.core})
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        if self.core is not None:
            os.sched_setaffinity(0, own_cores)
        # The id of the process's processor time clock, as clock_getcpuclockid(3) computes it.
        self._clock = ~self.process.pid << 3 | 2
        try:
            self._await_poll()
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.perf_counter() - begin

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        for connection in self._buffers:
            connection.close()
        self._listener.close()
        self._selector.close()

    def invoke(self, event):
        """Sends an event, as bytes, to the function. Returns the response and the latency in seconds."""
        self._await_poll()
        connection, self._polling = self._polling, None
        head = (
            "HTTP/1.1 200 OK\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(event)}\r\n"
            f"lambda-runtime-aws-request-id: {uuid.uuid4()}\r\n"
            f"lambda-runtime-deadline-ms: {round((time.time() + 10) * 1000)}\r\n"
            f"lambda-runtime-invoked-function-arn: {ARN}\r\n"
            "lambda-runtime-trace-id: Root=1-6921a3f0-4f2c8d1e5b6a79880c1d2e3f;Sampled=0\r\n\r\n"
        )
        message = head.encode() + event
        begin = time.perf_counter()
        connection.sendall(message)
        connection, line, body = self._request()
        seconds = time.perf_counter() - begin
        connection.sendall(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        if not re.match(rb"POST \S+/response ", line):
            raise FunctionError(f"{line.decode()}: {body.decode(errors='replace')}")
        return json.loads(body), seconds

    def cpu_seconds(self):
        """The processor time of all the function's threads so far, read while it waits for an event."""
        self._await_poll()
        return time.clock_gettime(self._clock)

    def peak_memory(self):
        """The function's peak memory, in bytes."""
        self._await_poll()
        with open(f"/proc/{self.process.pid}/status") as status:
            return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])

    def _await_poll(self):
        while not self._polling:
            connection, line, _ = self._request()
            if not re.match(rb"GET \S+/invocation/next ", line):
                raise FunctionError(f"unexpected request from the function: {line.decode()}")
            self._polling = connection

    def _request(self):
        """Waits for the next complete request. Returns its connection, first line and body."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            for key, _ in self._selector.select(timeout=0.5):
                if key.fileobj is self._listener:
                    self._accept()
                elif request := self._read(key.fileobj):
                    return request
            if self.process.poll() is not None:
                raise FunctionError(f"the function exited with status {self.process.returncode}")
        raise FunctionError(f"the function sent no request for {TIMEOUT_SECONDS} seconds")

    def _accept(self):
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffers[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection):
        data = connection.recv(1 << 20)
        if not data:
            self._selector.unregister(connection)
            del self._buffers[connection]
            connection.close()
            return None
        self._buffers[connection] += data
        head, end, rest = self._buffers[connection].partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        length = int(found[1]) if found else 0
        if not end or len(rest) < length:
            return None
        self._buffers[connection] = rest[length:]
        return connection, head.split(b"\r\n", 1)[0], rest[:length]
