"""The stack on the emulator: deployed with `make`, used, changed, and deleted."""

import json
import secrets
import time
import unittest

import operations
from cloud import ARCH, REGION, Cloud, basic
from service import API, ROOT

STACK = "todo-test"
OLD, NEW = "correct horse", "a new passphrase"
DEPLOY = ("deploy", f"STACK={STACK}", f"REGION={REGION}", f"ARCH={ARCH}")


class Stack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.stop)
        cls.cloud.make(*DEPLOY, 'SET=Registration=open')

    def setUp(self):
        self.forget_registrations()

    def forget_registrations(self):
        """All requests here have one address, which may register twenty times an hour."""
        table, client = self.cloud.outputs(STACK)["TableName"], self.cloud.client("dynamodb")
        items = client.scan(TableName=table, ProjectionExpression="pk, sk")["Items"]
        for key in items:
            if key["pk"]["S"].startswith("attempts#"):
                client.delete_item(TableName=table, Key=key)

    def register(self):
        account = {"username": f"user-{secrets.token_hex(6)}", "password": OLD}
        self.assertIn(self.cloud.request("POST", f"{API}/users", account).status, (201, 500))
        return account["username"]

    def test_make_smoke_passes_and_every_operation_of_the_contract_succeeds(self):
        self.cloud.take_calls()
        # Both delete a user at the end, and wait for half a minute before.
        smoke = self.cloud.start("make", "--silent", "smoke", f"URL=http://127.0.0.1:{self.cloud.front}")
        self.addCleanup(smoke.kill)
        done = set()
        for operation, expected, response in operations.Session(self.cloud).run():
            with self.subTest(operation=operation):
                self.assertIn(response.status, expected, response.content[:300])
                self.assertIn("x-request-id", response.headers)
                check = operations.CHECKS.get(operation, lambda _: True)
                self.assertTrue(check(response), response.content[:300])
            done.add(operation)
        output, errors = smoke.communicate(timeout=300)
        self.assertIn("all steps passed", output, errors)
        self.assertEqual(done, {operation["operationId"] for _, _, operation in operations.operations()})
        # More than the service's own pages.
        self.assertGreater(len(done), 30)
        calls = self.cloud.take_calls()
        self.assertGreater(len(calls), 40)
        for call in calls:
            self.assertEqual(call["objections"], [], call)
            self.assertNotEqual(call["caller"], self.cloud.environment["AWS_ACCESS_KEY_ID"])

    def test_each_action_of_the_policy_is_needed(self):
        role = self.cloud.resource(STACK, "FunctionRole")
        iam = self.cloud.client("iam")
        policy = iam.get_role_policy(RoleName=role, PolicyName="table")["PolicyDocument"]
        actions = {(number, action) for number, statement in enumerate(policy["Statement"])
                   for action in listed(statement["Action"])}
        self.assertEqual(self.denied(), set())
        for number, action in sorted(actions):
            with self.subTest(action=action, statement=policy["Statement"][number]["Sid"]):
                less = json.loads(json.dumps(policy))
                statement = less["Statement"][number]
                statement["Action"] = [name for name in listed(statement["Action"]) if name != action]
                if not statement["Action"]:
                    less["Statement"].remove(statement)
                self.put(iam, role, less)
                try:
                    self.assertEqual(self.denied(), {action})
                finally:
                    self.put(iam, role, policy)
        self.assertEqual(self.denied(), set())

    def put(self, iam, role, policy):
        iam.put_role_policy(RoleName=role, PolicyName="table", PolicyDocument=json.dumps(policy))

    def denied(self):
        """The actions that were denied while a user did a bit of everything."""
        self.forget_registrations()
        self.cloud.take_calls()
        request = self.cloud.request
        user = self.register()
        auth = basic(user, OLD)
        request("POST", f"{API}/lists", {"name": "Home"}, auth)
        request("POST", f"{API}/lists/1/tasks", {"title": "Buy milk"}, auth)
        request("POST", f"{API}/tasks", {"title": "Buy milk"}, auth)
        request("GET", f"{API}/tasks", auth=auth)
        request("GET", f"{API}/tasks?sort=title", auth=auth)
        request("GET", f"{API}/users/{user}", auth=auth)
        request("GET", f"{API}/changes", auth=auth)
        self.trash_and_restore(auth)
        deletion = {"method": "DELETE", "uri": f"{API}/tasks/2"}
        request("POST", f"{API}/batch", {"requests": [deletion]}, auth)
        request("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                 "params": {"name": "find_tasks", "arguments": {}}},
                auth, headers={"MCP-Protocol-Version": "2025-11-25"})
        token = request("POST", f"{API}/tokens", {"scope": "calendar"}, auth)
        if token.status == 201:
            request("GET", f"{API}/calendar/{token.json['token']['feed'].rpartition('/')[2]}")
        # Without tasks, an account can be deleted at once.
        user = self.register()
        request("DELETE", f"{API}/users/{user}", auth=basic(user, OLD))
        found = set()
        for call in self.cloud.take_calls():
            self.assertEqual(call["objections"], [], call)
            if "AccessDenied" in call.get("error", ""):
                found.add(call["error"])
        return {"dynamodb:" + text.partition("perform: dynamodb:")[2].split()[0] for text in found}

    def trash_and_restore(self, auth):
        for method, path in (("DELETE", "tasks/1"), ("POST", "trash/1"), ("DELETE", "tasks/1"), ("DELETE", "trash/1")):
            self.cloud.request(method, f"{API}/{path}", auth=auth)

    def test_the_table_is_as_the_template_says(self):
        table = self.cloud.outputs(STACK)["TableName"]
        described = self.cloud.client("dynamodb").describe_table(TableName=table)["Table"]
        indexes = {index["IndexName"] for index in described["LocalSecondaryIndexes"]}
        self.assertEqual(indexes, {"by_status", "by_title", "by_due", "by_list", "by_change"})
        self.assertTrue(described["DeletionProtectionEnabled"])

    def test_an_operator_sets_a_password(self):
        user = self.register()
        old, new = basic(user, OLD), basic(user, NEW)
        token = self.cloud.request("POST", f"{API}/tokens", {}, old).json["token"]["token"]
        where = ("set-password", f"USER={user}", f"STACK={STACK}", f"REGION={REGION}")
        output = self.cloud.make(*where, text=f"{NEW}\n{NEW}\n")
        self.assertIn(f"New password of {user} in the stack {STACK} ({REGION}): ", output)
        self.assertIn(f"The password of {user} is set", output)
        # Creating a token verifies the password, whatever the environment has cached.
        statuses = [self.cloud.request("POST", f"{API}/tokens", {}, auth).status for auth in (old, new)]
        self.assertEqual(statuses, [401, 201])
        bearer = self.cloud.request("GET", f"{API}/users/{user}", auth=f"Bearer {token}")
        self.assertEqual(bearer.status, 401)

        refused = self.cloud.make(*where, text=f"{NEW}\n{OLD}\n", fails=True)
        self.assertIn("the two entries differ", refused)
        nobody = ("set-password", "USER=nobody", *where[2:])
        self.assertIn("there is no user nobody", self.cloud.make(*nobody, text=f"{NEW}\n{NEW}\n", fails=True))
        nowhere = ("set-password", f"USER={user}", "STACK=nowhere", f"REGION={REGION}")
        self.assertIn("there is no stack nowhere", self.cloud.make(*nowhere, text="", fails=True))
        self.close(user)
        closed = self.cloud.make(*where, text=f"{NEW}\n{NEW}\n", fails=True)
        self.assertIn(f"the account of {user} is closed", closed)

    def close(self, user):
        # Its deletion waits for this create to be over.
        self.cloud.request("POST", f"{API}/tasks", {"title": "x"}, basic(user, NEW))
        deleted = self.cloud.request("DELETE", f"{API}/users/{user}", auth=basic(user, NEW))
        self.assertEqual(deleted.status, 503)


def listed(action):
    return action if isinstance(action, list) else [action]


if __name__ == "__main__":
    unittest.main()
