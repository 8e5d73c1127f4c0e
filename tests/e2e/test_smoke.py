"""`make smoke` against the service of `make run`."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import API, ROOT, Service, make_environment


def smoke(*variables, **settings):
    command = ["make", "--silent", "smoke", *variables]
    environment = make_environment() | settings
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


class Smoke(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "todo.db"

    def test_without_a_user_it_registers_one_and_deletes_it(self):
        with Service(self.database) as service:
            result = smoke(f"URL=http://127.0.0.1:{service.port}")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn("all steps passed", result.stdout)
            self.assertNotIn("FAIL", result.stdout)
            name = re.search(r"smoke-\w+", result.stdout)[0]
            # The name can be registered again only if the account was deleted.
            body = {"username": name, "password": "correct horse"}
            registered = service.request("POST", f"{API}/users", body, auth=None)
            self.assertEqual(registered.status, 201)

    def test_an_existing_user_keeps_its_tasks(self):
        with Service(self.database) as service:
            before = service.request("GET", f"{API}/tasks").content
            url = f"URL=http://127.0.0.1:{service.port}{API}/"
            result = smoke(url, "USER=miguel", "PASSWORD=python")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertEqual(service.request("GET", f"{API}/tasks").content, before)

    def test_it_sends_the_registration_code_and_reports_a_missing_one(self):
        settings = {"REGISTRATION": "code", "REGISTRATION_CODE": "open sesame"}
        with Service(self.database, **settings) as service:
            url = f"URL=http://127.0.0.1:{service.port}"
            self.assertEqual(smoke(url, "CODE=open sesame").returncode, 0)
            result = smoke(url)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("CODE is missing or wrong", result.stderr)

    def test_an_unexpected_response_is_shown_and_fails(self):
        with Service(self.database, AUTH_FAILURE_STATUS="403") as service:
            result = smoke(f"URL=http://127.0.0.1:{service.port}")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("FAIL GET", result.stdout)
            self.assertIn("the user is deleted", result.stdout)

    def test_an_unreachable_service_is_reported_in_one_line(self):
        result = smoke("URL=http://127.0.0.1:9")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no response from http://127.0.0.1:9", result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertIn("URL is missing", smoke().stderr)


if __name__ == "__main__":
    unittest.main()
