#!/usr/bin/env python3
"""Tests of background writes in `spindle run`, as a process.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import base64
import os
import random
import signal
import unittest

from program import ProgramTest, wait_for

# A profile with which the writes of these tests take hours, and one without
# pauses.
CONFIG = """\
[queue]
max_read_bytes = "16MiB"
ops_per_turn = 1

[profiles.crawl]
base = "10"
max_rate = "8B/s"

[profiles.now]
base = "1"
chain_wait = 0
"""

NUMBERS = ["written", "chunks", "started_s", "finished_s", "busy_s",
           "duty_pct", "rate_bytes_per_s"]


def write(name, path, data="x", **members):
    if data is not None:
        members["data"] = data
    return {"id": name, "action": "background_write", "path": path,
            **members}


def slow(name, path, **members):
    return write(name, path, "x" * 1000, profile="crawl", **members)


class BackgroundTest(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "spindle.toml").write_text(CONFIG, encoding="utf-8")

    def begin(self, *args, **kwargs):
        return self.start("--config", "spindle.toml", *args, **kwargs)

    def run_all(self, *messages, args=()):
        return super().run_all(*messages,
                               args=["--config", "spindle.toml", *args])

    def text(self, name):
        return (self.folder / name).read_text("utf-8")

    def by_id(self, outcomes):
        return {x["id"]: x for x in outcomes
                if x["action"] == "background_write"}

    def errors(self, outcomes):
        return {name: x["output"].get("error")
                for name, x in self.by_id(outcomes).items()}

    def cancel(self, program, name):
        """Cancels a writer; returns the response and the outcome of the writer,
        which arrive in any order."""
        program.send({"action": "cancel", "id": name})
        both = [program.receive(), program.receive()]
        return sorted(both, key=lambda x: x["action"] != "cancel")

    def status(self, program, name):
        return program.ask({"id": name, "action": "status"})["output"]

    def wait_until_written(self, program, name):
        """Waits until a slow writer has written a part."""
        wait_for(lambda: self.status(program, name)["written"] > 0,
                 "the first bytes")


class Writers(BackgroundTest):
    def test_the_outcome_has_bytes_rate_and_duty(self):
        message = write("a", "d/f", "x" * 1000, chunk_size=300, parents=True,
                        permissions="0600", durability="full", profile="now")
        [outcome], code = self.run_all(message)
        self.assertEqual(code, 0)
        self.assertTrue(outcome["result"])
        self.assertEqual(outcome["id"], "a")
        self.assertEqual(outcome["action"], "background_write")
        del message["id"], message["action"]
        self.assertEqual(outcome["params"], message)
        output = outcome["output"]
        self.assertEqual(list(output), NUMBERS)
        self.assertEqual(output["written"], 1000)
        self.assertEqual(output["chunks"], 4)
        self.assertLess(0, output["started_s"])
        self.assertLess(output["started_s"], output["finished_s"])
        self.assertLess(0, output["busy_s"])
        self.assertLess(output["busy_s"], output["finished_s"])
        self.assertLess(0, output["duty_pct"])
        self.assertLess(0, output["rate_bytes_per_s"])
        self.assertEqual(self.text("d/f"), "x" * 1000)
        self.assertEqual((self.folder / "d/f").stat().st_mode & 0o777, 0o600)

    def test_modes_offsets_and_bytes(self):
        (self.folder / "a").write_text("old text")
        (self.folder / "b").write_text("old text")
        encoded = base64.b64encode(b"\xff\0").decode()
        outcomes, code = self.run_all(
            write(1, "a", " more", mode="append"),
            write(2, "b", "NEW", mode="update", offset=4),
            write(3, "b", "x", mode="create_new"),
            write(4, "c", None, data_base64=encoded),
            write(5, "d", "", mode="replace"))
        self.assertEqual(self.errors(outcomes), {
            1: None, 2: None, 3: "already_exists", 4: None, 5: None})
        self.assertEqual(self.text("a"), "old text more")
        self.assertEqual(self.text("b"), "old NEWt")
        self.assertEqual((self.folder / "c").read_bytes(), b"\xff\0")
        self.assertEqual(self.text("d"), "")
        self.assertEqual(code, 1)

    def test_a_failure_reports_the_written_bytes(self):
        [outcome], code = self.run_all(write("a", "nothing/f"))
        self.assertIs(outcome["result"], False)
        output = outcome["output"]
        self.assertEqual(list(output), ["error", "errno", "message", *NUMBERS])
        self.assertEqual(output["error"], "not_found")
        self.assertEqual(output["errno"], 2)
        self.assertEqual(output["written"], 0)
        self.assertIn("nothing/f", output["message"])
        self.assertEqual(code, 1)

    def test_invalid_jobs_fail_and_invalid_lines_are_refused(self):
        outcomes, code = self.run_all(
            write(1, "a", profile="11"), write(2, "a", chunk_size=0))
        self.assertEqual(self.errors(outcomes), {
            1: "invalid_argument", 2: "invalid_argument"})
        self.assertIn("crawl", self.by_id(outcomes)[1]["output"]["message"])
        self.assertEqual(code, 1)
        for line, key in (
                (write(1, "a", None), "data"),
                (write(1, "a", source="b"), "source"),
                (write(1, "a", profile=7), "profile"),
                (write(1, "a", chunk_size=-1), "chunk_size"),
                (write(1, "a", mode="most"), "mode"),
                (write(1, "a", durability="most"), "durability"),
                (write(1, "a", chain_on_error="most"), "chain_on_error"),
                (write(1, "a", chain_after={}), "chain_after"),
                (write(1, "a", chain_after="b"), "chain_after"),
                (write(1, "a", chain_after=1), "chain_after"),
                (write({}, "a"), "id"),
                (write(1, "a", rate=1), "rate"),
                ({"action": "background_write", "data": ""}, "path"),
                ({"action": "background_wite"}, "action"),
                ({"action": "pause"}, "id"),
                ({"action": "resume", "id": None}, "id"),
                ({"action": "set_profile", "id": 1}, "profile"),
                ({"action": "pause", "id": 1, "profile": "1"}, "profile"),
                ({"oplist": [write(1, "a")]}, "oplist[0].action")):
            with self.subTest(line):
                [outcome], code = self.run_all(line)
                self.assertEqual(outcome["output"]["error"], "bad_request")
                self.assertEqual(outcome["output"]["key"], key)
                self.assertEqual(code, 2)
        self.assertFalse((self.folder / "a").exists())

    def test_operations_do_not_wait_for_writers(self):
        program = self.begin()
        program.send(slow("slow", "a"))
        for i in range(20):
            outcome = program.ask({"id": i, "action": "file_create",
                                   "path": str(i)})
            self.assertEqual(outcome["id"], i)
        _, outcome = self.cancel(program, "slow")
        self.assertEqual(outcome["output"]["error"], "cancelled")
        self.assertEqual(program.end()[0], [])

    def test_an_id_is_taken_until_the_outcome(self):
        program = self.begin()
        program.send(slow(1, "a"))
        for message in (write(1, "b"),
                        {"id": 1, "action": "file_create", "path": "b"}):
            self.assertEqual(program.ask(message)["output"]["key"], "id")
        answer, outcome = self.cancel(program, 1)
        self.assertTrue(answer["output"]["cancelled"])
        self.assertEqual(outcome["output"]["error"], "cancelled")
        self.assertTrue(program.ask(write(1, "b"))["result"])
        self.assertEqual(program.end(), ([], 2))

    def test_many_writers_need_little_memory(self):
        count = 5000
        program = self.begin()
        program.send(*(write(i, f"{i % 10}", "x" * 1000) for i in range(count)))
        outcomes = [program.receive() for _ in range(count)]
        self.assertEqual({x["id"] for x in outcomes}, set(range(count)))
        self.assertTrue(all(x["result"] for x in outcomes))
        self.check_memory(program.memory(), 128 << 20)
        self.assertEqual(program.end(), ([], 0))


class Chains(BackgroundTest):
    def test_a_chain_keeps_its_order(self):
        chain = [write(0, "f", "0;", profile="now")]
        chain += [write(i, "f", f"{i};", mode="append", profile="now",
                        chain_after=i - 1) for i in range(1, 200)]
        _, code = self.run_all(*chain)
        self.assertEqual(code, 0)
        self.assertEqual(self.text("f"),
                         "".join(f"{i};" for i in range(200)))

    def test_chains_may_fork_and_have_ids_of_any_kind(self):
        outcomes, code = self.run_all(
            write("1", "a"), write(1, "b", chain_after="1"),
            write(2, "c", chain_after="1"), write("x", "d", chain_after=1))
        self.assertEqual(len(outcomes), 4)
        self.assertEqual(code, 0)

    def test_a_predecessor_may_have_ended_long_ago(self):
        program = self.begin()
        self.assertTrue(program.ask(write("good", "a"))["result"])
        self.assertFalse(program.ask(write("bad", "no/a"))["result"])
        self.assertTrue(program.ask(write(1, "b", chain_after="good"))["result"])
        outcome = program.ask(write(2, "c", chain_after="bad"))
        self.assertEqual(outcome["output"]["error"], "chain_broken")
        self.assertIsNone(outcome["output"]["started_s"])
        self.assertIn("not_found", outcome["output"]["message"])
        self.assertTrue(program.ask(
            write(3, "d", chain_after="bad", chain_on_error="proceed")
        )["result"])
        self.assertEqual(program.end(), ([], 1))
        self.assertFalse((self.folder / "c").exists())
        self.assertEqual(self.text("d"), "x")

    def test_a_cancelled_predecessor_breaks_the_chain(self):
        program = self.begin()
        program.send(slow("a", "a"), write("b", "b", chain_after="a"),
                     write("c", "c", chain_after="b"),
                     write("d", "d", chain_after="a", chain_on_error="proceed"),
                     {"action": "cancel", "id": "a"})
        outcomes, code = program.end()
        self.assertEqual(self.errors(outcomes), {
            "a": "cancelled", "b": "chain_broken", "c": "chain_broken",
            "d": None})
        self.assertEqual(code, 1)
        self.assertFalse((self.folder / "b").exists())
        self.assertTrue((self.folder / "d").exists())

    def test_a_writer_waits_for_its_predecessor(self):
        program = self.begin()
        program.send(slow("a", "a"), write("b", "b", chain_after="a"))
        self.wait_until_written(program, "a")
        status = self.status(program, "b")
        self.assertIsNone(status["started_s"])
        self.assertEqual(status["remaining"], 1)
        self.assertFalse((self.folder / "b").exists())
        program.send({"action": "set_profile", "id": "a", "profile": "now"})
        # The response and the outcomes of writers come in any order.
        outcomes = self.by_id([program.receive() for _ in range(3)])
        self.assertEqual(set(outcomes), {"a", "b"})
        self.assertLessEqual(outcomes["a"]["output"]["finished_s"],
                             outcomes["b"]["output"]["started_s"])
        self.assertEqual(program.end(), ([], 0))


class Sources(BackgroundTest):
    def make_source(self, size):
        data = random.Random(size).randbytes(size)
        (self.folder / "source").write_bytes(data)
        return data

    def test_a_file_of_any_size_is_copied(self):
        for size in (0, 1, (1 << 20) - 1, 1 << 20, (20 << 20) + 3):
            for members in ({}, {"chunk_size": 700_000, "mode": "replace"}):
                with self.subTest(size=size, **members):
                    data = self.make_source(size)
                    [outcome], code = self.run_all(
                        write("a", "target", None, source="source",
                              profile="now", **members))
                    self.assertEqual(code, 0)
                    self.assertEqual(outcome["output"]["written"], size)
                    self.assertEqual((self.folder / "target").read_bytes(),
                                     data)

    def test_chunks_have_the_requested_size(self):
        self.make_source(1000 * 1000)
        [outcome], _ = self.run_all(
            write("a", "target", None, source="source", chunk_size=1000,
                  profile="now"))
        self.assertEqual(outcome["output"]["chunks"], 1000)

    def test_a_large_file_needs_little_memory(self):
        size = 512 << 20
        source = self.large_file(size)
        program = self.begin()
        outcome = program.ask(write("a", "/dev/null", None, source=source,
                                    profile="now", mode="update"))
        self.assertEqual(outcome["output"].get("error"), None)
        self.assertEqual(outcome["output"]["written"], size)
        self.check_memory(program.memory(), 128 << 20)
        self.assertEqual(program.end(), ([], 0))

    def test_sources_are_read_within_the_limit_of_reads(self):
        data = self.make_source(5000)
        [outcome], code = self.run_all(
            write("a", "target", None, source="source", profile="now"),
            args=["--max-read-bytes", "1000"])
        self.assertEqual(code, 0, outcome)
        self.assertEqual((self.folder / "target").read_bytes(), data)

    def test_many_sources_wait_for_room(self):
        data = self.make_source(1 << 20)
        count = 100
        outcomes, code = self.run_all(
            *(write(i, f"t{i}", None, source="source", profile="now")
              for i in range(count)), args=["--max-pending-ops", "1"])
        self.assertEqual(code, 0)
        self.assertEqual(len(outcomes), count)
        for i in range(count):
            self.assertEqual((self.folder / f"t{i}").read_bytes(), data)

    def test_a_source_is_read_after_the_predecessor_has_ended(self):
        data = "y" * 100_000
        outcomes, code = self.run_all(
            write("a", "a", data, profile="now"),
            write("b", "b", None, source="a", chain_after="a"),
            write("c", "c", None, source="b", chain_after="b"))
        self.assertEqual(code, 0, outcomes)
        self.assertEqual(self.text("c"), data)

    def begin_after_a_slow_line(self, *lines):
        """Begins with lines that wait for one in their lane; returns when a
        source would be read if it did not wait."""
        program = self.begin()
        program.send({"id": "slow", "action": "file_checksum",
                      "path": self.slow_file()}, *lines)
        for _ in range(10):
            program.ask({"action": "file_exists", "path": "a", "lane": "b"})
        return program

    def end_after_a_slow_line(self, program):
        program.send({"action": "cancel", "id": "slow"})
        return self.errors(program.end()[0])

    def test_a_source_is_read_after_the_lines_before(self):
        (self.folder / "source").write_text("stale")
        program = self.begin_after_a_slow_line(
            {"action": "file_write", "path": "source", "data": "fresh"},
            write("a", "target", None, source="source"))
        status = self.status(program, "a")
        self.assertEqual((status["written"], status["remaining"]), (0, 0))
        self.assertEqual(self.end_after_a_slow_line(program), {"a": None})
        self.assertEqual(self.text("target"), "fresh")

    def test_a_source_may_be_made_by_the_line_before(self):
        program = self.begin_after_a_slow_line(
            {"action": "file_write", "path": "source", "data": "new"},
            write("a", "target", None, source="source"))
        self.assertEqual(self.end_after_a_slow_line(program), {"a": None})
        self.assertEqual(self.text("target"), "new")

    def test_a_target_may_not_be_made_a_link_to_the_source(self):
        (self.folder / "source").write_text("kept")
        program = self.begin_after_a_slow_line(
            {"action": "symlink_create", "path": "target", "target": "source"},
            write("a", "target", None, source="source"))
        self.assertEqual(self.end_after_a_slow_line(program),
                         {"a": "invalid_argument"})
        self.assertEqual(self.text("source"), "kept")

    def test_a_source_does_not_wait_for_the_lines_after(self):
        (self.folder / "source").write_text("x" * 1000)
        program = self.begin()
        program.send(
            write("a", "target", None, source="source", profile="crawl"),
            {"id": "slow", "action": "file_checksum",
             "path": self.slow_file()})

        def was_read():
            status = self.status(program, "a")
            return status["written"] + status["remaining"] == 1000

        wait_for(was_read, "the source to be read")
        program.send({"action": "cancel", "id": "a"},
                     {"action": "cancel", "id": "slow"})
        self.assertEqual(self.errors(program.end()[0]), {"a": "cancelled"})

    def test_invalid_sources_are_reported(self):
        (self.folder / "d").mkdir()
        (self.folder / "same").write_text("kept")
        os.link(self.folder / "same", self.folder / "link")
        os.mkfifo(self.folder / "fifo")
        outcomes, code = self.run_all(
            write("missing", "1", None, source="nothing"),
            write("directory", "2", None, source="d"),
            write("fifo", "3", None, source="fifo"),
            write("same", "link", None, source="same"),
            write("target", "d", None, source="same"),
            write("broken", "4", None, source="nothing", chain_after="missing"))
        self.assertEqual(self.errors(outcomes), {
            "missing": "not_found", "directory": "is_a_directory",
            "fifo": "invalid_argument", "same": "invalid_argument",
            "target": "is_a_directory", "broken": "chain_broken"})
        message = self.by_id(outcomes)["missing"]["output"]["message"]
        self.assertIn("nothing", message)
        self.assertEqual(code, 1)
        self.assertEqual(self.text("same"), "kept")
        self.assertEqual(sorted(x.name for x in self.folder.iterdir()),
                         ["d", "fifo", "link", "same", "spindle.toml"])

    def test_the_end_of_the_input_does_not_truncate_a_source(self):
        data = self.make_source(3 << 20)
        program = self.begin()
        program.send(slow("a", "a"),
                     write("b", "b", None, source="source", chain_after="a"),
                     {"action": "pause", "id": "b"},
                     {"action": "set_profile", "id": "a", "profile": "now"})
        outcomes, code = program.end()
        self.assertEqual(code, 0, outcomes)
        self.assertEqual((self.folder / "b").read_bytes(), data)


class Control(BackgroundTest):
    def test_a_writer_pauses_until_it_is_resumed(self):
        program = self.begin()
        program.send(slow("a", "a"))
        self.wait_until_written(program, "a")
        self.assertEqual(program.ask({"action": "pause", "id": "a"}),
                         {"id": "a", "action": "pause", "result": True,
                          "params": {}, "output": {"paused": True}})
        program.ask({"action": "set_profile", "id": "a", "profile": "now"})
        program.ask({"action": "file_exists", "path": "a"})
        status = self.status(program, "a")
        self.assertTrue(status["paused"])
        self.assertFalse(status["finished"])
        self.assertEqual(status["profile"], "now")
        program.send({"action": "resume", "id": "a"})
        outcomes = {x["action"]: x["output"]
                    for x in (program.receive(), program.receive())}
        self.assertEqual(outcomes["resume"], {"resumed": True})
        self.assertEqual(outcomes["background_write"]["written"], 1000)
        self.assertEqual(program.end(), ([], 0))

    def test_the_status_of_a_writer(self):
        program = self.begin()
        program.send(slow("a", "a"))
        self.wait_until_written(program, "a")
        answer = program.ask({"action": "status", "id": "a"})
        self.assertEqual(answer["id"], "a")
        output = answer["output"]
        self.assertEqual(list(output), [
            *NUMBERS, "remaining", "profile", "paused", "finished",
            "recent_duty_pct", "recent_rate_bytes_per_s", "duty_limit_pct"])
        self.assertIsNone(output["duty_limit_pct"])
        self.assertEqual(output["written"] + output["remaining"], 1000)
        self.assertIsNone(output["finished_s"])
        self.assertIn("pending", self.status(program, "b"))
        ended = self.cancel(program, "a")[1]["output"]
        status = self.status(program, "a")
        self.assertTrue(status["finished"])
        self.assertEqual(status["error"], "cancelled")
        self.assertEqual(status["written"], ended["written"])
        self.assertEqual(program.end(), ([], 1))

    def test_a_cancelled_writer_reports_the_written_bytes(self):
        program = self.begin()
        program.send(slow("a", "a"))
        self.wait_until_written(program, "a")
        answer, outcome = self.cancel(program, "a")
        self.assertEqual(answer["output"], {"cancelled": True})
        output = outcome["output"]
        self.assertEqual(output["error"], "cancelled")
        self.assertEqual(output["done"], output["written"])
        self.assertEqual(len(self.text("a")), output["written"])
        self.assertEqual(program.end(), ([], 1))

    def test_control_of_an_unknown_writer_fails(self):
        program = self.begin()
        program.ask(write("done", "a"))
        for name in ("done", "never"):
            for action, key in (("pause", "paused"), ("resume", "resumed"),
                                ("cancel", "cancelled")):
                answer = program.ask({"action": action, "id": name})
                self.assertEqual(answer["output"], {key: False})
                self.assertTrue(answer["result"])
            answer = program.ask({"action": "set_profile", "id": name,
                                  "profile": "1"})
            self.assertEqual(answer["output"], {"changed": False})
        self.assertEqual(program.end(), ([], 0))

    def test_an_unknown_profile_changes_nothing(self):
        program = self.begin()
        program.send(slow("a", "a"))
        answer = program.ask({"action": "set_profile", "id": "a",
                              "profile": "fast"})
        self.assertFalse(answer["result"])
        self.assertEqual(answer["output"]["error"], "invalid_argument")
        self.assertIn("fast", answer["output"]["message"])
        self.assertEqual(self.status(program, "a")["profile"], "crawl")
        answer = program.ask({"action": "set_profile", "id": "a",
                              "profile": "now"})
        if answer["action"] == "background_write":
            answer = program.receive()
        self.assertEqual(answer["output"], {"changed": True})
        program.process.stdin.close()
        program.rest()
        self.assertEqual(program.code(), 1)

    def test_a_paused_writer_does_not_block_others_at_the_limit(self):
        program = self.begin()
        program.send(slow("a", "a"))
        program.ask({"action": "pause", "id": "a"})
        count = 1100
        program.send(*(write(i, "b", chain_after="a") for i in range(count)))
        refused = [program.receive() for _ in range(count - 1023)]
        self.assertEqual({x["output"]["error"] for x in refused},
                         {"queue_full"})
        self.assertEqual(refused[0]["output"]["written"], 0)
        program.send({"action": "set_profile", "id": "a", "profile": "now"},
                     {"action": "resume", "id": "a"})
        outcomes, code = program.end()
        self.assertEqual(set(self.errors(outcomes).values()), {None})
        self.assertEqual(len(self.by_id(outcomes)), 1024)
        self.assertEqual(code, 1)


class Ends(BackgroundTest):
    def test_the_end_of_the_input_resumes_and_finishes_writers(self):
        program = self.begin()
        program.send(slow("a", "a"), {"action": "pause", "id": "a"},
                     {"action": "set_profile", "id": "a", "profile": "now"},
                     write("b", "b", chain_after="a"))
        outcomes, code = program.end()
        self.assertEqual(self.errors(outcomes), {"a": None, "b": None})
        self.assertEqual(code, 0)
        self.assertEqual(self.text("a"), "x" * 1000)

    def test_shutdown_counts_writers(self):
        outcomes, code = self.run_all(
            write(1, "a"), write(2, "no/a"), {"id": 3, "action": "shutdown"})
        self.assertEqual(outcomes[-1]["output"],
                         {"succeeded": 1, "failed": 1})
        self.assertEqual(code, 1)

    def test_a_deadline_ends_writers(self):
        (self.folder / "source").write_bytes(bytes(1000))
        program = self.begin()
        program.send(slow("a", "a"), write("b", "b", chain_after="a"),
                     write("c", "c", None, source="source", profile="crawl"))
        self.wait_until_written(program, "a")
        program.send({"action": "shutdown", "deadline_s": 0.1})
        outcomes = program.rest()
        self.assertEqual(self.errors(outcomes), {
            "a": "timed_out", "b": "timed_out", "c": "timed_out"})
        for x in outcomes[:-1]:
            self.assertEqual(list(x["output"])[-len(NUMBERS):], NUMBERS)
        self.assertGreater(self.by_id(outcomes)["a"]["output"]["written"], 0)
        self.assertEqual(outcomes[-1]["output"], {"succeeded": 0, "failed": 3})
        self.assertEqual(program.code(), 1)

    def test_a_second_signal_ends_writers(self):
        program = self.begin()
        program.send(write("fast", "f"), slow("a", "a"),
                     write("b", "b", chain_after="a"))
        self.assertEqual(program.receive()["id"], "fast")
        self.wait_until_written(program, "a")
        program.process.send_signal(signal.SIGINT)
        wait_for(lambda: program.process.stderr.readline(), "the note")
        program.process.send_signal(signal.SIGINT)
        outcomes = program.rest()
        self.assertEqual(self.errors(outcomes), {
            "a": "timed_out", "b": "timed_out"})
        self.assertEqual(program.code(), 1)

    def test_one_signal_lets_writers_finish(self):
        program = self.begin()
        (self.folder / "source").write_bytes(bytes(30 << 20))
        first = write("a", "a", None, source="source", profile="6")
        program.send(first, {"action": "status"})
        # Either of them shows that the line was read.
        outcomes = [program.receive()]
        program.process.send_signal(signal.SIGTERM)
        outcomes += program.rest()
        self.assertEqual(self.by_id(outcomes)["a"]["output"]["written"],
                         30 << 20)
        self.assertEqual(program.code(), 0)

    def test_a_closed_output_ends_the_program(self):
        reading, writing = os.pipe()
        os.close(reading)
        program = self.begin(stdout=writing)
        os.close(writing)
        program.send(slow("a", "a"), write("b", "b"))
        self.assertEqual(program.code(), 3)




if __name__ == "__main__":
    unittest.main()
