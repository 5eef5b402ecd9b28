#!/usr/bin/env python3
"""Tests of `spindle config` and `spindle profiles`, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import json
import os
import subprocess
import tomllib
import unittest
from pathlib import Path

from certificates import Certificates
from program import DEADLINE_S, PROGRAM, ProgramTest

SHIPPED = Path(__file__).resolve().parents[2] / "config/profiles.toml"

GOOD = """\
[queue]
ops_per_turn = 16

[profiles.nightly]
base = "10"
max_rate = "20MiB/s"
"""

BAD = """\
[queue]
ops_per_turn = 0
opps_per_turn = 1
depth = 5000
engine = "fast"

[profiles.nightly]
base = "11"
pacing = "even"
"""

MISTAKES = """\
bad.toml:2:16: queue.ops_per_turn: expected a whole number from 1 to \
9223372036854775807; found 0
bad.toml:3:1: queue.opps_per_turn: unknown key; did you mean ops_per_turn?
bad.toml:4:9: queue.depth: expected a whole number from 1 to 4096; found 5000
bad.toml:5:10: queue.engine: expected "auto", "ring", "threads" or "plain"; \
found "fast"
bad.toml:8:8: profiles.nightly.base: expected the name of a profile, such as \
"1"; found "11"
bad.toml:9:10: profiles.nightly.pacing: expected "duty_cycle" or "relative"; \
found "even"
"""


class ConfigTest(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "good.toml").write_text(GOOD, encoding="utf-8")
        (self.folder / "bad.toml").write_text(BAD, encoding="utf-8")

    def assert_full_disk_is_told(self, *args):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, *args], cwd=self.folder,
                                  stdout=full, stderr=subprocess.PIPE,
                                  timeout=DEADLINE_S, check=False, text=True)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stderr, "spindle: cannot write the output: "
                                      "No space left on device\n")


class Config(ConfigTest):
    def test_a_valid_file_is_ok(self):
        self.assertEqual(self.call("config", "check", "good.toml"),
                         (0, "good.toml: ok, 11 profiles\n", ""))
        self.assertEqual(self.call("config", "check", str(SHIPPED)),
                         (0, f"{SHIPPED}: ok, 10 profiles\n", ""))

    def test_all_mistakes_of_a_file_are_reported(self):
        for args in (["config", "check", "bad.toml"],
                     ["config", "dump", "bad.toml"],
                     ["profiles", "--config", "bad.toml"]):
            with self.subTest(args):
                self.assertEqual(self.call(*args), (2, "", MISTAKES))

    def test_unreadable_or_invalid_files_are_explained(self):
        (self.folder / "not.toml").write_text("[queue", encoding="utf-8")
        (self.folder / "latin1.toml").write_bytes(b"# caf\xe9\n")
        (self.folder / "large.toml").write_bytes(b"#" * (10 << 20))
        (self.folder / "empty").mkdir()
        for name, message in (
                ("nothing", "nothing: cannot be read: No such file or "
                            "directory"),
                ("empty", "empty: cannot be read: Is a directory"),
                ("not.toml", "not.toml:1:7: not TOML: "),
                ("latin1.toml", "latin1.toml:1:6: expected UTF-8, found the "
                                "byte \\xe9"),
                ("large.toml", "large.toml: expected at most 1MiB of text, "
                               "found more")):
            with self.subTest(name):
                code, text, errors = self.call("config", "check", name)
                self.assertEqual((code, text), (2, ""))
                self.assertTrue(errors.startswith(message), errors)
                self.assertEqual(errors.count("\n"), 1)

    def test_a_dump_has_every_value_and_its_origin(self):
        code, text, errors = self.call("config", "dump", "good.toml")
        self.assertEqual((code, errors), (0, ""))
        lines = [" ".join(line.split()) for line in text.splitlines()]
        for line in ("ops_per_turn = 16 # good.toml:2",
                     'turn_quantum = "10ms" # built-in',
                     'max_rate = "20MiB/s" # good.toml:6',
                     'chunk_size = "0.25MiB" # built-in profile 10'):
            self.assertIn(line, lines)
        values = tomllib.loads(text)
        self.assertEqual(list(values), ["queue", "profiles", "node",
                                        "listen", "limits"])
        self.assertEqual(len(values["queue"]), 15)
        self.assertEqual(values["queue"]["depth"], 64)
        self.assertEqual(values["queue"]["engine"], "auto")
        self.assertEqual(len(values["profiles"]), 11)
        self.assertEqual({len(x) for x in values["profiles"].values()}, {8})

    def test_a_dump_can_be_loaded(self):
        for args in ([], ["good.toml"]):
            _, text, _ = self.call("config", "dump", *args)
            (self.folder / "dump.toml").write_text(text, encoding="utf-8")
            _, again, _ = self.call("config", "dump", "dump.toml")
            self.assertEqual(tomllib.loads(again), tomllib.loads(text))

    def test_a_file_may_be_a_pipe(self):
        self.assertEqual(
            self.call("config", "check", "/dev/stdin", input=GOOD),
            (0, "/dev/stdin: ok, 11 profiles\n", ""))

    def test_wrong_usage_is_explained(self):
        for args in (["config"], ["config", "check"], ["config", "fly"],
                     ["config", "check", "a", "b"], ["config", "dump", "-x"]):
            with self.subTest(args):
                code, text, errors = self.call(*args)
                self.assertEqual((code, text), (2, ""))
                self.assertNotEqual(errors, "")

    def test_help_explains(self):
        for args, words in ((["config"], ("check", "dump", "Exit code")),
                            (["config", "check"], ("FILE:LINE:COLUMN",)),
                            (["config", "dump"], ("built-in",))):
            code, text, _ = self.call(*args, "--help")
            self.assertEqual(code, 0)
            for word in words:
                self.assertIn(word, text)

    def test_output_that_cannot_be_written_is_told(self):
        self.assert_full_disk_is_told("config", "dump")
        self.assert_full_disk_is_told("config", "check", "good.toml")


class Tls(Certificates, ConfigTest):
    def setUp(self):
        super().setUp()
        self.make_authority("ca")
        self.make_certificate("node", "ca")

    def check(self, certificate="node.pem", key="node.key",
              authorities="ca.pem", **kwargs):
        """Returns the exit code and the first line of stderr."""
        (self.folder / "tls.toml").write_text(
            f'[listen.tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
            f'authorities = "{authorities}"\n', encoding="utf-8")
        code, _, errors = self.call("config", "check", "tls.toml", **kwargs)
        return code, errors

    def test_valid_certificates_are_ok(self):
        self.assertEqual(self.check(), (0, ""))

    def test_the_period_of_validity(self):
        self.make_certificate("expired", "ca", "-days", "-1")
        code, errors = self.check("expired.pem", "expired.key")
        self.assertEqual(code, 2)
        self.assertRegex(errors, r"\Atls\.toml:2: certificate expired\.pem: it "
                                 r"has expired on 20\d\d-.* UTC\n\Z")
        self.make_future_certificate("future", "ca")
        self.assertEqual(
            self.check("future.pem", "future.key"),
            (2, "tls.toml:2: certificate future.pem: it is not valid before "
                "2098-01-01 00:00:00 UTC\n"))
        self.make_request("old")
        self.openssl("x509", "-req", "-in", "old.csr", "-signkey", "old.key",
                     "-days", "-1", "-out", "old.pem")
        code, errors = self.check(authorities="old.pem")
        self.assertEqual(code, 2)
        self.assertRegex(errors, r"\Atls\.toml:4: authorities old\.pem: it has "
                                 r"expired on")

    def test_a_key_that_does_not_fit(self):
        self.assertEqual(
            self.check(key="ca.key"),
            (2, "tls.toml:3: key ca.key: it does not belong to the "
                "certificate node.pem\n"))

    def test_a_key_with_a_passphrase(self):
        self.openssl("pkey", "-in", "node.key", "-aes256", "-passout",
                     "pass:secret", "-out", "locked.key")
        self.assertEqual(
            self.check(key="locked.key"),
            (2, "tls.toml:3: key locked.key: it needs a passphrase, which "
                "nobody can give: store it without one (openssl pkey)\n"))

    def test_files_with_other_content(self):
        (self.folder / "text").write_text("text\n", encoding="ascii")
        for args, words in (
                ({"certificate": "text"}, "tls.toml:2: certificate text: it "
                                          "is no certificate in PEM ("),
                ({"key": "text"}, "tls.toml:3: key text: it is no private key "
                                  "in PEM ("),
                ({"authorities": "text"}, "tls.toml:4: authorities text: "
                                          "there are no certificates in PEM "
                                          "(")):
            with self.subTest(args):
                code, errors = self.check(**args)
                self.assertEqual(code, 2)
                self.assertTrue(errors.startswith(words), errors)

    def test_files_that_cannot_be_read(self):
        (self.folder / "dir").mkdir()
        for name, why in (("missing", "No such file or directory"),
                          ("dir", "Is a directory")):
            for what, line in (("certificate", 2), ("key", 3),
                               ("authorities", 4)):
                with self.subTest(name=name, what=what):
                    self.assertEqual(
                        self.check(**{what: name}),
                        (2, f"tls.toml:{line}: {what} {name}: {why}\n"))

    @unittest.skipUnless(os.geteuid() == 0, "needs root to change the user")
    def test_a_key_that_belongs_to_another_user(self):
        (self.folder / "node.key").chmod(0o600)
        self.folder.chmod(0o755)
        try:
            found = self.check(user=65534)
        except PermissionError:
            self.skipTest("other users cannot execute the program")
        self.assertEqual(
            found, (2, "tls.toml:3: key node.key: Permission denied\n"))


class Profiles(ConfigTest):
    def test_profiles_as_a_table(self):
        code, text, errors = self.call("profiles", "--config", "good.toml")
        self.assertEqual((code, errors), (0, ""))
        lines = text.splitlines()
        self.assertEqual(
            lines[0], "NAME       CHUNK  BANDWIDTH  CHAIN  SMOOTHING   "
                      "MAX RATE  WEIGHT  GOAL  PACING")
        self.assertEqual(
            lines[7], "7        0.69MiB        45%  2.4ms          5  "
                      "unlimited       1  10ms  duty_cycle")
        self.assertEqual(
            lines[11], "nightly  0.25MiB        20%   10ms          5    "
                       "20MiB/s       1   4ms  duty_cycle")
        self.assertEqual(len(lines), 12)

    def test_profiles_as_json(self):
        code, text, errors = self.call("profiles", "--json", "--config",
                                       "good.toml")
        self.assertEqual((code, errors), (0, ""))
        profiles = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len(profiles), 11)
        self.assertEqual(
            profiles[0],
            {"name": "1", "chunk_size": 5 << 20, "bandwidth_pct": 100,
             "chain_wait_s": 0.0009, "rate_smoothing": 5, "max_rate": None,
             "weight": 1, "latency_goal_s": None, "pacing": "duty_cycle"})
        self.assertEqual(profiles[10]["name"], "nightly")
        self.assertEqual(profiles[10]["max_rate"], 20 << 20)
        self.assertEqual(profiles[10]["latency_goal_s"], 0.004)

    def test_without_a_file_the_built_in_profiles_are_listed(self):
        _, text, _ = self.call("profiles")
        self.assertEqual(len(text.splitlines()), 11)
        self.assertEqual(self.call("profiles", "--config", str(SHIPPED))[1],
                         text)

    def test_wrong_usage_is_explained(self):
        for args in (["x"], ["--config"], ["--jsno"]):
            with self.subTest(args):
                code, text, errors = self.call("profiles", *args)
                self.assertEqual((code, text), (2, ""))
                self.assertNotEqual(errors, "")

    def test_output_that_cannot_be_written_is_told(self):
        self.assert_full_disk_is_told("profiles")
        self.assert_full_disk_is_told("profiles", "--json")


if __name__ == "__main__":
    unittest.main()
