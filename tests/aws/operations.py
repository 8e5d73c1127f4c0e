"""One request of every operation in `openapi.json`, in an order in which each can succeed."""

import json
import time

from cloud import basic
from service import API, ROOT

DOCUMENT = json.loads((ROOT / "openapi.json").read_text())
METHODS = ("post", "get", "put", "patch", "delete")
# What shows that an operation has succeeded, where its status alone does not.
CHECKS = {
    "mcp": lambda response: response.json["result"].get("isError") is not True,
    "readCalendar": lambda response: b"SUMMARY:Renew the passport" in response.content,
    "runBatch": lambda response: [each["status"] for each in response.json["responses"]] == [201, 200, 200],
}


def operations():
    """Method, path and operation. First what creates, at the end what deletes, the account last."""
    found = [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
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
            for body, content_type in self.prepare(operation["operationId"]) or bodies(operation):
                response = self.send(method.upper(), self.fill(path), body, content_type, examples(operation))
                if method == "post" and "Location" in response.headers:
                    collection, _, made = response.headers["Location"].rpartition("/")
                    self.ids[collection.rpartition("/")[2]] = made
                    if path == f"{API}/users":
                        self.auth = basic(body["username"], body["password"])
                statuses = [int(status) for status in operation["responses"] if status.startswith("2")]
                yield operation["operationId"], statuses, response

    def prepare(self, operation):
        """Makes what an operation needs, and returns its bodies where the example does not suit."""
        if operation in ("restoreTask", "purgeTask", "emptyTrash"):
            self.ids["trash"] = self.create_task("In the trash")
            self.cloud.request("DELETE", f"{API}/tasks/{self.ids['trash']}", auth=self.auth)
        elif operation == "readCalendar":
            self.create_task("Renew the passport", due="2026-12-24")
            created = self.cloud.request("POST", f"{API}/tokens", {"scope": "calendar"}, self.auth)
            self.ids["calendar"] = created.json["token"]["feed"].rpartition("/")[2]
        elif operation == "runBatch":
            changed, deleted = (f"{API}/tasks/{self.create_task('One of many')}" for _ in range(2))
            create = {"method": "POST", "uri": f"{API}/tasks", "body": {"title": "One more"}}
            change = {"method": "PUT", "uri": changed, "body": {"done": True}}
            return json_bodies({"requests": [create, change, {"method": "DELETE", "uri": deleted}]})
        elif operation == "mcp":
            calls = {"add_tasks": {"tasks": [{"title": "Buy bread"}]}, "find_tasks": {"q": "bread"}}
            params = [{"name": name, "arguments": arguments} for name, arguments in calls.items()]
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
            return json_bodies(call | {"method": "tools/list"}, *(call | {"params": each} for each in params))

    def create_task(self, title, **members):
        created = self.cloud.request("POST", f"{API}/tasks", {"title": title} | members, self.auth)
        return created.headers["Location"].rpartition("/")[2]

    def fill(self, path):
        parts = path.split("/")
        for at, part in enumerate(parts):
            if part.startswith("{"):
                parts[at] = self.ids[parts[at - 1]]
        return "/".join(parts)

    def send(self, method, path, body, content_type, headers):
        """A 503 with Retry-After is repeated: an account waits for its last create to be over."""
        for _ in range(5):
            response = self.cloud.request(method, path, body, self.auth, content_type, headers)
            if response.status != 503:
                break
            time.sleep(int(response.headers["Retry-After"]))
        return response


def bodies(operation):
    content = operation.get("requestBody", {}).get("content")
    if not content:
        return [(None, None)]
    return [(media["example"], content_type) for content_type, media in content.items()]


def examples(operation):
    """The headers of which the document has an example."""
    parameters = operation.get("parameters", [])
    return {each["name"]: each["example"] for each in parameters if each.get("in") == "header" and "example" in each}


def json_bodies(*values):
    return [(value, "application/json") for value in values]
