"""No secret leaves the function but in the one answer that is to hold it."""

import base64
import json
import sqlite3
import tempfile
import unittest
import urllib.parse
from pathlib import Path

from runtime import Runtime
from service import API

PASSWORD = "canary-pässword-1/7"
NEW_PASSWORD = "canary-nëw-password-2/7"
WRONG = "canary-wrong-guess-3/7"
CODE = "canary-code-4/7"
ADDRESS = "203.0.113.77"


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
    """What a secret may look like in a log. Base64 depends on what stands before it."""
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
    def test_a_whole_session_at_the_loudest_level_shows_none(self):
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "todo.db"
            settings = {"RUST_LOG": "trace", "REGISTRATION": "code", "REGISTRATION_CODE": CODE}
            with Runtime(database, **settings) as function:
                token = self.session(function)
                output = function.output
            hashes = self.hashes(database)
        lines = [json.loads(line) for line in output.splitlines() if line.startswith(b"{")]
        self.assertGreater(len(lines), 12)
        self.assertGreaterEqual(len(hashes), 1)
        secrets = [PASSWORD, NEW_PASSWORD, WRONG, CODE, token, token.rsplit(".", 1)[1], *hashes]
        secrets += [basic(PASSWORD), basic(NEW_PASSWORD), "canary.user", ADDRESS, "canary@example.com"]
        for secret in secrets:
            for spelling in spellings(secret):
                self.assertNotIn(spelling, output, secret)

    def session(self, function):
        user = {"username": "canary.user", "password": PASSWORD, "email": "canary@example.com"}

        def send(status, *request):
            reply = function.invoke(event(*request))
            self.assertEqual(reply["statusCode"], status, reply)
            return json.loads(reply["body"]), json.dumps(reply)

        replies = [
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
        replies += [
            send(200, "GET", "/tokens", f"Bearer {token}")[1],
            send(403, "POST", "/tokens", f"Bearer {token}", {})[1],
            send(401, "GET", "/tasks", f"Bearer {token}x")[1],
            send(200, "GET", "/users/canary.user", f"Bearer {token}")[1],
            send(200, "PUT", "/users/canary.user", basic(PASSWORD), {"password": NEW_PASSWORD})[1],
            send(401, "GET", "/tasks", f"Bearer {token}")[1],
            send(200, "GET", "/tasks", basic(NEW_PASSWORD))[1],
            send(400, "PUT", "/users/canary.user", basic(NEW_PASSWORD), {"password": "canary.user"})[1],
        ]
        # `malformed` on purpose: what cannot be read must not be printed either.
        function.invoke({"version": "2.0", "headers": {"authorization": basic(PASSWORD)}})
        for reply in replies:
            for secret in (PASSWORD, NEW_PASSWORD, WRONG, CODE, token):
                for spelling in spellings(secret):
                    self.assertNotIn(spelling, reply.encode())
        return token

    def hashes(self, database):
        """The password hashes in the engine's file, wherever it keeps them."""
        connection = sqlite3.connect(database)
        try:
            dump = "\n".join(connection.iterdump())
        finally:
            connection.close()
        return {part.split('"')[0] for part in dump.split('"') if part.startswith("$argon2id$")}


if __name__ == "__main__":
    unittest.main()
