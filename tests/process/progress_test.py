#!/usr/bin/env python3
"""Tests of the progress line of cp, mv and rm on a terminal.

The environment variables SPINDLE_PROGRAM and SPINDLED say where the programs
are.
"""

import os
import pty
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from node import Node
from program import (DEADLINE_S, PROGRAM, ProgramTest, read_terminal,
                     wait_for)

# Returns to the first column and erases the line.
ERASE = "\r\x1b[K"

# Leaves no room for the path in 80 columns.
BAR = (r"\[[#.]{24}\] \S+iB of \S+iB \(\d+%\), \S+/s(, \S+ left)?"
       r"(, file)?")

# More work than any machine does in 0.1 s, during which no line is shown.
MOST_FILES = 1 << 17
MOST_BYTES = 1 << 32


class ProgressTest(ProgramTest):
    def on_terminal(self, *args, code=0):
        """Runs a command on a terminal; returns its output."""
        leader, follower = pty.openpty()
        with subprocess.Popen([PROGRAM, *args], cwd=self.folder,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=follower) as program:
            os.close(follower)
            shown = read_terminal(leader)
            self.assertEqual(program.stdout.read(), b"")
            self.assertEqual(program.wait(DEADLINE_S), code, shown)
        return shown

    def check_line(self, most, pattern, work):
        """Checks that the line matches `pattern` at some time during
        `work(size)`, and that it is erased at the end."""
        size = most >> 8
        while True:
            shown = work(size)
            states = shown.split(ERASE)
            self.assertEqual((states[0], states[-1]), ("", ""))
            # A longer line would wrap.
            self.assertLess(max(map(len, states)), 80)
            if any(re.fullmatch(pattern, x) for x in states[1:-1]):
                return
            self.assertLess(size, most, states)
            size *= 2

    def make_tree(self, folder, files):
        for i in range(0, files, 512):
            part = folder / "part" / str(i)
            part.mkdir(parents=True)
            for k in range(min(512, files - i)):
                (part / str(k)).write_bytes(b"x" * 100)


class Local(ProgressTest):
    def test_copies_of_trees(self):
        def copy(files):
            self.make_tree(self.folder / f"tree{files}", files)
            shown = self.on_terminal("cp", "-r", f"tree{files}", "copy")
            shutil.rmtree(self.folder / "copy")
            return shown

        self.check_line(MOST_FILES,
                        r"\d+ entries, \S+B, \S+/s, tree\d+/part/\d+/\d+",
                        copy)

    def test_copies_into_directories_that_exist(self):
        (self.folder / "copy").mkdir()

        def copy(files):
            self.make_tree(self.folder / f"tree{files}", files)
            (self.folder / f"copy/tree{files}").mkdir()
            return self.on_terminal("cp", "-r", f"tree{files}", "copy")

        # A new directory is copied by a single operation.
        self.check_line(MOST_FILES,
                        r"\d+ entries, (\S+B, \S+/s, )?tree\d+/part/\d+/\d+",
                        copy)

    def test_copies_of_files(self):
        def copy(size):
            with (self.folder / "file").open("ab") as stream:
                while stream.tell() < size:
                    stream.write(os.urandom(1 << 20))
            return self.on_terminal("cp", "file", "copy")

        self.check_line(MOST_BYTES, BAR, copy)

    def test_copies_at_a_limited_rate(self):
        def copy(size):
            (self.folder / "file").write_bytes(os.urandom(size))
            return self.on_terminal("cp", "--rate", "16M", "file", "copy")

        self.check_line(MOST_BYTES, BAR, copy)

    def test_removals(self):
        def remove(files):
            self.make_tree(self.folder / "tree", files)
            return self.on_terminal("rm", "-r", "tree")

        self.check_line(MOST_FILES, r"\d+ entries, tree/part/\d+(/\d+)?",
                        remove)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_moves_to_another_device(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as far:
            if os.stat(far).st_dev == self.folder.stat().st_dev:
                self.skipTest("needs a second device")

            def move(files):
                self.make_tree(self.folder / "tree", files)
                shown = self.on_terminal("mv", "tree", far)
                shutil.rmtree(Path(far) / "tree")
                return shown

            self.check_line(MOST_FILES, r"\d+ entries, \S+B, \S+/s, "
                                        r"tree/part/\d+(/\d+)?", move)

    def test_errors_replace_the_line(self):
        def remove(files):
            self.make_tree(self.folder / f"tree{files}", files)
            shown = self.on_terminal("rm", "-r", f"tree{files}", "none",
                                     code=1)
            complaint = ("spindle rm: none: No such file or directory\r\n")
            self.assertTrue(shown.endswith(complaint), shown)
            return shown[:-len(complaint)]

        self.check_line(MOST_FILES, r"\d+ entries, tree\d+/\S+", remove)

    def test_short_operations_show_nothing(self):
        for args in (("cp", "a", "b"), ("mv", "a", "b"), ("rm", "a")):
            def shows_nothing(args=args):
                (self.folder / "a").write_bytes(b"x")
                return self.on_terminal(*args) == ""

            # They are not always short on a machine that is busy.
            wait_for(shows_nothing, f"{args[0]} to show nothing")

    def test_without_a_terminal_nothing_is_shown(self):
        self.make_tree(self.folder / "tree", 5000)
        for args in (("cp", "-r", "tree", "copy"), ("rm", "-r", "copy")):
            self.assertEqual(self.call(*args), (0, "", ""))


class OfNodes(ProgressTest):
    def test_removals(self):
        root = self.folder / "root"
        root.mkdir()
        node = self.enterContext(Node("--root", str(root), cwd=self.folder))

        def remove(files):
            self.make_tree(root / "tree", files)
            return self.on_terminal("rm", "-r", "--connect", node.address,
                                    "root:tree")

        self.check_line(MOST_FILES,
                        r"\d+ entries, root:tree/part/\d+(/\d+)?", remove)


if __name__ == "__main__":
    unittest.main()
