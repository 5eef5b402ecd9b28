#!/usr/bin/env python3
"""Tests of the commands for people: ls, cp, get and the like, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import base64
import json
import os
import pty
import random
import re
import shutil
import signal
import stat
import subprocess
import unittest

from program import DEADLINE_S, PROGRAM, ProgramTest, wait_for

COMMANDS = ("ls", "stat", "cat", "cp", "mv", "rm", "mkdir", "get", "put",
            "status")

# Names that shells, parsers or terminals may take for something else.
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
        """Like call, but with bytes."""
        done = subprocess.run([PROGRAM, *args], cwd=self.folder,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False, **kwargs)
        return done.returncode, done.stdout, done.stderr

    def succeed(self, *args, **kwargs):
        code, text, errors = self.call(*args, **kwargs)
        self.assertEqual((code, errors), (0, ""))
        return text

    def errors_of(self, *args, code=1):
        """Returns what a command says that fails."""
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

    def test_odd_names_are_escaped_and_exact_in_json(self):
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

    def test_large_directories_come_page_by_page(self):
        for i in range(2500):
            self.put(f"d/{i:04}", b"")
        self.assertEqual(self.succeed("ls", "d").splitlines(),
                         [f"{i:04}" for i in range(2500)])
        self.assertEqual(len(self.lines("ls", "-lR", "--json", "d")), 2500)

    def test_what_cannot_be_listed_is_told_and_the_rest_listed(self):
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

    def test_cat_is_quiet_when_nobody_reads(self):
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
                         "spindle mkdir: c/d: No such file or directory\n"
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

    def test_odd_names_mean_themselves(self):
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
                     ["get", "a", "-", "--json"], ["get", "a", "b", "c"],
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
        # Now it exists, so that it goes into it.
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
        # A directory does not take the place of a file.
        self.put("u/s", b"file")
        self.assertIn("u/s", self.errors_of("cp", "-r", "s", "u"))
        self.assertEqual(self.bytes_of("u/s"), b"file")

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
        # What is behind a link is written, too.
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

    def test_a_link_does_not_replace_what_it_leads_to(self):
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

    def test_of_two_hard_links_one_is_moved_away(self):
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


class TransferTest(FilesTest):
    def transfer(self, command, *args, **kwargs):
        """Returns what a transfer that succeeds tells."""
        code, text, errors = self.call(command, *args, "--json", **kwargs)
        self.assertEqual(code, 0, errors)
        return json.loads(text), errors

    def sparse(self, name, size):
        """Makes a file that takes long to transfer, and no room."""
        with self.path(name).open("wb") as stream:
            stream.truncate(size)

    def wait_for_part(self, program, name, size):
        path = self.path(name)

        def is_there():
            self.assertIsNone(program.process.poll())
            return path.exists() and path.stat().st_size >= size

        wait_for(is_there, "the part")

    def end_of_get(self, program):
        """Makes the source end a little behind what was fetched."""
        program.process.wait(timeout=DEADLINE_S)
        size = self.path("target.part").stat().st_size
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

    def test_permissions_come_along(self):
        self.put("source")
        for mode, expected in ((0o755, 0o755), (0o600, 0o600), (0o4444, 0o644)):
            self.path("source").chmod(mode)
            self.succeed("put", "source", "target", "--quiet")
            mode = stat.S_IMODE(self.path("target").stat().st_mode)
            self.assertEqual(mode, expected & ~self.umask())
            self.path("target").unlink()

    @staticmethod
    def umask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_failures(self):
        self.put("source")
        self.path("d/source").mkdir(parents=True)
        os.mkfifo(self.path("fifo"))
        self.put("x.part/y")
        for command in ("get", "put"):
            for args, message in (
                    (["none", "t"], "none: No such file or directory"),
                    (["d", "t"], "d: it is no file, but a directory"),
                    (["source", "no/t"],
                     "no/t.part: No such file or directory"),
                    (["source", "d"],
                     "d/source: it is no file, but a directory"),
                    (["source", "fifo"], "fifo: it is no file, but a fifo"),
                    (["source", "x"],
                     "x.part: it is no file, but a directory")):
                with self.subTest((command, args)):
                    self.assertEqual(self.errors_of(command, *args),
                                     f"spindle {command}: {message}\n")
        self.assertEqual(self.names(), ["d", "fifo", "source", "x.part"])

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

    def test_quiet_means_quiet(self):
        self.put("source")
        self.assertEqual(self.succeed("get", "source", "target", "--quiet"), "")

    def test_a_terminal_shows_a_bar(self):
        self.sparse("source", 1 << 36)
        leader, follower = pty.openpty()
        program = self.start("source", "target", command="get",
                             stderr=follower)
        os.close(follower)
        shown = ""

        def shows(pattern):
            nonlocal shown
            shown += os.read(leader, 1 << 16).decode()
            return re.search(pattern, shown)

        wait_for(lambda: shows(r"\r\x1b\[K\[[#.]{24}\] \S+iB of 64\.0GiB "
                               r"\(\d+%\), \S+/s, \S+ left"), "the bar")
        program.process.send_signal(signal.SIGINT)
        wait_for(lambda: shows(r"\r\x1b\[Kspindle get: stopped by SIGINT; "
                               r"target\.part keeps \S+; the same command "
                               r"goes on from there\r\n"), "the end")
        self.assertEqual(program.code(), 1)
        os.close(leader)

    def test_a_source_that_changes_is_noticed(self):
        self.sparse("source", 1 << 33)
        program = self.start("source", "target", command="get")
        self.wait_for_part(program, "target.part", 8 << 20)
        program.process.send_signal(signal.SIGSTOP)
        with self.path("source").open("r+b") as stream:
            stream.write(b"changed")
            stream.truncate(16 << 20)
        program.process.send_signal(signal.SIGCONT)
        self.assertEqual(program.code(), 1)
        self.assertRegex(program.errors(),
                         r"spindle get: source: its checksum is not that of "
                         r"target\.part: it changed meanwhile")
        self.assertFalse(self.path("target").exists())
        told, errors = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], 0)
        self.assertIn("is not the beginning of source, starting anew", errors)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))


class Resuming(TransferTest):
    def test_get_goes_on_after_kill(self):
        self.sparse("source", 1 << 36)
        program = self.start("source", "target", command="get")
        self.wait_for_part(program, "target.part", 8 << 20)
        program.process.kill()
        size = self.end_of_get(program)
        self.assertFalse(self.path("target").exists())
        told, errors = self.transfer("get", "source", "target")
        self.assertEqual(told["resumed_from"], size)
        self.assertEqual(told["size"], size + 3_000_000)
        self.assertIn("target.part has ", errors)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))
        self.assertFalse(self.path("target.part").exists())

    def test_get_goes_on_after_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.sparse("source", 1 << 36)
                program = self.start("source", "target", "--json",
                                     command="get")
                self.wait_for_part(program, "target.part", 8 << 20)
                program.process.send_signal(number)
                [told] = program.rest()
                size = self.end_of_get(program)
                self.assertEqual(program.code(), 1)
                self.assertEqual((told["result"], told["error"]),
                                 (False, "cancelled"))
                self.assertRegex(program.errors(),
                                 f"spindle get: stopped by {number.name}; "
                                 r"target\.part keeps \S+; the same command "
                                 "goes on from there")
                told, _ = self.transfer("get", "source", "target")
                self.assertEqual(told["resumed_from"], size)
                self.assertEqual(self.bytes_of("target"),
                                 self.bytes_of("source"))
                self.path("target").unlink()

    def test_put_goes_on_after_kill(self):
        data = expected_bytes(5_000_000)
        sent = 3 << 20
        os.mkfifo(self.path("source"))
        program = self.start("source", "target", command="put")
        with self.path("source").open("wb", buffering=0) as stream:
            stream.write(data[:sent])
            self.wait_for_part(program, "target.part", sent)
            program.process.kill()
            program.code()
        self.assertEqual(self.bytes_of("target.part"), data[:sent])
        self.path("source").unlink()
        self.put("source", data)
        told, errors = self.transfer("put", "source", "target")
        self.assertEqual(told["resumed_from"], sent)
        self.assertIn("target.part has 3.00MiB already, going on from there",
                      errors)
        self.assertEqual(self.bytes_of("target"), data)
        self.assertEqual(self.names(), ["source", "target"])

    def test_a_signal_while_a_pipe_has_nothing(self):
        program = self.start("-", "target", command="put")
        program.write(bytes(1 << 20))
        self.wait_for_part(program, "target.part", 1 << 20)
        program.process.send_signal(signal.SIGINT)
        self.assertEqual(program.code(), 1)
        self.assertEqual(program.errors(),
                         "spindle put: stopped by SIGINT; target.part keeps "
                         "1.00MiB\n")

    def resumes_from(self, part, *args):
        data = self.put("source", expected_bytes(3_000_000))
        for command in ("get", "put"):
            with self.subTest(command):
                self.put("target.part", part(data))
                told, errors = self.transfer(command, "source", "target",
                                             *args)
                self.assertEqual(self.bytes_of("target"), data)
                self.assertFalse(self.path("target.part").exists())
                yield told["resumed_from"], errors

    def test_a_complete_part_only_gets_its_name(self):
        for begin, _ in self.resumes_from(lambda data: data):
            self.assertEqual(begin, 3_000_000)

    def test_an_empty_part(self):
        for begin, errors in self.resumes_from(lambda data: b""):
            self.assertEqual(begin, 0)
            self.assertNotIn("anew", errors)

    def test_a_damaged_part_is_started_anew(self):
        for damaged in (lambda data: data[:1_000_000] + b"x",
                        lambda data: data + b"x",
                        lambda data: b"x" + data[1:]):
            for begin, errors in self.resumes_from(damaged):
                self.assertEqual(begin, 0)
                self.assertIn("target.part is not the beginning of source, "
                              "starting anew", errors)

    def test_without_resume(self):
        for begin, errors in self.resumes_from(lambda data: data[:1000],
                                               "--no-resume"):
            self.assertEqual(begin, 0)
            self.assertNotIn("anew", errors)

    def test_a_stream_starts_anew(self):
        self.put("target.part", b"te")
        code, _, errors = self.call("put", "-", "target", input="text")
        self.assertEqual(code, 0)
        self.assertIn("starting anew", errors)
        self.assertEqual(self.bytes_of("target"), b"text")

    def test_a_link_in_place_of_the_part_is_not_followed(self):
        self.put("source")
        self.put("secret", b"te")
        self.path("target.part").symlink_to("secret")
        self.assertIn("target.part: it is no file, but a symlink",
                      self.errors_of("get", "source", "target"))
        self.assertEqual(self.bytes_of("secret"), b"te")

    def test_a_target_that_can_grow_no_more_keeps_the_part(self):
        data = self.put("source", expected_bytes(3_000_000))
        limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 2000; exec "$@"', "-",
                   PROGRAM, "get", "source", "target"]
        done = subprocess.run(limited, cwd=self.folder, capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("spindle get: target.part: File too large", done.stderr)
        self.assertIn("target.part keeps ", done.stderr)
        told, _ = self.transfer("get", "source", "target")
        self.assertGreater(told["resumed_from"], 0)
        self.assertEqual(self.bytes_of("target"), data)


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
        """Returns what bash offers for the last word."""
        return self.shell(
            "bash", "-c",
            'source "$1"; shift; COMP_WORDS=(spindle "$@"); '
            'COMP_CWORD=$#; _spindle; printf "%s\\n" "${COMPREPLY[@]}"',
            "-", self.script("bash"), *words).split()

    def test_bash_understands_the_script(self):
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
        self.assertEqual(self.complete("get", "--no"), ["--no-resume"])
        self.assertEqual(self.complete("--ver"), ["--version"])

    def test_bash_completes_values(self):
        self.assertEqual(self.complete("write", "--durability", "d"), ["data"])
        self.assertEqual(self.complete("write", "--mode", "=", "app"),
                         ["append"])
        self.assertIn("truncate", self.complete("write", "--mode", "="))

    def test_bash_leaves_names_of_files_to_itself(self):
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

    def test_zsh_understands_the_script(self):
        self.shell("zsh", "-n", self.script("zsh"))

    def test_fish_understands_the_script(self):
        self.shell("fish", "--no-execute", self.script("fish"))

    def test_unknown_shells_are_refused(self):
        self.assertIn("csh", self.errors_of("completion", "csh", code=2))


if __name__ == "__main__":
    unittest.main()
