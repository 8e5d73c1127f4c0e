"""What is compiled into the function for AWS, and what is not."""

import subprocess
import unittest

from service import ROOT

ENGINE = {"dynoxide-rs", "rusqlite", "libsqlite3-sys"}


def crates(*features):
    words = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", *features]
    said = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return {line.split()[0] for line in said.stdout.splitlines() if line}


class Dependencies(unittest.TestCase):
    def test_the_embedded_engine_is_local_only(self):
        self.assertEqual(crates() & ENGINE, set())
        self.assertEqual(crates("--features", "local") & ENGINE, ENGINE)


if __name__ == "__main__":
    unittest.main()
