"""The embedded DynamoDB engine as a process of its own, perhaps behind TLS. `engine.py COMMAND …` runs
a command beside it."""

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


def first_line(process):
    """What a server says once it is there."""
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"{process.args[0]} ended with {process.wait()}")
    return line


class Engine:
    """In memory, with the empty table `todo`. `variables` lead a function to it."""

    def __enter__(self):
        binary = ROOT / "target" / "debug" / "examples" / "engine"
        self.process = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = first_line(self.process)
        self.variables = CREDENTIALS | {"AWS_ENDPOINT_URL_DYNAMODB": self.url}
        return self

    def __exit__(self, *_):
        self.process.communicate("")

    def call(self, action, **members):
        """One call of DynamoDB's API. The engine looks at no signature."""
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=x/20261122/eu-central-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=x",
            "X-Amz-Date": "20261122T000000Z",
        }
        request = urllib.request.Request(self.url, json.dumps(members).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def add_articles_table(self, tasks):
        """The baselines' table, with so many tasks of the article's user and what counts them."""
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
    """TLS in front of an engine, by a certificate of its own. `variables` lead a function to it."""

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
        port = self.engine.url.rpartition(":")[2]
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("tls.py"), certificate, key, port],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        url = "https://localhost:" + first_line(self.process)
        self.variables = CREDENTIALS | {
            "AWS_ENDPOINT_URL_DYNAMODB": url,
            "SSL_CERT_FILE": str(certificate),
            # What Node and Python call it.
            "NODE_EXTRA_CA_CERTS": str(certificate),
            "AWS_CA_BUNDLE": str(certificate),
        }
        return self

    def __exit__(self, *_):
        self.process.communicate("")


if __name__ == "__main__":
    engine = Engine().__enter__()
    # It ends with its input, so when the command has ended.
    os.set_inheritable(engine.process.stdin.fileno(), True)
    os.execvpe(sys.argv[1], sys.argv[1:], os.environ | engine.variables)
