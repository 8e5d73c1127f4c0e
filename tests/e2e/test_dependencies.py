"""The crates that are compiled into the function for AWS."""

import subprocess
import unittest

from service import ROOT

ENGINE = {"dynoxide-rs", "rusqlite", "libsqlite3-sys"}


def crates(*features):
    words = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", *features]
    result = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return {line.split()[0] for line in result.stdout.splitlines() if line}


class Dependencies(unittest.TestCase):
    def test_only_the_local_feature_includes_the_embedded_engine(self):
        self.assertEqual(crates() & ENGINE, set())
        self.assertEqual(crates("--features", "local") & ENGINE, ENGINE)


if __name__ == "__main__":
    unittest.main()
