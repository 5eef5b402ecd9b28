#!/usr/bin/env python3
"""Tests of `spindle run`, as a process.

The environment variable SPINDLE_PROGRAM says where the program is.
"""

import base64
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time
import unittest
from pathlib import Path

from program import (DEADLINE_S, PROGRAM, SANITIZED, ProgramTest,
                     read_terminal, wait_for)

ROOT = Path(__file__).resolve().parents[2]

ALL_DIRECTORY_ACTIONS = {
    f"directory_{what}" for what in (
        "exists", "create", "delete", "rename", "move", "copy", "contents",
        "walk")}
ALL_FILE_ACTIONS = {
    f"file_{what}" for what in (
        "exists", "create", "delete", "rename", "move", "copy", "read", "write",
        "stat", "truncate", "sync", "checksum")}
ALL_ACTIONS = ALL_DIRECTORY_ACTIONS | ALL_FILE_ACTIONS | {
    "disk_space", "symlink_create", "symlink_read", "set_permissions",
    "set_times"}


def op(action, path, **members):
    return {"action": action, "path": path, **members}


def scaled(count):
    """Returns less under sanitizers, which are slow and hide what memory is
    needed."""
    return count // 10 if SANITIZED else count


def outputs(outcomes):
    return [outcome["output"] for outcome in outcomes]


class Actions(ProgramTest):
    def test_every_action_does_what_it_says(self):
        steps = [
            (op("directory_create", "d/e", parents=True), {}),
            (op("directory_exists", "d/e"), {"exists": True}),
            (op("file_exists", "d/e"), {"exists": False}),
            (op("file_create", "d/e/empty", permissions="0600"), {}),
            (op("file_write", "d/e/f", data="hello"), {}),
            (op("file_write", "d/e/f", data=", world", mode="append"), {}),
            (op("file_read", "d/e/f"), {"data": "hello, world"}),
            (op("file_read", "d/e/f", offset=7, length=3), {"data": "wor"}),
            (op("file_checksum", "d/e/empty"),
             {"checksum": "99aa06d3014798d86001c324468d497f"}),
            (op("file_delete", "d/e/empty"), {}),
            (op("file_truncate", "d/e/f", size=5, durability="data"), {}),
            (op("file_sync", "d/e/f"), {}),
            (op("file_copy", "d/e/f", target="d/g", preserve=True), {}),
            (op("file_rename", "d/g", target="d/h"), {}),
            (op("file_move", "d/h", target="x/i", parents=True, lossy=True), {}),
            (op("directory_copy", "d", target="c", preserve=True), {}),
            (op("directory_rename", "c", target="r"), {}),
            (op("directory_move", "r", target="m", lossy=True), {}),
            (op("symlink_create", "d/link", target="e/f"), {}),
            (op("symlink_read", "d/link"), {"target": "e/f"}),
            (op("set_permissions", "d/e/f", permissions="0640"), {}),
            (op("set_times", "d/e/f", modified="2001-09-09T01:46:40.5Z"), {}),
            (op("directory_contents", "d"),
             {"contents": [{"name": "e", "type": "directory"},
                           {"name": "link", "type": "symlink"}]}),
            (op("directory_walk", "m", limit=1),
             {"entries": [{"path": "e", "type": "directory"}], "next": "e",
              "unreadable": []}),
            (op("directory_walk", "m", after="e"),
             {"entries": [{"path": "e/f", "type": "file"}], "next": "",
              "unreadable": []}),
            (op("file_delete", "x/i"), {}),
            (op("directory_delete", "m"), {}),
        ]
        messages = [{"id": i, **message}
                    for i, (message, _) in enumerate(steps)]
        messages.append(op("file_stat", "d/e/f"))
        messages.append(op("disk_space", "."))
        outcomes, code = self.run_all(*messages)
        self.assertEqual({message["action"] for message in messages},
                         ALL_ACTIONS)
        for (message, expected), outcome in zip(steps, outcomes):
            with self.subTest(message):
                self.assertEqual(outcome["output"], expected)
                self.assertTrue(outcome["result"])
                self.assertEqual(outcome["action"], message["action"])
                params = {key: value for key, value in message.items()
                          if key != "action"}
                self.assertEqual(outcome["params"], params)
        self.assertEqual([outcome["id"] for outcome in outcomes],
                         [*range(len(steps)), None, None])
        stat, space = outputs(outcomes[-2:])
        self.check_stat(stat, (self.folder / "d/e/f").stat())
        self.assertLessEqual(space["available"], space["capacity"])
        self.assertEqual(code, 0)
        self.assertEqual(sorted(x.name for x in self.folder.iterdir()),
                         ["d", "x"])

    def check_stat(self, shown, real):
        self.assertEqual(shown["type"], "file")
        self.assertEqual(shown["size"], 5)
        self.assertEqual(shown["permissions"], "0640")
        self.assertEqual(shown["modified"], "2001-09-09T01:46:40.5Z")
        self.assertEqual(shown["inode"], real.st_ino)
        self.assertEqual(shown["links"], 1)
        self.assertEqual(shown["user"], os.getuid())
        self.assertEqual(real.st_mtime_ns, 1_000_000_000_500_000_000)

    def test_every_action_says_why_it_failed(self):
        needs = {
            **dict.fromkeys(
                ["directory_rename", "directory_move", "directory_copy",
                 "file_rename", "file_move", "file_copy", "symlink_create"],
                {"target": "nothing/t"}),
            "file_write": {"data": ""},
            "file_truncate": {"size": 1},
            "set_permissions": {"permissions": "0600"},
            "set_times": {"modified": 0},
        }
        harmless = {"directory_exists", "file_exists"}
        for action in sorted(ALL_ACTIONS - harmless):
            with self.subTest(action):
                message = op(action, "nothing/p", **needs.get(action, {}))
                [outcome], code = self.run_all(message)
                self.assertFalse(outcome["result"])
                self.assertEqual(outcome["output"]["error"], "not_found")
                self.assertEqual(outcome["output"]["errno"], 2)
                self.assertIn("No such file", outcome["output"]["message"])
                self.assertEqual(code, 1)

    def test_existence_is_no_failure_either_way(self):
        outcomes, code = self.run_all(op("file_exists", "nothing/p"),
                                      op("directory_exists", "nothing/p"))
        self.assertEqual(outputs(outcomes), [{"exists": False}] * 2)
        self.assertEqual(code, 0)

    def test_names_and_data_may_be_any_bytes(self):
        name = b"n\xff\x01"
        encoded = base64.b64encode(name).decode()
        every_byte = base64.b64encode(bytes(range(256))).decode()
        outcomes, code = self.run_all(
            {"action": "file_write", "path_base64": encoded,
             "data_base64": every_byte},
            {"action": "file_read", "path_base64": encoded},
            op("directory_contents", "."),
            op("directory_walk", "."),
            {"action": "symlink_create", "path": "link",
             "target_base64": encoded},
            op("symlink_read", "link"),
            {"action": "file_delete", "path_base64": "/w=="})
        self.assertEqual(outputs(outcomes)[:-1], [
            {},
            {"data_base64": every_byte},
            {"contents": [{"name_base64": encoded, "type": "file"}]},
            {"entries": [{"path_base64": encoded, "type": "file"}],
             "next": "", "unreadable": []},
            {},
            {"target_base64": encoded}])
        self.assertIn("\ufffd", outcomes[-1]["output"]["message"])
        self.assertEqual(code, 1)
        self.assertEqual(
            Path(os.fsdecode(bytes(self.folder) + b"/" + name)).read_bytes(),
            bytes(range(256)))

    def test_a_path_with_nul_is_for_the_operation_to_refuse(self):
        [outcome], code = self.run_all(op("file_create", "a\0b"))
        self.assertEqual(outcome["output"]["error"], "invalid_argument")
        self.assertEqual(code, 1)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_parts_that_failed_are_named(self):
        os.mkfifo(self.folder / "fifo")
        (self.folder / "d").mkdir()
        (self.folder / "d/good").write_text("x")
        os.mkfifo(self.folder / "d/fifo")
        [outcome], code = self.run_all(op("directory_copy", "d", target="c"))
        output = outcome["output"]
        self.assertEqual(output["error"], "partial_failure")
        self.assertGreater(output["done"], 0)
        self.assertEqual([x["path"] for x in output["entries"]], ["fifo"])
        self.assertEqual(code, 1)


