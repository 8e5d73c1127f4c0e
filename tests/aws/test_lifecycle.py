"""A stack from a first deployment that fails to its deletion, with `make` and with SAM's own commands."""

import json
import os
import secrets
import unittest

from cloud import ARCH, REGION, Cloud
from service import API, ROOT

STACK = "todo-life"
TOOLS = [ROOT / ".tools" / name / "bin" for name in ("cargo-lambda", "sam")]


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.stop)

    def deploy(self, *words, **options):
        return self.cloud.make("deploy", f"ARCH={ARCH}", *words, **options)

    def registration(self):
        body = {"username": f"user-{secrets.token_hex(6)}", "password": "correct horse"}
        return self.cloud.request("POST", f"{API}/users", body).status

    def status(self):
        try:
            return self.cloud.stack(STACK)["StackStatus"]
        except self.cloud.client("cloudformation").exceptions.ClientError:
            return None

    def tables(self):
        return set(self.cloud.client("dynamodb").list_tables()["TableNames"])

    def destroy(self):
        self.cloud.converse(["make", "destroy"], [("Type the stack's name", STACK)])

    def test_a_failed_first_deployment_has_a_way_out_and_settings_take_effect_until_the_end(self):
        where = (f"STACK={STACK}", f"REGION={REGION}")
        self.cloud.faults.touch()
        advice = "delete that with `make destroy`, then run `make deploy` again"
        self.assertIn(advice, self.deploy(*where, fails=True))
        self.assertEqual(self.status(), "ROLLBACK_COMPLETE")
        again = self.deploy(fails=True)
        self.assertIn(advice, again)
        self.assertNotIn("Building", again)
        self.cloud.faults.unlink()
        self.destroy()
        self.assertIn(self.status(), (None, "DELETE_COMPLETE"))

        self.deploy(*where)
        self.assertEqual(self.registration(), 403)
        self.deploy("SET=Registration=open")
        self.assertEqual(self.registration(), 201)
        self.sam_deploy("Registration=closed")
        self.assertEqual(self.registration(), 403)

        permissions = self.permissions()
        # A canary is a version, and the API calls the alias of its name.
        self.deploy("SET=Registration=open Rollout=canary")
        self.assertEqual(self.target().rpartition(":")[2], "canary")
        self.assertEqual(self.registration(), 201)
        version = self.version()
        self.deploy("SET=Registration=closed")
        self.assertEqual(self.registration(), 403)
        self.assertGreater(self.version(), version)
        self.deploy("SET=Registration=open Rollout=at-once")
        self.assertNotEqual(self.target().rpartition(":")[2], "canary")
        self.assertEqual(self.registration(), 201)
        # Replaced ones would have left the API without permission for a moment.
        self.assertEqual(self.permissions(), permissions)

        table = self.cloud.outputs(STACK)["TableName"]
        self.destroy()
        self.assertIn(self.status(), (None, "DELETE_COMPLETE"))
        self.assertIn(table, self.tables())

    def sam_deploy(self, *overrides):
        options = ["--stack-name", STACK, "--region", REGION, "--resolve-s3", "--no-confirm-changeset"]
        options += ["--capabilities", "CAPABILITY_IAM", "--parameter-overrides", *overrides]
        self.cloud.run(TOOLS[1] / "sam", "deploy", *options)

    def target(self):
        client = self.cloud.client("apigatewayv2")
        integrations = client.get_integrations(ApiId=self.cloud.outputs(STACK)["ApiId"])["Items"]
        self.assertEqual(len(integrations), 1)
        return integrations[0]["IntegrationUri"]

    def permissions(self):
        """The statements that allow the API to call the function and its alias."""
        names = ("ApiPermission", "ApiCanaryPermission")
        return [self.cloud.resource(STACK, name) for name in names]

    def version(self):
        name = self.cloud.outputs(STACK)["FunctionName"]
        alias = self.cloud.client("lambda").get_alias(FunctionName=name, Name="canary")
        return int(alias["FunctionVersion"])


if __name__ == "__main__":
    unittest.main()
