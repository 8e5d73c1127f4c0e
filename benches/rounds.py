"""What is measured of a candidate: every operation, in a fresh environment each round."""

import json
import os
import statistics
from collections import defaultdict

import events
from environment import Environment

# V8 compiles what is called often; the others are ready earlier.
WARM_UP = 150
SOME, FEW, WRONG_PASSWORDS = 200, 60, 10
# For the service: users can be made, and a long run is of an environment that knows them.
SETTINGS = {"REGISTRATION": "open", "AUTH_CACHE_SECONDS": "3600", "LOG_FORMAT": "json"}
ARTICLE = events.event("GET", "/tasks/1", events.MIGUEL)
ARTICLES_TITLE = {"title": "Read a book"}


class Results:
    """`rounds[what]` has a number per round; `seconds[what]` each request's of all rounds."""

    def __init__(self, names=()):
        self.names = names
        self.rounds = defaultdict(list)
        self.seconds = defaultdict(list)
        self.calls = defaultdict(set)
        self.units = defaultdict(set)

    def note(self, what, value):
        self.rounds[what].append(value)

    def p99(self, what):
        return statistics.quantiles(self.seconds[what], n=100)[98]

    def ratios(self, what, base):
        """How the two compare in each round."""
        return [a / b for a, b in zip(self.rounds[what], self.rounds[base], strict=True)]


class Visit:
    """One environment of a candidate, from its start on."""

    def __init__(self, name, command, variables, results, log):
        self.name = name
        self.results = results
        self.log = log
        self.environment = Environment(command, variables, log)
        results.note(f"{name}: start", self.environment.start_seconds)

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if not failed:
            self.results.note(f"{self.name}: memory", self.environment.peak_memory())
        self.environment.close()

    def expect(self, event, status):
        reply, seconds = self.environment.invoke(event)
        if reply["statusCode"] != status:
            raise AssertionError(f"{self.name}: {reply}, not {status}")
        return reply, seconds

    def first(self, kind, event):
        """The first request of a new environment."""
        _, seconds = self.expect(event, 200)
        self.results.note(f"{self.name}: {kind}", seconds)
        whole = self.environment.start_seconds + seconds
        self.results.note(f"{self.name}: start and {kind}", whole)

    def measure(self, operation, requests, status, name=None):
        """One request after the other; returns the answers."""
        what = f"{name or self.name}, {operation}"
        end_of_log = self.log.seek(0, os.SEEK_END)
        before = self.environment.cpu_seconds()
        answers = [self.expect(request, status) for request in requests]
        cpu = (self.environment.cpu_seconds() - before) / len(requests)
        seconds = [seconds for _, seconds in answers]
        self.results.note(f"{what}: seconds", statistics.median(seconds))
        self.results.note(f"{what}: cpu", cpu)
        self.results.seconds[what] += seconds
        self._note_cost(what, end_of_log, len(requests))
        return [reply for reply, _ in answers]

    def _note_cost(self, what, end_of_log, requests):
        """DynamoDB's part, as the service logs it."""
        self.log.seek(end_of_log)
        lines = [json.loads(line) for line in self.log if line.startswith(b'{"timestamp"')]
        if lines:
            assert len(lines) == requests, lines
            self.results.calls[what] |= {line["dynamodb_calls"] for line in lines}
            self.results.units[what] |= {line["ConsumedUnits"] for line in lines}

    def warm_up(self, request):
        return [self.environment.invoke(request)[0] for _ in range(WARM_UP)]


class User:
    """An account of the service with so many tasks, and a token for it."""

    def __init__(self, visit, name, tasks):
        self.name, self.password = name, f"the password of {name}"
        body = {"username": name, "password": self.password}
        visit.expect(events.event("POST", "/users", body=body), 201)
        login = self.login()
        reply, _ = visit.expect(events.event("POST", "/tokens", login, {"label": "bench"}), 201)
        self.token = "Bearer " + json.loads(reply["body"])["token"]["token"]
        for number in range(1, tasks + 1):
            visit.expect(self.event("POST", "/tasks", {"title": f"Garden {number}"}), 201)
            if number % 100 == 1:
                visit.expect(self.event("PUT", f"/tasks/{number}", {"done": True}), 200)

    def login(self):
        return events.basic(self.name, self.password)

    def event(self, method, path, body=None, query=""):
        return events.event(method, path, self.token, body, query)


def visit_service(visit, few, many):
    """All operations of a warm environment that has been shown tokens only."""
    visit_reader(visit, few.event("GET", "/tasks/2"))
    lists = {
        "list 20 of 20": few.event("GET", "/tasks", query="limit=20"),
        "list 20 of 10,000": many.event("GET", "/tasks", query="limit=20"),
        "list 20 done ones of 10,000": many.event("GET", "/tasks", query="done=true&limit=20"),
    }
    for operation, request in lists.items():
        visit.warm_up(request)
        visit.measure(operation, [request] * FEW, 200)
    write(visit, many.event)
    nobody = events.event("GET", "/tasks/2")
    visit.warm_up(nobody)
    visit.measure("401 without credentials", [nobody] * SOME, 401)


def write(visit, event):
    """Creates tasks of the article's kind, changes and deletes them. `event` makes a request."""
    post = event("POST", "/tasks", ARTICLES_TITLE)
    replies = visit.warm_up(post)
    replies += visit.measure("POST", [post] * SOME, 201)
    uris = [json.loads(reply["body"])["task"]["uri"] for reply in replies]
    paths = [uri.partition(events.API)[2] for uri in uris]
    for operation, body in (("PUT", {"done": True}), ("DELETE", None)):
        requests = [event(operation, path, body) for path in paths]
        for request in requests[SOME:]:
            visit.expect(request, 200)
        visit.measure(operation, requests[:SOME], 200)


def visit_with_password(visit, few, number):
    """A fresh environment that is shown a password, then wrong ones from ever new addresses."""
    right = events.event("GET", "/tasks/2", few.login())
    visit.first("first request", right)
    wrong = [
        events.event("GET", "/tasks/2", events.basic(few.name, "wrong"), address=address)
        for address in (f"2001:db8:{number}:{guess}::1" for guess in range(WRONG_PASSWORDS))
    ]
    visit.measure("401 wrong password", wrong, 401, "todo-api")


def visit_reader(visit, request, operation="GET one"):
    visit.first("first request", request)
    visit.warm_up(request)
    visit.measure(operation, [request] * SOME, 200)


def visit_flask(visit):
    """The article's own operations, on twenty tasks of the article's user."""
    visit_reader(visit, ARTICLE)
    tasks = events.event("GET", "/tasks", events.MIGUEL)
    visit.warm_up(tasks)
    visit.measure("list 20 of 20", [tasks] * FEW, 200)
    write(visit, lambda method, path, body: events.event(method, path, events.MIGUEL, body))
    visit.measure("401 without credentials", [events.event("GET", "/tasks/1")] * SOME, 401)
