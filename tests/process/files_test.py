#!/usr/bin/env python3
"""Tests of the file commands: ls, cp, get and others, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import base64
import errno
import json
import os
import pty
import random
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import DEADLINE_S, PROGRAM, ProgramTest, wait_for

COMMANDS = ("ls", "stat", "cat", "cp", "mv", "rm", "mkdir", "get", "put",
            "status")

# Names with a special meaning for shells, parsers or terminals.
ODD_NAMES = (b"with blank", b"line\nbreak", b"\xff\xfe", b"[a,b]", b"{}",
             b"\x1b[31mred", b"a:b", b"back\\slash", "ä".encode(), b"cp",
             b"%s")


def expected_bytes(size):
    return random.Random(size).randbytes(size)


class FilesTest(ProgramTest):
    def path(self, name):
        return self.folder / name

    def put(self, name, content=b"text"):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content

    def bytes_of(self, name):
        return self.path(name).read_bytes()

    def names(self, where="."):
        return sorted(x.name for x in self.path(where).iterdir())

    def raw(self, *args, **kwargs):
        """Like call, but the output is bytes."""
        done = subprocess.run([PROGRAM, *args], cwd=self.folder,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False, **kwargs)
        return done.returncode, done.stdout, done.stderr

    def as_nobody(self, *args):
        """Like raw, as an unprivileged user. Runs a copy of the program, since
        that user may have no access to the build directory."""
        with tempfile.TemporaryDirectory() as place:
            os.chmod(place, 0o755)
            program = shutil.copy(PROGRAM, place)
            done = subprocess.run([program, *args], cwd=self.folder, user=65534,
                                  group=65534, extra_groups=[],
                                  capture_output=True, timeout=DEADLINE_S,
                                  check=False)
        return done.returncode, done.stdout, done.stderr

    def succeed(self, *args, **kwargs):
        code, text, errors = self.call(*args, **kwargs)
        self.assertEqual((code, errors), (0, ""))
        return text

    def errors_of(self, *args, code=1):
        """Runs a command that must fail; returns its errors."""
        got, text, errors = self.call(*args, stdin=subprocess.DEVNULL)
        self.assertEqual((got, text), (code, ""), errors)
        return errors

    def lines(self, *args):
        return [json.loads(x) for x in self.succeed(*args).splitlines()]


class Listing(FilesTest):
    def make_tree(self):
        self.put("d/b", b"12345")
        self.put("d/a")
        self.put("d/.hidden")
        self.put("d/sub/c")
        self.put("d/sub/.config/x")
        self.path("d/link").symlink_to("a")

    def test_names_are_sorted_and_hidden_ones_hidden(self):
        self.make_tree()
        self.assertEqual(self.succeed("ls", "d"), "a\nb\nlink\nsub\n")
        self.assertEqual(self.succeed("ls", "-a", "d"),
                         ".hidden\na\nb\nlink\nsub\n")
        self.assertEqual(self.succeed("ls", "-R", "d"),
                         "a\nb\nlink\nsub\nsub/c\n")
        self.assertEqual(
            self.succeed("ls", "-aR", "d"),
            ".hidden\na\nb\nlink\nsub\nsub/.config\nsub/.config/x\nsub/c\n")

    def test_the_working_directory_is_the_default(self):
        self.put("x")
        self.assertEqual(self.succeed("ls"), "x\n")
        self.assertEqual(self.succeed("ls", "--json"),
                         '{"path":"./x","type":"file"}\n')

    def test_details(self):
        self.make_tree()
        for name in ("a", "b", "sub"):
            os.utime(self.path(f"d/{name}"), (0, 951_782_400))
        os.utime(self.path("d/link"), (0, 951_782_400), follow_symlinks=False)
        self.path("d/b").chmod(0o4751)
        self.path("d/a").chmod(0o640)
        self.path("d/sub").chmod(0o1777)
        env = {**os.environ, "TZ": "UTC"}
        rows = self.succeed("ls", "-l", "d", env=env).splitlines()
        when = "2000-02-29 00:00:00"
        self.assertEqual([x.split("  ")[0] for x in rows],
                         ["-rw-r-----", "-rwsr-x--x", "lrwxrwxrwx",
                          "drwxrwxrwt"])
        self.assertEqual([x[x.index(when):] for x in rows],
                         [f"{when}  {name}"
                          for name in ("a", "b", "link -> a", "sub")])
        self.assertEqual([x.split()[1] for x in rows[:3]], ["4", "5", "1"])
        self.path("d/a").write_bytes(bytes(2048))
        self.assertIn(" 2.00KiB ", self.succeed("ls", "-lh", "d", env=env))

    def test_special_names_are_escaped_and_exact_in_json(self):
        for name in ODD_NAMES:
            self.path("d").mkdir(exist_ok=True)
            with open(os.path.join(os.fsencode(self.path("d")), name), "wb"):
                pass
        code, text, _ = self.raw("ls", "d")
        self.assertEqual(code, 0)
        shown = text.decode().splitlines()
        self.assertEqual(len(shown), len(ODD_NAMES))
        for name in (r"line\x0abreak", r"\xff\xfe", r"\x1b[31mred", "ä"):
            self.assertIn(name, shown)
        exact = {base64.b64decode(x["path_base64"]) if "path_base64" in x
                 else x["path"].encode() for x in self.lines("ls", "--json",
                                                             "d")}
        self.assertEqual(exact, {b"d/" + x for x in ODD_NAMES})

    def test_several_paths(self):
        self.make_tree()
        self.assertEqual(
            self.succeed("ls", "d/sub", "d/b", "d"),
            "d/b\n\nd/sub:\nc\n\nd:\na\nb\nlink\nsub\n")

    def test_links_to_directories_are_followed_others_shown(self):
        self.make_tree()
        self.path("to_d").symlink_to("d/sub")
        self.path("dangling").symlink_to("nowhere")
        self.assertEqual(self.succeed("ls", "to_d"), "c\n")
        self.assertEqual(self.succeed("ls", "dangling"), "dangling\n")

    def test_large_directories_are_listed_in_pages(self):
        for i in range(2500):
            self.put(f"d/{i:04}", b"")
        self.assertEqual(self.succeed("ls", "d").splitlines(),
                         [f"{i:04}" for i in range(2500)])
        self.assertEqual(len(self.lines("ls", "-lR", "--json", "d")), 2500)

    def test_failures_are_reported_and_the_rest_is_listed(self):
        self.make_tree()
        code, text, errors = self.call("ls", "none", "d/a", "no\nwhere")
        self.assertEqual((code, text), (1, "d/a\n"))
        self.assertEqual(errors,
                         "spindle ls: none: No such file or directory\n"
                         "spindle ls: no\\x0awhere: No such file or "
                         "directory\n")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_directories_below_are_named(self):
        self.make_tree()
        self.path("d/sub").chmod(0)
        self.addCleanup(self.path("d/sub").chmod, 0o700)
        code, text, errors = self.call("ls", "-R", "d")
        self.assertEqual((code, text), (1, "a\nb\nlink\nsub\n"))
        self.assertEqual(errors, "spindle ls: d/sub: Permission denied\n")

    def test_details_of_links_in_json(self):
        self.make_tree()
        link = self.lines("ls", "-l", "--json", "d/link")[0]
        self.assertEqual((link["type"], link["target"], link["size"]),
                         ("symlink", "a", 1))

    def test_output_that_cannot_be_written(self):
        self.make_tree()
        with open("/dev/full", "wb") as full:
            program = self.start("d", command="ls", stdout=full)
        self.assertEqual(program.code(), 3)
        self.assertIn("No space left", program.errors())

    def test_stat(self):
        self.put("f", bytes(2000))
        self.path("f").chmod(0o600)
        os.utime(self.path("f"), (0, 1))
        self.path("l").symlink_to("f")
        text = self.succeed("stat", "f", "l")
        blocks = text.split("\n\n")
        self.assertEqual(len(blocks), 2)
        for part in ("path         f\n", "type         file\n",
                     "size         2000 (1.95KiB)\n",
                     "permissions  0600 -rw-------\n",
                     "modified     1970-01-01T00:00:01Z\n"):
            self.assertIn(part, text)
        [info] = self.lines("stat", "--json", "f")
        self.assertEqual((info["path"], info["size"], info["permissions"]),
                         ("f", 2000, "0600"))
        [link] = self.lines("stat", "--no-follow", "--json", "l")
        self.assertEqual(link["type"], "symlink")
        code, text, errors = self.call("stat", "none", "f")
        self.assertEqual(code, 1)
        self.assertIn("path         f\n", text)
        self.assertEqual(errors,
                         "spindle stat: none: No such file or directory\n")


class Files(FilesTest):
    def test_cat_is_exact(self):
        whole = b""
        for size in (0, 1, 256 << 10, (256 << 10) + 1, 5_000_000):
            whole += self.put(f"f{size}", expected_bytes(size))
            code, text, _ = self.raw("cat", f"f{size}")
            self.assertEqual(code, 0)
            self.assertEqual(text, expected_bytes(size))
        code, text, errors = self.raw("cat", "f0", "f1", "none", "f262144", ".",
                                      "f262145", "f5000000")
        self.assertEqual(code, 1)
        self.assertEqual(text, whole)
        self.assertEqual(errors.decode(),
                         "spindle cat: none: No such file or directory\n"
                         "spindle cat: .: Is a directory\n")

    def test_cat_of_files_without_a_size(self):
        self.assertIn("spindle", self.succeed("cat", "/proc/self/status"))

    def test_cat_of_a_pipe_is_complete_and_immediate(self):
        os.mkfifo(self.path("fifo"))
        for name in ("fifo", "/dev/stdin"):
            with self.subTest(name):
                program = self.start(name, command="cat")
                stream = (program.process.stdin if name == "/dev/stdin"
                          else self.path("fifo").open("wb"))
                # The next line is written only after this one was read.
                for line in (b"one\n", b"two\n", b"three\n"):
                    stream.write(line)
                    stream.flush()
                    self.assertEqual(program.line(), line)
                    # Longer than a turn.
                    time.sleep(0.05)
                stream.close()
                self.assertIsNone(program.line())
                self.assertEqual(program.code(), 0)
                self.assertEqual(program.errors(), "")

    def test_a_read_of_a_pipe_that_pauses_fails(self):
        os.mkfifo(self.path("fifo"))
        # Because this process keeps it open, the FIFO never ends.
        with self.path("fifo").open("r+b", buffering=0) as both:
            both.write(b"abc")
            [outcome], _ = self.run_all({"action": "file_read",
                                         "path": "fifo"})
        self.assertEqual(outcome["output"]["error"], "timed_out")
        self.assertEqual(outcome["output"]["done"], 3)
        self.assertIn("3 bytes were read and are lost",
                      outcome["output"]["message"])

    def test_cat_is_quiet_when_its_output_is_closed(self):
        self.put("f", bytes(5_000_000))
        reading, writing = os.pipe()
        program = self.start("f", command="cat", stdout=writing)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        self.assertEqual(program.code(), 3)
        self.assertEqual(program.errors(), "")

    def test_mkdir(self):
        self.succeed("mkdir", "a", "b")
        self.succeed("mkdir", "-p", "a/x/y", "a")
        self.assertEqual(self.names("a"), ["x"])
        errors = self.errors_of("mkdir", "c/d", "a", "e")
        self.assertEqual(errors,
                         "spindle mkdir: c/: No such file or directory "
                         "(`spindle mkdir -p` makes it)\n"
                         "spindle mkdir: a: File exists\n")
        self.assertTrue(self.path("e").is_dir())

    def test_rm(self):
        self.put("d/x")
        self.put("f")
        self.put("g")
        self.path("l").symlink_to("d")
        errors = self.errors_of("rm", "f", "none", "d", "g")
        self.assertEqual(errors,
                         "spindle rm: none: No such file or directory\n"
                         "spindle rm: d: it is a directory; -r removes it with "
                         "all that it contains\n")
        self.assertEqual(self.names(), ["d", "l"])
        self.succeed("rm", "-f", "none", "l")
        self.assertEqual(self.names("d"), ["x"])
        self.succeed("rm", "-rf", "d", "none")
        self.assertEqual(self.names(), [])

    @unittest.skipIf(os.geteuid() == 0, "root may remove everything")
    def test_rm_names_what_it_could_not_remove(self):
        self.put("d/sub/x")
        self.put("d/y")
        self.path("d/sub").chmod(0o500)
        self.addCleanup(self.path("d/sub").chmod, 0o700)
        errors = self.errors_of("rm", "-r", "d")
        self.assertIn("spindle rm: d/sub/x: Permission denied\n", errors)
        self.assertRegex(errors, r"(?m)^spindle rm: d: removed 1 entries, \d")
        self.assertEqual(self.names("d"), ["sub"])

    def test_rm_does_not_remove_the_whole_disk(self):
        self.path("d").mkdir()
        for path in ("d/.", "d/..", "."):
            self.assertTrue(self.errors_of("rm", "-rf", path))
        self.assertTrue(self.path("d").is_dir())

    def test_special_names_are_plain_names(self):
        for name in ODD_NAMES:
            with self.subTest(name):
                path = os.path.join(os.fsencode(self.folder), name)
                with open(path, "wb") as stream:
                    stream.write(name)
                self.put("a")
                self.put("b")
                self.assertEqual(self.raw("cat", name)[1], name)
                self.assertEqual(self.raw("cp", name, b"copy of " + name)[0], 0)
                self.assertEqual(self.raw("mv", b"copy of " + name, "c")[0], 0)
                self.assertEqual(self.bytes_of("c"), name)
                self.assertEqual(self.raw("put", name, "d")[0], 0)
                self.assertEqual(self.bytes_of("d"), name)
                self.assertEqual(self.raw("rm", name), (0, b"", b""))
                self.assertEqual(self.names(), ["a", "b", "c", "d"])

    def test_leading_dashes(self):
        self.put("a", b"1")
        self.succeed("cp", "--", "a", "-x")
        self.succeed("cp", "a", "--", "--y")
        self.assertEqual(self.names(), ["--y", "-x", "a"])
        self.assertEqual(self.succeed("cat", "--", "-x", "--y"), "11")
        self.succeed("rm", "a", "--", "-x", "--y")
        self.assertEqual(self.names(), [])

    def test_wrong_usage(self):
        for args in (["ls", "--fly"], ["cat"], ["rm"], ["mkdir"], ["stat"],
                     ["cp", "a"], ["mv", "a"], ["get"], ["put"], ["put", "-"],
                     ["get", "a", "-", "--json"], ["get", "a", "b", "-"],
                     ["put", "a", "-", "b"], ["get", "-r", "a", "-"],
                     ["get", "a", "--chunk-size", "0"],
                     ["put", "a", "--chunk-size", "big"],
                     ["cp", "-n", "--overwrite", "a", "b"],
                     ["ls", "--config", "none"], ["status", "x"]):
            with self.subTest(args):
                self.assertTrue(self.errors_of(*args, code=2))

    def test_a_configuration_is_used(self):
        self.put("f", b"12345")
        self.put("c.toml", b"[queue]\nmax_read_bytes = 4\n")
        errors = self.errors_of("cat", "f", "--config", "c.toml")
        self.assertIn("spindle cat: f: there are more than 4 bytes", errors)

    def test_status(self):
        rows = dict(x.rsplit(None, 1)
                    for x in self.succeed("status").splitlines())
        self.assertEqual(rows["pending"], "0")
        self.assertEqual(rows["turns of disk actor 2"], "0")
        [status] = self.lines("status", "--json")
        self.assertEqual(status["succeeded"], 0)
        self.assertEqual(status["operations"], [])


class Copying(FilesTest):
    def test_files(self):
        self.put("a", b"1")
        self.path("a").chmod(0o750)
        self.succeed("cp", "a", "b")
        self.assertEqual(self.bytes_of("b"), b"1")
        self.assertEqual(stat.S_IMODE(self.path("b").stat().st_mode), 0o750)
        self.put("a", b"2")
        self.succeed("cp", "a", "b")
        self.assertEqual(self.bytes_of("b"), b"2")
        self.path("d").mkdir()
        self.succeed("cp", "a", "b", "d")
        self.assertEqual(self.names("d"), ["a", "b"])

    def test_no_clobber_refuses(self):
        self.put("a", b"1")
        self.put("b", b"2")
        self.path("d").mkdir()
        for command in ("cp", "mv"):
            with self.subTest(command):
                errors = self.errors_of(command, "-n", "a", "b")
                self.assertEqual(errors,
                                 f"spindle {command}: b: already exists\n")
                self.assertEqual(self.bytes_of("b"), b"2")
        self.put("d/b", b"3")
        self.errors_of("cp", "-n", "b", "a", "d")
        self.assertEqual(self.bytes_of("d/b"), b"3")
        self.assertEqual(self.bytes_of("d/a"), b"1")

    def test_failures_do_not_stop_the_rest(self):
        self.put("a")
        self.path("d").mkdir()
        self.put("e/x")
        errors = self.errors_of("cp", "none", "e", "a", "d")
        self.assertEqual(errors,
                         "spindle cp: none: No such file or directory\n"
                         "spindle cp: e: it is a directory; -r copies it with "
                         "all that it contains\n")
        self.assertEqual(self.names("d"), ["a"])

    def test_several_sources_need_a_directory(self):
        self.put("a")
        self.put("b")
        self.put("f", b"old")
        for command in ("cp", "mv"):
            for target in ("f", "none"):
                self.assertIn("it must be a directory",
                              self.errors_of(command, "a", "b", target))
        self.assertEqual(self.names(), ["a", "b", "f"])
        self.assertEqual(self.bytes_of("f"), b"old")

    def test_directories_are_merged(self):
        self.put("s/x", b"new")
        self.put("s/sub/y", b"new")
        self.path("s/link").symlink_to("x")
        self.succeed("cp", "-r", "s", "t")
        self.assertEqual(self.bytes_of("t/sub/y"), b"new")
        self.assertEqual(os.readlink(self.path("t/link")), "x")
        # Now the target exists, so the source is copied into it.
        self.put("t/s/x", b"old")
        self.put("t/s/other", b"kept")
        self.succeed("cp", "-r", "s", "t")
        self.assertEqual(self.names("t/s"), ["link", "other", "sub", "x"])
        self.assertEqual(self.bytes_of("t/s/x"), b"new")
        self.assertEqual(self.bytes_of("t/s/other"), b"kept")
        self.put("t/s/x", b"old")
        errors = self.errors_of("cp", "-rn", "s", "t")
        self.assertIn("spindle cp: t/s/x: ", errors)
        self.assertEqual(self.bytes_of("t/s/x"), b"old")
        # A directory does not replace a file.
        self.put("u/s", b"file")
        self.assertIn("u/s", self.errors_of("cp", "-r", "s", "u"))
        self.assertEqual(self.bytes_of("u/s"), b"file")

    def test_new_directories_keep_permissions_and_times(self):
        self.put("s/ro/deep/x")
        self.path("t").mkdir()
        for name, mode in (("s/ro/deep", 0o500), ("s/ro", 0o555)):
            self.path(name).chmod(mode)
            os.utime(self.path(name), (0, 951_782_400))
        for name in ("s/ro", "s/ro/deep", "t/s/ro", "t/s/ro/deep"):
            self.addCleanup(lambda path: path.exists() and path.chmod(0o755),
                            self.path(name))
        self.path("t/s").mkdir()
        self.path("t/s").chmod(0o711)
        self.succeed("cp", "-r", "s", "t")
        self.assertEqual(self.bytes_of("t/s/ro/deep/x"), b"text")
        for name, mode in (("ro", 0o555), ("ro/deep", 0o500)):
            info = self.path(f"t/s/{name}").stat()
            self.assertEqual(stat.S_IMODE(info.st_mode), mode)
            self.assertEqual(info.st_mtime, 951_782_400)
        mode = stat.S_IMODE(self.path("t/s").stat().st_mode)
        self.assertEqual(mode, 0o711)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to change the user")
    def test_an_unreadable_entry_is_reported_once(self):
        self.folder.chmod(0o755)
        for name in ("s/new/shut", "s/shut", "t/s/shut"):
            self.path(name).mkdir(parents=True)
            self.path(name).chmod(0)
        for name in ("t/s", "t/s/shut"):
            os.chown(self.path(name), 65534, 65534)
        self.path("t/s/shut").chmod(0o755)
        code, _, errors = self.as_nobody("cp", "-r", "s", "t")
        self.assertEqual(code, 1)
        for name in ("s/new/shut", "s/shut"):
            line = f"spindle cp: {name}: Permission denied\n"
            self.assertEqual(errors.decode().count(line), 1, errors)

    def test_a_missing_directory_is_named(self):
        self.put("f")
        self.put("d/x")
        for args, name in ((["cp", "f", "no/"], "no/"),
                           (["mv", "f", "no/"], "no/"),
                           (["cp", "f", "no/x"], "no/"),
                           (["mv", "f", "no/x"], "no/"),
                           (["cp", "f", "no/x", "--rate", "1M"], "no/"),
                           (["cp", "-r", "d", "no/x/"], "no/"),
                           (["cp", "-r", "d", "no/x", "--rate", "1M"], "no/"),
                           (["mv", "d", "no/x/"], "no/"),
                           (["mkdir", "no/x"], "no/"),
                           (["put", "-r", "--quiet", "d", "no/x"], "no/"),
                           (["get", "-r", "--quiet", "d", "no/x"], "no/")):
            with self.subTest(args):
                self.assertEqual(
                    self.errors_of(*args),
                    f"spindle {args[0]}: {name}: No such file or directory "
                    "(`spindle mkdir -p` makes it)\n")
        # A missing source is reported first, and an existing directory is fine.
        self.assertEqual(self.errors_of("mv", "none", "no/x"),
                         "spindle mv: none: No such file or directory\n")
        self.succeed("cp", "-r", "d", "new/")
        self.succeed("mv", "new", "e/")
        self.assertEqual(self.names("e"), ["x"])

    def test_the_content_of_a_directory(self):
        self.put("s/x")
        self.path("t").mkdir()
        self.succeed("cp", "-r", "s/.", "t")
        self.assertEqual(self.names("t"), ["x"])

    def test_a_directory_is_not_copied_into_itself(self):
        self.put("d/x")
        self.path("d/e/d").mkdir(parents=True)
        for target in ("d", "d/new", "d/e", "d/../d/e"):
            with self.subTest(target):
                self.assertTrue(self.errors_of("cp", "-r", "d", target))
        self.assertEqual(self.names("d"), ["e", "x"])
        self.assertEqual(self.names("d/e/d"), [])

    def test_links_are_followed_unless_recursive(self):
        self.put("d/f", b"1")
        self.path("d/one").symlink_to("f")
        self.path("two").symlink_to("d/one")
        self.succeed("cp", "two", "copy")
        self.assertFalse(self.path("copy").is_symlink())
        self.assertEqual(self.bytes_of("copy"), b"1")
        self.succeed("cp", "-r", "two", "link")
        self.assertEqual(os.readlink(self.path("link")), "d/one")
        # The target of a link is written, too.
        self.put("new", b"2")
        self.succeed("cp", "new", "two")
        self.assertTrue(self.path("two").is_symlink())
        self.assertEqual(self.bytes_of("d/f"), b"2")
        self.path("loop").symlink_to("loop")
        self.assertIn("Too many levels", self.errors_of("cp", "loop", "x"))

    def test_only_files_are_replaced(self):
        self.put("a")
        os.mkfifo(self.path("fifo"))
        errors = self.errors_of("cp", "a", "fifo")
        self.assertEqual(errors,
                         "spindle cp: fifo: it is no file, but a fifo\n")
        self.path("d/a").mkdir(parents=True)
        self.assertIn("d/a", self.errors_of("cp", "a", "d"))
        self.assertIn("same file", self.errors_of("cp", "a", "./a"))
        self.assertTrue(stat.S_ISFIFO(self.path("fifo").stat().st_mode))

    def test_moving(self):
        self.put("a", b"1")
        self.put("b", b"2")
        self.succeed("mv", "a", "b")
        self.assertEqual((self.names(), self.bytes_of("b")), (["b"], b"1"))
        self.put("d/x")
        self.succeed("mv", "b", "d")
        self.assertEqual(self.names("d"), ["b", "x"])
        self.succeed("mv", "d", "e")
        self.assertEqual(self.names(), ["e"])
        self.path("l").symlink_to("e/x")
        self.succeed("mv", "l", "m")
        self.assertTrue(self.path("m").is_symlink())

    def test_a_link_does_not_replace_its_target(self):
        for command in (["mv"], ["cp", "-r"]):
            with self.subTest(command):
                self.put("f", b"1")
                self.path("soft").symlink_to("f")
                self.put("sub/x")
                self.path("sub/f").symlink_to("../f")
                for source, target in (("soft", "f"), ("sub/f", ".")):
                    errors = self.errors_of(*command, source, target)
                    self.assertIn("both paths name the same file", errors)
                self.assertFalse(self.path("f").is_symlink())
                self.assertEqual(self.bytes_of("f"), b"1")
                self.assertTrue(self.path("sub/f").is_symlink())
                self.path("sub/f").unlink()
                self.path("soft").unlink()

    def test_a_move_onto_another_hard_link_removes_the_source(self):
        self.put("f", b"1")
        os.link(self.path("f"), self.path("g"))
        self.assertIn("same file", self.errors_of("mv", "f", "./f"))
        self.succeed("mv", "f", "g")
        self.assertEqual((self.names(), self.bytes_of("g")), (["g"], b"1"))

    def test_directories_replace_only_empty_ones(self):
        self.put("d/x")
        self.path("t/d").mkdir(parents=True)
        self.succeed("mv", "d", "t")
        self.assertEqual(self.names("t/d"), ["x"])
        self.put("d/y")
        self.assertEqual(self.errors_of("mv", "d", "t"),
                         "spindle mv: t/d: Directory not empty\n")
        self.assertEqual(self.names("t/d"), ["x"])
        self.put("u/d", b"file")
        self.assertEqual(self.errors_of("mv", "d", "u"),
                         "spindle mv: u/d: Not a directory\n")
        self.put("f")
        self.path("v/f").mkdir(parents=True)
        self.assertTrue(self.errors_of("mv", "f", "v"))
        self.assertTrue(self.path("v/f").is_dir())
        self.assertTrue(self.errors_of("mv", "d", "d"))
        self.path("empty").mkdir()
        self.assertTrue(self.errors_of("mv", "empty/.", "empty"))
        self.assertTrue(self.path("empty").is_dir())


class Keeping(FilesTest):
    """What copies, and moves to another device, keep besides the content."""

    def setUp(self):
        super().setUp()
        if not os.path.isdir("/dev/shm"):
            self.skipTest("needs a second device")
        far = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.addCleanup(far.cleanup)
        self.far = Path(far.name)
        if self.far.stat().st_dev == self.folder.stat().st_dev:
            self.skipTest("needs a second device")

    def make_tree(self):
        self.put("d/f", b"1")
        os.link(self.path("d/f"), self.path("d/g"))
        with open(self.path("d/sparse"), "wb") as file:
            file.seek(50 << 20)
            file.write(b"end")
        if os.geteuid() == 0:
            os.chown(self.path("d/f"), 12, 34)
            os.chown(self.path("d"), 12, 34)

    def assert_kept(self, top):
        self.assertEqual((top / "f").stat().st_ino, (top / "g").stat().st_ino)
        self.assertEqual((top / "sparse").stat().st_size, (50 << 20) + 3)
        self.assertLess((top / "sparse").stat().st_blocks * 512, 1 << 20)
        if os.geteuid() == 0:
            for path in (top, top / "f"):
                info = path.stat()
                self.assertEqual((info.st_uid, info.st_gid), (12, 34))

    def test_a_copy_keeps_holes(self):
        self.make_tree()
        self.succeed("cp", "d/sparse", str(self.far))
        copy = (self.far / "sparse").stat()
        self.assertEqual(copy.st_size, (50 << 20) + 3)
        self.assertLess(copy.st_blocks * 512, 1 << 20)

    def test_an_archive_copy_keeps_all_attributes(self):
        self.make_tree()
        self.succeed("cp", "--archive", "d", str(self.far / "copy"))
        self.assert_kept(self.far / "copy")
        # Also if it is merged into an existing directory.
        (self.far / "there/new").mkdir(parents=True)
        self.path("new").mkdir()
        self.path("d").rename(self.path("new/d"))
        self.succeed("cp", "-a", "new", str(self.far / "there"))
        self.assert_kept(self.far / "there/new/d")

    def test_a_move_to_another_device_keeps_all_attributes(self):
        self.make_tree()
        self.succeed("mv", "d", str(self.far))
        self.assertEqual(self.names(), [])
        self.assert_kept(self.far / "d")

    def test_hard_links_are_split_only_with_lossy(self):
        self.put("a", b"1")
        for name in ("b", "c"):
            os.link(self.path("a"), self.path(name))
        self.assertEqual(
            self.errors_of("mv", "a", "b", str(self.far)),
            "spindle mv: b: it is a hard link to a and would become a separate "
            "file on the other device; --lossy moves it nevertheless\n")
        self.succeed("mv", "--lossy", "b", "c", str(self.far))
        self.assertEqual(sorted(x.name for x in self.far.iterdir()),
                         ["a", "b", "c"])
        # A move on the same device keeps the link.
        self.path("d").mkdir()
        self.put("e", b"1")
        os.link(self.path("e"), self.path("f"))
        self.succeed("mv", "e", "f", "d")
        self.assertEqual(self.path("d/e").stat().st_nlink, 2)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to set owners")
    def test_a_move_that_loses_attributes_needs_lossy(self):
        self.put("f", b"1")
        for place in (self.folder, self.far):
            os.chmod(place, 0o777)
        os.chown(self.path("f"), 12, 65534)
        code, _, errors = self.as_nobody("mv", "f", str(self.far))
        self.assertEqual(code, 1)
        self.assertEqual(errors.decode(),
                         f"spindle mv: {self.far}/f: Operation not permitted "
                         "(cannot be kept there: the owner; a lossy move goes "
                         "on without it)\n")
        self.assertEqual((self.names(), list(self.far.iterdir())), (["f"], []))
        code, _, _ = self.as_nobody("mv", "--lossy", "f", str(self.far))
        self.assertEqual(code, 0)
        self.assertEqual(self.names(), [])
        self.assertEqual((self.far / "f").read_bytes(), b"1")


class TransferTest(FilesTest):
    def transfer(self, command, *args, **kwargs):
        """Runs a transfer that must succeed; returns its output."""
        code, text, errors = self.call(command, *args, "--json", **kwargs)
        self.assertEqual(code, 0, errors)
        return json.loads(text), errors

    @staticmethod
    def umask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    # A rate that gives a test time to act during the transfer.
    SLOW = ("--rate", "16M")

    def big(self, name, size=24 << 20):
        """Creates a file that takes long to transfer at the slow rate."""
        return self.put(name, expected_bytes(size))

    def parts(self, name="target", where="."):
        """Returns the paths with the name of a part."""
        return sorted(x for x in self.path(where).iterdir()
                      if re.fullmatch(r"\.(.*)\.[0-9a-f]{32}\.spindle-part"
                                      r"(-\d)?", x.name)
                      and x.name.startswith("." + name + "."))

    def part(self, name="target", where="."):
        [path] = self.parts(name, where)
        return path

    def part_path(self, name="target", where="."):
        """Returns the path of the part that a transfer uses."""
        self.put("name", name.encode())
        [outcome], _ = self.run_all({"action": "file_checksum",
                                     "path": "name"})
        self.path("name").unlink()
        digits = outcome["output"]["checksum"]
        shown = name.encode()[:80].decode(errors="ignore")
        return self.path(where) / f".{shown}.{digits}.spindle-part"

    def make_part(self, content, name="target", mode=0o600):
        path = self.part_path(name)
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def wait_for_part(self, program, size, name="target"):
        def is_there():
            self.assertIsNone(program.process.poll())
            found = self.parts(name)
            return found and found[0].stat().st_size >= size

        wait_for(is_there, "the part")

    def end_of_get(self, program):
        """Truncates the source a little behind the fetched bytes."""
        program.process.wait(timeout=DEADLINE_S)
        size = self.part().stat().st_size
        tail = expected_bytes(3_000_000)
        with self.path("source").open("r+b") as stream:
            stream.truncate(size)
            stream.seek(size)
            stream.write(tail)
        return size


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
                               r"\S+-part keeps \S+; the same command "
                               r"goes on from there\r\n"), "the end")
        self.assertEqual(program.code(), 1)
        os.close(leader)

    def test_a_source_that_changes_is_detected(self):
        self.big("source")
        program = self.start("source", "target", *self.SLOW, command="get")
        self.wait_for_part(program, 1 << 20)
        program.process.send_signal(signal.SIGSTOP)
        with self.path("source").open("r+b") as stream:
            stream.write(b"changed")
            stream.truncate(8 << 20)
        program.process.send_signal(signal.SIGCONT)
        self.assertEqual(program.code(), 1)
        self.assertRegex(program.errors(),
                         r"spindle get: source: its checksum differs from that "
                         r"of the written bytes: it changed during the transfer")
        self.assertEqual(self.names(), ["source"])
        told, errors = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], 0)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))


class Resuming(TransferTest):
    def test_get_resumes_after_kill(self):
        self.big("source")
        program = self.start("source", "target", *self.SLOW, command="get")
        self.wait_for_part(program, 1 << 20)
        program.process.kill()
        size = self.end_of_get(program)
        self.assertFalse(self.path("target").exists())
        told, errors = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], size)
        self.assertEqual(told["size"], size + 3_000_000)
        self.assertIn("-part has ", errors)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))
        self.assertEqual(self.names(), ["source", "target"])

    def test_get_resumes_after_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.big("source")
                program = self.start("source", "target", "--json", *self.SLOW,
                                     command="get")
                self.wait_for_part(program, 1 << 20)
                program.process.send_signal(number)
                [told] = program.rest()
                size = self.end_of_get(program)
                self.assertEqual(program.code(), 1)
                self.assertEqual((told["result"], told["error"]),
                                 (False, "cancelled"))
                self.assertRegex(program.errors(),
                                 f"spindle get: stopped by {number.name}; "
                                 r"\S+-part (keeps \S+|may keep some of it); "
                                 "the same command goes on from there")
                told, _ = self.transfer("get", "source", "target")
                self.assertEqual(told["resumed_from"], size)
                self.assertEqual(self.bytes_of("target"),
                                 self.bytes_of("source"))
                self.path("target").unlink()

    def test_put_resumes_after_kill(self):
        self.big("source")
        program = self.start("source", "target", *self.SLOW, command="put")
        self.wait_for_part(program, 1 << 20)
        program.process.kill()
        size = self.end_of_get(program)
        told, errors = self.transfer("put", "source", "target")
        self.assertEqual(told["resumed_from"], size)
        self.assertIn("already, going on from there", errors)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))
        self.assertEqual(self.names(), ["source", "target"])

    def test_a_stream_that_is_interrupted_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                program = self.start("-", "target", command="put")
                program.write(bytes(1 << 20))
                self.wait_for_temporary(program, 1 << 20)
                program.process.send_signal(number)
                self.assertEqual(program.code(), 1)
                self.assertEqual(
                    program.errors(),
                    f"spindle put: stopped by {number.name}\n")
                self.assertEqual(self.names(), [])

    def wait_for_temporary(self, program, size):
        def is_there():
            self.assertIsNone(program.process.poll())
            found = [x for x in self.path(".").iterdir()
                     if x.name.startswith(".spindle-")]
            return found and found[0].stat().st_size >= size

        wait_for(is_there, "the temporary file")

    def test_a_wait_for_a_fifo_can_be_interrupted(self):
        os.mkfifo(self.path("fifo"))
        program = self.start("fifo", "target", command="put")
        wait_for(lambda: [x for x in self.names() if x.startswith(".")],
                 "the temporary file")
        program.process.send_signal(signal.SIGINT)
        self.assertEqual(program.code(), 1)
        self.assertEqual(self.names(), ["fifo"])

    def resumes_from(self, part, *args):
        data = self.put("source", expected_bytes(3_000_000))
        for command in ("get", "put"):
            with self.subTest(command):
                self.make_part(part(data))
                told, errors = self.transfer(command, "source", "target",
                                             *args)
                self.assertEqual(self.bytes_of("target"), data)
                self.assertEqual(self.names(), ["source", "target"])
                yield told["resumed_from"], errors

    def test_a_complete_part_is_only_renamed(self):
        for begin, _ in self.resumes_from(lambda data: data):
            self.assertEqual(begin, 3_000_000)

    def test_an_empty_part(self):
        for begin, errors in self.resumes_from(lambda data: b""):
            self.assertEqual(begin, 0)
            self.assertNotIn("anew", errors)

    def test_a_damaged_part_is_not_resumed(self):
        for damaged in (lambda data: data[:1_000_000] + b"x",
                        lambda data: data + b"x",
                        lambda data: b"x" + data[1:]):
            for begin, errors in self.resumes_from(damaged):
                self.assertEqual(begin, 0)
                self.assertIn("-part is not the beginning of source, "
                              "starting anew", errors)

    def test_without_resume(self):
        for begin, errors in self.resumes_from(lambda data: data[:1000],
                                               "--no-resume"):
            self.assertEqual(begin, 0)
            self.assertNotIn("anew", errors)

    def test_a_stream_is_not_resumed(self):
        part = self.make_part(b"te")
        code, _, _ = self.call("put", "-", "target", input="text")
        self.assertEqual(code, 0)
        self.assertEqual(self.bytes_of("target"), b"text")
        self.assertEqual(part.read_bytes(), b"te")

    def test_a_file_with_the_name_of_a_part_is_not_touched(self):
        data = self.put("movie", expected_bytes(100_000))
        self.path("d").mkdir()
        for command in ("get", "put"):
            for own in (b"notes", data[:1000], data):
                with self.subTest((command, len(own))):
                    self.put("d/movie.part", own)
                    told, errors = self.transfer(command, "movie", "d")
                    self.assertEqual(told["resumed_from"], 0)
                    self.assertNotIn("movie.part", errors)
                    self.assertEqual(self.bytes_of("d/movie.part"), own)
                    self.assertEqual(self.bytes_of("d/movie"), data)
                    self.assertEqual(self.names("d"), ["movie", "movie.part"])

    def check_left_alone(self, why, is_untouched):
        """Checks that the file with the name of the part is not used."""
        data = self.bytes_of("source")
        for command in ("get", "put"):
            with self.subTest(command):
                told, errors = self.transfer(command, "source", "target")
                self.assertEqual(told["resumed_from"], 0)
                self.assertRegex(errors, f"spindle {command}: \\S+-part is left "
                                         f"alone: {why}\n")
                self.assertEqual(self.bytes_of("target"), data)
                self.assertTrue(is_untouched())
                self.assertEqual(len(self.parts()), 1)
                self.path("target").unlink()

    def test_a_part_that_others_may_write_is_not_used(self):
        data = self.put("source", expected_bytes(3_000_000))
        for mode in (0o666, 0o620, 0o602):
            part = self.make_part(data[:1000], mode=mode)
            self.check_left_alone("others may write it",
                            lambda p=part: p.read_bytes() == data[:1000])

    def test_a_part_with_another_name_is_not_written(self):
        data = self.put("source", expected_bytes(3_000_000))
        part = self.make_part(data[:1000])
        os.link(part, self.path("diary"))
        self.check_left_alone("it has other names",
                        lambda: self.bytes_of("diary") == data[:1000])

    def test_a_link_in_place_of_the_part_is_not_followed(self):
        data = self.put("source", expected_bytes(3_000_000))
        self.put("secret", data[:1000])
        self.part_path().symlink_to("secret")
        self.check_left_alone("it is no file, but a symlink",
                        lambda: self.bytes_of("secret") == data[:1000])
        self.part_path().unlink()
        self.part_path().mkdir()
        self.check_left_alone("it is no file, but a directory",
                        self.part_path().is_dir)

    @unittest.skipIf(os.geteuid() != 0, "needs root to set owners")
    def test_a_part_of_another_user_is_not_used(self):
        data = self.put("source", expected_bytes(3_000_000))
        self.path("source").chmod(0o600)
        part = self.make_part(data[:1000])
        os.chown(part, 12345, 12345)
        self.check_left_alone("it belongs to another user",
                        lambda: part.read_bytes() == data[:1000])
        self.succeed("get", "source", "target", "--quiet")
        self.assertEqual(self.path("target").stat().st_uid, os.geteuid())
        self.assertEqual(
            stat.S_IMODE(self.path("target").stat().st_mode), 0o600)

    def test_resuming_works_beside_a_part_that_is_left_alone(self):
        data = self.put("source", expected_bytes(3_000_000))
        first = self.make_part(data[:1000], mode=0o666)
        second = first.with_name(first.name + "-1")
        second.write_bytes(data[:2000])
        second.chmod(0o600)
        told, _ = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], 2000)
        self.assertEqual(self.parts(), [first])

    def test_a_part_is_not_more_accessible_than_its_source(self):
        for mode, most in ((0o600, 0o600), (0o666, 0o644), (0o444, 0o644),
                           (0o7777, 0o755)):
            self.big("source")
            self.path("source").chmod(mode)
            program = self.start("source", "target", *self.SLOW, command="get")
            self.wait_for_part(program, 1)
            part = self.part()
            self.assertEqual(stat.S_IMODE(part.stat().st_mode),
                             most & ~self.umask())
            program.process.kill()
            program.code()
            part.unlink()

    def test_an_existing_part_gets_the_permissions_of_its_source(self):
        self.big("source")
        self.path("source").chmod(0o644)
        self.make_part(self.bytes_of("source")[:1000], mode=0o644)
        self.path("source").chmod(0o600)
        program = self.start("source", "target", *self.SLOW, command="get")
        self.wait_for_part(program, 1 << 20)
        self.assertEqual(stat.S_IMODE(self.part().stat().st_mode), 0o600)

    def test_names_of_maximum_length(self):
        for length in (244, 250, 252, 253, 254, 255):
            for letter in ("n", "é", "漢"):
                name = letter * (length // len(letter.encode()))
                name += "x" * (length - len(name.encode()))
                data = self.put("source", expected_bytes(100_000))
                for command in ("cp", "get", "put"):
                    with self.subTest((command, length, letter)):
                        self.call(command, "source", name)
                        self.assertEqual(self.bytes_of(name), data)
                        self.path(name).unlink()
                self.succeed("write", "--quiet", "--mode", "replace", "source",
                             name)
                self.assertEqual(self.bytes_of(name), data)
                self.succeed("mv", name, "source")
                self.assertEqual(self.names(), ["source"])

    def test_a_transfer_with_a_long_name_resumes(self):
        name = "n" * 255
        self.big("source")
        program = self.start("source", name, *self.SLOW, command="get")
        self.wait_for_part(program, 1 << 20, "n" * 80)
        program.process.kill()
        program.code()
        size = self.parts("n" * 80)[0].stat().st_size
        os.truncate(self.path("source"), size)
        told, _ = self.transfer("get", "source", name)
        self.assertEqual(told["resumed_from"], size)

    def test_a_file_does_not_replace_itself(self):
        self.put("f", b"1")
        os.link(self.path("f"), self.path("hard"))
        self.path("soft").symlink_to("f")
        inode = self.path("f").stat().st_ino
        for command in ("get", "put"):
            for args in (["f", "f"], ["f", "./f"], ["hard", "f"],
                         ["soft", "f"], ["f", "soft"], ["f", "."]):
                with self.subTest((command, args)):
                    source, target = args
                    target = "./f" if target == "." else target
                    self.assertEqual(
                        self.errors_of(command, *args),
                        f"spindle {command}: {target}: it is the same file as "
                        f"{source}\n")
        for name in ("f", "hard"):
            self.assertEqual(self.path(name).stat().st_ino, inode)
        self.assertTrue(self.path("soft").is_symlink())
        self.assertEqual(self.names(), ["f", "hard", "soft"])
        # In a tree, such a file is skipped.
        self.put("d/x", b"2")
        self.path("e/d").mkdir(parents=True)
        os.link(self.path("d/x"), self.path("e/d/x"))
        for command in ("get", "put"):
            self.succeed(command, "-r", "--quiet", "d", "e")
            self.assertEqual(self.path("d/x").stat().st_nlink, 2)

    def test_other_hard_links_of_a_replaced_file_stay(self):
        for args in (["cp", "source", "target"], ["get", "source", "target"],
                     ["put", "source", "target"],
                     ["write", "source", "target", "--mode", "replace"]):
            with self.subTest(args):
                self.put("source", b"new")
                self.put("target", b"old")
                os.link(self.path("target"), self.path("other"))
                self.assertEqual(self.call(*args)[0], 0)
                self.assertEqual(self.bytes_of("target"), b"new")
                self.assertEqual(self.bytes_of("other"), b"old")
                self.assertEqual(self.path("target").stat().st_nlink, 1)
                self.path("target").unlink()
                self.path("other").unlink()

    def test_a_file_written_in_place_keeps_its_hard_links(self):
        for mode, expected in (("truncate", b"new"), ("append", b"oldnew"),
                               ("update", b"new")):
            with self.subTest(mode):
                self.put("source", b"new")
                self.put("target", b"old")
                os.link(self.path("target"), self.path("other"))
                self.succeed("write", "--quiet", "source", "target", "--mode",
                             mode)
                self.assertEqual(self.bytes_of("other"), expected)
                self.assertEqual(self.path("target").stat().st_nlink, 2)
                self.path("target").unlink()
                self.path("other").unlink()

    def test_a_target_at_the_size_limit_keeps_the_part(self):
        data = self.put("source", expected_bytes(3_000_000))
        limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 2000; exec "$@"', "-",
                   PROGRAM, "get", "source", "target"]
        done = subprocess.run(limited, cwd=self.folder, capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("spindle get: target: File too large", done.stderr)
        size = self.part().stat().st_size
        self.assertIn("-part keeps ", done.stderr)
        told, _ = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], size)
        self.assertEqual(self.bytes_of("target"), data)

    def test_a_read_only_disk_has_no_temporary_files(self):
        self.put("source")
        self.put("d/x")
        disk = self.small_disk(1 << 20)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for args in (["cp", "source"], ["cp", "-r", "d"], ["mv", "source"],
                     ["put", "source"], ["get", "source"]):
            with self.subTest(args):
                errors = self.errors_of(*args, f"{disk}/target")
                self.assertIn("Read-only file system: choose another place",
                              errors)

    def test_a_full_disk_keeps_the_part(self):
        disk = self.small_disk(4 << 20)
        data = self.put("source", expected_bytes(20_000_000))
        for command in ("put", "get"):
            code, text, errors = self.call(command, "source", f"{disk}/target",
                                           "--json")
            self.assertEqual(code, 1)
            [line, rest] = errors.splitlines()[-2:]
            self.assertEqual(line, f"spindle {command}: {disk}/target: No "
                                   "space left on device: make room, or choose "
                                   "another place")
            part = self.part(where=disk)
            size = part.stat().st_size
            self.assertLessEqual(size, 4 << 20)
            self.assertEqual(part.read_bytes(), data[:size])
            self.assertIn(f"-part keeps {size / (1 << 20):.2f}MiB; the same "
                          "command goes on from there", rest)
            self.assertEqual(json.loads(text)["errno"], errno.ENOSPC)
            subprocess.run(["mount", "-o", "remount,size=64m", disk],
                           check=True)
            told, _ = self.transfer(command, "source", f"{disk}/target")
            self.assertEqual(told["resumed_from"], size)
            self.assertEqual(self.bytes_of(f"{disk}/target"), data)
            self.path(f"{disk}/target").unlink()
            subprocess.run(["mount", "-o", "remount,size=4m", disk],
                           check=True)

    def small_disk(self, size):
        path = self.path("disk")
        path.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}",
                                  "none", path], capture_output=True,
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", path], check=True)
        return path


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
            self.put(f"s/{i}", expected_bytes(2_000_000))
        program = self.start("-r", "s", "t", "--rate", "8M", "--json",
                             command="get")
        wait_for(self.path("t/2").exists, "some of it")
        program.process.send_signal(signal.SIGINT)
        told = program.rest()
        self.assertEqual(program.code(), 1)
        self.assertFalse(told[-1]["result"])
        self.assertRegex(program.errors(),
                         r"spindle get: stopped by SIGINT; \d files are there")
        code, _, errors = self.call("get", "-r", "s/.", "t")
        self.assertEqual(code, 0)
        self.assertRegex(errors, r"5 files, \S+ transferred in .*; \S+ were "
                                 r"there, [34] whole files among them")
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
        program = self.start("source", "target", "--rate", "8M", *args,
                             command="get")
        self.wait_for_part(program, 1)
        with self.path("source").open("ab") as stream:
            stream.write(b"more")
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


class Interrupting(FilesTest):
    """What cp, mv and other commands leave when they are interrupted."""

    def many_files(self, name="s", count=20_000):
        top = self.path(name)
        top.mkdir()
        for i in range(count):
            (top / f"{i:05}").write_bytes(b"content")

    def other_device(self):
        """Returns a directory on another device."""
        shm = "/dev/shm"
        if os.stat(shm).st_dev == self.folder.stat().st_dev:
            self.skipTest("needs a second device")
        folder = tempfile.TemporaryDirectory(dir=shm)
        self.addCleanup(folder.cleanup)
        return Path(folder.name)

    def temporaries(self, where="."):
        return [x for x in self.path(where).rglob("*")
                if x.name.startswith(".spindle-")]

    def wait_for_beginning(self, program, where):
        """Waits until the command has created something."""
        def is_there():
            self.assertIsNone(program.process.poll())
            return any(self.path(where).iterdir())

        wait_for(is_there, "the beginning")

    def check_interrupted(self, command, number, *args, into):
        program = self.start(*args, command=command)
        self.wait_for_beginning(program, into)
        program.process.send_signal(number)
        self.assertEqual(program.code(), 1)
        self.assertEqual(program.errors(),
                         f"spindle {command}: stopped by {number.name}\n")
        self.assertEqual(self.temporaries(into), [])

    def test_a_copy_leaves_nothing_temporary(self):
        self.many_files()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.path("t").mkdir()
                self.check_interrupted("cp", number, "-r", "s", "t", into="t")
                shutil.rmtree(self.path("t"))
                self.assertEqual(len(self.names("s")), 20_000)

    def test_a_copy_of_one_file_leaves_nothing(self):
        self.put("s", bytes(64 << 20))
        self.path("t").mkdir()
        self.check_interrupted("cp", signal.SIGINT, "s", "t", "--rate", "1M",
                               into="t")
        self.assertEqual(self.names("t"), [])

    def test_a_move_to_another_device_keeps_the_source(self):
        self.many_files()
        other = self.other_device()
        self.check_interrupted("mv", signal.SIGINT, "s", other, into=other)
        self.assertEqual(list(other.iterdir()), [])
        self.assertEqual(len(self.names("s")), 20_000)

    def test_an_ignored_signal_stays_ignored(self):
        self.put("s", bytes(1 << 20))
        program = self.start(
            "s", "t", "--rate", "4M", command="cp",
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        wait_for(self.temporaries, "the beginning")
        program.process.send_signal(signal.SIGINT)
        self.assertEqual((program.code(), program.errors()), (0, ""))

    def kill_in_the_middle(self, where="t"):
        """Kills a copy; returns the temporary files that it leaves."""
        self.put("s", bytes(64 << 20))
        shutil.rmtree(self.path(where), ignore_errors=True)
        self.path(where).mkdir()
        program = self.start("s", where, "--rate", "1M", command="cp")
        self.wait_for_beginning(program, where)
        program.process.kill()
        program.code()
        [left] = self.temporaries(where)
        return left

    def test_temporary_files_of_a_killed_command_are_removed(self):
        old = {**os.environ, "SPINDLE_LEFTOVER_AGE": "0s"}
        self.put("f")
        self.path("other").mkdir()
        for args in (["cp", "f", "t"], ["cp", "f", "t/g"], ["mv", "g", "t"],
                     ["get", "f", "t"], ["put", "f", "t"],
                     ["put", "f", "t/h"],
                     ["write", "f", "t/i", "--mode", "replace"]):
            with self.subTest(args):
                self.put("g")
                left = self.kill_in_the_middle()
                # Not removed: recent files, and those in other directories.
                self.assertEqual(self.call(*args)[0], 0)
                self.assertTrue(left.exists())
                self.assertEqual(self.call("cp", "f", "other", env=old)[0], 0)
                self.assertTrue(left.exists())
                self.put("g")
                self.assertEqual(self.call(*args, env=old)[0], 0)
                self.assertFalse(left.exists())

    def test_recursive_commands_remove_temporary_files_below(self):
        old = {**os.environ, "SPINDLE_LEFTOVER_AGE": "0s"}
        self.put("d/sub/f")
        for command in ("cp", "get", "put"):
            with self.subTest(command):
                left = self.kill_in_the_middle()
                self.path("t/d/sub/deep").mkdir(parents=True)
                below = [left.rename(self.path("t/d/sub") / left.name)]
                below.append(self.path("t/d/sub/deep") / left.name)
                shutil.copy(*below)
                self.assertEqual(self.call(command, "d/sub/f", "t/d",
                                           env=old)[0], 0)
                self.assertEqual([x.exists() for x in below], [True, True])
                self.assertEqual(self.call(command, "-r", "d", "t",
                                           env=old)[0], 0)
                self.assertEqual([x.exists() for x in below], [False, False])

    def test_files_of_others_or_in_use_are_not_removed(self):
        old = {**os.environ, "SPINDLE_LEFTOVER_AGE": "0s"}
        self.put("f")
        left = self.kill_in_the_middle()
        kept = [f".spindle-{os.getpid()}-ab12-0.tmp", ".spindle-x.tmp",
                "spindle.tmp", ".spindle-notes"]
        for name in kept:
            self.put(f"t/{name}")
        if os.geteuid() == 0:
            foreign = left.with_name(left.name.replace("-0.tmp", "-9.tmp"))
            shutil.copy(left, foreign)
            os.chown(foreign, 12345, 12345)
            kept.append(foreign.name)
        self.succeed("cp", "f", "t", env=old)
        self.assertEqual(self.names("t"), sorted(kept + ["f"]))


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
