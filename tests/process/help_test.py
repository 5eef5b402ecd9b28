#!/usr/bin/env python3
"""Tests of the help of commands and of the completion of shells.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import re
import shutil
import subprocess
import unittest

from file_commands import FilesTest
from program import DEADLINE_S

COMMANDS = ("ls", "stat", "cat", "cp", "mv", "rm", "mkdir", "get", "put",
            "status")


class Help(FilesTest):
    def test_every_command_has_examples(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = self.succeed(command, "--help")
                self.assertIn(f"\nUsage: spindle {command} ", text)
                self.assertGreaterEqual(
                    len(re.findall(rf"^  .*spindle {command}\b", text,
                                   re.MULTILINE)), 2)
                self.assertIn("Exit code:", text)

    def test_the_options_of_a_command_may_stand_before_it(self):
        nobody = "127.0.0.1:1"
        code, text, errors = self.call("ls", "--connect", nobody, "data:")
        self.assertEqual((code, text), (1, ""))
        self.assertIn(nobody, errors)
        self.assertEqual(self.call("--connect", nobody, "ls", "data:"),
                         (code, text, errors))
        self.assertEqual(self.call("--conect", nobody, "ls", "data:")[0], 2)

    def test_the_program_lists_commands_in_groups(self):
        text = self.succeed("--help")
        for group in ("Files and directories", "Transfers",
                      "Background and bulk", "Settings and state"):
            self.assertIn(f"\n{group}:\n", text)
        for command in COMMANDS + ("run", "write", "config", "profiles",
                                   "completion"):
            self.assertRegex(text, rf"(?m)^  {command} ")


class Completion(FilesTest):
    def script(self, shell):
        path = self.path(f"spindle.{shell}")
        path.write_text(self.succeed("completion", shell))
        return path.name

    def shell(self, name, *args):
        if not shutil.which(name):
            self.skipTest(f"{name} is not installed")
        done = subprocess.run([name, *args], cwd=self.folder, text=True,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def complete(self, *words):
        """Returns the completions of bash for the last word."""
        return self.shell(
            "bash", "-c",
            'source "$1"; shift; COMP_WORDS=(spindle "$@"); '
            'COMP_CWORD=$#; _spindle; printf "%s\\n" "${COMPREPLY[@]}"',
            "-", self.script("bash"), *words).split()

    def test_bash_accepts_the_script(self):
        self.shell("bash", "-n", self.script("bash"))
        registered = self.shell(
            "bash", "-c", 'source "$1"; complete -p spindle', "-",
            "spindle.bash")
        self.assertIn("-F _spindle spindle", registered)

    def test_bash_completes_commands(self):
        self.assertEqual(self.complete("l"), ["ls"])
        self.assertEqual(self.complete("c"), ["cat", "cp", "config",
                                              "completion"])
        self.assertEqual(self.complete("config", ""), ["check", "dump"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])

    def test_bash_completes_options(self):
        self.assertEqual(self.complete("ls", "--re"), ["--recursive"])
        self.assertEqual(self.complete("ls", "x", "--js"), ["--json"])
        self.assertEqual(self.complete("get", "--no-r"), ["--no-resume"])
        self.assertEqual(self.complete("--ver"), ["--version"])

    def test_bash_completes_values(self):
        self.assertEqual(self.complete("write", "--durability", "d"), ["data"])
        self.assertEqual(self.complete("write", "--mode", "=", "app"),
                         ["append"])
        self.assertIn("truncate", self.complete("write", "--mode", "="))

    def test_bash_completes_names_of_files_itself(self):
        for words in (("ls", "x"), ("rm", "ls", ""), ("ls", "--config", ""),
                      ("cp", "cp", "l")):
            with self.subTest(words):
                self.assertEqual(self.complete(*words), [])

    def test_every_command_is_in_each_script(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.path(self.script(shell)).read_text()
            for command in COMMANDS:
                self.assertRegex(text, rf"\b{command}\b")
            self.assertIn("no-resume", text)

    def test_zsh_accepts_the_script(self):
        self.shell("zsh", "-n", self.script("zsh"))

    def test_fish_accepts_the_script(self):
        self.shell("fish", "--no-execute", self.script("fish"))

    def test_unknown_shells_are_refused(self):
        self.assertIn("csh", self.errors_of("completion", "csh", code=2))


if __name__ == "__main__":
    unittest.main()
