"""No secret leaves the function, except in the one response that has to contain it."""

import base64
import json
import re
import sqlite3
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from runtime import Runtime
from service import API

PASSWORD = "canary-pässword-1/7"
NEW_PASSWORD = "canary-nëw-password-2/7"
WRONG = "canary-wrong-password-3/7"
CODE = "canary-code-4/7"
ADDRESS = "203.0.113.77"
# The number of requests that `session` sends.
REQUESTS = 17
TEXT_LINE = re.compile(r"\d\d:\d\d:\d\dZ ")
REQUEST = re.compile(TEXT_LINE.pattern + r"[A-Z]+ \S+.* \d{3}, \d+ ms, \d+ DynamoDB calls?")


def is_json(line):
    return isinstance(json.loads(line), dict)


def event(method, path, authorization=None, body=None):
    headers = {"host": "todo.test"}
    if authorization:
        headers["authorization"] = authorization
    if body is not None:
        headers["content-type"] = "application/json"
    return {
        "version": "2.0",
        "rawPath": API + path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": {"method": method, "sourceIp": ADDRESS}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def basic(password):
    return "Basic " + base64.b64encode(f"canary.user:{password}".encode()).decode()


def spellings(secret):
    """The encodings in which a secret may appear in a log. Base64 depends on the bytes before the secret."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield repr(raw)[2:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    yield ", ".join(map(str, raw)).encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        inner = encoded[4 if offset else 0 : len(encoded) // 4 * 4 - 4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


class Secrets(unittest.TestCase):
    def test_a_session_at_the_most_verbose_level_logs_no_secret(self):
        for log_format, is_line in (("json", is_json), ("text", TEXT_LINE.match)):
            with self.subTest(LOG_FORMAT=log_format):
                self.check(log_format, is_line)

    def check(self, log_format, is_line):
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "todo.db"
            settings = {"RUST_LOG": "trace", "REGISTRATION": "code", "REGISTRATION_CODE": CODE}
            with Runtime(database, LOG_FORMAT=log_format, **settings) as function:
                token = self.session(function)
                output = function.output
            hashes = self.hashes(database)
        _, _, *lines = output.decode().splitlines()  # The first two say where the service listens.
        for line in lines:
            self.assertTrue(is_line(line), line)
        requests = [line for line in lines if '"Requests":1' in line or REQUEST.match(line)]
        self.assertEqual(len(requests), REQUESTS)
        self.assertGreaterEqual(len(hashes), 1)
        secrets = [PASSWORD, NEW_PASSWORD, WRONG, CODE, token, token.rsplit(".", 1)[1], *hashes]
        secrets += [basic(PASSWORD), basic(NEW_PASSWORD), "canary.user", ADDRESS, "canary@example.com"]
        for secret in secrets:
            for spelling in spellings(secret):
                self.assertNotIn(spelling, output, secret)

    def session(self, function):
        user = {"username": "canary.user", "password": PASSWORD, "email": "canary@example.com"}

        def send(status, *request):
            response = function.invoke(event(*request))
            self.assertEqual(response["statusCode"], status, response)
            return json.loads(response["body"]), json.dumps(response)

        responses = [
            send(403, "POST", "/users", None, user)[1],
            send(403, "POST", "/users", None, user | {"registration_code": WRONG})[1],
            send(201, "POST", "/users", None, user | {"registration_code": CODE})[1],
            send(401, "GET", "/tasks", basic(WRONG))[1],
            send(200, "GET", "/tasks", basic(PASSWORD))[1],
            send(201, "POST", "/tasks", basic(PASSWORD), {"title": "Buy milk"})[1],
            send(400, "POST", "/tasks", basic(PASSWORD), {"title": 5, "password": PASSWORD})[1],
        ]
        created, _ = send(201, "POST", "/tokens", basic(PASSWORD), {"label": "laptop"})
        token = created["token"]["token"]
        responses += [
            send(200, "GET", "/tokens", f"Bearer {token}")[1],
            send(403, "POST", "/tokens", f"Bearer {token}", {})[1],
            send(401, "GET", "/tasks", f"Bearer {token}x")[1],
            send(200, "GET", "/users/canary.user", f"Bearer {token}")[1],
            send(200, "PUT", "/users/canary.user", basic(PASSWORD), {"password": NEW_PASSWORD})[1],
            send(401, "GET", "/tasks", f"Bearer {token}")[1],
            send(200, "GET", "/tasks", basic(NEW_PASSWORD))[1],
            send(400, "PUT", "/users/canary.user", basic(NEW_PASSWORD), {"password": "canary.user"})[1],
        ]
        # Malformed on purpose: an event that cannot be parsed must not be logged either.
        function.invoke({"version": "2.0", "headers": {"authorization": basic(PASSWORD)}})
        for response in responses:
            for secret in (PASSWORD, NEW_PASSWORD, WRONG, CODE, token):
                for spelling in spellings(secret):
                    self.assertNotIn(spelling, response.encode())
        return token

    def hashes(self, database):
        """All password hashes in the database file."""
        connection = sqlite3.connect(database)
        try:
            dump = "\n".join(connection.iterdump())
        finally:
            connection.close()
        return {part.split('"')[0] for part in dump.split('"') if part.startswith("$argon2id$")}


if __name__ == "__main__":
    unittest.main()
