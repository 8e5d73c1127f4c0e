"""The calendar of the running service, as programs that others wrote read it: the parsers `icalendar` and
`vobject`, and `python-dateutil`, which expands recurrence rules."""

import itertools
import os
import random
import re
import tempfile
import unittest
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import icalendar
import vobject
from dateutil.rrule import rrulestr
from service import API, Service

TASKS = f"{API}/tasks"
# The rules whose days are compared, and others of the same kinds.
RULES = [
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,WE,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;INTERVAL=5",
    "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=YEARLY",
]
ALL_RULES = [
    *RULES,
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=MONTHLY;BYMONTHDAY=30",
    "FREQ=YEARLY;INTERVAL=3",
]
# Every day of a leap year and of the year after it.
DAYS = [date(2028, 1, 1) + timedelta(days) for days in range(731)]
TITLES = [
    "Buy milk",
    "a,b;c:d\"e\\f",
    "\\n is no line break, \\, no comma",
    "BEGIN:VEVENT",
    "x\u2028END:VEVENT\u2029y\u00a0z",
    "👩‍👧‍👦 🇩🇪 é e\u0301 Ж 老虎",
    " \u3000both ends ",
    "%0D%0AURL:http://example.com/",
]
DESCRIPTIONS = [
    "",
    "one\ntwo\rthree\r\nfour\n\r\n\nfive",
    "\r\nSUMMARY:forged\r\nEND:VEVENT\r\n",
    "\n tab\t, semicolon; comma, backslash\\ colon:\\",
    "\\;\\,\\\\n",
    "six\u2028seven\u2029\u2028SUMMARY:forged\u2029END:VEVENT\u2028",
]


class User:
    """A new user of a service, whose calendar is empty."""

    def __init__(self, service, name):
        self.service = service
        user = {"username": name, "password": "correct horse"}
        self.auth = "Basic " + b64encode(f"{name}:correct horse".encode()).decode()
        expect(201, service.request("POST", f"{API}/users", user, auth=None))
        token = {"scope": "calendar"}
        token = expect(201, service.request("POST", f"{API}/tokens", token, auth=self.auth)).json["token"]
        self.feed = token["feed"].removeprefix(service.uri(""))

    def send(self, requests):
        """The bodies of the responses to a batch of any size, which must all succeed."""
        requests = iter(requests)
        while part := list(itertools.islice(requests, 25)):
            batch = self.service.request("POST", f"{API}/batch", {"requests": part}, auth=self.auth)
            for response in expect(200, batch).json["responses"]:
                if response["status"] >= 300:
                    raise AssertionError(response)
                yield response["body"]

    def create(self, tasks):
        requests = ({"method": "POST", "uri": TASKS, "body": task} for task in tasks)
        return [body["task"] for body in self.send(requests)]

    def complete(self, tasks):
        body = {"done": True}
        requests = ({"method": "PUT", "uri": task["uri"], "body": body} for task in tasks)
        return [body["next_task"] for body in self.send(requests)]

    def read(self):
        return expect(200, self.service.request("GET", self.feed, auth=None)).content

    def expand(self, tasks):
        """For each task the first 30 days after its own on which another program shows it."""
        by_task = {}
        for url, start, rule in starts(self.read()):
            by_task.setdefault(url, []).append((start, rule))
        return [days_after(task["due"], by_task[task["uri"]]) for task in tasks]


