#!/usr/bin/env python3
"""Tests of `spindle write`, as a process.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import json
import os
import pty
import random
import re
import resource
import shutil
import signal
import subprocess
import unittest

from program import DEADLINE_S, PROGRAM, ProgramTest, wait_for

# A profile with which the writes of these tests take hours.
CONFIG = """\
[profiles.crawl]
base = "10"
max_rate = "8B/s"
"""


class WriteTest(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "spindle.toml").write_text(CONFIG, encoding="utf-8")

    def make_source(self, size=1000, name="source"):
        data = random.Random(size).randbytes(size)
        (self.folder / name).write_bytes(data)
        return data

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()

    def begin(self, *args, **kwargs):
        return self.start(*args, command="write", **kwargs)

    def crawl(self, source, target, *args, **kwargs):
        return self.begin(source, target, "--config", "spindle.toml",
                          "--profile", "crawl", *args, **kwargs)


class Writing(WriteTest):
    def test_a_file_of_any_size_is_written(self):
        for size in (0, 1, 1 << 20, (40 << 20) + 1):
            with self.subTest(size):
                data = self.make_source(size)
                code, text, errors = self.call("write", "source", "target",
                                               "--profile", "1")
                self.assertEqual((code, text), (0, ""))
                self.assertEqual(self.bytes_of("target"), data)
                self.assertIn(" written", errors.splitlines()[-1])

    def test_modes(self):
        data = self.make_source()
        for args, start, expected in (
                (["--append"], b"old", b"old" + data),
                (["--mode", "append"], b"old", b"old" + data),
                (["--mode", "truncate"], b"old" * 1000, data),
                (["--mode", "replace", "--durability", "full"], b"old", data),
                (["--mode", "update"], b"x" * 1001, data + b"x")):
            with self.subTest(args):
                (self.folder / "target").write_bytes(start)
                self.assertEqual(
                    self.call("write", "source", "target", "--quiet", *args),
                    (0, "", ""))
                self.assertEqual(self.bytes_of("target"), expected)
        code, _, errors = self.call("write", "source", "target", "--mode",
                                    "create_new")
        self.assertEqual(code, 1)
        self.assertIn("already_exists", errors)

    def test_the_result_as_json(self):
        self.make_source()
        code, text, errors = self.call(
            "write", "source", "target", "--json", "--quiet", "--profile", "2",
            "--chunk-size", "300")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(text.count("\n"), 1)
        end = json.loads(text)
        self.assertEqual(list(end), [
            "source", "target", "profile", "result", "written", "chunks",
            "started_s", "finished_s", "busy_s", "duty_pct",
            "rate_bytes_per_s"])
        self.assertEqual(end["source"], "source")
        self.assertEqual(end["profile"], "2")
        self.assertIs(end["result"], True)
        self.assertEqual(end["written"], 1000)
        self.assertEqual(end["chunks"], 4)
        self.assertLess(0, end["started_s"])
        self.assertLess(end["started_s"], end["finished_s"])

    def test_a_failure_as_json(self):
        self.make_source()
        code, text, errors = self.call("write", "source", "no/target", "--json")
        self.assertEqual(code, 1)
        end = json.loads(text)
        self.assertIs(end["result"], False)
        self.assertEqual(end["error"], "not_found")
        self.assertEqual(end["errno"], 2)
        self.assertEqual(end["written"], 0)
        self.assertIn("no/target", errors)

    def test_a_failure_names_the_offset_in_the_file(self):
        (self.folder / "source").write_bytes(b"0123456789")
        for mode, size, written in (("append", 12, 5), ("truncate", 4, 4)):
            with self.subTest(mode):
                (self.folder / "target").write_bytes(b"1234567")
                code, text, errors = self.call(
                    "write", "source", "target", "--json", "--mode", mode,
                    # The system refuses to write a file beyond this size.
                    preexec_fn=lambda limit=size: resource.setrlimit(
                        resource.RLIMIT_FSIZE, (limit, limit)),
                    restore_signals=False)
                self.assertEqual(code, 1)
                end = json.loads(text)
                self.assertEqual(end["written"], written)
                self.assertIn(f"written up to offset {size}", end["message"])
                self.assertIn(f"written up to offset {size}", errors)
                self.assertEqual(self.bytes_of("target"),
                                 (b"1234567" if mode == "append" else b"")
                                 + b"0123456789"[:written])

    def test_a_failed_sync_of_the_directory_is_reported(self):
        if not shutil.which("strace"):
            self.skipTest("needs strace to inject the fault")
        self.make_source()
        (self.folder / "target").write_text("old")
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync",
             "-e", "inject=fsync:error=EIO:when=1", PROGRAM, "write",
             "source", "target", "--mode", "replace"],
            cwd=self.folder, capture_output=True, text=True, check=False,
            timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.bytes_of("target"), self.bytes_of("source"))
        self.assertIn("its directory could not be synced, so a crash may undo "
                      "it; all of it is written", done.stderr)

    def test_holes_are_kept(self):
        size = 64 << 20
        with (self.folder / "source").open("wb") as stream:
            stream.truncate(size)
            stream.seek(size // 2)
            stream.write(b"some bytes")
        for mode in ("truncate", "create_new", "replace"):
            with self.subTest(mode):
                code, _, errors = self.call("write", "source", "target",
                                            "--profile", "1", "--mode", mode)
                self.assertEqual(code, 0, errors)
                self.assertEqual(self.bytes_of("target"),
                                 self.bytes_of("source"))
                self.assertLess(
                    (self.folder / "target").stat().st_blocks * 512, 1 << 20)
                if mode == "truncate":
                    (self.folder / "target").unlink()

    def test_pipes_on_both_sides(self):
        data = self.make_source(5 << 20)
        done = subprocess.run([PROGRAM, "write", "-", "-", "--profile", "1"],
                              input=data, capture_output=True, check=False,
                              timeout=DEADLINE_S, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, data)

    def test_data_of_a_pipe_is_written_as_it_arrives(self):
        program = self.begin("-", "target", "--profile", "1", "--json")
        target = self.folder / "target"
        sent = b""
        for part in (b"one", b"two", b"three"):
            program.write(part)
            sent += part
            wait_for(lambda: target.exists() and target.read_bytes() == sent,
                     "what was sent")
        [end], code = program.end()
        self.assertEqual(end["written"], len(sent))
        self.assertEqual(code, 0)

    def test_stdin_may_be_a_partly_read_file(self):
        data = self.make_source()
        with (self.folder / "source").open("rb", buffering=0) as stream:
            stream.seek(10)
            code, _, _ = self.call("write", "-", "target", stdin=stream)
        self.assertEqual(code, 0)
        self.assertEqual(self.bytes_of("target"), data[10:])

    def test_files_that_report_size_0_are_read(self):
        code, _, _ = self.call("write", "/proc/self/status", "target")
        self.assertEqual(code, 0)
        self.assertIn(b"spindle", self.bytes_of("target"))

    def test_a_fifo_can_be_the_source(self):
        os.mkfifo(self.folder / "fifo")
        program = self.begin("fifo", "target", "--json")
        with (self.folder / "fifo").open("wb") as stream:
            stream.write(b"x" * 100_000)
        [end] = program.rest()
        self.assertEqual(end["written"], 100_000)
        self.assertEqual(program.code(), 0)

    def test_a_large_file_needs_little_memory(self):
        size = 1 << 30
        program = self.begin(self.large_file(size), "/dev/null", "--mode",
                             "update", "--profile", "1", "--json",
                             stdin=subprocess.DEVNULL)
        peak = 0

        def ended():
            nonlocal peak
            try:
                peak = max(peak, program.memory())
            except KeyError:
                pass  # The process has ended.
            return program.process.poll() is not None

        wait_for(ended, "the end")
        [end] = program.rest()
        self.assertEqual(end["written"], size)
        self.check_memory(peak, 192 << 20)

    def test_the_rate_is_kept(self):
        self.make_source(100_000)
        _, text, _ = self.call("write", "source", "target", "--profile", "1",
                               "--rate", "200KB/s", "--json")
        end = json.loads(text)
        self.assertGreater(end["finished_s"] - end["started_s"], 0.45)

    def test_profiles_of_a_file(self):
        self.make_source()
        (self.folder / "a.toml").write_text(
            '[profiles.mine]\nbase = "1"\nchunk_size = 100\n')
        _, text, _ = self.call("write", "source", "target", "--profile",
                               "mine", "--config", "a.toml", "--json")
        self.assertEqual(json.loads(text)["chunks"], 10)


class Refusals(WriteTest):
    def test_wrong_usage_is_explained(self):
        self.make_source()
        os.link(self.folder / "source", self.folder / "link")
        (self.folder / "bad.toml").write_text("[profiles.x]\nbass = 1\n")
        for args, message in (
                ([], "SOURCE"),
                (["source"], "TARGET"),
                (["nothing", "target"],
                 "cannot read nothing: No such file or directory"),
                ([".", "target"], "cannot read .: Is a directory"),
                (["source", "source"], "both the source and the target"),
                (["source", "./link"], "both the source and the target"),
                (["source", "-", "--json"], "--json"),
                (["source", "target", "--profile", "11"],
                 'no profile "11"; there are 1, 2,'),
                (["source", "target", "--rate", "20"], "found 20"),
                (["source", "target", "--rate", "0MiB/s"], "found 0MiB/s"),
                (["source", "target", "--rate", "much"], "20MiB/s"),
                (["source", "target", "--chunk-size", "0"], "found 0"),
                (["source", "target", "--mode", "most"], "--mode"),
                (["source", "target", "--durability", "most"], "--durability"),
                (["source", "target", "--append", "--mode", "update"],
                 "--append"),
                (["source", "target", "--config", "nothing"], "nothing"),
                (["source", "target", "--config", "bad.toml"],
                 "did you mean base?"),
                (["source", "target", "--fly"], "--fly")):
            with self.subTest(args):
                code, text, errors = self.call("write", *args,
                                               stdin=subprocess.DEVNULL)
                self.assertEqual((code, text), (2, ""))
                self.assertIn(message, errors)
        self.assertFalse((self.folder / "target").exists())
        self.assertEqual(len(self.bytes_of("source")), 1000)

    def test_the_same_file_as_streams(self):
        data = self.make_source()
        with (self.folder / "source").open("rb") as source, \
                (self.folder / "source").open("ab") as target:
            done = subprocess.run([PROGRAM, "write", "-", "-"], stdin=source,
                                  stdout=target, stderr=subprocess.PIPE,
                                  timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"both the source and the target", done.stderr)
        self.assertEqual(self.bytes_of("source"), data)

    def test_failures_of_the_target_are_reported(self):
        self.make_source()
        for target, error in (("no/target", "not_found"),
                              (".", "is_a_directory"),
                              ("/dev/full", "no_space")):
            with self.subTest(target):
                code, text, errors = self.call("write", "source", target,
                                               "--mode", "update", "--quiet")
                self.assertEqual((code, text), (1, ""))
                self.assertIn(error, errors)

    def test_a_closed_reader_is_a_failure(self):
        self.make_source(1 << 20)
        reading, writing = os.pipe()
        os.close(reading)
        program = self.begin("source", "-", stdout=writing)
        os.close(writing)
        self.assertEqual(program.code(), 1)
        self.assertIn("no_reader", program.errors())

    def test_a_failure_does_not_wait_for_the_source(self):
        program = self.begin("-", "no/target")
        program.write(b"x")
        # Stdin is not closed.
        self.assertEqual(program.code(), 1)
        self.assertIn("not_found", program.errors())

    def test_json_that_cannot_be_written_is_reported(self):
        self.make_source()
        with open("/dev/full", "wb") as full:
            program = self.begin("source", "target", "--json", stdout=full)
        self.assertEqual(program.code(), 3)
        self.assertIn("No space left", program.errors())

    def test_help_is_an_answer(self):
        code, text, _ = self.call("write", "--help")
        self.assertEqual(code, 0)
        for part in ("SOURCE", "--profile", "--rate", "20MiB/s", "Exit code"):
            self.assertIn(part, text)


class Progress(WriteTest):
    def test_a_terminal_shows_a_bar(self):
        self.make_source(100_000)
        leader, follower = pty.openpty()
        program = self.crawl("source", "target", stderr=follower)
        os.close(follower)
        shown = ""

        def shows(pattern):
            nonlocal shown
            shown += os.read(leader, 1 << 16).decode()
            return re.search(pattern, shown)

        wait_for(lambda: shows(
            r"\r\x1b\[K\[\.{24}\] \d+B of 97\.7KiB \(0%\), "
            r"\S+/s, duty \d+%, \dh\d\dm left"), "the bar")
        program.process.send_signal(signal.SIGINT)
        wait_for(lambda: shows(
            r"\r\x1b\[Kspindle: stopped by SIGINT; \d+B written in"), "the end")
        self.assertEqual(program.code(), 1)
        os.close(leader)

    def test_without_a_terminal_there_are_lines(self):
        self.make_source(100_000)
        program = self.crawl("source", "target")
        line = program.process.stderr.readline().decode()
        self.assertRegex(line, r"^\d+B of 97\.7KiB \(0%\), \S+/s, duty \d+%")
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.code(), 1)
        self.assertRegex(program.errors(), r"stopped by SIGTERM; \d+B written")

    def test_the_size_of_a_pipe_is_unknown(self):
        program = self.crawl("-", "target")
        program.write(b"x" * 1000)
        line = program.process.stderr.readline().decode()
        self.assertRegex(line, r"^\d+B, \S+/s, duty \d+%\n$")

    def test_quiet(self):
        self.make_source(100_000)
        self.assertEqual(self.call("write", "source", "target", "--quiet"),
                         (0, "", ""))


class Signals(WriteTest):
    def test_a_signal_ends_the_writer_and_the_written_bytes_are_reported(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.make_source(100_000)
                target = self.folder / "target"
                program = self.crawl("source", "target", "--json")
                wait_for(lambda: target.exists() and target.stat().st_size > 0,
                         "the first bytes")
                program.process.send_signal(number)
                [end] = program.rest()
                self.assertEqual(program.code(), 1)
                self.assertEqual(end["error"], "cancelled")
                self.assertEqual(end["written"], target.stat().st_size)
                self.assertIn(f"stopped by {number.name}; ", program.errors())
                target.unlink()

    def test_a_signal_leaves_the_replaced_file_unchanged(self):
        self.make_source(100_000)
        (self.folder / "target").write_text("old")
        program = self.crawl("source", "target", "--mode", "replace")
        program.process.stderr.readline()
        program.process.send_signal(signal.SIGINT)
        self.assertEqual(program.code(), 1)
        self.assertEqual(self.bytes_of("target"), b"old")
        self.assertEqual(sorted(x.name for x in self.folder.iterdir()),
                         ["source", "spindle.toml", "target"])

    def test_a_signal_ends_a_wait_for_a_pipe(self):
        os.mkfifo(self.folder / "fifo")
        for source in ("-", "fifo"):
            with self.subTest(source):
                program = self.begin(source, "target")
                wait_for(program.handles_signals, "the program")
                program.process.send_signal(signal.SIGTERM)
                self.assertEqual(program.code(), 1)
                self.assertIn("stopped by SIGTERM; 0B written",
                              program.errors())

    def test_a_signal_ends_a_wait_for_a_full_pipe(self):
        self.make_source(1 << 20)
        reading, writing = os.pipe()
        program = self.begin("source", "-", "--profile", "1", stdout=writing)
        os.close(writing)
        self.assertEqual(len(os.read(reading, 1)), 1)
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.code(), 1)
        os.close(reading)


if __name__ == "__main__":
    unittest.main()
