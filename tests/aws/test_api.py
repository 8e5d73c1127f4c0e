"""The API tests on the emulator's DynamoDB, which nobody here wrote, in place of the embedded engine."""

import re
import unittest

from cloud import Cloud

# What ministack does otherwise than DynamoDB, as the beginning of the tests that notice it, with the
# reason. It handles one call after the other, in Python: what DynamoDB does within milliseconds takes
# it longer than the deadline of a request.
TOO_SLOW = "hundreds of calls or megabytes in one request, or many requests at once"
DIFFERENCES = {
    "budget::the_deletion_of_an_account_is_metered": "it reports other capacity units",
    "exactly_once::accounts::an_account_deleted_while": TOO_SLOW,
    "history::": TOO_SLOW,
    "limits::of_200_login_attempts_at_once": TOO_SLOW,
    "list_costs::": TOO_SLOW,
    "list_interleavings::": TOO_SLOW,
    "list_races::": TOO_SLOW,
    "lists::a_page_is_cut_after_four_queries": TOO_SLOW,
    "lists::a_page_of_the_largest_tasks": TOO_SLOW,
    "lost_responses::of_a_deletion_of_an_account": TOO_SLOW,
    "members::largest::": TOO_SLOW,
    "model::": TOO_SLOW,
    "parallel_logins::": TOO_SLOW,
    "telemetry::a_request_is_one_line_that_includes_its_metrics": "it reports other capacity units",
}


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
        self.assertGreater(int(passed[1]), 250)
        calls = cloud.take_calls()
        self.assertGreater(len(calls), 5_000)
        objections = [call for call in calls if call["objections"]]
        self.assertEqual(objections[:3], [])


if __name__ == "__main__":
    unittest.main()