class Lines(ProgramTest):
    def test_each_answer_comes_before_the_next_question(self):
        program = self.start()
        for i in range(50):
            outcome = program.ask({"id": i, **op("file_create", str(i))})
            self.assertEqual(outcome["id"], i)
            self.assertTrue((self.folder / str(i)).exists())
        self.assertEqual(program.end(), ([], 0))

    def test_outcomes_come_in_the_order_of_the_lines(self):
        outcomes, code = self.run_all(
            *({"id": i, **op("file_write", "f", data=str(i))}
              for i in range(5000)))
        self.assertEqual([x["id"] for x in outcomes], list(range(5000)))
        self.assertEqual((self.folder / "f").read_text(), "4999")
        self.assertEqual(code, 0)

    def test_bad_lines_are_reported_and_the_rest_is_executed(self):
        bad = [
            (b"nonsense", "", "no JSON"),
            (b"{", "", "no JSON"),
            (b"[]", "", "an array"),
            (b"\xff", "", "no JSON"),
            (b"null", "", "null"),
            (b"{}", "action", "neither"),
            (b'{"action": "fly"}', "action", '"fly"'),
            (b'{"action": "file_read"}', "path", "none"),
            (b'{"action": "file_read", "path": 1}', "path", "1"),
            (b'{"action": "file_read", "path": "a", "x": 1}', "x",
             "an unknown key"),
            (b'{"action": "file_read", "path": "a", "offset": -1}', "offset",
             "-1"),
            (b'{"action": "file_write", "path": "a", "data_base64": "?"}',
             "data_base64", '"?"'),
            (b'{"id": {}, "action": "file_read", "path": "a"}', "id",
             "an object"),
            (b'{"action": "status", "id": 1, "id": 2}', "id",
             "this key twice"),
            (b'{"oplist": [{"action": "file_create", "path": "made"}, 7]}',
             "oplist[1]", "7"),
            (b"[" * 5000, "", "deeper ones"),
            (b"x" * 2000, "", "a longer one"),
        ]
        program = self.start("--max-line-bytes", "6000")
        for line, _, _ in bad[:-1]:
            program.write(line + b"\n")
        program.write(b"\n \t\r\n")
        program.write(b"x" * 7000 + b"\n")
        program.write(b'{"id": "last", "action": "file_create", "path": "z"}')
        outcomes, code = program.end()
        self.assertEqual(len(outcomes), len(bad) + 1)
        numbers = [*range(1, len(bad)), len(bad) + 2]
        for number, (line, key, found), outcome in zip(numbers, bad, outcomes):
            with self.subTest(line[:80]):
                output = outcome["output"]
                self.assertIs(outcome["result"], False)
                self.assertEqual(output["error"], "bad_request")
                self.assertEqual(output["line"], number)
                self.assertEqual(output["key"], key)
                self.assertIn(found, output["found"])
                self.assertTrue(output["expected"])
                self.assertIn(f"line {number}: ", output["message"])
        self.assertTrue(outcomes[-1]["result"])
        self.assertEqual(outcomes[-1]["id"], "last")
        self.assertEqual([x.name for x in self.folder.iterdir()], ["z"])
        self.assertEqual(code, 2)

    def test_bad_input_outweighs_failures(self):
        outcomes, code = self.run_all(op("file_read", "nothing"),
                                      {"action": 1})
        self.assertEqual(len(outcomes), 2)
        self.assertEqual(code, 2)

    def test_an_id_in_use_is_refused_and_free_again_when_reported(self):
        program = self.start()
        program.send({"id": 1, **op("file_checksum", self.slow_file())},
                     {"id": 1, **op("file_create", "a")},
                     {"id": 1.5, **op("file_create", "b")},
                     {"id": "1", **op("file_create", "c")})
        first = program.receive()
        self.assertEqual(first["output"]["key"], "id")
        self.assertEqual(first["output"]["line"], 2)
        self.end_slow_file()
        rest = [program.receive() for _ in range(3)]
        self.assertEqual([x["id"] for x in rest], [1, 1.5, "1"])
        self.assertTrue(
            program.ask({"id": 1, **op("file_create", "d")})["result"])
        self.assertEqual(program.end(), ([], 2))
        self.assertFalse((self.folder / "a").exists())

    def test_strict_stops_before_anything_of_a_bad_line(self):
        program = self.start("--strict")
        program.send(op("file_create", "before"),
                     {"oplist": [op("file_create", "bad"), {"action": "fly"}]},
                     op("file_create", "after"))
        # The input stays open: the program ends by itself.
        outcomes = program.rest()
        self.assertEqual(program.code(), 2)
        self.assertEqual({x["action"] for x in outcomes},
                         {"file_create", "oplist"})
        self.assertEqual([x.name for x in self.folder.iterdir()], ["before"])

    def test_params_are_repeated_as_given(self):
        message = op("file_write", "ä\u2028\U0001f600", data="\0\n\"\\",
                     permissions=420, offset=0)
        [outcome], _ = self.run_all({"id": 1, **message})
        del message["action"]
        self.assertEqual(outcome["params"], message)
        self.assertEqual(list(outcome["params"]), list(message))


