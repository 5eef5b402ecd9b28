#!/usr/bin/env python3
"""Tests of get and put, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import json
import os
import pty
import re
import shutil
import signal
import stat
import subprocess
import time
import unittest
from pathlib import Path

from file_commands import TransferTest, expected_bytes
from program import wait_for


class Transfers(TransferTest):
    def test_files_of_any_size(self):
        for command in ("get", "put"):
            for size in (0, 1, 1 << 20, (1 << 20) + 1, (40 << 20) + 7):
                with self.subTest((command, size)):
                    data = self.put("source", expected_bytes(size))
                    told, errors = self.transfer(command, "source", "target")
                    self.assertEqual(self.bytes_of("target"), data)
                    self.assertEqual(
                        (told["source"], told["target"], told["result"],
                         told["size"], told["resumed_from"]),
                        ("source", "target", True, size, 0))
                    self.assertRegex(told["checksum"], "^[0-9a-f]{32}$")
                    self.assertIn(" transferred in ", errors)
                    self.assertIn(told["checksum"], errors)
                    self.assertEqual(self.names(), ["source", "target"])

    def test_the_checksum_is_that_of_the_operation(self):
        self.put("source", expected_bytes(100_000))
        told, _ = self.transfer("get", "source", "target")
        [outcome], _ = self.run_all({"action": "file_checksum",
                                     "path": "target"})
        self.assertEqual(outcome["output"]["checksum"], told["checksum"])

    def test_chunks_of_any_size(self):
        data = self.put("source", expected_bytes(100_000))
        for size in ("1KiB", "777", "64MiB"):
            for command in ("get", "put"):
                self.succeed(command, "source", "target", "--chunk-size", size,
                             "--quiet")
                self.assertEqual(self.bytes_of("target"), data)
                self.path("target").unlink()

    def test_targets(self):
        data = self.put("d/source", b"1")
        self.path("e").mkdir()
        for command in ("get", "put"):
            with self.subTest(command):
                self.succeed(command, "d/source", "--quiet")
                self.assertEqual(self.bytes_of("source"), data)
                self.succeed(command, "d/source", "e", "--quiet")
                self.assertEqual(self.bytes_of("e/source"), data)
                self.put("old", b"old content")
                self.succeed(command, "d/source", "old", "--quiet")
                self.assertEqual(self.bytes_of("old"), data)
                for name in ("source", "e/source", "old"):
                    self.path(name).unlink()

    def test_permissions_and_times_are_kept(self):
        self.put("source")
        for command in ("get", "put"):
            for mode, expected in ((0o755, 0o755), (0o600, 0o600),
                                   (0o4466, 0o466), (0o666, 0o666)):
                with self.subTest((command, mode)):
                    self.path("source").chmod(mode)
                    times = (951_782_400_123_456_789, 951_782_401_987_654_321)
                    os.utime(self.path("source"), ns=times)
                    self.succeed(command, "source", "target", "--quiet")
                    info = self.path("target").stat()
                    self.assertEqual(stat.S_IMODE(info.st_mode), expected)
                    self.assertEqual(info.st_mtime_ns, times[1])
                    self.path("target").unlink()

    def test_failures(self):
        self.put("source")
        self.path("d/source").mkdir(parents=True)
        os.mkfifo(self.path("fifo"))
        for command in ("get", "put"):
            for args, message in (
                    (["none", "t"], "none: No such file or directory"),
                    (["d", "t"], "d: it is a directory; -r brings it with all "
                                 "that it contains"),
                    (["source", "no/t"],
                     "no/: No such file or directory (`spindle mkdir -p` makes "
                     "it)"),
                    (["source", "no/"],
                     "no/: No such file or directory (`spindle mkdir -p` makes "
                     "it)"),
                    (["source", "source/"], "source/: Not a directory"),
                    (["source", "source/t"], "source/t: Not a directory"),
                    (["source", "d"],
                     "d/source: it is no file, but a directory"),
                    (["source", "fifo"], "fifo: it is no file, but a fifo")):
                with self.subTest((command, args)):
                    self.assertEqual(self.errors_of(command, *args),
                                     f"spindle {command}: {message}\n")
        self.assertEqual(self.names(), ["d", "fifo", "source"])

    def test_a_failure_as_json(self):
        code, text, errors = self.call("get", "none", "target", "--json",
                                       "--quiet")
        self.assertEqual(code, 1)
        told = json.loads(text)
        self.assertEqual((told["result"], told["error"], told["errno"]),
                         (False, "not_found", 2))
        self.assertIn("none: No such file", errors)

    def test_stdin_and_stdout(self):
        data = self.put("source", expected_bytes(5_000_000))
        code, _, errors = self.raw("put", "-", "target", input=data)
        self.assertEqual(code, 0, errors)
        self.assertEqual(self.bytes_of("target"), data)
        code, text, errors = self.raw("get", "target", "-")
        self.assertEqual((code, errors), (0, b""))
        self.assertEqual(text, data)
        self.assertEqual(self.errors_of("get", "none", "-"),
                         "spindle get: none: No such file or directory\n")
        self.path("d").mkdir()
        self.assertIn("d: it is no file, but a directory",
                      self.errors_of("put", "-", "d"))

    def test_quiet(self):
        self.put("source")
        self.assertEqual(self.succeed("get", "source", "target", "--quiet"), "")

    def test_a_terminal_shows_a_bar(self):
        self.big("source")
        leader, follower = pty.openpty()
        program = self.start("source", "target", *self.SLOW, command="get",
                             stderr=follower)
        os.close(follower)
        shown = ""

        def shows(pattern):
            nonlocal shown
            shown += os.read(leader, 1 << 16).decode()
            return re.search(pattern, shown)

        wait_for(lambda: shows(r"\r\x1b\[K\[[#.]{24}\] \S+iB of 24\.0MiB "
                               r"\(\d+%\), \S+/s, \S+ left"), "the bar")
        program.process.send_signal(signal.SIGINT)
        wait_for(lambda: shows(r"\r\x1b\[Kspindle get: stopped by SIGINT; "
                               r"\S+-part (keeps \S+|may keep some of it); "
                               r"the same command goes on from there\r\n"),
                 "the end")
        self.assertEqual(program.code(), 1)
        os.close(leader)

    def test_a_source_that_changes_is_detected(self):
        self.big("source")
        program = self.start("source", "target", *self.SLOW, command="get")
        self.wait_for_part(program)
        self.assertTrue(program.stop())
        with self.path("source").open("r+b") as stream:
            stream.write(b"changed")
            # The transfer ends soon, with the source.
            stream.truncate(self.part().stat().st_size + 50_000)
        program.go_on()
        self.assertEqual(program.code(), 1)
        self.assertRegex(program.errors(),
                         r"spindle get: source: its checksum differs from that "
                         r"of the written bytes: it changed during the transfer")
        self.assertEqual(self.names(), ["source"])
        told, errors = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], 0)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))


class Many(TransferTest):
    """Several sources, patterns, directories, times, rates and growth."""

    maxDiff = 10_000

    def make_tree(self, name="s"):
        self.put(f"{name}/a", expected_bytes(100_000))
        self.put(f"{name}/sub/b", expected_bytes(3_000_000))
        self.put(f"{name}/sub/deep/.hidden", b"h")
        self.path(f"{name}/empty").mkdir()
        self.path(f"{name}/link").symlink_to("sub/b")
        self.path(f"{name}/dangling").symlink_to("nowhere")
        self.path(f"{name}/sub/b").chmod(0o640)
        self.path(f"{name}/sub").chmod(0o710)
        self.path(f"{name}/sub/deep").chmod(0o555)
        self.addCleanup(self.path(f"{name}/sub/deep").chmod, 0o755)
        for i, path in enumerate(sorted(self.path(name).rglob("*"))):
            os.utime(path, (0, 951_782_400 + i), follow_symlinks=False)
        os.utime(self.path(name), (0, 951_782_400))

    def tree(self, name):
        """Returns content and attributes of a tree, without times of links."""
        top = self.path(name)
        res = {}
        for path in [top, *top.rglob("*")]:
            info = path.lstat()
            content = (os.readlink(path) if path.is_symlink() else
                       path.read_bytes() if path.is_file() else None)
            when = None if path.is_symlink() else info.st_mtime_ns
            res[str(path.relative_to(top))] = (
                stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), when,
                content)
        return res

    def test_a_tree_is_transferred_completely(self):
        self.make_tree()
        for command in ("get", "put"):
            with self.subTest(command):
                self.succeed(command, "-r", "--quiet", "s", "t")
                self.assertEqual(self.tree("t"), self.tree("s"))
                self.path("d").mkdir()
                self.succeed(command, "-r", "--quiet", "s", "d")
                self.assertEqual(self.tree("d/s"), self.tree("s"))
                self.succeed(command, "-r", "--quiet", "s/.", "d")
                self.assertEqual(self.tree("d/sub"), self.tree("s/sub"))
                for name in ("t", "d"):
                    subprocess.run(["rm", "-rf", self.path(name)], check=True)

    def test_new_directories_inherit_the_setgid_bit(self):
        self.put("s/sub/x")
        self.path("s/sub").chmod(0o550)
        self.path("s").chmod(0o755)
        self.addCleanup(self.path("s/sub").chmod, 0o755)
        for command in ("get", "put", "cp"):
            for more in ([], ["--rate", "100M"]):
                with self.subTest((command, more)):
                    self.path("sg").mkdir()
                    self.path("sg").chmod(0o2775)
                    args = ["-r", "s", "sg", *more]
                    if command != "cp":
                        args.append("--quiet")
                    self.succeed(command, *args)
                    for name, mode in (("s", 0o2755), ("s/sub", 0o2550)):
                        info = self.path(f"sg/{name}").stat()
                        self.assertEqual(stat.S_IMODE(info.st_mode), mode)
                    subprocess.run(["rm", "-rf", self.path("sg")], check=True)

    def test_trees_are_merged(self):
        self.make_tree()
        for command in ("get", "put"):
            with self.subTest(command):
                self.put("t/s/a", b"old")
                self.put("t/s/sub/other", b"kept")
                self.path("t/s/sub").chmod(0o755)
                self.path("t/s/link").symlink_to("old")
                code, text, errors = self.call(command, "-r", "s", "t")
                self.assertEqual((code, text), (0, ""), errors)
                self.assertIn("3 files, ", errors)
                self.assertEqual(self.bytes_of("t/s/a"), self.bytes_of("s/a"))
                self.assertEqual(self.bytes_of("t/s/sub/other"), b"kept")
                self.assertEqual(os.readlink(self.path("t/s/link")), "sub/b")
                mode = stat.S_IMODE(self.path("t/s/sub").stat().st_mode)
                self.assertEqual(mode, 0o755)
                # A file and a directory do not replace each other.
                subprocess.run(["rm", "-rf", self.path("t")], check=True)
                self.put("t/s/sub", b"file")
                self.path("t/s/a").mkdir()
                errors = self.errors_of(command, "-r", "--quiet", "s", "t")
                self.assertIn("t/s/a: ", errors)
                self.assertIn("t/s/sub", errors)
                self.assertEqual(self.bytes_of("t/s/sub"), b"file")
                self.assertTrue(self.path("t/s/a").is_dir())
                subprocess.run(["rm", "-rf", self.path("t")], check=True)

    def test_equal_files_are_not_transferred_again(self):
        self.make_tree()
        for command in ("get", "put"):
            with self.subTest(command):
                self.succeed(command, "-r", "--quiet", "s", "t")
                inodes = {x: x.stat().st_ino for x in self.path("t").rglob("*")
                          if x.is_file()}
                self.path("t/a").write_bytes(b"damaged")
                # Same size and time, different content.
                times = self.path("t/sub/b").stat()
                with self.path("t/sub/b").open("r+b") as stream:
                    stream.write(b"?")
                os.utime(self.path("t/sub/b"),
                         ns=(times.st_atime_ns, times.st_mtime_ns))
                told = self.lines(command, "-r", "--quiet", "--json", "s/.",
                                  "t")
                # Replacing an entry changes the time of its directory.
                before, after = self.tree("s"), self.tree("t")
                for name in (".", "sub"):
                    del before[name], after[name]
                self.assertEqual(after, before)
                self.assertEqual(
                    {x["target"]: x["resumed_from"] for x in told},
                    {"t/a": 0, "t/sub/b": 0, "t/sub/deep/.hidden": 1})
                hidden = self.path("t/sub/deep/.hidden")
                self.assertEqual(hidden.stat().st_ino, inodes[hidden])
                subprocess.run(["rm", "-rf", self.path("t")], check=True)

    def test_an_interrupted_tree_resumes(self):
        for i in range(5):
            self.put(f"s/{i}", expected_bytes(10_000))
        self.big("s/3")
        program = self.start("-r", "s", "t", *self.SLOW, "--json",
                             command="get")
        wait_for(self.path("t/2").exists, "some of it")
        program.process.send_signal(signal.SIGINT)
        told = program.rest()
        self.assertEqual(program.code(), 1)
        self.assertFalse(told[-1]["result"])
        self.assertRegex(program.errors(),
                         r"spindle get: stopped by SIGINT; 3 files are there")
        code, _, errors = self.call("get", "-r", "s/.", "t")
        self.assertEqual(code, 0)
        self.assertRegex(errors, r"5 files, \S+ transferred in .*; \S+ were "
                                 r"there, 3 whole files among them")
        self.assertEqual(self.tree("t").keys(), self.tree("s").keys())
        self.assertEqual(self.names("t"), self.names("s"))

    def test_several_sources(self):
        self.put("a", b"1")
        self.put("x/b", b"2")
        self.path("d").mkdir()
        for command in ("get", "put"):
            with self.subTest(command):
                told = self.lines(command, "--quiet", "--json", "a", "x/b", "d")
                self.assertEqual([x["target"] for x in told], ["d/a", "d/b"])
                self.assertEqual(self.bytes_of("d/b"), b"2")
                code, _, errors = self.call(command, "a", "none", "x", "x/b",
                                            "d")
                self.assertEqual(code, 1)
                self.assertIn(f"spindle {command}: none: No such file or "
                              "directory\n", errors)
                self.assertIn(f"spindle {command}: x: it is a directory; -r "
                              "brings it with all that it contains\n", errors)
                self.assertIn("2 files, 2B transferred", errors)
                for target in ("a", "nowhere"):
                    self.assertIn(f"spindle {command}: {target}: it must be a "
                                  "directory, since there are several sources",
                                  self.errors_of(command, "--quiet", "a",
                                                 "x/b", target))
                self.assertEqual(self.bytes_of("a"), b"1")

    def test_patterns(self):
        for name in ("l/a.gz", "l/b.gz", "l/.c.gz", "l/d.txt", "m/x/e.gz",
                     "m/y/e.gz", "m/f.gz", "[a].gz"):
            self.put(name, name.encode())
        self.path("d").mkdir()
        for command in ("get", "put"):
            for pattern, expected in (("l/*.gz", ["a.gz", "b.gz"]),
                                      ("l/.*.gz", [".c.gz"]),
                                      ("l/?.txt", ["d.txt"]),
                                      ("m/[xz]/*", ["e.gz"]),
                                      ("*/f.gz", ["f.gz"]),
                                      ("[a].gz", ["[a].gz"]),
                                      ("[[]a].*", ["[a].gz"])):
                with self.subTest((command, pattern)):
                    self.succeed(command, "--quiet", pattern, "d")
                    self.assertEqual(self.names("d"), expected)
                    for name in expected:
                        self.path(f"d/{name}").unlink()
            self.assertEqual(self.errors_of(command, "--quiet", "l/*.zip",
                                            "d"),
                             f"spindle {command}: l/*.zip: nothing matches\n")
            self.succeed(command, "-r", "--quiet", "m/*", "d")
            self.assertEqual(self.names("d"), ["f.gz", "x", "y"])
            subprocess.run(["rm", "-rf", *self.path("d").iterdir()],
                           check=True)

    def test_special_files_in_a_tree_are_reported(self):
        self.put("s/a")
        os.mkfifo(self.path("s/fifo"))
        for command in ("get", "put"):
            code, text, errors = self.call(command, "-r", "--quiet", "--json",
                                           "s", "t")
            self.assertEqual(code, 1)
            self.assertEqual(errors, f"spindle {command}: s/fifo: it is no "
                                     "file, but a fifo\n")
            told = {x.get("path", x.get("source")): x["result"]
                    for x in map(json.loads, text.splitlines())}
            self.assertEqual(told, {"s/a": True, "s/fifo": False})
            shutil.rmtree(self.path("t"))

    def test_no_preserve_sets_the_current_time(self):
        self.make_tree()
        self.path("s/a").chmod(0o666)
        for command in ("get", "put"):
            self.succeed(command, "-r", "--quiet", "--no-preserve", "s", "t")
            info = self.path("t/a").stat()
            self.assertGreater(info.st_mtime, 1_600_000_000)
            self.assertEqual(stat.S_IMODE(info.st_mode),
                             0o644 & ~self.umask())
            self.assertGreater(self.path("t/sub").stat().st_mtime,
                               1_600_000_000)
            subprocess.run(["rm", "-rf", self.path("t")], check=True)
        self.errors_of("get", "-p", "--no-preserve", "s/a", code=2)
        self.succeed("get", "-p", "--quiet", "s/a", "t")

    def test_a_rate_is_kept(self):
        data = self.put("s", expected_bytes(1_500_000))
        for args in (["get", "s", "t"], ["put", "s", "t"], ["cp", "s", "t"]):
            for rate in ("1M", "1MiB/s"):
                with self.subTest((args, rate)):
                    begin = time.monotonic()
                    self.call(*args, "--rate", rate)
                    self.assertGreater(time.monotonic() - begin, 1.2)
                    self.assertEqual(self.bytes_of("t"), data)
                    self.path("t").unlink()
        begin = time.monotonic()
        _, text, _ = self.raw("get", "s", "-", "--rate", "1M")
        self.assertGreater(time.monotonic() - begin, 1.2)
        self.assertEqual(text, data)

    def test_the_pace_of_a_profile_is_kept(self):
        data = self.put("s", expected_bytes(5_000_000))
        self.put("c.toml", b"[profiles.slow]\nbase = \"10\"\n"
                           b"max_rate = \"4MiB/s\"\n")
        for args in (["get", "s", "t"], ["put", "s", "t"], ["cp", "s", "t"]):
            begin = time.monotonic()
            self.assertEqual(self.call(*args, "--profile", "slow", "--config",
                                       "c.toml")[0], 0)
            self.assertGreater(time.monotonic() - begin, 1)
            self.assertEqual(self.bytes_of("t"), data)
            self.assertIn('there is no profile "fast"; there are 1, 2',
                          self.errors_of(*args, "--profile", "fast", code=2))
            self.path("t").unlink()

    def test_a_tree_is_copied_at_a_limited_rate(self):
        self.make_tree()
        self.path("s/sub/deep").chmod(0o755)
        self.succeed("cp", "-r", "s", "t", "--rate", "100M")
        self.assertEqual(self.tree("t"), self.tree("s"))
        self.put("t/a", b"old")
        errors = self.errors_of("cp", "-rn", "s/.", "t", "--rate", "100M")
        self.assertIn("spindle cp: t/a: already exists\n", errors)
        self.assertEqual(self.bytes_of("t/a"), b"old")
        self.assertIn("into itself", self.errors_of("cp", "-r", "s", "s/new",
                                                    "--rate", "100M"))

    def growing(self, *args):
        """Transfers a source that grows meanwhile."""
        data = self.put("source", expected_bytes(3_000_000))

        def begin():
            for path in (self.path("target"), *self.parts()):
                path.unlink(missing_ok=True)
            return self.start("source", "target", "--rate", "8M", *args,
                              command="get")

        program = self.catch(begin, lambda: 0 < self.part_size() < len(data))
        with self.path("source").open("ab") as stream:
            stream.write(b"more")
        program.go_on()
        code = program.code()
        return data, code, program.errors()

    def test_a_source_that_grows_is_a_failure(self):
        data, code, errors = self.growing()
        self.assertEqual(code, 1)
        self.assertIn("spindle get: source: it grew by 4 bytes during the "
                      "transfer; --allow-growth transfers the size that it had "
                      "at the start\n", errors)
        self.assertFalse(self.path("target").exists())
        told, _ = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], len(data))
        self.assertEqual(self.bytes_of("target"), data + b"more")

    def test_growth_may_be_allowed(self):
        data, code, errors = self.growing("--allow-growth")
        self.assertEqual(code, 0, errors)
        self.assertEqual(self.bytes_of("target"), data)

    def test_growth_may_be_allowed_with_a_profile(self):
        data, code, errors = self.growing("--allow-growth", "--profile", "10")
        self.assertEqual(code, 0, errors)
        self.assertEqual(self.bytes_of("target"), data)
        self.path("target").unlink()
        _, code, errors = self.growing("--profile", "10")
        self.assertEqual(code, 1)
        self.assertIn("it grew by 4 bytes", errors)

    def test_files_that_report_size_0_are_transferred_completely(self):
        for command in ("get", "put"):
            self.succeed(command, "--quiet", "/proc/version", "t")
            self.assertEqual(self.bytes_of("t"),
                             Path("/proc/version").read_bytes())
            self.path("t").unlink()

    def test_holes_stay_holes(self):
        size = 512 << 20
        with self.path("s").open("wb") as stream:
            stream.write(b"begin")
            stream.seek(100_000_000)
            stream.write(expected_bytes(300_000))
            stream.truncate(size)
        if self.path("s").stat().st_blocks * 512 > 2_000_000:
            self.skipTest("the file system does not support holes")
        for args in (["get", "s", "t"], ["put", "s", "t"]):
            with self.subTest(args):
                self.succeed(*args, "--quiet")
                info = self.path("t").stat()
                self.assertEqual(info.st_size, size)
                self.assertLess(info.st_blocks * 512, 2_000_000)
                self.assertEqual(
                    subprocess.run(["cmp", self.path("s"), self.path("t")],
                                   check=False).returncode, 0)
                self.path("t").unlink()

    def test_zeros_that_are_not_holes_stay_data(self):
        self.put("s", bytes(5_000_000))
        self.succeed("get", "--quiet", "s", "t")
        self.assertGreaterEqual(self.path("t").stat().st_blocks * 512,
                                self.path("s").stat().st_blocks * 512)


if __name__ == "__main__":
    unittest.main()
