"""The emulator's own checks: what they object to, and what they do not."""

import unittest
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cloud import REGION, Cloud


class Checks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.stop)

    def objections(self, body, operation="GetItem", secret=None, afterwards=()):
        """Sends a signed request with headers that are added afterwards. Returns what is wrong with it."""
        names = self.cloud.environment
        target = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        request = AWSRequest("POST", f"{names['AWS_ENDPOINT_URL']}/", target, body)
        credentials = Credentials(names["AWS_ACCESS_KEY_ID"], secret or names["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(credentials, "dynamodb", REGION).add_auth(request)
        headers = dict(request.headers.items()) | dict(afterwards)
        try:
            urllib.request.urlopen(urllib.request.Request(request.url, body, headers, method="POST")).close()
        except urllib.error.HTTPError as refused:
            refused.close()
        calls = self.cloud.take_calls()
        self.assertEqual(len(calls), 1)
        return calls[0]["objections"]

    def test_a_request_as_amazon_describes_it_is_accepted(self):
        self.assertEqual(self.objections(b'{"TableName": "todo", "Key": {"pk": {"S": "x"}}}'), [])

    def test_a_header_that_is_not_signed_is_named(self):
        body = b'{"TableName": "todo", "Key": {"pk": {"S": "x"}}}'
        found = self.objections(body, afterwards={"X-Amz-Extra": "1"})
        self.assertEqual(found, ["x-amz-extra is not signed"])

    def test_a_signature_with_another_secret_is_noticed(self):
        body = b'{"TableName": "todo", "Key": {"pk": {"S": "x"}}}'
        self.assertEqual(self.objections(body, secret="guessed"), ["botocore calculates another signature"])

    def test_members_that_amazon_does_not_describe_are_named(self):
        for body, word in (
            (b'{"TableName": "todo", "Keys": {}}', "Keys"),
            (b'{"TableName": 1, "Key": {"pk": {"S": "x"}}}', "TableName"),
            (b'{"TableName": "todo", "Key": {"pk": {"S": 1}}}', "Key.pk.S"),
            (b'{"TableName": "todo"}', "Key"),
        ):
            with self.subTest(body=body):
                found = self.objections(body)
                self.assertEqual(len(found), 1)
                self.assertIn(word, found[0])
        self.assertEqual(self.objections(b"{}", operation="GetItems"), ["there is no operation GetItems"])


if __name__ == "__main__":
    unittest.main()
