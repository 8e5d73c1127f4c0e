"""`make smoke` against the service of `make run`."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import API, ROOT, Service, make_environment


def smoke(*variables, **settings):
    words = ["make", "--silent", "smoke", *variables]
    environment = make_environment() | settings
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


class Smoke(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "todo.db"

    def test_a_fresh_user_comes_and_goes(self):
        with Service(self.database) as service:
            said = smoke(f"URL=http://127.0.0.1:{service.port}")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            self.assertIn("all as it should be", said.stdout)
            self.assertNotIn("FAIL", said.stdout)
            name = re.search(r"smoke-\w+", said.stdout)[0]
            # Who may take the name again has seen it freed.
            body = {"username": name, "password": "correct horse"}
            freed = service.request("POST", f"{API}/users", body, auth=None)
            self.assertEqual(freed.status, 201)

    def test_a_user_that_is_there_keeps_what_it_had(self):
        with Service(self.database) as service:
            before = service.request("GET", f"{API}/tasks").content
            url = f"URL=http://127.0.0.1:{service.port}{API}/"
            said = smoke(url, "USER=miguel", "PASSWORD=python")
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            self.assertEqual(service.request("GET", f"{API}/tasks").content, before)

    def test_a_code_is_passed_on_and_its_lack_is_said(self):
        settings = {"REGISTRATION": "code", "REGISTRATION_CODE": "open sesame"}
        with Service(self.database, **settings) as service:
            url = f"URL=http://127.0.0.1:{service.port}"
            self.assertEqual(smoke(url, "CODE=open sesame").returncode, 0)
            said = smoke(url)
            self.assertNotEqual(said.returncode, 0)
            self.assertIn("CODE is missing or wrong", said.stderr)

    def test_an_answer_that_differs_fails_and_is_shown(self):
        with Service(self.database, AUTH_FAILURE_STATUS="403") as service:
            said = smoke(f"URL=http://127.0.0.1:{service.port}")
            self.assertNotEqual(said.returncode, 0)
            self.assertIn("FAIL GET", said.stdout)
            self.assertIn("the user leaves", said.stdout)

    def test_nobody_there_is_said_in_one_line(self):
        said = smoke("URL=http://127.0.0.1:9")
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("no answer from http://127.0.0.1:9", said.stderr)
        self.assertNotIn("Traceback", said.stderr)
        self.assertIn("say where", smoke().stderr)


if __name__ == "__main__":
    unittest.main()
