#!/usr/bin/env python3
"""Tests of ls, stat, cat, cp, mv, rm and mkdir, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import base64
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from file_commands import FilesTest, expected_bytes
from program import wait_for

# Names with a special meaning for shells, parsers or terminals.
ODD_NAMES = (b"with blank", b"line\nbreak", b"\xff\xfe", b"[a,b]", b"{}",
             b"\x1b[31mred", b"a:b", b"back\\slash", "ä".encode(), b"cp",
             b"%s")


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
        self.assertIn((rows["engine"], rows["depth"]),
                      (("ring", "64"), ("threads", "4")))
        self.put("c.toml", b'[queue]\nengine = "plain"\n')
        [status] = self.lines("status", "--json", "--config", "c.toml")
        self.assertEqual((status["engine"], status["depth"]), ("plain", 1))


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


class Interrupting(FilesTest):
    """What cp, mv and other commands leave when they are interrupted."""

    MANY = 20_000

    # At this rate, a copy of a big file is never done.
    SLOW = ("--rate", "100K")

    def many_files(self, name="s"):
        top = self.path(name)
        top.mkdir()
        for i in range(self.MANY):
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

    def catch_tree(self, *args, into, command):
        """Returns a command that is stopped while it brings many files."""
        def begin():
            subprocess.run(["rm", "-rf", "s", *self.path(into).iterdir()],
                           cwd=self.folder, check=True)
            self.many_files()
            return self.start(*args, command=command)

        def is_midway():
            found = sum(len(files)
                        for _, _, files in os.walk(self.path(into)))
            return 0 < found < self.MANY // 4

        return self.catch(begin, is_midway)

    def check_interrupted(self, program, command, number, into):
        program.process.send_signal(number)
        program.go_on()
        self.assertEqual(program.code(), 1)
        self.assertEqual(program.errors(),
                         f"spindle {command}: stopped by {number.name}\n")
        self.assertEqual(self.temporaries(into), [])

    def test_a_copy_leaves_nothing_temporary(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.path("t").mkdir()
                program = self.catch_tree("-r", "s", "t", into="t",
                                          command="cp")
                self.check_interrupted(program, "cp", number, "t")
                shutil.rmtree(self.path("t"))
                self.assertEqual(len(self.names("s")), self.MANY)

    def test_a_copy_of_one_file_leaves_nothing(self):
        self.put("s", bytes(64 << 20))
        self.path("t").mkdir()
        program = self.start("s", "t", *self.SLOW, command="cp")
        self.wait_for_beginning(program, "t")
        self.check_interrupted(program, "cp", signal.SIGINT, "t")
        self.assertEqual(self.names("t"), [])

    def test_a_move_to_another_device_keeps_the_source(self):
        other = self.other_device()
        program = self.catch_tree("s", other, into=other, command="mv")
        self.check_interrupted(program, "mv", signal.SIGINT, other)
        self.assertEqual(list(other.iterdir()), [])
        self.assertEqual(len(self.names("s")), self.MANY)

    def test_an_ignored_signal_stays_ignored(self):
        self.put("s", bytes(1 << 20))

        def begin():
            self.path("t").unlink(missing_ok=True)
            return self.start(
                "s", "t", "--rate", "4M", command="cp",
                preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                 signal.SIG_IGN))

        program = self.catch(begin, self.temporaries)
        program.process.send_signal(signal.SIGINT)
        program.go_on()
        self.assertEqual((program.code(), program.errors()), (0, ""))

    def kill_in_the_middle(self, where="t"):
        """Kills a copy; returns the temporary files that it leaves."""
        self.put("s", bytes(64 << 20))
        shutil.rmtree(self.path(where), ignore_errors=True)
        self.path(where).mkdir()
        program = self.start("s", where, *self.SLOW, command="cp")
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


if __name__ == "__main__":
    unittest.main()
