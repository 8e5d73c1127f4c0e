"""The README's commands, run as they stand there and in its order. The output of each is the one shown."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import ROOT, Service, make_environment

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.M | re.S)
# What a block that is not run begins with, and why.
NOT_RUN = {
    "make test\n": "it runs this test",
    "make test-web\n": "it needs browsers",
    "claude mcp add ": "it needs Claude Code",
    'curl --json \'{"username":"ada","password":"correct horse","registration_code"': "it needs a stack",
    "cargo lambda watch\n": "it does not end, and `make run` and `make invoke` run the same",
    "sam build ": "it needs an AWS account",
}
FOR_WINDOWS = {
    'curl -u miguel:python --json "@task.json"': "readers on other systems skip it",
    r'curl -u miguel:python --json "{\"done\"': "readers on other systems skip it",
}
# What differs in each run: times, ids and secrets of tokens, and today's date in a result that says so.
VOLATILE = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=tokens/)[\w-]*|tdo_[\w-]*(?:\.(?!ics)[\w-]+)*"
    r'|(?<=Today is )[\d-]+|(?<="today":")[\d-]+'
)
# The line breaks between the outputs; curl prints progress unless it is silent.
SHELL = """
curl() { command curl --silent --show-error "$@"; echo; }
make() { command make --no-print-directory -C "$ROOT" "$@"; }
"""


def pattern(shown):
    """The regular expression for an output. `…` stands for anything in a line, but not for a further task in a list;
    and `curl -i` shows some of the headers only."""
    lines = [re.escape(line) for line in VOLATILE.sub("*", shown).strip().split("\n")]
    return r"\n([\w-]+: .*\n)*?".join(lines).replace("…", r'(?:(?!\},\{"uri").)*')


class Readme(unittest.TestCase):
    def test_only_what_is_listed_is_not_run(self):
        commands = [commands for commands, _ in BLOCK.findall(README)]
        for words in (*NOT_RUN, *FOR_WINDOWS):
            with self.subTest(words):
                self.assertEqual(sum(block.startswith(words) for block in commands), 1)
        # Two configurations of editors, and the layout.
        others = re.findall(r"^ *```(.+)$", BLOCK.sub("", README), re.M)
        self.assertEqual(others, ["json", "json", "text"])

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_the_session_is_as_it_is_shown(self):
        self.session(NOT_RUN)

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_it_is_the_same_without_the_commands_for_windows(self):
        self.session(NOT_RUN | FOR_WINDOWS)

    def session(self, left_out):
        with tempfile.TemporaryDirectory() as folder, Service(Path(folder) / "todo.db") as service:
            file, content = re.search(r"`([\w.]+)` contains `(.+?)`", README).groups()
            (Path(folder) / file).write_text(content)
            environment = make_environment() | {"PORT": str(service.port), "ROOT": str(ROOT)}
            host = f"localhost:{service.port}"
            variables = ""
            for commands, shown in BLOCK.findall(README):
                if commands.startswith((*left_out,)):
                    continue
                if re.fullmatch(r"\w+=\S+\n", commands):
                    variables += commands
                ran = subprocess.run(
                    ["sh", "-ec", (SHELL + variables + commands).replace("localhost:9000", host)],
                    cwd=folder, env=environment, capture_output=True, text=True, timeout=60,
                )
                output = ran.stdout.replace("\r", "").replace(host, "localhost:9000")
                output = "\n".join(line for line in output.split("\n") if line)
                with self.subTest(commands):
                    self.assertEqual(ran.returncode, 0, ran.stderr)
                    if shown:
                        same = re.fullmatch(pattern(shown), VOLATILE.sub("*", output))
                        self.assertTrue(same, f"\nshown: {shown}\nreceived: {output}")
                    else:
                        self.assertNotIn('"error"', output)


if __name__ == "__main__":
    unittest.main()
