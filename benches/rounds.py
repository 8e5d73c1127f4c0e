"""The measurements of a candidate: each operation, in a new environment in each round."""

import json
import os
import statistics
from collections import defaultdict

import events
from environment import Environment

# V8 optimises functions that are called often; the other candidates need fewer requests.
WARM_UP = 150
REQUESTS, LIST_REQUESTS, WRONG_PASSWORDS = 200, 60, 10
# The service's settings: registration is allowed, and credentials stay cached during a long run.
SETTINGS = {"REGISTRATION": "open", "AUTH_CACHE_SECONDS": "3600", "LOG_FORMAT": "json"}
READ_ARTICLES_TASK = events.event("GET", "/tasks/1", events.MIGUEL)
NEW_TASK = {"title": "Read a book"}


class Results:
    """`rounds[what]` has one value per round, `seconds[what]` one latency per request."""

    def __init__(self, names=()):
        self.names = names
        self.rounds = defaultdict(list)
        self.seconds = defaultdict(list)
        self.calls = defaultdict(set)
        self.units = defaultdict(set)

    def add(self, what, value):
        self.rounds[what].append(value)

    def p99(self, what):
        return statistics.quantiles(self.seconds[what], n=100)[98]

    def ratios(self, what, base):
        """The ratio of the two in each round."""
        return [a / b for a, b in zip(self.rounds[what], self.rounds[base], strict=True)]


class Run:
    """One run of a candidate: a new environment, from its start to its end."""

    def __init__(self, name, command, variables, results, log):
        self.name = name
        self.results = results
        self.log = log
        self.environment = Environment(command, variables, log)
        results.add(f"{name}: start", self.environment.start_seconds)

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if not failed:
            self.results.add(f"{self.name}: memory", self.environment.peak_memory())
        self.environment.close()

    def expect(self, event, status):
        response, seconds = self.environment.invoke(event)
        if response["statusCode"] != status:
            raise AssertionError(f"{self.name}: {response}, not {status}")
        return response, seconds

    def measure_first(self, kind, event):
        """Measures the first request of a new environment."""
        _, seconds = self.expect(event, 200)
        self.results.add(f"{self.name}: {kind}", seconds)
        self.results.add(f"{self.name}: start and {kind}", self.environment.start_seconds + seconds)

    def measure(self, operation, requests, status, name=None):
        """Sends one request after the other and returns the responses."""
        what = f"{name or self.name}, {operation}"
        end_of_log = self.log.seek(0, os.SEEK_END)
        before = self.environment.cpu_seconds()
        results = [self.expect(request, status) for request in requests]
        cpu = (self.environment.cpu_seconds() - before) / len(requests)
        seconds = [seconds for _, seconds in results]
        self.results.add(f"{what}: seconds", statistics.median(seconds))
        self.results.add(f"{what}: cpu", cpu)
        self.results.seconds[what] += seconds
        self._add_cost(what, end_of_log, len(requests))
        return [response for response, _ in results]

    def _add_cost(self, what, end_of_log, requests):
        """Adds the DynamoDB calls and units that the service has logged."""
        self.log.seek(end_of_log)
        lines = [json.loads(line) for line in self.log if line.startswith(b'{"timestamp"')]
        if lines:
            assert len(lines) == requests, lines
            self.results.calls[what] |= {line["dynamodb_calls"] for line in lines}
            self.results.units[what] |= {line["ConsumedUnits"] for line in lines}

    def warm_up(self, request):
        return [self.environment.invoke(request)[0] for _ in range(WARM_UP)]


class User:
    """An account of the service with `tasks` tasks, and a token for it."""

    def __init__(self, run, name, tasks):
        self.name, self.password = name, f"the password of {name}"
        body = {"username": name, "password": self.password}
        run.expect(events.event("POST", "/users", body=body), 201)
        login = self.login()
        created, _ = run.expect(events.event("POST", "/tokens", login, {"label": "bench"}), 201)
        self.token = "Bearer " + json.loads(created["body"])["token"]["token"]
        for number in range(1, tasks + 1):
            run.expect(self.event("POST", "/tasks", {"title": f"Garden {number}"}), 201)
            if number % 100 == 1:
                run.expect(self.event("PUT", f"/tasks/{number}", {"done": True}), 200)

    def login(self):
        return events.basic(self.name, self.password)

    def event(self, method, path, body=None, query=""):
        return events.event(method, path, self.token, body, query)


def measure_service(run, few, many):
    """Measures all operations in a warm environment that has received only tokens."""
    measure_read(run, few.event("GET", "/tasks/2"))
    lists = {
        "list 20 of 20": few.event("GET", "/tasks", query="limit=20"),
        "list 20 of 10,000": many.event("GET", "/tasks", query="limit=20"),
        "list 20 done ones of 10,000": many.event("GET", "/tasks", query="done=true&limit=20"),
    }
    for operation, request in lists.items():
        run.warm_up(request)
        run.measure(operation, [request] * LIST_REQUESTS, 200)
    measure_writes(run, many.event)
    anonymous = events.event("GET", "/tasks/2")
    run.warm_up(anonymous)
    run.measure("401 without credentials", [anonymous] * REQUESTS, 401)


def measure_writes(run, event):
    """Creates, updates and deletes tasks like the article's. `event` builds a request."""
    post = event("POST", "/tasks", NEW_TASK)
    created = run.warm_up(post)
    created += run.measure("POST", [post] * REQUESTS, 201)
    uris = [json.loads(response["body"])["task"]["uri"] for response in created]
    paths = [uri.partition(events.API)[2] for uri in uris]
    for operation, body in (("PUT", {"done": True}), ("DELETE", None)):
        requests = [event(operation, path, body) for path in paths]
        for request in requests[REQUESTS:]:
            run.expect(request, 200)
        run.measure(operation, requests[:REQUESTS], 200)


def measure_passwords(run, few, number):
    """Measures the right password, then wrong ones from different networks, within the rate limit."""
    right = events.event("GET", "/tasks/2", few.login())
    run.measure_first("first request", right)
    wrong = [
        events.event("GET", "/tasks/2", events.basic(few.name, "wrong"), address=address)
        for address in (f"2001:db8:{number}:{attempt}::1" for attempt in range(WRONG_PASSWORDS))
    ]
    run.measure("401 wrong password", wrong, 401, "todo-api")


def measure_read(run, request, operation="GET one"):
    run.measure_first("first request", request)
    run.warm_up(request)
    run.measure(operation, [request] * REQUESTS, 200)


def measure_flask(run):
    """Measures the article's operations on twenty tasks of the article's user."""
    measure_read(run, READ_ARTICLES_TASK)
    tasks = events.event("GET", "/tasks", events.MIGUEL)
    run.warm_up(tasks)
    run.measure("list 20 of 20", [tasks] * LIST_REQUESTS, 200)
    measure_writes(run, lambda method, path, body: events.event(method, path, events.MIGUEL, body))
    run.measure("401 without credentials", [events.event("GET", "/tasks/1")] * REQUESTS, 401)
