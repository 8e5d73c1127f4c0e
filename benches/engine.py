"""Runs the embedded DynamoDB engine as a separate process, with or without a TLS proxy. `engine.py
COMMAND …` runs a command with the engine as its database."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CREDENTIALS = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    # As long as the real ones, which are part of every request.
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE" * 32,
}


def start(*command):
    """Starts a server. Returns its process and the line that it prints when it is ready."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"{command[0]} exited with status {process.wait()}")
    return process, line


class Engine:
    """An engine in memory with the empty table `todo`. `variables` make a function use it."""

    def __enter__(self):
        self.process, self.url = start(ROOT / "target" / "debug" / "examples" / "engine")
        self.variables = CREDENTIALS | {"AWS_ENDPOINT_URL_DYNAMODB": self.url}
        return self

    def __exit__(self, *_):
        self.process.communicate("")

    def call(self, action, **members):
        """Calls one action of DynamoDB's API. The engine does not check signatures."""
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=x/20261122/eu-central-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=x",
            "X-Amz-Date": "20261122T000000Z",
        }
        request = urllib.request.Request(self.url, json.dumps(members).encode(), headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def add_articles_table(self, tasks):
        """Creates the baselines' table with tasks of the article's user and the item with the last id."""
        key = (("username", "HASH", "S"), ("id", "RANGE", "N"))
        self.call(
            "CreateTable",
            TableName="tasks",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind, _ in key],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": type_} for n, _, type_ in key],
        )
        for number in range(tasks + 1):
            item = {"username": {"S": "miguel"}, "id": {"N": str(number)}}
            item |= {
                "title": {"S": f"Buy groceries {number}"},
                "description": {"S": "Milk, Cheese, Pizza, Fruit, Tylenol"},
                "done": {"BOOL": False},
            } if number else {"last_id": {"N": str(tasks)}}
            self.call("PutItem", TableName="tasks", Item=item)


class Tls:
    """A TLS proxy for an engine, with a new certificate. `variables` make a function use it."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.folder = Path(folder)

    def __enter__(self):
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
            + ["-addext", "subjectAltName=DNS:localhost"]
            + ["-addext", "basicConstraints=critical,CA:FALSE"],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        proxy, engine_port = Path(__file__).with_name("tls.py"), self.engine.url.rpartition(":")[2]
        self.process, port = start(sys.executable, proxy, certificate, key, engine_port)
        self.variables = CREDENTIALS | {
            "AWS_ENDPOINT_URL_DYNAMODB": f"https://localhost:{port}",
            "SSL_CERT_FILE": str(certificate),
            # The names of this setting in Node and Python.
            "NODE_EXTRA_CA_CERTS": str(certificate),
            "AWS_CA_BUNDLE": str(certificate),
        }
        return self

    def __exit__(self, *_):
        self.process.communicate("")


if __name__ == "__main__":
    engine = Engine().__enter__()
    # The command inherits the other end of the engine's input, so the engine exits after the command.
    os.set_inheritable(engine.process.stdin.fileno(), True)
    os.execvpe(sys.argv[1], sys.argv[1:], os.environ | engine.variables)
