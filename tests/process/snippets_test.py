#!/usr/bin/env python3
"""The code in docs/writers.md is that of programs that are compiled and run."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Lines that are indented by four spaces or more, and the empty ones in between.
BLOCK = re.compile(r"(?:^ {4,}\S.*\n(?:\n(?= {4}))?)+", re.MULTILINE)


def squeezed(text):
    """Leaves out white space, which depends on where the code stands."""
    return re.sub(r"\s+", "", text)


class Snippets(unittest.TestCase):
    def test_code_is_that_of_examples(self):
        programs = [squeezed(path.read_text("utf-8"))
                    for path in (ROOT / "examples").glob("*.cpp")]
        text = (ROOT / "docs/writers.md").read_text("utf-8")
        pieces = [piece for block in BLOCK.findall(text)
                  for piece in block.split("\n\n")]
        self.assertGreaterEqual(len(pieces), 10)
        for piece in pieces:
            with self.subTest(piece):
                self.assertTrue(any(squeezed(piece) in x for x in programs))


if __name__ == "__main__":
    unittest.main()
