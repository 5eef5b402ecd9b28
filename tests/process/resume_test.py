#!/usr/bin/env python3
"""Tests of transfers that are interrupted and resumed, as processes.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import errno
import json
import os
import signal
import stat
import subprocess
import unittest

from file_commands import TransferTest, expected_bytes
from program import DEADLINE_S, PROGRAM, wait_for


class Resuming(TransferTest):
    def test_get_resumes_after_kill(self):
        self.big("source")
        program = self.start("source", "target", *self.SLOW, command="get")
        self.wait_for_part(program)
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
                self.wait_for_part(program)
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
        self.wait_for_part(program)
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
            self.wait_for_part(program)
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
        self.wait_for_part(program, 1001)
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
        self.wait_for_part(program, name="n" * 80)
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


if __name__ == "__main__":
    unittest.main()
