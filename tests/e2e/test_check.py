"""`todo-api check`, which `make run` calls first. It reports why the service cannot start."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from runtime import build
from service import make_environment

CODE = "canary-code"


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.binary = build()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.database = self.folder / "new folder" / "todo.db"

    def run_with(self, *arguments, **settings):
        variables = make_environment() | {"TODO_DB": str(self.database)} | settings
        words = [self.binary, *arguments]
        return subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60)

    def assert_refused(self, reason, *arguments, **settings):
        result = self.run_with(*arguments, **settings)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertRegex(result.stderr, r"\Athe service cannot start: [^\n]+\n\Z")
        self.assertIn(reason, result.stderr)
        self.assertNotIn(CODE, result.stderr)

    def test_it_prints_nothing_and_creates_the_database_when_the_service_can_start(self):
        for _ in range(2):
            result = self.run_with("check")
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
            self.assertTrue(self.database.exists())

    def test_the_error_names_an_invalid_setting(self):
        self.assert_refused("AUTH_CACHE_SECONDS", "check", AUTH_CACHE_SECONDS="soon")
        self.assert_refused("REGISTRATION", "check", REGISTRATION="x", REGISTRATION_CODE=CODE)

    def test_the_error_names_a_database_that_cannot_be_opened(self):
        other = self.folder / "other.db"
        other.write_text("This is not a database. " * 100)
        self.assert_refused(str(other), "check", TODO_DB=str(other))
        self.assert_refused("its folder", "check", TODO_DB=str(other / "todo.db"))
        self.assert_refused(str(self.folder), "check", TODO_DB=str(self.folder))

    def test_a_database_server_that_cannot_be_reached_is_an_error(self):
        closed_port = "http://127.0.0.1:1"
        self.assert_refused("Connection refused", "check", AWS_ENDPOINT_URL_DYNAMODB=closed_port)

    def test_other_arguments_are_rejected(self):
        self.assert_refused("unknown argument", "chekc")
        self.assert_refused("unknown argument", "check", "more")

    def test_without_a_lambda_runtime_the_error_names_the_missing_variable(self):
        result = self.run_with()
        self.assertEqual(result.returncode, 1)
        self.assertIn("AWS_LAMBDA_RUNTIME_API is not set", result.stdout)


if __name__ == "__main__":
    unittest.main()
