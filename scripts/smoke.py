"""`make smoke URL=…`: the article's session against a deployment, as a user made for it.

Without USER and PASSWORD it registers a user (CODE is the registration code, if one is asked for)
and deletes it at the end; with them it uses that user, and deletes only what it has made.
"""

import base64
import http.client
import json
import os
import secrets
import sys
import time
import urllib.parse

API = "/todo/api/v1.0"
SECONDS = 15


class Mismatch(Exception):
    """The deployment answers otherwise than it should."""


class Session:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url if "//" in url else f"https://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Mismatch(f"URL={url} is no http or https address")
        secure = parts.scheme == "https"
        self.kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.host = parts.netloc
        # The stack's ApiUrl, or the API's own root: both are what people copy.
        self.root = parts.path.rstrip("/").removesuffix(API)
        self.user = self.password = None
        self.retry_after = 1

    def send(self, method, path, body=None, login=True):
        headers = {"User-Agent": "todo-api-smoke"}
        if login:
            pair = f"{self.user}:{self.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        connection = self.kind(self.host, timeout=SECONDS)
        try:
            connection.request(method, self.root + path, body, headers)
            response = connection.getresponse()
            content = response.read()
            wait = response.getheader("Retry-After") or ""
            self.retry_after = min(int(wait), 60) if wait.isdecimal() else 1
        except (OSError, http.client.HTTPException) as error:
            raise Mismatch(f"{method} {path}: no answer from {self.host}: {error}") from None
        finally:
            connection.close()
        try:
            return response.status, json.loads(content or b"null")
        except ValueError:
            return response.status, content

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


def main():
    url = os.environ.get("URL")
    if not url:
        sys.exit("make smoke: say where, as in make smoke URL=https://….execute-api.….amazonaws.com")
    try:
        session = Session(url)
        session.expect("it runs", 200, "GET", "/health", login=False)
        made = log_in(session)
        try:
            walk(session)
        finally:
            if made:
                leave(session)
    except Mismatch as error:
        sys.exit(f"make smoke: {error}")
    print("make smoke: all as it should be")


def log_in(session):
    """Says whether the user was made for this. A shell sets USER by itself, so PASSWORD decides."""
    session.user, session.password = os.environ.get("USER"), os.environ.get("PASSWORD")
    if session.password:
        if not session.user:
            raise Mismatch("PASSWORD needs a USER")
        return False
    session.user = f"smoke-{secrets.token_hex(6)}"
    session.password = secrets.token_urlsafe(24)
    body = {"username": session.user, "password": session.password}
    if os.environ.get("CODE"):
        body["registration_code"] = os.environ["CODE"]
    try:
        status, answer = session.send("POST", f"{API}/users", body, login=False)
    except Mismatch:
        # The answer may be lost and the user made all the same.
        session.send("DELETE", f"{API}/users/{session.user}")
        raise
    if status == 403:
        raise Mismatch(
            "registration is closed, or CODE is missing or wrong;"
            " give CODE=… or a user that is there, USER=… PASSWORD=…"
        )
    print(f"{'ok  ' if status == 201 else 'FAIL'} POST   {API}/users {status}  a fresh user")
    if status != 201:
        raise Mismatch(f"POST {API}/users: expected 201, got {status} {answer}")
    return True


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
    there = True
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
        expect("deleted", 200, "DELETE", path, holds=lambda a: a == {"result": True})
        there = False
        expect("gone", 404, "GET", path, holds=lambda a: a == {"error": "Not found"})
    finally:
        if there:
            session.send("DELETE", path)


def leave(session):
    path = f"{API}/users/{session.user}"
    status, answer = session.send("DELETE", path)
    # 503 asks for the same request again: first until no create can still be on its way, then for
    # what is left to delete.
    for _ in range(5):
        if status != 503:
            break
        time.sleep(session.retry_after)
        status, answer = session.send("DELETE", path)
    print(f"{'ok  ' if status == 200 else 'FAIL'} DELETE {path} {status}  the user leaves")
    if status != 200:
        raise Mismatch(f"the user {session.user} could not be deleted: {status} {answer}")


if __name__ == "__main__":
    main()