class Calendar(unittest.TestCase):
    def start(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        service = Service(Path(folder.name) / "todo.db").__enter__()
        self.addCleanup(service.stop)
        return service

    def test_two_parsers_read_1000_tasks_as_they_went_in(self):
        user = User(self.start(), "ada")
        tasks = user.create(make_tasks(1000))
        content = user.read()

        lines = content.split(b"\r\n")
        self.assertEqual(max(map(len, lines)), 75)
        # Python also ends a line at Unicode's own line breaks.
        self.assertEqual(content.decode().splitlines(), content.decode().split("\r\n")[:-1])
        expected = sorted(event for task in tasks for event in expected_events(task))
        self.assertEqual(lines.count(b"BEGIN:VEVENT"), len(expected))
        self.assertEqual(sorted(with_icalendar(content)), expected)
        self.assertEqual(sorted(with_vobject(content)), expected)
        rules = {rule for *_, rule in expected}
        self.assertGreater(len(rules), len(ALL_RULES))

    def test_other_programs_expand_a_rule_to_the_days_on_which_completing_puts_the_next_task(self):
        # A service handles one request at a time, so there is one for each core.
        services = [self.start() for _ in range(min(os.cpu_count() or 1, 4))]
        with ThreadPoolExecutor(len(services)) as pool:
            shares = [RULES[number :: len(services)] for number in range(len(services))]
            compared = list(pool.map(self.compare, services, shares))
        self.assertEqual(sum(compared), len(RULES) * len(DAYS))

    def compare(self, service, rules):
        compared = 0
        for number, rule in enumerate(rules):
            # A calendar has no room for the tasks of all rules.
            user = User(service, f"user-{number}")
            tasks = user.create({"title": "x", "due": str(day), "repeat": rule} for day in DAYS)
            shown = user.expand(tasks)
            followers = user.complete(tasks)
            # What the series of the next task shows goes on where that of the first one stood.
            for task, days, follower, later in zip(tasks, shown, followers, user.expand(followers), strict=True):
                self.assertEqual(follower["due"], days[0], (rule, task["due"]))
                self.assertEqual(later[:-1], days[1:], (rule, task["due"]))
                compared += 1
        return compared


def expect(status, response):
    if response.status != status:
        raise AssertionError(f"{response.status}: {response.content}")
    return response


def make_tasks(number):
    chance = random.Random(1)
    for index in range(number):
        day = str(chance.choice(DAYS))
        title = TITLES[index % len(TITLES)] + f" {index}"
        if index % 10 == 0:
            title = "".join(chance.choices("ab ,;:\\\"'äЖ老😀", k=499)) + "."
        yield {
            "title": title,
            "description": DESCRIPTIONS[index % len(DESCRIPTIONS)],
            "due": day if index % 3 else f"{day}T{index % 24:02}:{index % 60:02}",
            "repeat": ALL_RULES[index // 2 % len(ALL_RULES)] if index % 2 else None,
        }


def expected_events(task):
    """Address, summary, description, start, duration and rule of a task's events, by the contract."""
    due, rule = task["due"], task["repeat"]
    start = datetime.fromisoformat(due)
    duration = "0:30:00" if "T" in due else ""
    # Line breaks of every kind come as one kind.
    texts = task["title"], task["description"]
    title, description = (re.sub("\r\n|[\r\u2028\u2029]", "\n", text) for text in texts)

    def event(start, rule):
        form = "%Y-%m-%dT%H:%M:%S" if duration else "%Y-%m-%d"
        return (task["uri"], title, description, start.strftime(form), duration, rule)

    if rule is None:
        return [event(start, "")]
    written = written_rule(rule, start)
    first = rrulestr(written, dtstart=start)[0]
    if first == start:
        return [event(start, canonical(written))]
    return [event(start, ""), event(first, canonical(written))]


def written_rule(rule, start):
    """As the feed has it: a day that some months lack is the last of 28 to that day that there is."""
    if "MONTHLY" in rule and "BYMONTHDAY" not in rule and start.day > 28:
        days = ",".join(map(str, range(28, start.day + 1)))
        return f"{rule};BYMONTHDAY={days};BYSETPOS=-1"
    if "YEARLY" in rule and (start.month, start.day) == (2, 29):
        return f"{rule};BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"
    return rule


def canonical(rule):
    return ";".join(sorted(rule.split(";")))


def with_icalendar(content):
    for event in icalendar.Calendar.from_ical(content).walk("VEVENT"):
        start = event["DTSTART"].dt
        duration = str(event["DURATION"].dt) if "DURATION" in event else ""
        rule = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
        description = str(event.get("DESCRIPTION", ""))
        text = str(event["URL"]), str(event["SUMMARY"]), description
        yield (*text, start.isoformat(), duration, canonical(rule))


def with_vobject(content):
    for event in vobject.readOne(content.decode()).vevent_list:
        duration = str(event.duration.value) if hasattr(event, "duration") else ""
        rule = event.rrule.value if hasattr(event, "rrule") else ""
        description = event.description.value if hasattr(event, "description") else ""
        text = event.url.value, event.summary.value, description
        yield (*text, event.dtstart.value.isoformat(), duration, canonical(rule))


def starts(content):
    """Address, first day and rule of each event."""
    for event in icalendar.Calendar.from_ical(content).walk("VEVENT"):
        rule = event["RRULE"].to_ical().decode() if "RRULE" in event else None
        yield str(event["URL"]), datetime.combine(event["DTSTART"].dt, datetime.min.time()), rule


def days_after(due, events):
    days = []
    for start, rule in events:
        days += [start] if rule is None else itertools.islice(rrulestr(rule, dtstart=start), 31)
    days = sorted(str(day.date()) for day in days)
    return [day for day in days if day > due][:30]


if __name__ == "__main__":
    unittest.main()
