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
    """Method, path and operation. First what creates, at the end what deletes, the account last."""
    found = [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in METHODS and operation["operationId"] not in NOT_COVERED
    ]
    # Members before collections that are deleted with them, such as tasks before their list.
    found.sort(key=lambda entry: entry[1], reverse=True)
    of_users = f"{API}/users"
    return sorted(
        found,
        key=lambda entry: (
            METHODS.index(entry[0]),
            entry[1].startswith(of_users) == (entry[0] == "delete"),
            entry[1].count("{") if entry[0] == "post" else 0,
        ),
    )


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
