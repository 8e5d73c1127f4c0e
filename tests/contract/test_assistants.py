"""The Model Context Protocol as its own clients speak it: the official ones of Python and TypeScript, and the
conformance suite. Node is among the Python packages of `.tools/contract`."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from service import API, MIGUEL, Service

HERE = Path(__file__).resolve().parent / "assistants"
TOOLS = HERE.parent.parent.parent / ".tools" / "contract" / "bin"
sys.path.append(str(HERE))
from conformance import CHECKS, SCENARIOS, judge  # noqa: E402
from signing_proxy import SigningProxy  # noqa: E402

SUITE = HERE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"


def install_modules():
    """Installs the packages of package-lock.json, unless these versions are installed already."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".of-this-lock"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    words = [TOOLS / "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(words, cwd=HERE, stdin=subprocess.DEVNULL, check=True)
    shutil.copyfile(lock, installed)


class Assistants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install_modules()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        # The conformance suite cannot log in.
        cls.proxy = SigningProxy(MIGUEL)
        cls.addClassCleanup(cls.proxy.close)
        cls.origin = f"http://localhost:{cls.proxy.port}"
        cls.service = Service(cls.folder / "todo.db", PUBLIC_URL=cls.origin).__enter__()
        cls.addClassCleanup(cls.service.stop)
        cls.proxy.target = cls.service.port
        created = cls.service.request("POST", f"{API}/tokens", {"duration": 3600})
        cls.token = created.json["token"]["token"]

    def session(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_python_client_finds_and_changes_tasks(self):
        for mode in ("auto", "legacy"):
            with self.subTest(mode):
                words = [str(HERE / "session.py"), self.service.uri("/mcp"), self.token, mode]
                self.session(TOOLS / "python", *words)

    def test_the_typescript_clients_find_and_change_tasks(self):
        for name, *mode in (("sdk",), ("client", "auto"), ("client", "legacy")):
            with self.subTest(name, mode=mode):
                words = [str(HERE / "session.mjs"), name, self.service.uri("/mcp"), self.token, *mode]
                self.session(TOOLS / "node", *words)

    def test_every_check_of_the_conformance_suite_that_applies_passes(self):
        excluded = set()
        for version in ("2025-11-25", "2026-07-28"):
            output = self.folder / version
            words = ["server", "--url", f"{self.origin}/mcp", "--suite", "all", "--spec-version", version]
            # It exits with 1 when any check fails, also of those that do not apply.
            words = [TOOLS / "node", SUITE, *words, "--output-dir", str(output)]
            subprocess.run(words, capture_output=True, timeout=600)
            passed, failed, not_here = judge(output)
            print(f"conformance suite, {version}: {passed} checks passed, {len(failed)} failed", flush=True)
            self.assertEqual(failed, [])
            self.assertGreater(passed, 30)
            excluded |= not_here
        self.assertEqual(excluded, {*SCENARIOS, *CHECKS}, "an exclusion is not needed any more")


if __name__ == "__main__":
    unittest.main()
