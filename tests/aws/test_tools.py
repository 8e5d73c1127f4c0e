"""The README's section for those who do not use `make`: its commands, run as they are written."""

import os
import re
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from cloud import ARCH, REGION, Cloud
from service import API, ROOT, eventually, free_port

PATHS = [str(ROOT / ".tools" / name / "bin") for name in ("cargo-lambda", "sam")]
SECTION = (ROOT / "README.md").read_text().partition("\n### Without make\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^```sh\n(.*?)^```", SECTION, re.M | re.S)


def command(beginning):
    """The one line of the section that begins in this way."""
    found = [line for block in COMMANDS for line in block.splitlines() if line.startswith(beginning)]
    assert len(found) == 1, (beginning, found)
    return found[0]


class Tools(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = self.cloud.environment | {
            "PATH": os.pathsep.join([*PATHS, os.environ["PATH"]]),
            # Without Zig, which only another architecture needs.
            "CARGO_LAMBDA_COMPILER": "cargo",
            "TODO_DB": str(self.folder / "todo.db"),
            # As `aws configure` leaves it: SAM looks here before it asks.
            "AWS_DEFAULT_REGION": REGION,
        }

    def shell(self, line):
        result = subprocess.run(
            line, shell=True, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=1800
        )
        self.assertEqual(result.returncode, 0, f"{line}\n{result.stdout}\n{result.stderr}")
        return result.stdout

    def test_every_command_is_run_here(self):
        lines = [line for block in COMMANDS for line in block.splitlines()]
        known = ("cargo lambda watch", "cargo lambda invoke", "cargo lambda build", "sam build", "sam deploy")
        self.assertEqual([line for line in lines if not line.startswith(known)], [])
        self.assertEqual(len(lines), len(known))

    def test_cargo_lambda_watches_and_invokes(self):
        port = f" --invoke-port {free_port()}"
        watch = subprocess.Popen(
            command("cargo lambda watch") + port, shell=True, cwd=ROOT, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        try:
            invoke = command("cargo lambda invoke") + port
            def invoked():
                result = subprocess.run(
                    invoke, shell=True, cwd=ROOT, env=self.environment, capture_output=True, text=True
                )
                self.response = result.stdout
                return result.returncode == 0
            self.assertTrue(eventually(invoked, 600))
            self.assertIn('"statusCode":200', self.response)
            self.assertIn("Buy groceries", self.response)
        finally:
            os.killpg(watch.pid, signal.SIGINT)
            watch.wait(20)

    def test_cargo_lambda_builds(self):
        line = command("cargo lambda build").replace(" --arm64", "" if ARCH == "x86_64" else " --arm64")
        self.shell(line)
        self.assertTrue((ROOT / "target/lambda/todo-api/bootstrap").exists())

    def test_sam_builds_and_deploys_with_its_own_questions_and_a_changed_parameter_takes_effect(self):
        architecture = f" --parameter-overrides Architecture={ARCH}"
        build, _, guided = command("sam build").partition(" && ")
        self.shell(build + architecture)
        config = self.folder / "samconfig.toml"
        # Whatever is not named here has its default.
        answers = {
            "Stack Name": "todo-guided", "AWS Region": REGION, "Parameter Architecture": ARCH,
            "Parameter Registration ": "open", "Parameter RegistrationCode": "not used",
            "SAM configuration file": str(config),
        }
        prompts = [
            "Stack Name", "AWS Region", *parameters(), "Confirm changes", "Allow SAM CLI IAM role creation",
            "Disable rollback", "Save arguments to configuration file", "SAM configuration file",
            "SAM configuration environment",
        ]
        self.cloud.converse(
            ["sh", "-c", guided], [(prompt, answers.get(prompt, "")) for prompt in prompts], **self.environment
        )
        self.assertEqual(self.registered(), 201)
        change = command("sam deploy") + f" --config-file {config}"
        self.shell(change)
        self.assertEqual(self.registered(), 403)

    def registered(self):
        body = {"username": f"user-{os.urandom(6).hex()}", "password": "correct horse"}
        return self.cloud.request("POST", f"{API}/users", body).status


def parameters():
    """The question for each parameter, in the template's order."""
    section = (ROOT / "template.yaml").read_text().partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
    names = re.findall(r"^  (\w+):$", section, re.M)
    return [f"Parameter {name} " if name == "Registration" else f"Parameter {name}" for name in names]


if __name__ == "__main__":
    unittest.main()