class Lists(ProgramTest):
    def test_a_list_is_reported_as_it_was_nested(self):
        outcomes, code = self.run_all({"id": "L", "oplist": [
            {"id": 1, **op("file_create", "a")},
            {"oplist": [{"id": 2, **op("file_delete", "b")}]},
            {"id": "M", "oplist": [op("file_exists", "a")]}]})
        self.assertEqual(
            [(x["id"], x.get("list"), x["action"], x["result"])
             for x in outcomes],
            [(1, "L", "file_create", True), (2, "L", "file_delete", False),
             (None, "L", "oplist", False), (None, "M", "file_exists", True),
             ("M", "L", "oplist", True), ("L", None, "oplist", False)])
        self.assertNotIn("list", outcomes[-1])
        self.assertEqual(outcomes[-1]["output"], {"operations": 3, "failed": 1})
        self.assertEqual(code, 1)

    def test_a_list_can_stop_on_errors(self):
        outcomes, _ = self.run_all({"oplist": [
            op("file_delete", "a"), op("file_create", "b")],
            "on_error": "stop"})
        self.assertEqual([x["output"].get("error") for x in outcomes],
                         ["not_found", "skipped", None])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_empty_list_succeeds(self):
        [outcome], code = self.run_all({"id": 1, "oplist": []})
        self.assertEqual(outcome["output"], {"operations": 0, "failed": 0})
        self.assertEqual(code, 0)

    def test_limits_refuse_a_list_as_a_whole(self):
        flat = {"oplist": [op("file_create", str(i)) for i in range(5)]}
        deep = {"oplist": [{"oplist": [{"oplist": [op("file_create", "a")]}]}]}
        for args, message, error in (
                (["--max-oplist-length", "4"], flat, "limit_exceeded"),
                (["--max-oplist-depth", "2"], deep, "limit_exceeded"),
                (["--max-pending-ops", "4"], flat, "queue_full")):
            with self.subTest(args):
                outcomes, code = self.run_all(message, args=args)
                self.assertEqual({x["output"]["error"] for x in outcomes},
                                 {error})
                self.assertEqual(code, 1)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_lists_within_a_narrow_queue_wait_for_room(self):
        lists = [{"id": i, "oplist": [op("file_create", f"{i}.{k}")
                                      for k in range(3)]} for i in range(300)]
        outcomes, code = self.run_all(*lists, args=["--max-pending-ops", "4"])
        self.assertEqual(code, 0)
        self.assertEqual([x["id"] for x in outcomes if x["action"] == "oplist"],
                         list(range(300)))


