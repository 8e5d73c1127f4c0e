"""The emulator of AWS, an operator's shell on it, and a client of what is deployed."""

import base64
import json
import os
import platform
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import botocore.session
from service import ROOT, eventually, free_port, make_environment, send

ARCH = "x86_64" if platform.machine() == "x86_64" else "arm64"
REGION = "eu-central-1"
# As long as a build takes that prints nothing.
CONVERSATION_SECONDS = 600
HERE = Path(__file__).resolve().parent


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Cloud:
    """An emulator of its own, empty at first."""

    def __init__(self):
        self.gateway, self.front = free_port(), free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.calls_file = Path(self.folder.name) / "calls"
        self.calls_file.touch()
        self.read_to = 0
        ours = {
            "AWS_ACCESS_KEY_ID": "AKIAOPERATOR",
            "AWS_SECRET_ACCESS_KEY": "the operator's secret",
            # What the machine's own user has configured must not matter.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        others = {name: value for name, value in make_environment().items() if not name.startswith("AWS_")}
        self.environment = others | ours | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.gateway}",
            "SAM_CLI_TELEMETRY": "0",
            "DEPLOY_ANSWERS": str(Path(self.folder.name) / "answers.json"),
        }
        settings = {"AUTH": "true", "GATEWAY_PORT": self.gateway, "FRONT_PORT": self.front}
        settings |= {"MINISTACK_REGION": REGION, "CALLS": self.calls_file, "LOG_LEVEL": "ERROR"}
        # Its files, which it puts into fixed places of the temporary folder.
        settings["TMPDIR"] = self.folder.name
        self.faults = Path(self.folder.name) / "faults"
        settings["FAULTS"] = self.faults
        self.log = open(Path(self.folder.name) / "log", "w+b")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "emulator.py"],
            env=others | ours | {name: str(value) for name, value in settings.items()},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if not eventually(self.is_ready, 60):
            self.stop()
            raise AssertionError(f"the emulator does not start:\n{self.output()}")

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.gateway}/_ministack/health").status == 200
        except OSError:
            return False

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-3000:]

    def stop(self):
        # The functions' processes are in its group.
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.log.close()
        self.folder.cleanup()

    def client(self, service):
        session = botocore.session.Session()
        return session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def start(self, *command, text=None, **variables):
        """A command in the operator's shell, in the project's folder."""
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def run(self, *command, text=None, fails=False, **variables):
        """Runs such a command to its end. Returns what it has printed."""
        with self.start(*command, text=text, **variables) as process:
            output = "\n".join(process.communicate(text, timeout=1800))
        if (process.returncode != 0) != fails:
            raise AssertionError(f"{' '.join(command)} ended with {process.returncode}:\n{output[-6000:]}")
        return output

    def converse(self, command, answers, **variables):
        """Runs a command at a terminal. `answers` are pairs of a prompt's text and what is typed then."""
        ours, theirs = pty.openpty()
        environment = self.environment | variables
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        ) as process:
            os.close(theirs)
            shown, answers = "", list(answers)
            while select.select([ours], [], [], CONVERSATION_SECONDS)[0]:
                try:
                    shown += os.read(ours, 65536).decode(errors="replace")
                except OSError:
                    break
                # Without the escape sequences that make a prompt bold.
                line = re.sub(r"\x1b\[[\d;?]*[a-z]", "", shown).rpartition("\n")[2]
                # SAM prints the space last. Between it and the rest, it throws away what was typed
                # before it hides the entry.
                if answers and answers[0][0] in line and line.endswith(": "):
                    os.write(ours, f"{answers.pop(0)[1]}\n".encode())
            else:
                process.kill()
        os.close(ours)
        if process.returncode != 0 or answers:
            raise AssertionError(f"{command} ended with {process.returncode}, left {answers}:\n{shown[-6000:]}")
        return shown

    def make(self, *words, **options):
        return self.run("make", "--silent", *words, **options)

    def stack(self, name):
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name):
        return {output["OutputKey"]: output["OutputValue"] for output in self.stack(name)["Outputs"]}

    def resource(self, name, logical_id):
        found = self.client("cloudformation").describe_stack_resource(
            StackName=name, LogicalResourceId=logical_id
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def take_calls(self):
        """The calls to DynamoDB since the last time."""
        # A call is written after its response was sent.
        time.sleep(0.2)
        with open(self.calls_file) as file:
            file.seek(self.read_to)
            lines = file.readlines()
            self.read_to = file.tell()
        return [json.loads(line) for line in lines]

    def request(self, method, path, body=None, auth=None, content_type="application/json", headers=()):
        """Sends a request to the newest API."""
        headers = dict(headers) | ({"Authorization": auth} if auth else {})
        if body is not None:
            headers["Content-Type"] = content_type
            body = body if isinstance(body, str) else json.dumps(body)
        return send(self.front, method, path, body, headers)
