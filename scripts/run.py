"""`make run`: builds the service, serves it on a loopback port and says so once it answers.

Whatever ends this ends the service too: Ctrl-C, SIGTERM, a closed terminal, the end of make.
"""

import ctypes
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import tool

HOST = "127.0.0.1"
# The function is compiled by then; it has to open its database and answer.
START_SECONDS = 60
STOP_SECONDS = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARENT = os.getppid()


class Stop(Exception):
    """Somebody wants this to end."""


class Failed(Exception):
    """The service cannot run; says why."""


def main():
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    try:
        serve()
    except Stop:
        pass
    except (Failed, tool.ToolMissing) as error:
        sys.exit(f"make run: {error}")


def stop(*_):
    raise Stop


def serve():
    port = free_port(os.environ.get("PORT") or "9000")
    database = Path(os.environ.get("TODO_DB") or ".todo/todo.db").expanduser()
    env = dict(os.environ, TODO_DB=str(tool.ROOT / database))
    env.pop("PORT", None)
    watch = [str(tool.cargo_lambda()), "lambda", "watch"]
    # Given together: with the port alone, the address in Cargo.toml is not looked at.
    watch += ["--invoke-address", HOST, "--invoke-port", str(port)]
    # Compiled first, so that an error ends this; `watch` would wait for a change of the code.
    with Child(["cargo", "build", "--features", "local"], env) as build:
        if build.wait() != 0:
            raise Failed("the service does not compile; see above")
    with Child(watch, env) as service:
        await_health(service, port)
        url = f"http://localhost:{port}"
        say(f"\ntodo-api answers on {url} (Ctrl-C stops it), data in {database}")
        say(f"Try: curl -u miguel:python {url}/todo/api/v1.0/tasks\n")
        service.wait()
        raise Failed("cargo lambda watch ended by itself; see above")


def free_port(raw):
    if not (raw.isascii() and raw.isdigit() and 0 < int(raw) < 65536):
        raise Failed(f"PORT={raw} is no port number")
    with socket.socket() as listener:
        # As the service itself does: a port whose last user has just gone is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, int(raw)))
        except OSError as error:
            raise Failed(f"port {raw}: {error.strerror}; take another one with PORT=…") from None
    return int(raw)


def await_health(service, port):
    deadline = time.monotonic() + START_SECONDS
    alive = time.monotonic()
    while not answers(port):
        now = time.monotonic()
        if service.ended():
            raise Failed("cargo lambda watch ended by itself; see above")
        if len(descendants(service.pid)) > 1:
            alive = now
        # `watch` outlives a function that has failed, and lets every request wait.
        if now > min(alive + 2, deadline):
            raise Failed("the service did not start; see above")
        service.pause(0.1)


def answers(port):
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Child:
    """A process that does not outlive the `with` block, nor do the processes it has started. What
    they say goes to the file `log`, or to the terminal."""

    def __init__(self, words, env, log=None):
        options = {"env": env, "cwd": tool.ROOT, "stdout": log, "stderr": log}
        self.process = subprocess.Popen(words, preexec_fn=end_with_parent, **options)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def ended(self):
        return self.process.poll() is not None

    def wait(self):
        while not self.ended():
            self.pause(0.3)
        return self.process.returncode

    def pause(self, seconds):
        if make_is_ending():
            raise Stop
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def __exit__(self, *_):
        # A second Ctrl-C has to wait until all is down.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        family = descendants(self.pid)
        if not self.ended():
            self.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while family and time.monotonic() < deadline:
            # Those it starts meanwhile, and those that have lost their parent.
            family = {pid for member in family for pid in descendants(member)}
            self.process.poll()
            time.sleep(0.02)
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def end_with_parent():
    """For a SIGKILL, which this process cannot answer. Linux alone has that."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def descendants(pid):
    """The process and all that come from it, as far as they live."""
    parents = {}
    if sys.platform == "linux":
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                # The name in the middle may hold anything, `)` too.
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    else:
        lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True)
        for line in lines.stdout.splitlines():
            child, parent, state = line.split()[:3]
            if not state.startswith("Z"):
                parents[int(child)] = int(parent)
    found = {pid} & parents.keys()
    generation = found
    while generation:
        generation = {child for child, parent in parents.items() if parent in generation} - found
        found = found | generation
    return found


def make_is_ending():
    """Whether make is gone, or waits for this to end. A SIGINT to make alone is not passed on by
    it; it restores the signal's default and waits, which Linux lets one see."""
    return os.getppid() != PARENT or MAKE_CATCHES - caught_by_parent() != set()


def caught_by_parent():
    try:
        status = Path(f"/proc/{PARENT}/status").read_text()
    except OSError:
        return set()
    mask = int(re.search(r"^SigCgt:\s*(\w+)", status, re.M)[1], 16)
    return {number for number in (signal.SIGINT, signal.SIGHUP) if mask >> (number - 1) & 1}


MAKE_CATCHES = caught_by_parent() if "MAKELEVEL" in os.environ else set()


def say(line):
    try:
        print(line, flush=True)
    except OSError:
        raise Stop from None


if __name__ == "__main__":
    main()
