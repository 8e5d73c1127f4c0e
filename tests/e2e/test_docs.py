"""Everything that the documentation names exists: files, headings, make targets, settings, alarms."""

import re
import unittest

from service import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), ROOT / "events" / "README.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
# Created when the service runs, is built or is deployed, so they are not in git.
GENERATED = {".todo", ".tools", ".aws-sam", ".deploy.json", "target"}


def slug(heading):
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*_]|\]\([^)]*\)|\[", "", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page):
    text = FENCE.sub("", page.read_text())
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}


def code(page):
    """The texts of code spans and of blocks of shell commands."""
    text = page.read_text()
    blocks = [body for kind, body in FENCE.findall(text) if kind == "sh"]
    return blocks + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def section(name, following):
    template = (ROOT / "template.yaml").read_text()
    return template.partition(f"\n{name}:\n")[2].partition(f"\n{following}:\n")[0]


class Docs(unittest.TestCase):
    def test_every_relative_link_has_a_target(self):
        for page in PAGES:
            for link in LINK.findall(FENCE.sub("", page.read_text())):
                if re.match(r"[a-z]+:", link):
                    continue
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, link=link):
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_every_make_target_is_in_the_makefile(self):
        targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
        found = set()
        for page in PAGES:
            for text in code(page):
                for target in re.findall(r"^make ([a-z][a-z-]*)\b(?!=)", text, re.M):
                    found.add(target)
                    with self.subTest(page=page.name, text=text):
                        self.assertIn(target, targets)
        self.assertGreater(len(found), 5)

    def test_every_make_variable_is_used(self):
        readers = [ROOT / "Makefile", *ROOT.glob("scripts/*.py")]
        source = "\n".join(reader.read_text() for reader in readers)
        for page in PAGES:
            for text in code(page):
                for line in re.findall(r"^make .*$", text, re.M):
                    line = re.sub(r'"[^"]*"', '""', line)
                    for name in re.findall(r"\b([A-Z_]+)=", line):
                        with self.subTest(page=page.name, line=line):
                            self.assertRegex(source, rf"\b{name}\b")

    def test_every_named_file_exists(self):
        folders = r"(?:src|tests|scripts|docs|events|benches|web|\.github|\.ci)/[\w./-]+"
        files = r"[\w-]+\.(?:toml|yaml|lock)|Makefile"
        for page in PAGES:
            for text in code(page):
                for name in re.findall(rf"(?<![\w/.:])({folders}|{files})(?![\w/*{{])", text):
                    if name.split("/")[0] in GENERATED:
                        continue
                    with self.subTest(page=page.name, file=name):
                        self.assertTrue((ROOT / name.rstrip(".")).exists())

    def test_every_setting_is_a_parameter_and_every_parameter_is_documented(self):
        parameters = set(re.findall(r"^  (\w+):$", section("Parameters", "Rules"), re.M))
        deploy = (ROOT / "docs" / "deploy.md").read_text()
        settings = deploy.partition("\n## Settings\n")[2].partition("\n## ")[0]
        rows = "".join(re.findall(r"^\| (`.+?`) \|", settings, re.M))
        self.assertEqual(set(re.findall(r"`(\w+)`", rows)), parameters)
        for page in PAGES:
            for text in code(page):
                for words in re.findall(r'SET="([^"…]*)"', text):
                    for word in words.split():
                        with self.subTest(page=page.name, text=text):
                            self.assertIn(word.partition("=")[0], parameters | {"Name"})

    def test_every_alarm_is_documented(self):
        resources = section("Resources", "Outputs")
        alarms = re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm$", resources, re.M)
        self.assertEqual(len(alarms), 9)
        operate = (ROOT / "docs" / "operate.md").read_text()
        alarms_section = operate.partition("\n## Alarms\n")[2].partition("\n## ")[0]
        self.assertEqual(re.findall(r"^### (\w+)$", alarms_section, re.M), alarms)

    def test_the_costs_add_up(self):
        deploy = (ROOT / "docs" / "deploy.md").read_text()
        row = r"\| (\d) (read|write) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$"
        rows = re.findall(row, deploy, re.M)
        self.assertEqual(len(rows), 7)
        for units, kind, table, rest, total in rows:
            price = {"read": 125, "write": 625}[kind] * int(units)
            # Python rounds halves to even, but the table rounds half a cent up.
            self.assertEqual(round(float(table) * 100), (price + 5) // 10)
            self.assertAlmostEqual(float(table) + float(rest), float(total))


if __name__ == "__main__":
    unittest.main()