class Lanes(ProgramTest):
    def test_a_lane_does_not_wait_for_another(self):
        program = self.start()
        program.send({"id": "slow", **op("file_checksum", self.slow_file())},
                     {"id": "behind", **op("file_exists", "a")},
                     {"id": 1, **op("file_create", "b"), "lane": "quick"},
                     {"id": 2, "oplist": [op("file_exists", "b")],
                      "lane": "quick"})
        first = program.receive()
        self.assertEqual(first["id"], 1)
        self.assertEqual(first["params"], {"path": "b", "lane": "quick"})
        entry, whole = program.receive(), program.receive()
        self.assertEqual(entry["output"], {"exists": True})
        self.assertEqual(whole["id"], 2)
        self.assertEqual(whole["params"], {"lane": "quick"})
        program.send({"action": "cancel", "id": "slow"})
        outcomes, code = program.end()
        self.assertEqual(
            [x["id"] for x in outcomes if x["action"] != "cancel"],
            ["slow", "behind"])
        self.assertEqual(code, 1)

    def test_each_lane_has_the_order_of_its_lines(self):
        lanes = [{}, {"lane": "a"}, {"lane": "b"}]
        count = 3000
        outcomes, code = self.run_all(
            *({"id": i, **op("file_write", f"f{i % 3}", data=str(i)),
               **lanes[i % 3]} for i in range(count)))
        self.assertEqual(len(outcomes), count)
        for k in range(3):
            self.assertEqual([x["id"] for x in outcomes if x["id"] % 3 == k],
                             list(range(k, count, 3)))
            self.assertEqual((self.folder / f"f{k}").read_text(),
                             str(count - 3 + k))
        self.assertEqual(code, 0)

    def test_a_background_write_begins_after_its_lane(self):
        program = self.start()
        write = {"action": "background_write", "data": "x"}
        program.send({"id": "slow", **op("file_checksum", self.slow_file())},
                     {"id": "later", "path": "a", **write},
                     {"id": "now", "path": "b", "lane": "other", **write})
        self.assertEqual(program.receive()["id"], "now")
        self.assertEqual((self.folder / "b").read_text(), "x")
        status = program.ask({"action": "status", "id": "later"})["output"]
        self.assertIsNone(status["started_s"])
        self.assertFalse((self.folder / "a").exists())
        program.send({"action": "cancel", "id": "slow"})
        outcomes, _ = program.end()
        self.assertEqual({x["id"]: x["result"] for x in outcomes
                          if x["action"] != "cancel"},
                         {"slow": False, "later": True})
        self.assertEqual((self.folder / "a").read_text(), "x")

    def test_what_was_not_done_is_reported_in_the_order_of_each_lane(self):
        program = self.start()
        slow = op("file_checksum", self.slow_file())
        program.send({"id": 0, "lane": "a", **slow},
                     {"id": 1, "lane": "b", **slow},
                     {"id": 2, "lane": "a", **op("file_create", "x")},
                     {"id": 3, "lane": "b", **op("file_create", "y")},
                     {"action": "shutdown", "deadline_s": 0.1})
        outcomes = program.rest()
        ids = [x["id"] for x in outcomes[:-1]]
        self.assertEqual(sorted(ids), [0, 1, 2, 3])
        self.assertLess(ids.index(0), ids.index(2))
        self.assertLess(ids.index(1), ids.index(3))
        self.assertEqual({x["output"]["error"] for x in outcomes[:-1]},
                         {"timed_out"})
        self.assertEqual(program.code(), 1)

    def test_a_lane_may_have_any_name(self):
        for lane in ("a\nb", "\0", " ", '"', "\u20ac", "x" * 64):
            with self.subTest(lane):
                [outcome], code = self.run_all(
                    {"id": 1, "lane": lane, **op("file_exists", "a")})
                self.assertEqual(outcome["params"],
                                 {"lane": lane, "path": "a"})
                self.assertEqual(code, 0)

    def test_any_number_of_lanes_needs_little_memory(self):
        count = scaled(100_000)
        program = self.start()
        writer = threading.Thread(target=program.send, args=(
            {"id": i, "lane": f"lane {i}", **op("file_exists", "a")}
            for i in range(count)))
        writer.start()
        ids = {program.receive()["id"] for _ in range(count)}
        writer.join()
        self.assertEqual(ids, set(range(count)))
        self.check_memory(program.memory(), 64 << 20)
        self.assertEqual(program.end(), ([], 0))

    def test_a_line_with_a_bad_lane_does_nothing(self):
        for lane in ("", "x" * 65, 7, None):
            with self.subTest(lane):
                [outcome], code = self.run_all(
                    {"id": 1, "lane": lane, **op("file_create", "a")})
                self.assertEqual(outcome["output"]["error"], "bad_request")
                self.assertEqual(outcome["output"]["key"], "lane")
                self.assertEqual(code, 2)
                self.assertEqual(list(self.folder.iterdir()), [])


