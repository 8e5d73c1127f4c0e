"""Users of the service over HTTP, and what they do as an open loop: each request is due at a fixed
time, whether or not those before it have been answered, and its seconds count from then on."""

import http.client
import json
import math
import random
import threading
import time
from collections import Counter, defaultdict, deque

from events import API, basic

# With more than a hundred requests that wait, `cargo lambda watch` stops for good.
CONNECTIONS = 64
PATIENCE = 5
TASKS = 20
# How many of a hundred.
OPERATIONS = {"GET one": 50, "list 20": 20, "POST": 15, "PUT": 10, "DELETE": 5}
# A generator above either may be what is slow.
LATE, BUSY = 0.010, 0.8


class Unexpected(Exception):
    """Not the answer that it should be; says what came."""


class Client:
    """A connection to a port of this machine, kept alive."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.close = self._connection.close

    def expect(self, status, method, path, authorization=None, body=None):
        """The answer, parsed."""
        headers = {"Content-Type": "application/json"} if body else {}
        if authorization:
            headers["Authorization"] = authorization
        try:
            self._connection.request(method, API + path, body and json.dumps(body), headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unexpected(repr(error)) from None
        if response.status != status:
            said = content[:200].decode(errors="replace")
            raise Unexpected(f"{response.status} instead of {status}: {said}")
        return json.loads(content)


class User:
    """A new account, a token for it, TASKS tasks that stay, and some to be deleted. Its operations
    take a number that makes them differ, and check the answer."""

    def __init__(self, client, name):
        self.name = name
        login = {"username": name, "password": f"the password of {name}"}
        client.expect(201, "POST", "/users", None, login)
        token = {"label": "load", "duration": 86_400}
        made = client.expect(201, "POST", "/tokens", basic(*login.values()), token)
        self.authorization = "Bearer " + made["token"]["token"]
        self.spare = deque()
        for number in range(2 * TASKS):
            self.create(client, number)
        self.kept = [self.spare.popleft() for _ in range(TASKS)]
        methods = (self.read, self.list, self.create, self.update, self.delete)
        self.operations = dict(zip(OPERATIONS, methods, strict=True))

    def read(self, client, number):
        path = self.kept[number % TASKS]
        task = client.expect(200, "GET", path, self.authorization)["task"]
        self.check(path_of(task) == path and self.owns(task), task)

    def list(self, client, number):
        page = client.expect(200, "GET", f"/tasks?limit={TASKS}", self.authorization)
        tasks = page["tasks"]
        self.check([path_of(task) for task in tasks] == self.kept, page)
        self.check(all(self.owns(task) for task in tasks), page)

    def create(self, client, number):
        title = f"{self.name} {number}"
        task = client.expect(201, "POST", "/tasks", self.authorization, {"title": title})["task"]
        self.check(task["title"] == title, task)
        self.spare.append(path_of(task))

    def update(self, client, number):
        change = {"title": f"{self.name} {number}", "done": number % 2 == 0}
        path = self.kept[number % TASKS]
        task = client.expect(200, "PUT", path, self.authorization, change)["task"]
        self.check(path_of(task) == path and task == task | change, task)

    def delete(self, client, number):
        # Three are made for each that is deleted: there is always one.
        path = self.spare.popleft()
        answer = client.expect(200, "DELETE", path, self.authorization)
        self.check(answer == {"result": True}, answer)

    def owns(self, task):
        return task["title"].startswith(f"{self.name} ")

    def check(self, right, answer):
        if not right:
            raise Unexpected(f"for {self.name}: {json.dumps(answer)[:200]}")


def path_of(task):
    return task["uri"].partition(API)[2]


class Load:
    """So many requests a second for so many seconds, the same ones for the same users and seed.

    After `run`: `seconds` of each operation's good answers, `errors` of each, their `messages`;
    `waited`, how many found no free connection when they were due; of the others, by how many
    seconds each was sent `late`; `cpu`, what part of a core all this took.
    """

    def __init__(self, users, port, rate, seconds, seed):
        self.seconds = defaultdict(list)
        self.errors, self.messages = Counter(), Counter()
        self.late, self.waited = [], 0
        self._lock = threading.Lock()
        self._plan = plan(users, rate, seconds, random.Random(seed))
        self._port = port

    def run(self, pause):
        """Calls `pause` again and again until every request has been answered or given up."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CONNECTIONS)]
        cpu, begin = time.process_time(), time.perf_counter()
        # Not before the threads have started.
        self._begin = begin + 0.1
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            pause()
        self.cpu = (time.process_time() - cpu) / (time.perf_counter() - begin)

    def on_time(self):
        return percentile(self.late, 99) < LATE and self.cpu < BUSY

    def all_seconds(self):
        return [value for values in self.seconds.values() for value in values]

    def _work(self):
        client = Client(self._port)
        while planned := self._next():
            due, user, operation, number = planned
            due += self._begin
            try:
                self._await(due)
                user.operations[operation](client, number)
                seconds = time.perf_counter() - due
                with self._lock:
                    self.seconds[operation].append(seconds)
            # Of whatever kind: an answer may lack what is read from it.
            except Exception as error:
                with self._lock:
                    self.errors[operation] += 1
                    self.messages[f"{operation}: {error!r}"] += 1
        client.close()

    def _next(self):
        with self._lock:
            return next(self._plan, None)

    def _await(self, due):
        early = due - time.perf_counter()
        if early > 0:
            time.sleep(early)
            self.late.append(time.perf_counter() - due)
            return
        with self._lock:
            self.waited += 1
        if -early > PATIENCE:
            raise Unexpected(f"not sent: no connection was free for {PATIENCE} seconds")


def plan(users, rate, seconds, chance):
    """When each request is due, whose it is, the operation and its number."""
    for turn in range(round(rate * seconds)):
        operation = chance.choices(list(OPERATIONS), OPERATIONS.values())[0]
        yield turn / rate, chance.choice(users), operation, chance.randrange(10**9)


def percentile(values, part):
    """The least of the values that so many percent of them do not exceed; 0 of none."""
    return sorted(values)[math.ceil(len(values) * part / 100) - 1] if values else 0.0
