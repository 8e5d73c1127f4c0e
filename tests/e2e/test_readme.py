"""The README's session: each command is run as it stands there, in its order, and its output is the one shown."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from service import ROOT, Service, make_environment

SECTIONS = ["The article's session", "Beyond the article", "Ask an assistant"]
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.M | re.S)
FOR_WINDOWS = ("@task.json", r"{\"done\":true}")
# Programs that are not here.
NOT_RUN = ("claude mcp add",)
# What differs in each run: times, ids and secrets of tokens, and today's date in a result that says so.
VOLATILE = re.compile(r'\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=tokens/)[\w-]*|tdo_[\w-]*(?:\.(?!ics)[\w-]+)*|(?<=Today is )[\d-]+|(?<="today":")[\d-]+')
# The line breaks between the outputs; curl prints progress unless it is silent.
SHELL = 'curl() { command curl --silent "$@"; echo; }; make() { command make --no-print-directory -C "$ROOT" "$@"; };'


def sections():
    text = (ROOT / "README.md").read_text()
    return "".join(text.partition(f"\n## {name}\n")[2].partition("\n## ")[0] for name in SECTIONS)


def pattern(shown):
    """The regular expression for an output. `…` stands for anything in a line, and `curl -i` shows some of the
    headers only."""
    lines = [re.escape(line).replace("…", ".*") for line in VOLATILE.sub("*", shown).strip().split("\n")]
    return r"\n([\w-]+: .*\n)*?".join(lines)


@unittest.skipUnless(shutil.which("curl"), "needs curl")
class Readme(unittest.TestCase):
    def session(self, left_out):
        with tempfile.TemporaryDirectory() as folder, Service(Path(folder) / "todo.db") as service:
            (Path(folder) / "task.json").write_text('{"done":true}')
            environment = make_environment() | {"PORT": str(service.port), "ROOT": str(ROOT)}
            host = f"localhost:{service.port}"
            variables = ""
            for commands, shown in BLOCK.findall(sections()):
                if any(words in commands for words in left_out):
                    continue
                if re.match(r"^\w+=\S+$", commands.strip()):
                    variables = commands
                script = (SHELL + "\n" + variables + commands).replace("localhost:9000", host)
                ran = subprocess.run(["bash", "-ec", script], cwd=folder, env=environment, capture_output=True, text=True)
                output = ran.stdout.replace("\r", "").replace(host, "localhost:9000")
                output = "\n".join(line for line in output.split("\n") if line)
                with self.subTest(commands):
                    self.assertEqual(ran.returncode, 0, ran.stderr)
                    if not shown:
                        self.assertNotIn('"error"', output)
                        continue
                    self.assertRegex(VOLATILE.sub("*", output), f"^{pattern(shown)}$")

    def test_the_session_is_as_it_is_shown(self):
        self.session(NOT_RUN)

    def test_it_is_the_same_without_the_commands_for_windows(self):
        self.session((*NOT_RUN, *FOR_WINDOWS))


if __name__ == "__main__":
    unittest.main()