class Progress(ProgramTest):
    def check(self, line, name, action):
        self.assertEqual(list(line), ["id", "event", "action", "output"])
        self.assertEqual(line["id"], name)
        self.assertEqual(line["event"], "progress")
        self.assertEqual(line["action"], action)
        self.assertEqual(
            list(line["output"]),
            ["started", "bytes", "total_bytes", "entries", "path"])

    def progress(self, program, name, action, is_wanted):
        """Returns the first wanted line of progress, and how many came."""
        count = 0
        while True:
            line = program.receive()
            count += 1
            self.check(line, name, action)
            if is_wanted(line["output"]):
                return line, count

    def cancel(self, program, name):
        """Cancels what has progress; returns its outcome, after which there
        must be no progress."""
        program.send({"action": "cancel", "id": name})
        outcomes, _ = program.end()
        lines = [x for x in outcomes
                 if x["id"] == name and x["action"] != "cancel"]
        self.assertTrue(all("event" in x for x in lines[:-1]))
        self.assertNotIn("event", lines[-1])
        self.assertEqual(lines[-1]["output"]["error"], "cancelled")
        return lines[-1]

    def test_an_operation_says_each_second_how_far_it_is(self):
        program = self.start()
        path = self.slow_file()
        begin = time.monotonic()
        program.send({"id": 7, **op("file_checksum", path), "progress": True})
        first, count = self.progress(program, 7, "file_checksum",
                                     lambda x: x["started"])
        second, more = self.progress(
            program, 7, "file_checksum",
            lambda x: x["bytes"] > first["output"]["bytes"])
        # It is asked for at most once a second.
        self.assertGreaterEqual(time.monotonic() - begin, count + more)
        for line in (first, second):
            self.assertIsNone(line["output"]["total_bytes"])
            self.assertEqual(line["output"]["path"], path)
        outcome = self.cancel(program, 7)
        self.assertEqual(outcome["params"], {"path": path, "progress": True})
        self.assertIn("stopped after", outcome["output"]["message"])

    def test_what_waits_says_so_and_others_say_nothing(self):
        program = self.start()
        program.send({"id": "slow", **op("file_checksum", self.slow_file())},
                     {"id": "list", "progress": True,
                      "oplist": [op("file_exists", "a")]})
        line = program.receive()
        self.check(line, "list", "oplist")
        self.assertEqual(line["output"],
                         {"started": False, "bytes": 0, "total_bytes": None,
                          "entries": 0, "path": ""})
        program.send({"action": "cancel", "id": "slow"})
        outcomes, _ = program.end()
        lines = [x for x in outcomes if "event" not in x]
        self.assertEqual({x["id"] for x in outcomes if "event" in x}
                         - {"list"}, set())
        self.assertEqual([x["id"] for x in lines if x["action"] != "cancel"],
                         ["slow", None, "list"])

    def test_a_list_says_how_far_it_is(self):
        program = self.start()
        program.send({"id": "list", "progress": True, "oplist": [
            op("file_checksum", self.slow_file())]})
        self.progress(program, "list", "oplist", lambda x: x["bytes"] > 0)
        program.send({"action": "cancel", "id": "list"})
        outcomes, code = program.end()
        self.assertIn("cancelled",
                      {x["output"].get("error") for x in outcomes})
        self.assertEqual(code, 1)

    def test_what_takes_less_than_a_second_has_none(self):
        def run_quickly():
            begin = time.monotonic()
            outcomes, code = self.run_all(
                *({"id": i, "progress": True,
                   **op("file_create", str(i), overwrite=True)}
                  for i in range(10)))
            return (time.monotonic() - begin < 1) and (outcomes, code)

        outcomes, code = wait_for(run_quickly, "a run of less than a second")
        self.assertEqual([x["id"] for x in outcomes], list(range(10)))
        self.assertFalse(any("event" in x for x in outcomes))
        self.assertEqual(code, 0)


