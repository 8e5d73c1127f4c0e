"""What is measured of a candidate: every operation, in a fresh environment each round."""

import json
import os
import statistics
from collections import defaultdict

import events
from environment import Environment

WARM_UP = 30
SOME, FEW, HASHES, GUESSES = 200, 60, 5, 10
ARTICLE = events.event("GET", "/tasks/1", events.MIGUEL)
ARTICLES_TITLE = {"title": "Read a book"}


class Results:
    """`rounds[what]` has a number per round; `seconds[what]` each request's of all rounds."""

    def __init__(self, names=()):
        self.names = names
        self.rounds = defaultdict(list)
        self.seconds = defaultdict(list)
        self.calls = {}
        self.units = {}

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

    def __exit__(self, *_):
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
            self.results.calls[what] = {line["dynamodb_calls"] for line in lines}
            self.results.units[what] = {line["ConsumedUnits"] for line in lines}

    def warm_up(self, *requests):
        for request in requests * WARM_UP:
            self.environment.invoke(request)

    def note_peak_memory(self):
        self.results.note(f"{self.name}: memory", self.environment.peak_memory())


class User:
    """An account of the service with so many tasks, and a token for it."""

    def __init__(self, visit, name, tasks):
        self.name, self.password = name, f"the password of {name}"
        body = {"username": name, "password": self.password}
        visit.expect(events.event("POST", "/users", body=body), 201)
        login = self.login()
        reply, _ = visit.expect(events.event("POST", "/tokens", login, {"label": "bench"}), 201)
        self.token = "Bearer " + json.loads(reply["body"])["token"]["token"]
        self.tasks = 0
        self.add(visit, tasks)

    def login(self):
        return events.basic(self.name, self.password)

    def add(self, visit, tasks):
        """One in a hundred is done, and begins with another letter."""
        for number in range(self.tasks, self.tasks + tasks):
            done = number % 100 == 0
            title = f"{'Zoo' if done else 'Garden'} {number}"
            _, _ = visit.expect(self.event("POST", "/tasks", {"title": title}), 201)
            if done:
                done = self.event("PUT", f"/tasks/{number + 1}", {"done": True})
                visit.expect(done, 200)
        self.tasks += tasks

    def event(self, method, path, body=None, query=""):
        return events.event(method, path, self.token, body, query)


def visit_service(visit, few, many):
    """All operations of a warm environment that has been shown tokens only."""
    read = few.event("GET", "/tasks/2")
    visit.first("first request", read)
    visit.warm_up(read)
    visit.measure("GET one", [read] * SOME, 200)
    of_few, of_many = (user.event("GET", "/tasks", query="limit=20") for user in (few, many))
    filtered = many.event("GET", "/tasks", query="done=true&limit=20")
    visit.warm_up(of_few, of_many, filtered)
    visit.measure("list 20 of 20", [of_few] * FEW, 200)
    visit.measure("list 20 of 10,000", [of_many] * FEW, 200)
    visit.measure("list 20 done ones of 10,000", [filtered] * FEW, 200)
    post = many.event("POST", "/tasks", ARTICLES_TITLE)
    posted = visit.measure("POST", [post] * SOME, 201)
    paths = [made_path(reply) for reply in posted]
    puts = [many.event("PUT", path, {"done": True}) for path in paths]
    visit.measure("PUT", puts, 200)
    visit.measure("DELETE", [many.event("DELETE", path) for path in paths], 200)
    nobody = events.event("GET", "/tasks/2")
    visit.warm_up(nobody)
    visit.measure("401 without credentials", [nobody] * SOME, 401)
    visit.note_peak_memory()


def made_path(reply):
    return reply["headers"]["location"].partition(events.API)[2]


def visit_with_password(visit, few, number):
    """A fresh environment that is shown a password, then wrong ones from ever new addresses."""
    right = events.event("GET", "/tasks/2", few.login())
    visit.first("first request", right)
    wrong = [
        events.event("GET", "/tasks/2", events.basic(few.name, "wrong"), address=address)
        for address in (f"2001:db8:{number}:{guess}::1" for guess in range(GUESSES))
    ]
    visit.measure("401 wrong password", wrong, 401, "todo-api")


def visit_reader(visit, request, operation="GET one"):
    visit.first("first request", request)
    visit.warm_up(request)
    visit.measure(operation, [request] * SOME, 200)
    visit.note_peak_memory()


def visit_flask(visit):
    """The article's own operations, on twenty tasks of the article's user."""
    read = ARTICLE
    visit.first("first request", read)
    visit.warm_up(read)
    visit.measure("GET one", [read] * SOME, 200)
    tasks = events.event("GET", "/tasks", events.MIGUEL)
    visit.warm_up(tasks)
    visit.measure("list 20 of 20", [tasks] * FEW, 200)
    post = events.event("POST", "/tasks", events.MIGUEL, ARTICLES_TITLE)
    posted = visit.measure("POST", [post] * SOME, 201)
    uris = [json.loads(reply["body"])["task"]["uri"] for reply in posted]
    paths = [uri.partition(events.API)[2] for uri in uris]
    puts = [events.event("PUT", path, events.MIGUEL, {"done": True}) for path in paths]
    visit.measure("PUT", puts, 200)
    deletes = [events.event("DELETE", path, events.MIGUEL) for path in paths]
    visit.measure("DELETE", deletes, 200)
    nobody = events.event("GET", "/tasks/1")
    visit.measure("401 without credentials", [nobody] * SOME, 401)
    visit.note_peak_memory()


def visit_hash(visit):
    """Each answer is the seconds that one hash took."""
    hashes = [visit.expect(ARTICLE, 200)[0] for _ in range(HASHES)]
    visit.results.note("argon2id", statistics.median(float(reply["body"]) for reply in hashes))


SCALE = (10, 100, 1_000, 10_000, 100_000)


def measure_scale(visit, user):
    """What reading takes and costs beside ever more tasks: for each number of tasks stored, each
    operation's median of seconds, and its units."""
    operations = {
        "GET one": user.event("GET", "/tasks/2"),
        "list 20": user.event("GET", "/tasks", query="limit=20"),
        "list 20 open ones": user.event("GET", "/tasks", query="done=false&limit=20"),
        "list 20 by title": user.event("GET", "/tasks", query="title_prefix=garden&limit=20"),
    }
    scale = {}
    for stored in SCALE:
        user.add(visit, stored - user.tasks)
        scale[stored] = {}
        for operation, request in operations.items():
            visit.warm_up(request)
            title = f"{operation} of {stored}"
            visit.measure(title, [request] * SOME, 200)
            what = f"{visit.name}, {title}"
            seconds = statistics.median(visit.results.seconds[what])
            scale[stored][operation] = seconds, visit.results.units[what]
    return scale
