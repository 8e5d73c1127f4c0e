"""Every file in `events/`, sent with `make invoke`."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import ROOT, Service, make_environment

EVENTS = ROOT / "events"
ROW = re.compile(r"^\| `([^`]+\.json)` \|.*\| (\d{3}) \|$", re.MULTILINE)


class Events(unittest.TestCase):
    def test_every_event_gets_its_status_and_the_service_keeps_running(self):
        expected = ROW.findall((EVENTS / "README.md").read_text())
        files = sorted(file.name for file in EVENTS.glob("*.json"))
        self.assertEqual(sorted(name for name, _ in expected), files)
        with tempfile.TemporaryDirectory() as folder:
            with Service(Path(folder) / "todo.db") as service:
                for name, status in expected:
                    with self.subTest(event=name):
                        self.assertEqual(self.invoke(service, name), int(status))
                        self.assertEqual(service.request("GET", "/health").status, 200)

    def test_a_file_that_does_not_exist_is_named(self):
        words = ["make", "--silent", "invoke", "EVENT=events/nope.json"]
        ran = subprocess.run(words, cwd=ROOT, env=make_environment(), capture_output=True, text=True)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("EVENT: there is no file events/nope.json", ran.stderr)

    def invoke(self, service, name):
        words = ["make", "--silent", "invoke", f"EVENT=events/{name}", f"PORT={service.port}"]
        result = subprocess.run(
            words, cwd=ROOT, env=make_environment(), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)["statusCode"]


if __name__ == "__main__":
    unittest.main()
