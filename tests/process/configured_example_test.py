#!/usr/bin/env python3
"""Runs examples/configured.cpp, and measures the profile of its file.

Usage: configured_example_test.py CONFIGURED CONFIGURED_TOML
"""

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from program import DEADLINE_S

PROGRAM, FILE = sys.argv[1:3]


def run(*args):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False)


class Configured(unittest.TestCase):
    def seconds_with(self, text):
        """Returns how long the example takes for 2 MiB with this file."""
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            begin = time.monotonic()
            done = run(f"--spindle.config-file={file.name}")
            taken = time.monotonic() - begin
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2097152 bytes in ", done.stdout)
        return taken

    def test_writes_at_the_rate_of_its_file(self):
        text = Path(FILE).read_text(encoding="utf-8")
        self.assertIn('max_rate = "1MiB/s"', text)
        # 2 MiB are eight chunks of 256 KiB; the first one is written at once.
        self.assertGreaterEqual(self.seconds_with(text), 1.75)

    def test_another_rate(self):
        text = Path(FILE).read_text(encoding="utf-8")
        slow = text.replace("1MiB/s", "0.5MiB/s")
        self.assertGreaterEqual(self.seconds_with(slow), 3.5)

    def test_without_a_file_the_profile_is_unknown(self):
        done = run()
        self.assertEqual(done.returncode, 1)
        self.assertIn('there is no profile "nightly"; there are 1, 2, 3',
                      done.stderr)

    def test_reports_mistakes_in_its_file(self):
        done = run("--spindle.config-file=/nothing")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nothing: cannot be read: No such file or directory",
                      done.stderr)

    def test_shows_its_option(self):
        done = run("--long-help")
        self.assertRegex(done.stdout,
                         r"spindle\.config-file=.*limits of the queue")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