class Control(ProgramTest):
    def test_what_has_not_started_can_be_cancelled(self):
        program = self.start("--ops-per-turn", "1")
        program.send({"id": "slow", **op("file_checksum", self.slow_file())})
        program.send(*({"id": i, **op("file_create", str(i))}
                       for i in range(4)))
        program.send({"id": "list", "oplist": [op("file_create", "5")]},
                     {"action": "cancel", "id": 3},
                     {"action": "cancel", "id": "list"},
                     {"action": "cancel", "id": "unknown"},
                     {"action": "status"})
        # The answers come at once, before the outcomes of what waits.
        outcomes = []
        while not outcomes or outcomes[-1]["action"] != "status":
            outcomes.append(program.receive())
        self.end_slow_file()
        rest, code = program.end()
        outcomes = outcomes[:-1] + rest
        cancels = [x for x in outcomes if x["action"] == "cancel"]
        self.assertEqual([(x["id"], x["output"]) for x in cancels],
                         [(3, {"cancelled": True}),
                          ("list", {"cancelled": True}),
                          ("unknown", {"cancelled": False})])
        errors = [x["output"].get("error") for x in outcomes
                  if x["action"] != "cancel"]
        self.assertEqual(errors.count("cancelled"), 2)
        self.assertEqual(errors.count(None), 5)
        self.assertEqual(sorted(x.name for x in self.folder.iterdir()),
                         ["0", "1", "2", "slow"])
        self.assertEqual(code, 1)

    def test_what_is_done_cannot_be_cancelled(self):
        program = self.start()
        program.ask({"id": 1, **op("file_create", "a")})
        answer = program.ask({"action": "cancel", "id": 1})
        self.assertEqual(answer["output"], {"cancelled": False})
        self.assertEqual(program.end(), ([], 0))

    def test_the_status_tells_what_was_done(self):
        program = self.start()
        program.ask(op("file_write", "a", data="12345"))
        program.ask(op("file_read", "b"))

        def settled():
            # Counters follow a moment after the outcome.
            status = program.ask({"id": "s", "action": "status"})
            return status if status["output"]["failed"] else None

        status = wait_for(settled, "counters")
        self.assertEqual(status["id"], "s")
        self.assertTrue(status["result"])
        output = status["output"]
        self.assertEqual(output["succeeded"], 1)
        self.assertEqual(output["failed"], 1)
        self.assertEqual(output["bytes_written"], 5)
        self.assertEqual(
            output["operations"],
            [{"operation": "file_read", "succeeded": 0, "failed": 1},
             {"operation": "file_write", "succeeded": 1, "failed": 0}])
        self.assertEqual(program.end(), ([], 1))

    def test_shutdown_ends_the_program_with_the_input_still_open(self):
        program = self.start()
        program.send(op("file_create", "a"), {"id": 9, "action": "shutdown"},
                     op("file_create", "b"))
        outcomes = program.rest()
        self.assertEqual([(x["id"], x["action"]) for x in outcomes],
                         [(None, "file_create"), (9, "shutdown")])
        self.assertEqual(outcomes[-1]["output"], {"succeeded": 1, "failed": 0})
        self.assertEqual(program.code(), 0)
        self.assertEqual([x.name for x in self.folder.iterdir()], ["a"])

    def test_shutdown_with_a_deadline_leaves_what_is_stuck(self):
        program = self.start("--ops-per-turn", "1")
        program.send({"id": "slow", **op("file_checksum", self.slow_file())},
                     *({"id": i, **op("file_create", str(i))}
                       for i in range(5)),
                     {"action": "shutdown", "deadline_s": 0.1})
        outcomes = program.rest()
        self.assertEqual(program.code(), 1)
        self.assertEqual([x["id"] for x in outcomes],
                         ["slow", 0, 1, 2, 3, 4, None])
        self.assertEqual(outcomes[-1]["output"], {"succeeded": 0, "failed": 6})
        self.assertEqual({x["output"]["error"] for x in outcomes[:-1]},
                         {"timed_out"})


