#!/usr/bin/env python3
"""Checks that the code in the manual is part of the compiled examples."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Lines indented by four spaces or more, and empty lines in between.
BLOCK = re.compile(r"(?:^ {4,}\S.*\n(?:\n(?= {4}))?)+", re.MULTILINE)


def squeezed(text):
    """Removes white space, which differs between manual and example."""
    return re.sub(r"\s+", "", text)


def pieces_of(path):
    """Returns the pieces of code in a page, separated by empty lines."""
    text = (ROOT / path).read_text("utf-8")
    return [piece for block in BLOCK.findall(text)
            for piece in block.split("\n\n")]


class Snippets(unittest.TestCase):
    def check(self, pieces):
        programs = [squeezed(path.read_text("utf-8"))
                    for path in (ROOT / "examples").glob("*.cpp")]
        for piece in pieces:
            with self.subTest(piece):
                self.assertTrue(any(squeezed(piece) in x for x in programs))

    def test_code_in_the_manual_of_writers(self):
        pieces = pieces_of("docs/writers.md")
        self.assertGreaterEqual(len(pieces), 10)
        self.check(pieces)

    def test_code_with_plain_actors_in_the_readme(self):
        pieces = [x for x in pieces_of("README.md")
                  if "->request" in x or x.strip().startswith("CAF_MAIN")]
        self.assertEqual(len(pieces), 2)
        self.check(pieces)


if __name__ == "__main__":
    unittest.main()
