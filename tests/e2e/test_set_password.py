"""`make set-password` on the embedded engine, also while the service runs, and at a terminal."""

import base64
import os
import pty
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import API, ROOT, Service, make_environment

OLD, NEW = "correct horse", "a new passphrase"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class SetPassword(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "todo.db"

    def set(self, *variables, entries=(NEW, NEW), **environment):
        command = ["make", "--silent", "set-password", f"TODO_DB={self.database}", *variables]
        # Every shell has a variable of this name, and one may have the other for `make logs`.
        environment = make_environment() | {"USER": "root", "STACK": "production"} | environment
        text = "".join(entry + "\n" for entry in entries)
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=text, capture_output=True, text=True, timeout=600
        )

    def assert_refused(self, reason, *variables, entries=(NEW, NEW)):
        result = self.set(*variables, entries=entries)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        lines = [line for line in result.stderr.splitlines() if line and not line.startswith("make")]
        # The prompts end with a colon, and the line break that the user has typed is not echoed.
        lines = [line for line in lines if not line.startswith("New password of ") and line != "The same again: "]
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertIn(reason, lines[0])
        self.assertNotIn(entries[0] if entries else NEW, result.stderr)

    def test_while_the_service_runs_the_old_password_and_the_tokens_end(self):
        with Service(self.database, AUTH_CACHE_SECONDS="0") as service:
            body = {"username": "ada", "password": OLD}
            self.assertEqual(service.request("POST", f"{API}/users", body, auth=None).status, 201)
            old, new = basic("ada", OLD), basic("ada", NEW)
            token = service.request("POST", f"{API}/tokens", {}, auth=old).json["token"]["token"]
            self.assertEqual(self.status(service, f"Bearer {token}"), 200)
            result = self.set("USER=ada")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("The password of ada is set", result.stdout)
            self.assertIn(f"New password of ada in {self.database}: \n", result.stderr)
            found = [self.status(service, auth) for auth in (old, f"Bearer {token}", new)]
            self.assertEqual(found, [401, 401, 200])
            # Both processes have written to the file, and it is as good as before.
            created = service.request("POST", f"{API}/tasks", {"title": "After"}, auth=new)
            self.assertEqual(created.status, 201)
            self.assertEqual(self.status(service, basic("miguel", "python")), 200)

    def status(self, service, auth):
        return service.request("GET", f"{API}/tasks", auth=auth).status

    def test_each_refusal_is_one_line(self):
        self.assert_refused("there is no database", "USER=miguel")
        self.assertFalse(self.database.exists())
        with Service(self.database) as service:
            service.request("GET", f"{API}/tasks")
        self.assert_refused("the two entries differ", "USER=miguel", entries=(NEW, "another one"))
        self.assert_refused("there is no user ada", "USER=ada")
        self.assert_refused("must have at least 8", "USER=miguel", entries=("7chars!", "7chars!"))
        self.assert_refused("one of the most common ones", "USER=miguel", entries=("Password1",) * 2)
        self.assert_refused("no password was entered", "USER=miguel", entries=())
        self.assert_refused("the user name must be", "USER=a/b")
        self.assert_refused("set USER=")
        with Service(self.database) as service:
            self.assertEqual(self.status(service, basic("miguel", "python")), 200)

    def test_a_closed_account_is_named(self):
        with Service(self.database) as service:
            # A create may still be on its way, so the account stays closed for a second.
            service.request("POST", f"{API}/tasks", {"title": "x"})
            self.assertEqual(service.request("DELETE", f"{API}/users/miguel").status, 503)
            self.assert_refused("the account of miguel is closed", "USER=miguel")

    def test_at_a_terminal_the_entries_are_not_shown(self):
        with Service(self.database) as service:
            service.request("GET", f"{API}/tasks")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        command = ["make", "--silent", "set-password", "USER=miguel", f"TODO_DB={self.database}"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=make_environment(), stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        for prompt in (f"New password of miguel in {self.database}: ".encode(), b"The same again: "):
            while prompt not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, NEW.encode() + b"\n")
        while b"is set" not in shown:
            shown += os.read(ours, 1024)
        self.assertEqual(process.wait(60), 0)
        self.assertNotIn(NEW.encode(), shown)
        with Service(self.database) as service:
            self.assertEqual(self.status(service, basic("miguel", NEW)), 200)


if __name__ == "__main__":
    unittest.main()