class Signals(ProgramTest):
    def test_one_signal_ends_the_wait_for_input(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                program = self.start()
                program.ask(op("file_exists", "a"))
                program.process.send_signal(number)
                self.assertEqual(program.rest(), [])
                self.assertEqual(program.code(), 0)
                self.assertIn(number.name, program.errors())

    def test_one_signal_finishes_what_was_read(self):
        program = self.start("--ops-per-turn", "1")
        program.send(op("file_checksum", self.slow_file()),
                     *(op("file_create", str(i)) for i in range(20)),
                     {"action": "status"})
        # The answer overtakes the operations, and says that they were read.
        self.assertEqual(program.receive()["action"], "status")
        program.process.send_signal(signal.SIGTERM)
        wait_for(lambda: program.process.stderr.readline(), "the note")
        try:
            program.send(op("file_create", "late"))
        except BrokenPipeError:
            pass
        self.end_slow_file()
        outcomes = program.rest()
        self.assertEqual(program.code(), 0)
        self.assertEqual(len(outcomes), 21)
        self.assertTrue(all(x["result"] for x in outcomes))
        self.assertFalse((self.folder / "late").exists())

    def test_a_second_signal_reports_what_was_not_done_and_leaves(self):
        program = self.start("--ops-per-turn", "1")
        program.send({"id": "slow", **op("file_checksum", self.slow_file())},
                     *({"id": i, **op("file_create", str(i))}
                       for i in range(20)),
                     {"id": "L", "oplist": [op("file_create", "l")]},
                     {"action": "status"})
        self.assertEqual(program.receive()["action"], "status")
        program.process.send_signal(signal.SIGINT)
        wait_for(lambda: program.process.stderr.readline(), "the note")
        program.process.send_signal(signal.SIGTERM)
        outcomes = program.rest()
        self.assertEqual(program.code(), 1)
        self.assertEqual([x["id"] for x in outcomes],
                         ["slow", *range(20), None, "L"])
        errors = {x["output"]["error"] for x in outcomes
                  if x["action"] != "oplist"}
        self.assertEqual(errors, {"timed_out"})
        self.assertEqual({x["output"]["failed"] for x in outcomes
                          if x["action"] == "oplist"}, {1})
        self.assertEqual([x.name for x in self.folder.iterdir()], ["slow"])

    def test_a_second_signal_ends_it_even_if_nobody_takes_the_outcomes(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        program = self.start(stdout=writing)
        os.close(writing)
        data = "x" * 100_000
        program.send(op("file_write", "a", data=data),
                     *(op("file_create", str(i)) for i in range(9)))
        wait_for((self.folder / "8").exists, "the operations")
        for _ in range(2):
            program.process.send_signal(signal.SIGTERM)
            program.process.stderr.readline()
        program.code()

    def test_signals_end_the_wait_for_the_writer_of_a_fifo(self):
        os.mkfifo(self.folder / "fifo")
        program = self.start("fifo", stdin=subprocess.DEVNULL)
        wait_for(program.handles_signals, "the program")
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.rest(), [])
        self.assertEqual(program.code(), 0)


class Streams(ProgramTest):
    def test_many_operations_need_little_memory(self):
        count = scaled(200_000)
        program = self.start()
        lines = b"".join(b'{"id": %d, "action": "file_exists", "path": "/"}\n'
                         % i for i in range(count))
        writer = threading.Thread(target=program.write, args=(lines,))
        writer.start()
        for i in range(count):
            outcome = program.receive()
            self.assertEqual(outcome["id"], i)
        self.check_memory(program.memory(), 64 << 20)
        writer.join()
        self.assertEqual(program.end(), ([], 0))

    def test_what_nobody_takes_holds_up_the_input(self):
        reading, writing = os.pipe()
        program = self.start(stdout=writing)
        os.close(writing)
        line = b'{"action": "file_exists", "path": "/"}\n'
        taken = self.stuff(program.process.stdin.fileno(), line * 100)
        self.assertLess(taken, 10_000 * len(line))
        self.check_memory(program.memory(), 64 << 20)
        os.close(reading)
        self.assertEqual(program.code(), 3)
        self.assertIn("cannot write outcomes: Broken pipe", program.errors())

    def stuff(self, descriptor, chunk):
        """Writes chunks until none was taken for a second; returns the sum."""
        os.set_blocking(descriptor, False)
        taken = 0
        last = time.monotonic()

        def is_full():
            nonlocal taken, last
            try:
                taken += os.write(descriptor, chunk)
                last = time.monotonic()
            except BlockingIOError:
                pass
            return time.monotonic() - last > 1

        wait_for(is_full, "the input to stall")
        return taken

    def test_large_data_needs_memory_for_some_of_it_only(self):
        data = "x" * (1 << 20)
        message = json.dumps(op("file_write", "a", data=data)).encode() + b"\n"
        program = self.start()
        writer = threading.Thread(target=program.write, args=(message * scaled(300),))
        writer.start()
        for _ in range(scaled(300)):
            self.assertTrue(program.receive()["result"])
        self.check_memory(program.memory(), 320 << 20)
        writer.join()
        self.assertEqual(program.end(), ([], 0))

    def test_large_answers_wait_for_each_other(self):
        (self.folder / "big").write_bytes(b"x" * (8 << 20))
        reading, writing = os.pipe()
        program = self.start(stdout=writing)
        os.close(writing)
        program.send(*(op("file_read", "big") for _ in range(scaled(200))))
        with os.fdopen(reading, "rb") as stream:
            for _ in range(scaled(200)):
                self.assertGreater(len(stream.readline()), 8 << 20)
            self.check_memory(program.memory(), 320 << 20)
            program.process.stdin.close()
            self.assertEqual(program.code(), 0)

    def test_a_reader_that_goes_away_ends_the_program(self):
        reading, writing = os.pipe()
        os.close(reading)
        program = self.start(stdout=writing)
        os.close(writing)
        program.send(op("file_create", "a"))
        # The input stays open.
        self.assertEqual(program.code(), 3)
        self.assertIn("Broken pipe", program.errors())

    def test_a_full_disk_for_the_outcomes_is_told(self):
        with open("/dev/full", "wb") as full:
            program = self.start(stdout=full)
        program.send(op("file_create", "a"))
        self.assertEqual(program.code(), 3)
        self.assertIn("No space left", program.errors())

    def test_closed_standard_streams_are_no_files(self):
        (self.folder / "in").write_text(json.dumps(op("file_exists", "in")))
        program = self.start("in", stdin=subprocess.DEVNULL, stdout=None,
                             preexec_fn=lambda: os.close(1))
        self.assertEqual(program.code(), 3)
        self.assertIn("Bad file descriptor", program.errors())
        program = self.start(stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual(program.rest(), [])
        self.assertEqual(program.code(), 2)
        self.assertIn("cannot read the input", program.errors())

    def test_a_fifo_can_be_the_input(self):
        path = self.folder / "fifo"
        os.mkfifo(path)
        program = self.start("fifo", stdin=subprocess.DEVNULL)
        with path.open("wb") as stream:
            for i in range(3):
                message = {"id": i, **op("file_create", str(i))}
                stream.write(json.dumps(message).encode() + b"\n")
                stream.flush()
                self.assertEqual(program.receive()["id"], i)
        self.assertEqual(program.rest(), [])
        self.assertEqual(program.code(), 0)

    def test_a_file_can_be_the_input(self):
        (self.folder / "in").write_text(json.dumps(op("file_exists", "in")))
        program = self.start("in", stdin=subprocess.DEVNULL)
        [outcome] = program.rest()
        self.assertEqual(outcome["output"], {"exists": True})
        self.assertEqual(program.code(), 0)

    def test_progress_is_for_terminals(self):
        leader, follower = pty.openpty()
        done = subprocess.Popen([PROGRAM, "run"], cwd=self.folder,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=follower)
        os.close(follower)
        texts = []
        reader = threading.Thread(
            target=lambda: texts.append(read_terminal(leader)))
        reader.start()
        message = json.dumps(op("file_delete", "a")).encode() + b"\n"
        output, _ = done.communicate(message * 100, timeout=DEADLINE_S)
        reader.join(DEADLINE_S)
        [shown] = texts
        self.assertEqual(output.count(b"\n"), 100)
        self.assertRegex(shown, r"\d+ done, \d+ failed, \d+/s")
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))

    def test_without_a_terminal_stderr_is_silent(self):
        program = self.start()
        program.send(op("file_delete", "a"))
        self.assertEqual(program.end()[1], 1)
        self.assertEqual(program.errors(), "")


