"""`make smoke URL=…`: the article's session against a deployment, as a user made for it.

Without PASSWORD it registers a user (CODE is the registration code, if one is asked for) and deletes
it at the end; with USER and PASSWORD it uses that user, and deletes only what it has made.
"""

import base64
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

API = "/todo/api/v1.0"


class Mismatch(Exception):
    """The deployment answers otherwise than it should."""


class Session:
    def __init__(self, url, user, password):
        # The stack's ApiUrl, or the API's own root: both are what people copy.
        self.root = url.rstrip("/").removesuffix(API)
        self.login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.retry_after = 1

    def send(self, method, path, body=None, login=True):
        headers = {"Content-Type": "application/json"} | ({"Authorization": self.login} if login else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as response:
                status, headers, content = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, headers, content = error.code, error.headers, error.read()
        except OSError as error:
            raise Mismatch(f"{method} {path}: no response from {self.root}: {error}") from None
        self.retry_after = min(int(headers.get("Retry-After") or 1), 60)
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content

    def expect(self, says, status, method, path, body=None, login=True, holds=lambda _: True):
        """One step: prints it, and stops the session when it went otherwise."""
        got, answer = self.send(method, path, body, login)
        try:
            right = got == status and holds(answer)
        except (KeyError, TypeError, IndexError):
            right = False
        print(f"{'ok  ' if right else 'FAIL'} {method:6} {path:32} {got}  {says}", flush=True)
        if not right:
            raise Mismatch(f"{method} {path}: expected {status} ({says}), got {got} {answer}")
        return answer


def main(url, user, password, code):
    # A shell sets USER by itself, so PASSWORD decides.
    if password:
        return walk(Session(url, user, password))
    user, password = f"smoke-{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    session = Session(url, user, password)
    session.expect("it runs", 200, "GET", "/health", login=False)
    register(session, {"username": user, "password": password}, code)
    try:
        walk(session)
    finally:
        leave(session, f"{API}/users/{user}")


def register(session, body, code):
    body |= {"registration_code": code} if code else {}
    try:
        session.expect("a fresh user", 201, "POST", f"{API}/users", body, login=False)
    except Mismatch as error:
        # The answer may be lost and the user made all the same.
        session.send("DELETE", f"{API}/users/{body['username']}")
        why = "registration is closed, or CODE is missing or wrong; give CODE=… or USER=… PASSWORD=…"
        raise Mismatch(f"{error}\n{why}") from None


def leave(session, path):
    # 503 asks for the same request again: at first until no create can be under way any more, then for
    # what is left to delete.
    for _ in range(5):
        status, body = session.send("DELETE", path)
        if status != 503:
            break
        time.sleep(session.retry_after)
    print(f"{'ok  ' if status == 200 else 'FAIL'} DELETE {path} {status}  the user is deleted")
    if status != 200:
        raise Mismatch(f"the user could not be deleted: DELETE {path}: {status} {body}")


def walk(session):
    """The article's steps, in its order. Deletes its task even when a step goes wrong."""
    tasks = f"{API}/tasks"
    expect = session.expect
    wrong = {"error": "Unauthorized access"}
    title = f"Read a book {secrets.token_hex(4)}"
    expect("no login, no list", 401, "GET", tasks, login=False, holds=lambda a: a == wrong)
    expect("the list", 200, "GET", tasks, holds=lambda a: isinstance(a["tasks"], list))
    created = expect(
        "a new task", 201, "POST", tasks, {"title": title},
        holds=lambda a: a["task"]["title"] == title and a["task"]["done"] is False,
    )
    path = f"{tasks}/{created['task']['uri'].rpartition('/')[2]}"
    try:
        expect("the same task", 200, "GET", path, holds=lambda a: a == created)
        expect(
            "marked as done", 200, "PUT", path, {"done": True},
            holds=lambda a: a["task"]["done"] is True and a["task"]["title"] == title,
        )
        query = urllib.parse.urlencode({"done": "true", "title_prefix": title})
        expect(
            "found by filter", 200, "GET", f"{tasks}?{query}",
            holds=lambda a: [task["title"] for task in a["tasks"]] == [title],
        )
        expect("a bad title refused", 400, "PUT", path, {"title": ""})
        expect("no login, no task", 401, "GET", path, login=False, holds=lambda a: a == wrong)
    except Mismatch:
        session.send("DELETE", path)
        raise
    expect("deleted", 200, "DELETE", path, holds=lambda a: a == {"result": True})
    expect("gone", 404, "GET", path, holds=lambda a: a == {"error": "Not found"})


if __name__ == "__main__":
    url, user, password, code = map(os.environ.get, ("URL", "USER", "PASSWORD", "CODE"))
    if not url or not url.startswith(("https://", "http://")):
        sys.exit("make smoke: say where, as in make smoke URL=https://….execute-api.….amazonaws.com")
    try:
        main(url, user, password, code)
    except Mismatch as error:
        sys.exit(f"make smoke: {error}")
    print("make smoke: all as it should be")
