"""`make run`: it keeps data, is not reachable from outside, stops cleanly and reports failed starts."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from service import API, ROOT, STOP_SECONDS, Service, eventually, make_environment

TASKS = f"{API}/tasks"


def titles(service):
    return [task["title"] for task in service.request("GET", TASKS).json["tasks"]]


def other_addresses():
    """The addresses of this machine that it uses to send to other networks."""
    found = set()
    # Connecting a datagram socket sends nothing. It only selects the source address.
    for family, destination in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((destination, 9))
                found.add(probe.getsockname()[0])
        except OSError:
            pass
    return found - {"127.0.0.1", "::1"}


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "new folder" / "todo.db"

    def test_a_restart_keeps_the_data(self):
        with Service(self.database) as service:
            self.assertEqual(service.request("POST", TASKS, {"title": "Stay"}).status, 201)
            service.request("DELETE", f"{TASKS}/1")
        with Service(self.database) as service:
            self.assertEqual(titles(service), ["Learn Python", "Stay"])

    def test_two_services_share_nothing(self):
        other = self.database.with_name("other.db")
        with Service(self.database) as one, Service(other) as two:
            one.request("POST", TASKS, {"title": "Only here"})
            self.assertIn("Only here", titles(one))
            self.assertNotIn("Only here", titles(two))

    def test_only_this_machine_can_reach_it(self):
        with Service(self.database) as service:
            self.assertTrue(service.listens_on("127.0.0.1"))
            for address in other_addresses():
                self.assertFalse(service.listens_on(address), address)

    def test_environment_variables_reach_the_service(self):
        with Service(self.database, AUTH_FAILURE_STATUS="403") as service:
            self.assertEqual(service.request("GET", TASKS, auth=None).status, 403)

    def test_a_signal_that_stops_make_stops_every_process(self):
        for signal_, send in (
            # A terminal sends the first two to its whole foreground process group.
            (signal.SIGINT, os.killpg),
            (signal.SIGHUP, os.killpg),
            (signal.SIGTERM, os.kill),
        ):
            with self.subTest(signal=signal_.name), Service(self.database) as service:
                send(service.process.pid, signal_)
                self.assertIsNotNone(service.process.wait(STOP_SECONDS))
                gone = eventually(lambda: not service.listens_on("127.0.0.1"))
                self.assertTrue(gone, "".join(service.output))
                # `stop` fails if a remaining process still has the output open.

    def test_writing_a_file_into_the_project_does_not_restart_the_service(self):
        with Service(self.database) as service, tempfile.NamedTemporaryFile(dir=ROOT) as file:
            for _ in range(20):
                file.write(b"{}")
                file.flush()
                begin = time.monotonic()
                self.assertEqual(service.request("GET", TASKS).status, 200)
                self.assertLess(time.monotonic() - begin, 1)
            starts = [line for line in service.output if "http://localhost:" in line]
            self.assertEqual(len({*starts}), len(starts), starts)

    def test_a_failed_start_reports_the_reason_and_exits(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assert_fails(f"port {port}: Address already in use", port)
        self.assert_fails("PORT=nine is not a port number", "nine")
        self.assert_fails("AUTH_CACHE_SECONDS", 0, AUTH_CACHE_SECONDS="soon")
        self.database.parent.mkdir()
        self.database.write_text("not a database")
        self.assert_fails("the service cannot start", 0)

    def assert_fails(self, reason, port, **settings):
        if port == 0:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        command = ["make", "run", f"PORT={port}", f"TODO_DB={self.database}"]
        result = subprocess.run(
            command, cwd=ROOT, env=make_environment() | settings, capture_output=True, text=True
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(reason, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