class CommandLine(ProgramTest):
    def test_help_and_version_are_answers(self):
        code, text, _ = self.call("--help")
        self.assertEqual(code, 0)
        self.assertIn("run", text)
        code, text, _ = self.call("run", "--help")
        self.assertEqual(code, 0)
        for part in ("Examples:", "--strict", "--max-pending-ops",
                     "--ops-per-turn", "Exit code"):
            self.assertIn(part, text)
        code, text, _ = self.call("--version")
        self.assertEqual(code, 0)
        self.assertRegex(text, r"^spindle \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_explained(self):
        for args, message in (
                ([], "Usage"),
                (["fly"], "not expected: fly"),
                (["run", "--fly"], "--fly"),
                (["run", "a", "b"], "b"),
                (["run", "--ops-per-turn", "0"], "greater than 0, found 0"),
                (["run", "--ops-per-turn", "-1"], "--ops-per-turn"),
                (["run", "--max-read-bytes", "much"], "--max-read-bytes"),
                (["run", "--turn-quantum-ms", "x"], "--turn-quantum-ms"),
                (["run", "nothing"], "cannot open nothing: No such file"),
                (["run", "."], "cannot read the input: Is a directory")):
            with self.subTest(args):
                code, text, errors = self.call(*args,
                                               stdin=subprocess.DEVNULL)
                self.assertEqual(code, 2)
                self.assertEqual(text, "")
                self.assertIn(message, errors)

    def test_sizes_may_have_units(self):
        (self.folder / "f").write_bytes(bytes(1025))
        lines = json.dumps(op("file_read", "f"))
        code, text, _ = self.call("run", "--max-read-bytes", "1KiB",
                                  input=lines)
        self.assertEqual(code, 1)
        self.assertIn("too_large", text)
        code, _, _ = self.call("run", "--max-read-bytes", "2KiB", input=lines)
        self.assertEqual(code, 0)

    def test_no_input_is_a_success(self):
        self.assertEqual(self.call("run", stdin=subprocess.DEVNULL),
                         (0, "", ""))


class Manual(ProgramTest):
    """The examples in docs/spindle-run.md do what it says."""

    BLOCK = re.compile(r"<!-- (input|output: exit code (\d)) -->\n"
                       r"```json\n(.*?)```", re.DOTALL)

    def test_examples_are_as_they_run(self):
        text = (ROOT / "docs/spindle-run.md").read_text("utf-8")
        blocks = self.BLOCK.findall(text)
        self.assertEqual(len(blocks), text.count("```json"))
        self.assertGreaterEqual(len(blocks), 10)
        for given, expected in zip(blocks[::2], blocks[1::2]):
            with self.subTest(given[2]):
                lines = [json.loads(x) for x in expected[2].splitlines()]
                outcomes, code = self.run_example(given[2], lines)
                self.assertEqual(len(outcomes), len(lines))
                for line, outcome in zip(lines, outcomes):
                    self.assert_matches(line, outcome)
                self.assertEqual(code, int(expected[1]))

    def run_example(self, text, expected):
        """Returns outcomes and exit code. A deadline begins when all has come
        that is expected before it."""
        program = self.start()
        *first, last = text.splitlines(keepends=True)
        program.write("".join(first).encode())
        outcomes = []
        if "deadline_s" in last:
            in_time = [x for x in expected[:-1]
                       if x["output"].get("error") != "timed_out"]
            while len(self.without_repeated_progress(outcomes)) < len(in_time):
                outcomes.append(program.receive())
        program.write(last.encode())
        rest, code = program.end()
        return self.without_repeated_progress(outcomes + rest), code

    @staticmethod
    def without_repeated_progress(outcomes):
        """Returns the outcomes with the first progress of each operation: how
        many there are depends on the machine."""
        seen = set()
        res = []
        for outcome in outcomes:
            if "event" not in outcome:
                res.append(outcome)
            elif outcome["id"] not in seen:
                seen.add(outcome["id"])
                res.append(outcome)
        return res

    def assert_matches(self, expected, found):
        if expected == "…":
            return
        self.assertIs(type(found), type(expected))
        if isinstance(expected, dict):
            self.assertEqual(list(found), list(expected))
            for key, value in expected.items():
                self.assert_matches(value, found[key])
        else:
            self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
