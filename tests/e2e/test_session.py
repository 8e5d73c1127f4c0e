"""The requests of the article's session, over HTTP and in the article's order."""

import tempfile
import unittest
from pathlib import Path

from service import API, Service

TASKS = f"{API}/tasks"


class Session(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.service = Service(Path(folder.name) / "todo.db").__enter__()
        cls.addClassCleanup(cls.service.stop)

    def test_the_articles_session(self):
        request = self.service.request

        listed = request("GET", TASKS)
        self.assertEqual(listed.status, 200)
        titles = [task["title"] for task in listed.json["tasks"]]
        self.assertEqual(titles, ["Buy groceries", "Learn Python"])

        read = request("GET", f"{TASKS}/2")
        self.assertEqual(read.status, 200)
        task = read.json["task"]
        self.assertEqual(task["uri"], self.service.uri(f"{TASKS}/2"))
        self.assertEqual(task["description"], "Need to find a good Python tutorial on the web")
        self.assertIs(task["done"], False)

        missing = request("GET", f"{TASKS}/3")
        self.assertEqual((missing.status, missing.json), (404, {"error": "Not found"}))

        created = request("POST", TASKS, {"title": "Read a book"})
        self.assertEqual(created.status, 201)
        self.assertEqual(created.headers["Location"], self.service.uri(f"{TASKS}/3"))
        self.assertEqual(created.json["task"]["title"], "Read a book")
        self.assertEqual(request("GET", f"{TASKS}/3").json, created.json)

        done = request("PUT", f"{TASKS}/2", {"done": True})
        self.assertEqual(done.status, 200)
        self.assertIs(done.json["task"]["done"], True)
        for name in ("uri", "title", "description"):
            self.assertEqual(done.json["task"][name], task[name])

        deleted = request("DELETE", f"{TASKS}/3")
        self.assertEqual((deleted.status, deleted.json), (200, {"result": True}))
        again = request("DELETE", f"{TASKS}/3")
        self.assertEqual((again.status, again.content), (404, missing.content))

        anonymous = request("GET", TASKS, auth=None)
        self.assertEqual((anonymous.status, anonymous.json), (401, {"error": "Unauthorized access"}))
        challenge = 'Basic realm="Authentication Required", charset="UTF-8"'
        self.assertEqual(anonymous.headers["WWW-Authenticate"], challenge)

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
