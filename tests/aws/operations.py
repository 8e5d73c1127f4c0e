"""One request of every operation in `openapi.json`, in an order in which each can succeed."""

import json
import time

from cloud import basic
from service import API, ROOT

# Operations that no request is made for here, each with its reason.
NOT_COVERED = {}
DOCUMENT = json.loads((ROOT / "openapi.json").read_text())
METHODS = ("post", "get", "put", "patch", "delete")


def operations():
    """Method, path and operation. First what creates, in the end what deletes, the account last."""
    found = [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in METHODS and operation["operationId"] not in NOT_COVERED
    ]

    def order(entry):
        method, path, _ = entry
        # Users before what they own, and collections before their members.
        rank = METHODS.index(method), not path.startswith(f"{API}/users"), path.count("{")
        return (rank[0], -rank[1], -rank[2]) if method == "delete" else rank

    return sorted(found, key=order)


class Session:
    """The user of the document's examples. `ids` has what was created last in each collection."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.auth = None
        self.ids = {}

    def run(self):
        """Yields the operation's id, the expected statuses and the response."""
        for method, path, operation in operations():
            for body, content_type in bodies(operation):
                response = self.send(method.upper(), self.fill(path), body, content_type)
                if method == "post" and "Location" in response.headers:
                    collection, _, made = response.headers["Location"].rpartition("/")
                    self.ids[collection.rpartition("/")[2]] = made
                    if path == f"{API}/users":
                        self.auth = basic(body["username"], body["password"])
                statuses = [int(status) for status in operation["responses"] if status.startswith("2")]
                yield operation["operationId"], statuses, response

    def fill(self, path):
        parts = path.split("/")
        for at, part in enumerate(parts):
            if part.startswith("{"):
                parts[at] = self.ids[parts[at - 1]]
        return "/".join(parts)

    def send(self, method, path, body, content_type):
        """A 503 with Retry-After is repeated: an account waits for its last create to be over."""
        for _ in range(5):
            response = self.cloud.request(method, path, body, self.auth, content_type)
            if response.status != 503:
                break
            time.sleep(int(response.headers["Retry-After"]))
        return response


def bodies(operation):
    content = operation.get("requestBody", {}).get("content")
    if not content:
        return [(None, None)]
    return [(media["example"], content_type) for content_type, media in content.items()]
