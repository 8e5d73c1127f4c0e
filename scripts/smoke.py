"""`make smoke URL=…`: runs the article's session against a deployment.

Without PASSWORD it registers a user, with CODE as the registration code if one is needed, and deletes
the user at the end. With USER and PASSWORD it uses that user and deletes only the task it creates.
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
    """A response is not the expected one."""


class Session:
    def __init__(self, url, user, password):
        # URL may be the host's root, or the API's root as in the stack's output ApiUrl.
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

    def expect(self, step, status, method, path, body=None, login=True, check=lambda _: True):
        """Sends a request and prints the result. An unexpected response ends the session."""
        received, content = self.send(method, path, body, login)
        try:
            passed = received == status and check(content)
        except (KeyError, TypeError, IndexError):
            passed = False
        print(f"{'ok  ' if passed else 'FAIL'} {method:6} {path:32} {received}  {step}", flush=True)
        if not passed:
            raise Mismatch(f"{method} {path}: expected {status} ({step}), got {received} {content}")
        return content


def main(url, user, password, code):
    # Shells set USER, so only PASSWORD shows whether a user was given.
    if password:
        return run_session(Session(url, user, password))
    user, password = f"smoke-{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    session = Session(url, user, password)
    session.expect("the service is healthy", 200, "GET", "/health", login=False)
    register(session, {"username": user, "password": password}, code)
    try:
        run_session(session)
    finally:
        delete_user(session, f"{API}/users/{user}")


def register(session, body, code):
    body |= {"registration_code": code} if code else {}
    try:
        session.expect("a new user", 201, "POST", f"{API}/users", body, login=False)
    except Mismatch as error:
        # The user may have been created although the response was lost.
        session.send("DELETE", f"{API}/users/{body['username']}")
        hint = "registration is closed, or CODE is missing or wrong; set CODE, or USER and PASSWORD"
        raise Mismatch(f"{error}\n{hint}") from None


def delete_user(session, path):
    # A 503 means to repeat the request: a create may be in progress, or there is more data to delete.
    for _ in range(5):
        status, body = session.send("DELETE", path)
        if status != 503:
            break
        time.sleep(session.retry_after)
    print(f"{'ok  ' if status == 200 else 'FAIL'} DELETE {path} {status}  the user is deleted")
    if status != 200:
        raise Mismatch(f"the user could not be deleted: DELETE {path}: {status} {body}")


def run_session(session):
    """Runs the article's steps in order. Deletes its task even if a step fails."""
    tasks = f"{API}/tasks"
    expect = session.expect
    unauthorized = {"error": "Unauthorized access"}
    title = f"Read a book {secrets.token_hex(4)}"
    expect("login required", 401, "GET", tasks, login=False, check=lambda got: got == unauthorized)
    expect("the list", 200, "GET", tasks, check=lambda got: isinstance(got["tasks"], list))

    def is_task(done):
        return lambda got: (got["task"]["title"], got["task"]["done"]) == (title, done)

    created = expect("a new task", 201, "POST", tasks, {"title": title}, check=is_task(False))
    path = f"{tasks}/{created['task']['uri'].rpartition('/')[2]}"
    try:
        expect("the same task", 200, "GET", path, check=lambda got: got == created)
        expect("marked as done", 200, "PUT", path, {"done": True}, check=is_task(True))
        query = urllib.parse.urlencode({"done": "true", "title_prefix": title})
        found = lambda got: [task["title"] for task in got["tasks"]] == [title]
        expect("the filtered list", 200, "GET", f"{tasks}?{query}", check=found)
        expect("an invalid title is rejected", 400, "PUT", path, {"title": ""})
        expect("login required", 401, "GET", path, login=False, check=lambda got: got == unauthorized)
    except Mismatch:
        session.send("DELETE", path)
        raise
    expect("deleted", 200, "DELETE", path, check=lambda got: got == {"result": True})
    expect("gone", 404, "GET", path, check=lambda got: got == {"error": "Not found"})


if __name__ == "__main__":
    url, user, password, code = map(os.environ.get, ("URL", "USER", "PASSWORD", "CODE"))
    if not url or not url.startswith(("https://", "http://")):
        sys.exit("make smoke: URL is missing; set URL=https://….execute-api.….amazonaws.com")
    try:
        main(url, user, password, code)
    except Mismatch as error:
        sys.exit(f"make smoke: {error}")
    print("make smoke: all steps passed")
