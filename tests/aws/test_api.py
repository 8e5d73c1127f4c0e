"""The API tests on the emulator's DynamoDB, which nobody here wrote, in place of the embedded engine."""

import re
import unittest

from cloud import Cloud

# What ministack does otherwise than DynamoDB: the test, and why it cannot pass.
DIFFERENCES = {}


class Api(unittest.TestCase):
    def test_the_api_tests_pass_and_botocore_objects_to_no_call(self):
        cloud = Cloud()
        self.addCleanup(cloud.stop)
        skipped = [word for name in DIFFERENCES for word in ("--skip", name)]
        output = cloud.run(
            "cargo", "test", "--features", "local", "--test", "api", "--", *skipped,
            EXTERNAL_ENGINE=cloud.environment["AWS_ENDPOINT_URL"],
        )
        passed = re.search(r"test result: ok. (\d+) passed; 0 failed", output)
        self.assertGreater(int(passed[1]), 300)
        calls = cloud.take_calls()
        self.assertGreater(len(calls), 10_000)
        objections = [call for call in calls if call["objections"]]
        self.assertEqual(objections[:3], [])


if __name__ == "__main__":
    unittest.main()
