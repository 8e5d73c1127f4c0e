"""`make deploy`, with a replacement for SAM that only records its arguments."""

import json
import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import deploy
from service import ROOT

SAM = """
import json, sys
from pathlib import Path
if Path(__file__).with_name("fails").exists():
    sys.exit(1)
arguments = sys.argv[1:]
values = arguments[-1].removeprefix("file://")
report = {"arguments": arguments[:-1], "mode": Path(values).stat().st_mode}
report["values"] = json.loads(Path(values).read_text())
Path(__file__).with_name("report.json").write_text(json.dumps(report))
"""


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.stack = {}
        (self.folder / "bootstrap").write_bytes(b"code")
        sam = self.folder / "sam"
        sam.write_text(f"#!{sys.executable}\n{SAM}")
        sam.chmod(0o755)
        make = self.folder / "make"
        make.symlink_to("/bin/true")
        for target, name, value in (
            (deploy, "ANSWERS", self.folder / ".deploy.json"),
            (deploy, "BOOTSTRAP", self.folder / "bootstrap"),
            (deploy, "SAM", str(sam)),
            # Reads the stack with SAM's boto3, which is not installed here.
            (deploy, "describe", lambda *_: (None, self.stack)),
        ):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def deploy(self, answers=(), **environment):
        """Deploys with these answers to the questions. Returns the report of SAM's replacement."""
        environment = {"REGION": "eu-central-1", "PATH": str(self.folder)} | environment
        with (
            mock.patch.dict(os.environ, environment, clear=True),
            mock.patch("sys.stdin.isatty", return_value=bool(answers)),
            mock.patch("builtins.input", side_effect=list(answers)),
            mock.patch("builtins.print"),
        ):
            deploy.deploy()
        return json.loads((self.folder / "report.json").read_text())

    def saved(self):
        return deploy.ANSWERS.read_text()

    def test_the_first_deployment_asks_and_saves_everything_except_the_code(self):
        report = self.deploy(["mine", "", "code", "", "", ""], REGISTRATION_CODE="open sesame")
        arguments = report["arguments"]
        self.assertEqual(arguments[arguments.index("--stack-name") + 1], "mine")
        self.assertEqual(arguments[arguments.index("--region") + 1], "eu-central-1")
        self.assertEqual(report["values"]["Registration"], "code")
        self.assertEqual(report["values"]["RegistrationCode"], "open sesame")
        self.assertNotIn("open sesame", " ".join(arguments) + self.saved())
        self.assertEqual(stat.S_IMODE(report["mode"]), 0o600)

    def test_without_a_code_one_is_generated(self):
        report = self.deploy(["", "", "code", "", "", ""])
        self.assertGreater(len(report["values"]["RegistrationCode"]), 20)
        self.assertNotIn(report["values"]["RegistrationCode"], self.saved())

    def test_later_deployments_ask_nothing_and_keep_the_code_of_the_stack(self):
        first = self.deploy(["", "", "code", "", "", ""], REGISTRATION_CODE="open sesame")
        report = self.deploy()
        self.assertNotIn("RegistrationCode", report["values"])
        self.assertEqual(report["values"]["Registration"], "code")
        self.assertEqual(report["values"]["Revision"], first["values"]["Revision"])

    def test_a_setting_can_be_changed_and_makes_a_new_revision(self):
        first = self.deploy()["values"]
        report = self.deploy(SET="MemorySize=1024 CorsOrigins=https://a.test,https://b.test")["values"]
        self.assertEqual(report["MemorySize"], "1024")
        self.assertEqual(report["CorsOrigins"], "https://a.test,https://b.test")
        self.assertNotEqual(report["Revision"], first["Revision"])
        self.assertEqual(self.deploy()["values"], report)

    def test_new_code_and_a_new_registration_code_make_a_new_revision(self):
        first = self.deploy(SET="Registration=code", REGISTRATION_CODE="open sesame")["values"]
        rotated = self.deploy(REGISTRATION_CODE="another one")["values"]
        (self.folder / "bootstrap").write_bytes(b"new code")
        built = self.deploy()["values"]
        self.assertEqual(len({first["Revision"], rotated["Revision"], built["Revision"]}), 3)

    def test_invalid_settings_are_rejected_with_a_reason(self):
        for environment, reason in (
            ({"SET": "Memory=1"}, "SET: Memory=1 is not one of"),
            ({"SET": "MemorySize"}, "SET: MemorySize is not one of"),
            ({"SET": "Registration=code"}, "REGISTRATION_CODE"),
            ({"REGION": ""}, "no region is set"),
        ):
            with self.assertRaisesRegex(deploy.DeployError, reason):
                self.deploy(**environment)
        self.assertFalse(deploy.ANSWERS.exists())

    def test_damaged_answers_are_named_in_one_line(self):
        for damaged in ("", "{\"stack\": ", "[]"):
            deploy.ANSWERS.write_text(damaged)
            with self.assertRaisesRegex(deploy.DeployError, r"^\.deploy\.json is damaged; .*$"):
                self.deploy()
            self.assertEqual(self.saved(), damaged)

    def test_a_failed_first_deployment_is_remembered_but_its_settings_are_not(self):
        (self.folder / "fails").touch()
        stacks = [{}, {"StackStatus": "ROLLBACK_COMPLETE"}]
        with mock.patch.object(deploy, "describe", lambda *_: (None, stacks.pop(0))):
            with self.assertRaisesRegex(deploy.DeployError, "with `make destroy`, then run `make deploy`"):
                self.deploy(STACK="mine", SET="MemorySize=1024")
        self.stack = {"StackStatus": "ROLLBACK_COMPLETE"}
        self.assertEqual(json.loads(self.saved()), {"stack": "mine", "region": "eu-central-1"})
        # Known before anything is built.
        with mock.patch.object(deploy, "run"):
            with self.assertRaisesRegex(deploy.DeployError, "with `make destroy`"):
                self.deploy()
            deploy.run.assert_not_called()
        self.stack = {}
        with self.assertRaisesRegex(deploy.DeployError, "sam deploy failed; see above"):
            self.deploy()
        (self.folder / "fails").unlink()
        report = self.deploy()
        self.assertIn("mine", report["arguments"])
        self.assertNotIn("MemorySize", report["values"])

    def test_it_reads_every_parameter_of_the_template(self):
        known = deploy.parameters()
        self.assertEqual(known["Architecture"], "arm64")
        self.assertEqual(known["Registration"], "closed")
        self.assertEqual(known["RegistrationCode"], "")
        self.assertEqual(len(known), (ROOT / "template.yaml").read_text().count("\n    Default: "))

    def test_nothing_is_deleted_without_a_terminal_or_a_stack(self):
        with mock.patch("builtins.print"), mock.patch.dict(os.environ, {"STACK": "", "REGION": ""}):
            with self.assertRaisesRegex(deploy.DeployError, "nothing was deployed"):
                deploy.destroy()
            self.deploy()
            with mock.patch("sys.stdin.isatty", return_value=False):
                with self.assertRaisesRegex(deploy.DeployError, "no terminal"):
                    deploy.destroy()
            with mock.patch("sys.stdin.isatty", return_value=True):
                with mock.patch("builtins.input", return_value="yes"):
                    with self.assertRaisesRegex(deploy.DeployError, "nothing deleted"):
                        deploy.destroy()
        self.assertTrue(deploy.ANSWERS.exists())


if __name__ == "__main__":
    unittest.main()
