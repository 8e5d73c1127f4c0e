"""`make audit` and `make sbom`, which have to work wherever Cargo does."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from service import ROOT, make_environment

sys.path.insert(0, str(ROOT / "scripts"))
import audit  # noqa: E402

ALLOWED = {"MIT", "Apache-2.0", "ISC"}


class Audit(unittest.TestCase):
    def test_a_licence_is_read_as_spdx_means_it(self):
        for expression in (
            "MIT",
            "GPL-3.0-only OR MIT",
            "MIT AND Apache-2.0",
            "(GPL-3.0-only OR ISC) AND MIT",
            "Apache-2.0 WITH LLVM-exception OR MIT",
        ):
            self.assertTrue(audit.permitted(expression, ALLOWED), expression)
        for expression in (
            "",
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR ISC) AND GPL-3.0-only",
            "Apache-2.0 WITH LLVM-exception",
            "MIT MIT",
        ):
            self.assertFalse(audit.permitted(expression, ALLOWED), expression)

    def test_tools_that_are_not_there_are_named_and_fail_only_when_strict(self):
        with tempfile.TemporaryDirectory() as folder:
            # Only what it needs, so that a cargo-deny of this machine's is not found.
            for name in ("cargo", "rustc", "make"):
                os.symlink(self.which(name), Path(folder) / name)
            python = f"PYTHON={sys.executable}"
            path = {"PATH": f"{folder}:/usr/bin:/bin"}
            words = ["make", "--silent", "audit", python]
            said = subprocess.run(
                words, cwd=ROOT, env=make_environment() | path, capture_output=True, text=True
            )
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            for name in audit.WANTED:
                self.assertEqual(said.stdout.count(f"not checked: {name} is not installed"), 1)
            strict = subprocess.run(
                [*words, "STRICT=1"], cwd=ROOT, env=make_environment() | path, capture_output=True
            )
            self.assertNotEqual(strict.returncode, 0)

    def which(self, name):
        said = subprocess.run(["which", name], stdout=subprocess.PIPE, text=True, check=True)
        return said.stdout.strip()

    def test_the_bill_of_materials_holds_what_is_deployed_and_no_more(self):
        words = ["make", "--silent", "sbom"]
        subprocess.run(words, cwd=ROOT, env=make_environment(), check=True, capture_output=True)
        bill = json.loads((ROOT / "target" / "sbom.json").read_text())
        components = {component["name"]: component for component in bill["components"]}
        self.assertIn("aws-sdk-dynamodb", components)
        for name in ("dynoxide-rs", "libsqlite3-sys", "proptest", "cc"):
            self.assertNotIn(name, components)
        for component in components.values():
            self.assertTrue(component["licenses"][0]["expression"], component)
            self.assertEqual(len(component["hashes"][0]["content"]), 64)
        refs = {component["bom-ref"] for component in bill["components"]}
        for entry in bill["dependencies"]:
            self.assertLessEqual(set(entry["dependsOn"]), refs)


if __name__ == "__main__":
    unittest.main()
