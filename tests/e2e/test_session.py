"""What HTTP asks of the article's paths beyond its session, which test_readme.py runs."""

import tempfile
import unittest
from pathlib import Path

from service import API, Service

TASKS = f"{API}/tasks"


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.service = Service(Path(folder.name) / "todo.db").__enter__()
        cls.addClassCleanup(cls.service.stop)

    def test_head_is_a_get_without_its_body(self):
        head = self.service.request("HEAD", TASKS)
        self.assertEqual((head.status, head.content), (200, b""))
        self.assertEqual(head.headers["Content-Type"], "application/json")

    def test_the_service_handles_options_without_a_login(self):
        options = self.service.request("OPTIONS", TASKS, auth=None, Origin="https://example.com")
        self.assertEqual((options.status, options.content), (204, b""))
        self.assertEqual(options.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        self.assertIsNone(options.headers["Access-Control-Allow-Origin"])

    def test_an_unsupported_method_is_405(self):
        refused = self.service.request("DELETE", TASKS, auth=None)
        self.assertEqual((refused.status, refused.json), (405, {"error": "Method not allowed"}))
        self.assertEqual(refused.headers["Allow"], "GET, HEAD, POST, OPTIONS")


if __name__ == "__main__":
    unittest.main()
