"""A short round of all the benchmark's measurements, with the debug binary."""

import tempfile
import unittest
from unittest import mock

import report
import rounds
from engine import Engine
from runtime import build


class Bench(unittest.TestCase):
    @mock.patch.multiple(rounds, WARM_UP=2, REQUESTS=5, LIST_REQUESTS=3, WRONG_PASSWORDS=2)
    def test_a_round_measures_every_operation(self):
        service = build()
        build("--example", "engine")
        results = rounds.Results(["todo-api"])
        with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "a+b") as log:
            with Engine() as engine:

                def run(title="todo-api"):
                    variables = engine.variables | rounds.SETTINGS
                    return rounds.Run(title, [service], variables, results, log)

                with run() as setting_up:
                    few = rounds.User(setting_up, "ada", 20)
                    many = rounds.User(setting_up, "bob", 120)
                results = rounds.Results(["todo-api"])
                with run() as warm:
                    rounds.measure_service(warm, few, many)
                with run("todo-api with password") as cold:
                    rounds.measure_passwords(cold, few, 0)
        self.check_cost(results)
        self.assertIn("| todo-api |", report.candidates(results))
        self.assertIn("| DELETE |", report.operations(results))

    def check_cost(self, results):
        calls = {what.partition(", ")[2]: calls for what, calls in results.calls.items()}
        self.assertEqual(
            calls,
            {
                "GET one": {1},
                "list 20 of 20": {1},
                "list 20 of 10,000": {1},
                "list 20 done ones of 10,000": {1},
                "POST": {2},
                "PUT": {1},
                "DELETE": {1},
                "401 without credentials": {0},
                "401 wrong password": {4},
            },
        )
        for what, values in results.rounds.items():
            self.assertTrue(all(value > 0 for value in values), what)


if __name__ == "__main__":
    unittest.main()
