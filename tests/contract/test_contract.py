"""The OpenAPI document against the running service: a validator checks the document, Schemathesis tests
the service against it, and a generated client creates, lists and deletes a task."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import API, ROOT, Service

HERE = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools" / "contract" / "bin"
EXAMPLES = os.environ.get("EXAMPLES") or "200"
# The run makes more login attempts and registrations than the default rate limits allow.
SETTINGS = {
    "LOGIN_FAILURES_PER_USER": "1000000000",
    "LOGIN_FAILURES_PER_ADDRESS": "1000000000",
    "REGISTRATIONS_PER_HOUR": "1000000000",
}


def run(tool, *arguments, path=HERE, **options):
    env = dict(os.environ, PYTHONPATH=str(path), SCHEMATHESIS_HOOKS="hooks")
    # The client's generator formats what it writes with `ruff`.
    env["PATH"] = os.pathsep.join([str(TOOLS), env["PATH"]])
    return subprocess.run([TOOLS / tool, *arguments], env=env, **options)


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.service = Service(cls.folder / "todo.db", **SETTINGS).__enter__()
        cls.addClassCleanup(cls.service.stop)

    def test_the_document_is_valid(self):
        served = self.service.request("GET", "/openapi.json", auth=None)
        self.assertEqual(served.json, json.loads((ROOT / "openapi.json").read_text()))
        valid = run("openapi-spec-validator", str(ROOT / "openapi.json"))
        self.assertEqual(valid.returncode, 0)

    def test_the_service_keeps_the_contract(self):
        words = ["run", self.service.uri("/openapi.json")]
        words += ["--max-examples", EXAMPLES, "--mode", "all", "--checks", "all"]
        words += ["--phases", "examples,coverage,fuzzing,stateful"]
        words += os.environ.get("SCHEMATHESIS", "").split()
        config = ["--config-file", str(HERE / "schemathesis.toml")]
        attack = run("schemathesis", *config, *words, cwd=self.folder)
        self.assertEqual(attack.returncode, 0)
        # The account of the run must still exist, with the same password.
        self.assertEqual(self.service.request("GET", f"{API}/users/miguel").status, 200)

    def test_a_generated_client_creates_lists_and_deletes_a_task(self):
        output = self.folder / "client"
        document = ["--path", str(ROOT / "openapi.json"), "--output-path", str(output)]
        made = run("openapi-python-client", "generate", *document, "--meta", "none", "--fail-on-warning")
        self.assertEqual(made.returncode, 0)
        session = [str(HERE / "generated_client.py"), self.service.uri("")]
        done = run("python", *session, path=self.folder)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
