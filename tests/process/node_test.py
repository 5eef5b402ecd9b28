#!/usr/bin/env python3
"""Tests of `spindled` and its clients, as processes over loopback.

The environment variables SPINDLE_PROGRAM, SPINDLED and NODE_CLIENT say where
the programs are.
"""

import base64
import contextlib
import json
import os
import random
import re
import signal
import socket
import ssl
import struct
import subprocess
import unittest
from pathlib import Path

from certificates import Certificates
from node import CLIENT, SPINDLED, FarNode, Fate, Node, Proxy
from program import DEADLINE_S, SANITIZED, Program, ProgramTest, wait_for

MIB = 1 << 20

# Size of the header of a message, for all versions of CAF.
HEADER_BYTES = 32


class NodeTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        self.root.mkdir()

    def node(self, *args, **kwargs):
        args = args or ("--root", str(self.root))
        return self.enterContext(Node(*args, cwd=self.folder, **kwargs))

    def configure(self, text):
        """Writes a configuration with `root` as volume "data"."""
        path = self.folder / "spindled.toml"
        path.write_text('[volumes.data]\nroot = "root"\n'
                        f'access = "read-write"\n{text}', encoding="utf-8")
        return str(path)

    def ask(self, node, *messages, args=()):
        """Runs messages on a node with `spindle run`."""
        program = self.start("--connect", node.address, *args)
        program.send(*messages)
        return program.end()

    def check_answers(self, node, volume, args=()):
        """Checks that a node gives the same answers as a local queue."""
        there, code_there = self.ask(node, *scenario(volume), args=args)
        local = self.folder / "local"
        local.mkdir()
        with Program(cwd=local) as program:
            program.send(*scenario(""))
            here, code_here = program.end()
        self.assertEqual(code_there, code_here)
        self.assertEqual(without_times(there, volume),
                         without_times(here, ""))
        self.assertEqual((self.root / "w").read_bytes(), b"first second")

    def at(self, node, command, *args, **kwargs):
        """Runs a command on a node; returns code, output and errors."""
        return self.call(command, "--connect", node.address, *args, **kwargs)


class TlsTest(Certificates, NodeTest):
    def setUp(self):
        super().setUp()
        self.make_authority("ca")
        self.make_authority("other-ca")
        self.make_certificate("node", "ca")
        self.make_certificate("client", "ca")
        self.make_certificate("stranger", "other-ca")
        self.make_certificate("expired", "ca", "-days", "-1")

    def tls_node(self, certificate="node", more=""):
        config = self.configure(
            '[listen.tls]\nauthorities = "ca.pem"\n'
            f'certificate = "{certificate}.pem"\nkey = "{certificate}.key"\n'
            + more)
        return self.node("--config", config)

    def with_tls(self, name, authority="ca"):
        return ("--certificate", f"{name}.pem", "--key", f"{name}.key",
                "--authorities", f"{authority}.pem")


def scenario(prefix):
    """Returns all basic operations, lists and a writer; paths have a prefix."""
    p = prefix
    data = base64.b64encode(bytes(range(256))).decode()
    return [
        {"id": 1, "action": "directory_create", "path": f"{p}d"},
        {"id": 2, "action": "directory_exists", "path": f"{p}d"},
        {"id": 3, "action": "file_write", "path": f"{p}d/a", "data": "hello"},
        {"id": 4, "action": "file_read", "path": f"{p}d/a"},
        {"id": 5, "action": "file_exists", "path": f"{p}d/a"},
        {"id": 6, "action": "file_create", "path": f"{p}d/b"},
        {"id": 7, "action": "file_create", "path": f"{p}d/b"},
        {"id": 8, "action": "file_copy", "path": f"{p}d/a",
         "target": f"{p}d/c", "preserve": True},
        {"id": 9, "action": "file_rename", "path": f"{p}d/c",
         "target": f"{p}d/e"},
        {"id": 10, "action": "file_move", "path": f"{p}d/e",
         "target": f"{p}f", "lossy": True},
        {"id": 11, "action": "directory_copy", "path": f"{p}d",
         "target": f"{p}g", "preserve": True},
        {"id": 12, "action": "directory_contents", "path": f"{p}g"},
        {"id": 13, "action": "directory_rename", "path": f"{p}g",
         "target": f"{p}h"},
        {"id": 14, "action": "directory_move", "path": f"{p}h",
         "target": f"{p}i", "lossy": True},
        {"id": 15, "action": "directory_delete", "path": f"{p}i"},
        {"id": 16, "action": "file_delete", "path": f"{p}f"},
        {"id": 17, "action": "file_read", "path": f"{p}missing"},
        {"id": 18, "action": "file_write", "path": f"{p}bytes",
         "data_base64": data},
        {"id": 19, "action": "file_read", "path": f"{p}bytes"},
        {"id": 20, "oplist": [
            {"action": "file_create", "path": f"{p}x"},
            {"oplist": [{"action": "file_delete", "path": f"{p}y"}]},
            {"action": "file_delete", "path": f"{p}x"}],
         "on_error": "stop"},
        # A link must not replace the file that it leads to.
        {"id": 23, "action": "symlink_create", "path": f"{p}soft",
         "target": "bytes"},
        {"id": 24, "action": "file_move", "path": f"{p}soft",
         "target": f"{p}bytes", "overwrite": True},
        {"id": 25, "action": "file_read", "path": f"{p}bytes"},
        {"id": 21, "action": "background_write", "path": f"{p}w",
         "data": "first "},
        {"id": 22, "action": "background_write", "path": f"{p}w",
         "mode": "append", "data": "second", "chain_after": 21},
    ]


def error_of(outcome):
    return outcome["output"].get("error")


def without_times(outcomes, prefix):
    """Returns the parts of outcomes that must be equal everywhere, sorted."""
    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items()
                    if not (k.endswith("_s") or k == "duty_pct")}
        if isinstance(value, list):
            return [strip(x) for x in value]
        if isinstance(value, str) and prefix:
            return value.replace(prefix, "")
        return value

    def contents(x):
        output = x.get("output")
        if isinstance(output, dict) and "contents" in output:
            output["contents"].sort(key=lambda y: y["name"])
        return x

    return sorted((contents(strip(x)) for x in outcomes),
                  key=lambda x: json.dumps(x, sort_keys=True))


class Serving(NodeTest):
    def test_a_node_gives_the_same_answers_as_a_local_queue(self):
        self.check_answers(self.node(), "root:")

    def test_a_node_offers_several_volumes(self):
        (self.folder / "other").mkdir()
        config = self.configure('[volumes.fixed]\nroot = "other"\n')
        node = self.node("--config", config)
        code, text, _ = self.at(node, "ls", "fixed:")
        self.assertEqual((code, text), (0, ""))
        outcomes, code = self.ask(
            node,
            {"id": 1, "action": "file_create", "path": "data:a"},
            {"id": 2, "action": "file_create", "path": "fixed:a"},
            {"id": 3, "action": "file_create", "path": "none:a"},
            {"id": 4, "action": "file_create", "path": "a"},
            {"id": 5, "action": "file_copy", "path": "data:a",
             "target": "fixed:a"})
        self.assertEqual(code, 1)
        # Volumes do not block each other.
        outcomes = {x["id"]: x for x in outcomes}
        self.assertEqual({i: error_of(x) for i, x in outcomes.items()},
                         {1: None, 2: "read_only", 3: "not_found",
                          4: "invalid_argument", 5: "invalid_argument"})
        self.assertIn("data, fixed", outcomes[3]["output"]["message"])

    def test_file_commands(self):
        node = self.node()
        content = random.Random(1).randbytes(3 * MIB + 17)
        (self.folder / "here").write_bytes(content)
        for args in (("mkdir", "-p", "root:d/e"),
                     ("put", "--quiet", "here", "root:d"),
                     ("cp", "root:d/here", "root:d/copy"),
                     ("mv", "root:d/copy", "root:d/e"),
                     ("get", "--quiet", "root:d/e/copy", "back"),
                     ("write", "--quiet", "here", "root:written"),
                     ("rm", "-r", "root:d/e")):
            self.assertEqual(self.at(node, *args), (0, "", ""), args)
        self.assertEqual((self.folder / "back").read_bytes(), content)
        self.assertEqual((self.root / "written").read_bytes(), content)
        self.assertEqual(self.at(node, "ls", "root:d"), (0, "here\n", ""))
        # The target is the file that the source links to.
        (self.root / "link").symlink_to("written")
        for command in ("mv", "cp"):
            code, _, errors = self.at(node, command, "root:link",
                                      "root:written")
            self.assertEqual(code, 1)
            self.assertIn("same file", errors)
        self.assertEqual((self.root / "written").read_bytes(), content)
        (self.root / "link").unlink()
        self.assertEqual(self.at(node, "ls", "root:"), (0, "d\nwritten\n", ""))
        code, text, _ = self.at(node, "status", "--json")
        self.assertEqual(code, 0)
        self.assertGreater(json.loads(text)["succeeded"], 5)
        code, _, errors = self.at(node, "cat", "root:missing")
        self.assertEqual(code, 1)
        self.assertIn("root:missing", errors)

    def test_a_volume_that_is_read_only(self):
        node = self.node("--root", "root", "--read-only")
        code, _, errors = self.at(node, "mkdir", "root:d")
        self.assertEqual(
            (code, errors),
            (1, "spindle mkdir: root:d: Read-only file system: choose another "
                "place, or have the file system mounted, or the volume of the "
                "node offered, for writing\n"))

    def test_pages_of_a_large_directory(self):
        node = self.node()
        names = [f"n{i}" for i in range(3000)]
        for name in names:
            (self.root / name).touch()
        (self.folder / "secret").touch()
        text = "".join(f"{x}\n" for x in sorted(names))
        self.assertEqual(self.at(node, "ls", "root:"), (0, text, ""))
        walk = {"action": "directory_walk", "path": "root:.", "limit": 7}
        # Cursors that no page returned: the walk starts at their path, if any.
        cursors = {"": "n0", "n1000": "n1001", "n1000/x/y": "n1001",
                   "n10000": "n1001", "..": "n0", "../secret": "n0",
                   "/": "n0", "//n5": "n0", "m" * 100_000: "n0", "\0": "n0",
                   "n1000\0": "n1001", "/".join("n" * 10_000): "n0"}
        outcomes, code = self.ask(node, *(walk | {"id": i, "after": cursor}
                                          for i, cursor in enumerate(cursors)))
        self.assertEqual(code, 0)
        first = [x["output"]["entries"][0]["path"]
                 for x in sorted(outcomes, key=lambda x: x["id"])]
        self.assertEqual(first, list(cursors.values()))

    def test_paths_cannot_leave_a_volume(self):
        (self.folder / "secret").write_text("secret", encoding="utf-8")
        (self.root / "out").symlink_to("../secret")
        (self.root / "proc").symlink_to("/proc/self/root")
        node = self.node()
        for path in ("../secret", "/etc/passwd", "out", "proc/etc/passwd",
                     "a/../../secret", "x" * 5000, "", "a\0b", "out/x"):
            outcomes, _ = self.ask(
                node, {"action": "file_read", "path": f"root:{path}"},
                {"action": "file_write", "path": f"root:{path}", "data": "x"})
            if path == "a\0b" or path == "":
                self.assertFalse(any(x["result"] for x in outcomes), path)
                continue
            for outcome in outcomes:
                self.assertFalse(outcome["result"], (path, outcome))
        self.assertEqual((self.folder / "secret").read_text("utf-8"), "secret")


class Distance(NodeTest):
    """Lines for a node with a long round trip."""

    def setUp(self):
        super().setUp()
        self.served = self.node()
        self.far = self.enterContext(FarNode(self.served.port, 0.005))
        self.program = self.start("--connect", self.far.address)
        # The response shows that it is connected.
        self.program.ask({"action": "file_exists", "path": "root:a"})

    def run_lines(self, *lines):
        """Returns the outcomes of lines."""
        self.program.send(*lines)
        return [self.program.receive() for _ in lines]

    def run_unanswered(self, *lines):
        """Sends lines that make a file each, and checks that the node gets all
        of them while no answer comes back; returns all outcomes."""
        with self.far.silent():
            self.program.send(*lines)
            wait_for(lambda: len(os.listdir(self.root)) == len(lines),
                     "the effects")
        return self.program.end()[0]

    def test_operations_do_not_wait_for_each_other(self):
        outcomes = self.run_unanswered(
            *({"id": i, "action": "file_create", "path": f"root:{i}"}
              for i in range(500)))
        self.assertEqual([x["id"] for x in outcomes], list(range(500)))
        self.assertTrue(all(x["result"] for x in outcomes))

    def test_lists_do_not_wait_for_each_other(self):
        outcomes = self.run_unanswered(
            *({"id": i, "oplist": [{"action": "file_create",
                                    "path": f"root:{i}"}]}
              for i in range(500)))
        self.assertEqual([x["id"] for x in outcomes
                          if x["action"] == "oplist"], list(range(500)))
        self.assertTrue(all(x["result"] for x in outcomes))

    def test_writers_do_not_wait_for_each_other(self):
        outcomes = self.run_unanswered(
            *({"id": i, "action": "background_write", "path": f"root:{i}",
               "data": str(i), "profile": "10"} for i in range(100)))
        self.assertTrue(all(x["result"] for x in outcomes), outcomes)
        self.assertEqual((self.root / "99").read_text("ascii"), "99")

    def test_effects_keep_the_order_of_the_lines(self):
        outcomes = self.run_lines(
            *(line for i in range(200) for line in (
                {"action": "file_write", "path": "root:f", "data": str(i)},
                {"id": i, "action": "file_read", "path": "root:f"},
                {"oplist": []})))
        self.assertEqual([x["output"]["data"] for x in outcomes[1::3]],
                         [str(i) for i in range(200)])

    def test_a_writer_comes_after_the_lines_before(self):
        outcomes = self.run_lines(
            *(line for i in range(50) for line in (
                {"action": "directory_create", "path": f"root:{i}"},
                {"action": "background_write", "path": f"root:{i}/f",
                 "data": "x", "profile": "10"})))
        self.assertTrue(all(x["result"] for x in outcomes), outcomes)

    def test_control_comes_after_the_lines_before(self):
        with (self.root / "slow").open("wb") as stream:
            stream.truncate(1 << 40)
        self.program.send(
            {"id": "slow", "action": "file_checksum", "path": "root:slow"},
            *({"id": i, "action": "file_create", "path": f"root:{i}"}
              for i in range(20)),
            {"action": "cancel", "id": 19},
            {"action": "status"})
        # They arrive independently of the lines.
        at_once = {x["action"]: x
                   for x in (self.program.receive() for _ in range(3))}
        self.assertEqual(at_once["cancel"]["output"], {"cancelled": True})
        self.assertEqual(at_once["file_create"]["id"], 19)
        self.assertEqual(error_of(at_once["file_create"]), "cancelled")
        status = at_once["status"]["output"]
        self.assertEqual(status["pending"] + status["running"], 20)
        self.program.send({"action": "shutdown", "deadline_s": 0.1})
        outcomes = self.program.rest()
        self.assertEqual([x["id"] for x in outcomes],
                         ["slow", *range(19), None])
        self.assertEqual({error_of(x) for x in outcomes[:-1]}, {"node_lost"})


class Lanes(NodeTest):
    """Lanes of `spindle run` at a node with two volumes of one directory."""

    def setUp(self):
        super().setUp()
        self.served = self.node("--config", self.configure(
            '[volumes.more]\nroot = "root"\naccess = "read-write"\n'))
        with (self.root / "slow").open("wb") as stream:
            stream.truncate(1 << 40)
        (self.root / "source").write_text("stale")

    def begin(self, *lines):
        program = self.start("--connect", self.served.address)
        program.send(*lines)
        return program

    def slow(self, volume="data", **members):
        return {"id": "slow", "action": "file_checksum",
                "path": f"{volume}:slow", **members}

    def copy(self, target, **members):
        return {"id": "copy", "action": "background_write", "path": target,
                "source": "data:source", "profile": "10", **members}

    def wait_for_other_lanes(self, program):
        """Lets both volumes do something in another lane; a source would be
        read meanwhile if it did not wait for its own."""
        for volume in ("data", "more") * 5:
            program.ask({"action": "file_exists", "path": f"{volume}:x",
                         "lane": "other"})

    def end(self, program):
        """Cancels the slow line; returns the outcome of the copy."""
        program.send({"action": "cancel", "id": "slow"})
        [outcome] = [x for x in program.end()[0] if x["id"] == "copy"]
        return outcome

    def test_a_lane_does_not_wait_for_another(self):
        program = self.begin(
            self.slow(),
            {"id": "behind", "action": "file_exists", "path": "data:a"},
            {"id": 1, "action": "file_create", "path": "data:a",
             "lane": "quick"},
            {"id": 2, "lane": "quick", "oplist": [
                {"action": "file_exists", "path": "data:a"}]},
            {"id": 3, "action": "background_write", "path": "data:b",
             "data": "x", "profile": "10", "lane": "quick"})
        outcomes = [program.receive() for _ in range(4)]
        self.assertEqual([x["id"] for x in outcomes if x["id"] != 3],
                         [1, None, 2])
        self.assertTrue(all(x["result"] for x in outcomes), outcomes)
        self.assertEqual((self.root / "b").read_text(), "x")
        program.send({"action": "cancel", "id": "slow"})
        outcomes, _ = program.end()
        outcomes = [x for x in outcomes if x["action"] != "cancel"]
        self.assertEqual([x["id"] for x in outcomes], ["slow", "behind"])
        # It was done after the one in the other lane.
        self.assertEqual(outcomes[-1]["output"], {"exists": True})

    def test_each_lane_has_the_order_of_its_lines(self):
        # So many that some share a lane of the node.
        lanes, count = 1500, 3
        outcomes, code = self.ask(self.served, *(
            {"id": i, "action": "file_write", "path": f"data:f{i % lanes}",
             "data": f"{i},", "mode": "append", "lane": f"lane {i % lanes}"}
            for i in range(count * lanes)))
        self.assertEqual(code, 0)
        ids = [[] for _ in range(lanes)]
        for outcome in outcomes:
            ids[outcome["id"] % lanes].append(outcome["id"])
        for k, some in enumerate(ids):
            self.assertEqual(some, list(range(k, count * lanes, lanes)))
            self.assertEqual((self.root / f"f{k}").read_text(),
                             "".join(f"{i}," for i in some))

    def test_a_source_is_read_after_the_lines_before(self):
        for target in ("data:target", "more:target"):
            with self.subTest(target):
                program = self.begin(
                    self.slow(),
                    {"action": "file_write", "path": "data:source",
                     "data": f"fresh for {target}"},
                    self.copy(target))
                self.wait_for_other_lanes(program)
                outcome = self.end(program)
                self.assertTrue(outcome["result"], outcome)
                self.assertEqual((self.root / "target").read_text(),
                                 f"fresh for {target}")

    def test_a_target_may_not_be_made_a_link_to_the_source(self):
        for volume in ("data", "more"):
            with self.subTest(volume):
                program = self.begin(
                    self.slow(volume),
                    {"action": "symlink_create", "path": f"{volume}:link",
                     "target": "source", "overwrite": True},
                    self.copy(f"{volume}:link"))
                self.wait_for_other_lanes(program)
                self.assertEqual(error_of(self.end(program)),
                                 "invalid_argument")
                self.assertEqual((self.root / "source").read_text(), "stale")
                (self.root / "link").unlink()

    def test_a_copy_that_cannot_wait_for_its_lane_fails(self):
        self.served = self.node("--config", self.configure(
            "[limits]\nmax_ops = 1\n"))
        program = self.begin(self.slow(), self.copy("data:target"))
        outcome = program.receive()
        self.assertEqual(outcome["id"], "copy")
        self.assertEqual(error_of(outcome), "limit_exceeded")
        self.assertIn("data:source", outcome["output"]["message"])
        self.assertFalse((self.root / "target").exists())
        program.send({"action": "cancel", "id": "slow"})
        program.end()

    def test_a_deadline_leaves_what_a_copy_would_replace(self):
        (self.root / "target").write_text("old")
        # The write has begun, but its source waits for the lane.
        program = self.begin(self.slow(), self.copy("more:target",
                                                    mode="replace"))
        self.wait_for_other_lanes(program)
        program.send({"action": "shutdown", "deadline_s": 0.1})
        outcomes = program.rest()
        self.assertEqual({error_of(x) for x in outcomes[:-1]}, {"node_lost"})

        def is_idle():
            [status], _ = self.ask(self.served, {"action": "status"})
            return status["output"]["writers"] == 0

        wait_for(is_idle, "the writer to end")
        self.assertEqual((self.root / "target").read_text(), "old")


class Starting(Certificates, NodeTest):
    def refuse(self, *args):
        done = subprocess.run([SPINDLED, *args], cwd=self.folder, text=True,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def test_no_volumes(self):
        code, errors = self.refuse()
        self.assertEqual(code, 2)
        self.assertIn("--root", errors)

    def test_only_loopback_without_tls(self):
        config = self.configure('[listen]\naddress = "0.0.0.0"\n')
        code, errors = self.refuse("--config", config)
        self.assertEqual(code, 1)
        self.assertIn("set certificates for TLS, or listen at 127.0.0.1",
                      errors)

    def test_a_missing_root(self):
        code, errors = self.refuse("--root", "missing")
        self.assertEqual(code, 1)
        self.assertIn("missing", errors)

    def test_mistakes_in_the_configuration(self):
        config = self.configure(
            '[listen]\nport = 70000\nadress = "x"\n[listen.tls]\nkey = "k"\n'
            '[limits]\nmax_ops = 0\nmax_profile = "70"\n'
            '[volumes."a b"]\nroot = "x"\n[volumes.b]\naccess = "rw"\n'
            '[node]\nlog_level = "all"\n')
        code, errors = self.refuse("--config", config)
        self.assertEqual(code, 2)
        for words in ("listen.port", "0 to 65535", "adress", "address",
                      "certificate", "authorities", "max_ops", "max_profile",
                      "a b", 'expected a key "root"', "read-only",
                      "log_level"):
            self.assertIn(words, errors)

    def test_invalid_ports(self):
        for port in ("70000", "x", "-1"):
            code, errors = self.refuse("--root", "root", "--port", port)
            self.assertEqual(code, 2)
            self.assertIn(f"--port: expected a number from 0 to 65535, found "
                          f"{port}\n", errors)

    def test_a_port_in_use(self):
        node = self.node()
        self.assertEqual(
            self.refuse("--root", "root", "--port", str(node.port)),
            (1, f'spindled: serve "127.0.0.1:{node.port}": busy (Address '
                "already in use, errno 98): another program listens there: "
                "end it, or choose another port\n"))

    def test_unavailable_addresses(self):
        tls = ('[listen.tls]\ncertificate = "ca.pem"\nkey = "ca.key"\n'
               'authorities = "ca.pem"\n')
        self.make_authority("ca")
        for address, words in (
                ("nowhere.invalid", ": not_found: no address is known for "
                                    "this name ("),
                ("192.0.2.1", ": system_error (Cannot assign requested "
                              "address, errno 99): no interface of this "
                              "machine has this address")):
            config = self.configure(
                f'[listen]\naddress = "{address}"\nport = 7700\n' + tls)
            code, errors = self.refuse("--config", config)
            self.assertEqual(code, 1)
            self.assertIn(f'spindled: serve "{address}:7700"{words}', errors)

    def test_localhost(self):
        node = self.node("--config", self.configure(
            '[listen]\naddress = "localhost"\n'))
        for host in ("localhost", "127.0.0.1"):
            code, _, errors = self.call("ls", "--connect",
                                        f"{host}:{node.port}", "data:")
            self.assertEqual((code, errors), (0, ""))


class Service(NodeTest):
    def test_the_service_manager_is_notified(self):
        path = str(self.folder / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(path)
            listener.settimeout(DEADLINE_S)
            node = self.node("--root", "root",
                             env=os.environ | {"NOTIFY_SOCKET": path})
            self.assertEqual(listener.recv(100), b"READY=1")
            self.assertEqual(node.stop(), 0)
            self.assertEqual(listener.recv(100), b"STOPPING=1")

    def test_a_signal_finishes_pending_operations(self):
        node = self.node()
        program = self.start("--connect", node.address)
        program.send({"id": 1, "action": "background_write",
                      "path": "root:big", "data": "x" * MIB,
                      "profile": "10", "chunk_size": 65536})
        wait_for((self.root / "big").exists, "the writer to begin")
        self.assertEqual(node.stop(), 0)
        self.assertEqual((self.root / "big").stat().st_size, MIB)
        self.assertIn("event=stopped complete=true", node.log())
        program.end()

    def test_operations_finished_while_draining_are_answered(self):
        for attempt in range(5):
            node = self.node()
            program = self.start("--connect", node.address)
            program.send(*({"id": i, "action": "file_create",
                            "path": f"root:{attempt}-{i}"}
                           for i in range(2000)))
            outcomes = [program.receive()]
            node.process.send_signal(signal.SIGTERM)
            outcomes += program.end()[0]
            node.process.wait(timeout=DEADLINE_S)
            told = {x["id"] for x in outcomes if x["result"]}
            done = {int(x.name.split("-")[1])
                    for x in self.root.glob(f"{attempt}-*")}
            self.assertEqual(told, done)

    def test_a_second_signal_stops_at_once(self):
        with (self.root / "slow").open("wb") as stream:
            stream.truncate(1 << 40)
        node = self.node()
        program = self.start("--connect", node.address)
        program.send({"id": 1, "action": "file_checksum",
                      "path": "root:slow"})
        program.send({"action": "status"})
        wait_for(lambda: program.ask({"action": "status"})["output"]["running"],
                 "the operation to begin")
        node.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "event=stopping" in node.log(), "the first signal")
        self.assertEqual(node.stop(), 1)

    def test_the_drain_timeout_ends_the_node(self):
        with (self.root / "slow").open("wb") as stream:
            stream.truncate(1 << 40)
        config = self.configure('[node]\ndrain_timeout = "50ms"\n')
        node = self.node("--config", config)
        program = self.start("--connect", node.address)
        program.send({"id": 1, "action": "file_checksum",
                      "path": "data:slow"})
        wait_for(lambda: program.ask({"action": "status"})["output"]["running"],
                 "the operation to begin")
        self.assertEqual(node.stop(), 1)
        self.assertIn("event=undone volume=data operation=file_checksum",
                      node.log())

    def test_reloading_is_atomic(self):
        config = self.configure("[limits]\nmax_oplist = 1\n")
        Path(config).write_text(
            Path(config).read_text("utf-8").replace("max_oplist", "max_ops"),
            encoding="utf-8")
        node = self.node("--config", config)
        two = {"id": 1, "oplist": [{"action": "file_exists", "path": "data:a"},
                                   {"action": "file_exists",
                                    "path": "data:b"}]}
        outcomes, _ = self.ask(node, two)
        self.assertEqual(error_of(outcomes[-1]), "limit_exceeded")
        self.configure("[limits]\nmax_ops = 1000\nmax_bytes = -1\n")
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "event=not_reloaded" in node.log(), "the refusal")
        outcomes, _ = self.ask(node, two)
        self.assertEqual(error_of(outcomes[-1]), "limit_exceeded")
        self.configure("[limits]\nmax_ops = 1000\n[listen]\nport = 1\n")
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "event=reloaded" in node.log(), "the new limits")
        self.assertIn("after_restart=listen", node.log())
        outcomes, code = self.ask(node, two)
        self.assertEqual(code, 0, outcomes)

    def test_the_log_contains_no_content(self):
        config = self.configure('[node]\nlog_level = "debug"\n'
                                "[limits]\nmax_ops = 1\n")
        node = self.node("--config", config)
        self.ask(node, {"oplist": [
            {"action": "file_write", "path": "data:a b", "data": "payload"},
            {"action": "file_write", "path": "data:c", "data": "payload"}]})
        node.wait_for_log(r"^time=\S+Z level=warning event=refused node=\S+ "
                          r"error=limit_exceeded operation=oplist ")
        self.assertNotIn("payload", node.log())

    def test_the_log_says_what_waits_for_the_device(self):
        node = self.node("--config", self.configure(
            '[queue]\nengine = "threads"\ndepth = 3\n'))
        node.wait_for_log("level=info event=volume_opened volume=data "
                          "engine=threads depth=3\n")
        self.configure('[queue]\nengine = "plain"\n')
        node.process.send_signal(signal.SIGHUP)
        node.wait_for_log("event=reloaded")
        self.assertIn("after_restart=queue.depth,queue.engine", node.log())

    def test_a_reload_does_not_block_on_a_pipe(self):
        config = self.configure("")
        node = self.node("--config", config)
        os.remove(config)
        os.mkfifo(config)
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "event=not_reloaded" in node.log(), "the refusal")
        self.assertIn("it is not a regular file", node.log())
        self.assertEqual(node.stop(), 0)

    def test_a_reload_does_not_change_message_limits(self):
        limit = '[limits]\nmax_message_bytes = "100kB"\n'
        node = self.node("--config", self.configure(limit))
        for i in range(2):
            self.configure(limit.replace("100kB", "10MB"))
            node.process.send_signal(signal.SIGHUP)
            wait_for(lambda n=i + 1: node.log().count("event=reloaded") == n,
                     "the new limits")
        self.assertEqual(
            node.log().count("after_restart=limits.max_message_bytes"), 2)
        (self.root / "large").write_bytes(bytes(1_000_000))
        outcomes, _ = self.ask(
            node,
            {"id": 1, "action": "file_write", "path": "data:new",
             "data": "x" * 1_000_000},
            {"id": 2, "action": "file_read", "path": "data:large"},
            {"id": 3, "action": "file_exists", "path": "data:large"})
        self.assertEqual({x["id"]: error_of(x) for x in outcomes},
                         {1: "limit_exceeded", 2: "too_large", 3: None})
        self.assertIn("100000", outcomes[0]["output"]["message"])

    def test_an_unread_log_does_not_block_the_node(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, bytes(4096))
        os.set_blocking(writer, True)
        config = self.configure("")
        node = self.node("--config", config, stderr=writer)
        os.close(writer)
        for _ in range(20):
            self.assertEqual(self.at(node, "ls", "data:")[0], 0)
        self.configure("mistake")
        node.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.at(node, "ls", "data:")[0], 0)
        self.assertEqual(node.stop(), 0)

    def test_clients_cannot_flood_the_log(self):
        node = self.node()
        self.assertEqual(
            subprocess.run([CLIENT, "join", node.address, "root", "1000"],
                           timeout=DEADLINE_S, check=False).returncode, 0)
        self.assertLess(node.log().count("event=joined"), 500)
        self.assertNotIn("event=refused", node.log())

        def told_later():
            self.at(node, "ls", "root:")
            return re.search(r"event=joined .* others=[1-9]", node.log())

        wait_for(told_later, "a line that counts the others")
        self.at(node, "ls", "none:" + "x" * 50_000)
        wait_for(lambda: "event=refused" in node.log(), "the refusal")
        self.assertLess(len(max(node.log().splitlines(), key=len)), 3000)

    def test_unexpected_messages_are_not_printed(self):
        node = self.node()
        self.assertEqual(
            subprocess.run([CLIENT, "unexpected", node.address, "root", "100"],
                           timeout=DEADLINE_S, check=False).returncode, 0)
        wait_for(lambda: "event=unexpected" in node.log(), "the log")
        self.assertEqual(self.at(node, "ls", "root:")[0], 0)
        self.assertEqual(node.stop(), 0)
        self.assertEqual(node.process.stdout.read(), "")
        self.assertNotIn("secret", node.log())
        self.assertIn("event=unexpected actor=spindle.gateway", node.log())


class Breaking(NodeTest):
    def run_once(self, address, count):
        return subprocess.run([CLIENT, "once", address, "root", str(count)],
                              timeout=600, check=False).returncode

    def check_lines(self, count):
        lines = (self.root / "lines").read_text("ascii").split()
        self.assertEqual(len(lines), count)
        self.assertEqual(sorted(map(int, lines)),
                         list(range(1, count + 1)))

    def test_each_operation_is_done_once(self):
        """10,000 operations over connections that break, are delayed or
        replayed; some requests are sent twice."""
        count = 1000 if SANITIZED else 10_000
        seed = int(os.environ.get("SPINDLE_SEED", random.randrange(1 << 30)))
        print(f"SPINDLE_SEED={seed}")

        # Small enough that there are always many connections.
        mean_bytes = 8_000 if SANITIZED else 20_000

        def fate(rng):
            return Fate(left=int(rng.expovariate(1 / mean_bytes)) + 1,
                        delay_s=0.002 if rng.random() < 0.1 else 0,
                        doubled=rng.random() < 0.5)

        node = self.node()
        with Proxy(node.port, fate, seed) as proxy:
            self.assertEqual(self.run_once(proxy.address, count), 0)
            print(f"{proxy.cuts} connections were cut, "
                  f"{proxy.doubles} were doubled")
            self.assertGreater(proxy.cuts, count // 200)
            self.assertGreater(proxy.doubles, 0)
        self.check_lines(count)

    def test_a_thousand_connections_leave_no_memory(self):
        node = self.node()
        self.assertEqual(self.run_once(node.address, 10), 0)
        before = node.descriptors(), node.memory()
        rounds = 100 if SANITIZED else 1000

        # Enough bytes to join and to send requests.
        with Proxy(node.port, lambda rng: Fate(left=rng.randrange(1, 4000)),
                   1) as proxy:
            while proxy.cuts < rounds:
                with socket.create_connection(
                        ("127.0.0.1", proxy.port)) as one:
                    one.recv(100)
                    one.sendall(bytes(4000))
                    try:
                        while one.recv(4096):
                            pass
                    except OSError:
                        pass
        wait_for(lambda: node.descriptors() <= before[0],
                 "the descriptors to be closed")
        self.check_memory(node.memory() - before[1], 64 * MIB)
        self.assertEqual(
            [x.name for x in self.root.iterdir()], ["lines"])

    def test_acknowledged_operations_survive_a_kill(self):
        old, new = "old" * 10_000, "new" * 10_000
        rounds = 3 if SANITIZED else 12
        rng = random.Random(7)
        (self.root / "file").write_text(old, encoding="ascii")
        acknowledged = set()
        for i in range(rounds):
            node = self.node()
            program = self.start("--connect", node.address)
            for k in range(200):
                program.send(
                    {"id": k, "action": "file_write", "path": "root:file",
                     "data": old if k % 2 else new, "mode": "replace",
                     "durability": "full"},
                    {"id": f"{i}-{k}", "action": "file_write",
                     "path": f"root:{i}-{k}", "data": "x",
                     "durability": "full"})
            for _ in range(rng.randrange(1, 200)):
                outcome = program.receive()
                if outcome["result"] and "-" in str(outcome["id"]):
                    acknowledged.add(outcome["id"])
            node.process.kill()
            for outcome in program.end()[0]:
                if outcome["result"] and "-" in str(outcome["id"]):
                    acknowledged.add(outcome["id"])
                elif not outcome["result"]:
                    self.assertEqual(error_of(outcome), "node_lost")
            node.process.wait()
            self.assertIn((self.root / "file").read_text("ascii"), (old, new))
        self.assertTrue(acknowledged)
        node = self.node()
        for name in acknowledged:
            self.assertEqual((self.root / name).read_text("ascii"), "x")
        left = [x for x in self.root.iterdir() if x.name.endswith(".tmp")]
        self.assertEqual(left, [])

    def test_a_lost_node_is_reported_at_once(self):
        with (self.root / "slow").open("wb") as stream:
            stream.truncate(1 << 40)
        node = self.node()
        program = self.start("--connect", node.address)
        program.send({"id": 1, "action": "file_checksum",
                      "path": "root:slow"})
        wait_for(lambda: program.ask({"action": "status"})["output"]["running"],
                 "the operation to begin")
        node.process.kill()
        outcome = program.receive()
        self.assertEqual((outcome["id"], error_of(outcome)),
                         (1, "node_lost"))
        self.assertEqual(program.end(), ([], 1))

    def test_a_writer_of_a_lost_node_reports_its_progress(self):
        node = self.node()
        program = self.start("-", "root:file", "--json", "--connect",
                             node.address, command="write")
        size = 0
        for _ in range(10):
            program.write(b"x" * 10_000)
            size += 10_000
            wait_for(lambda: (self.root / "file").exists()
                     and (self.root / "file").stat().st_size == size,
                     "what was sent")
        node.process.kill()
        [end] = program.rest()
        self.assertEqual(program.code(), 1)
        self.assertEqual(end["error"], "node_lost")
        self.assertGreater(end["written"], 0)
        self.assertLessEqual(end["written"], size)
        self.assertRegex(
            end["message"],
            rf'^background_write "root:file": node_lost: .*; {end["written"]} '
            r"bytes were written when it was last heard of")

    def test_an_unreachable_node(self):
        code, out, errors = self.call("ls", "--connect", "127.0.0.1:1", "a:")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(
            errors, 'spindle: connect "127.0.0.1:1": node_lost (Connection '
                    "refused, errno 111): nothing listens there: start "
                    "spindled, or check host and port\n")
        code, _, errors = self.call("ls", "--connect", "nowhere.invalid:1",
                                    "a:")
        self.assertEqual(code, 1)
        self.assertTrue(errors.startswith(
            'spindle: connect "nowhere.invalid:1": node_lost: no address is '
            "known for this name ("), errors)
        code, _, errors = self.call("ls", "--connect", "nonsense", "a:")
        self.assertEqual(code, 2)
        self.assertIn("HOST:PORT", errors)


class Transfers(NodeTest):
    """`get` and `put` with a node, whose connection may break."""

    def setUp(self):
        super().setUp()
        self.data = random.Random(3).randbytes(20 * MIB)
        (self.folder / "here").write_bytes(self.data)
        (self.root / "there").write_bytes(self.data)

    def cut_after(self, count, each=5 * MIB):
        """Returns a function that lets the first `count` connections break."""
        left = iter([each] * count)
        return lambda rng: Fate(left=next(left, None), gentle=True)

    def parts(self, where):
        return [x for x in where.iterdir() if x.name.startswith(".")]

    def test_a_lost_node_is_retried(self):
        node = self.node()
        for command, source, target, result in (
                ("put", "here", "root:new", self.root / "new"),
                ("get", "root:there", "new", self.folder / "new")):
            with self.subTest(command), Proxy(node.port, self.cut_after(2),
                                              1) as proxy:
                code, text, errors = self.at(proxy, command, source, target,
                                             "--retry", "2", "--json")
                self.assertEqual(code, 0, errors)
                self.assertEqual(errors.count("; trying again in 1s\n"), 2)
                self.assertEqual(
                    errors.count("already, going on from there"), 2)
                told = json.loads(text)
                self.assertEqual(told["size"], len(self.data))
                self.assertGreater(told["resumed_from"], 4 * MIB)
                self.assertEqual(result.read_bytes(), self.data)
                self.assertEqual(self.parts(result.parent), [])
                self.assertEqual(proxy.cuts, 2)

    def test_a_lost_node_without_retries(self):
        node = self.node()
        for command, source, target, result in (
                ("put", "here", "root:new", self.root / "new"),
                ("get", "root:there", "new", self.folder / "new")):
            with self.subTest(command), Proxy(node.port, self.cut_after(1),
                                              1) as proxy:
                code, text, errors = self.at(proxy, command, source, target,
                                             "--json")
                self.assertEqual(code, 1)
                told = json.loads(text)
                self.assertEqual(told["error"], "node_lost")
                self.assertIn("; the same command goes on from there", errors)
                # The node still executes requests that have arrived.
                wait_for(lambda where=result.parent: [
                    x for x in self.parts(where)
                    if x.stat().st_size > 2 * MIB], "the part")
                [part] = self.parts(result.parent)
                kept = part.read_bytes()
                self.assertEqual(kept, self.data[:len(kept)])
                code, text, errors = self.at(proxy, command, source, target,
                                             "--json")
                self.assertEqual(code, 0, errors)
                self.assertGreaterEqual(json.loads(text)["resumed_from"],
                                        len(kept))
                self.assertEqual(result.read_bytes(), self.data)

    def test_no_further_file_is_begun_when_the_node_is_lost(self):
        node = self.node()
        for name in ("a", "b", "c"):
            (self.folder / name).write_bytes(self.data)
        with Proxy(node.port, lambda rng: Fate(left=5 * MIB), 1) as proxy:
            code, _, errors = self.at(proxy, "put", "a", "b", "c", "root:")
        self.assertEqual(code, 1)
        self.assertEqual(len(self.parts(self.root)), 1)
        self.assertIn("0 files, 0B transferred", errors)

    def test_trees_and_patterns(self):
        node = self.node()
        for i in range(20):
            path = self.folder / f"s/{i % 3}/{i}.dat"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes([i]) * i * 1000)
            os.utime(path, (0, 951_782_400 + i))
        code, _, errors = self.at(node, "put", "-r", "--quiet", "s", "root:t")
        self.assertEqual((code, errors), (0, ""))
        code, _, errors = self.at(node, "get", "-r", "--quiet", "root:t",
                                  "back")
        self.assertEqual((code, errors), (0, ""))
        for path in (self.folder / "s").rglob("*"):
            other = self.folder / "back" / path.relative_to(self.folder / "s")
            self.assertEqual(path.stat().st_mtime_ns, other.stat().st_mtime_ns)
            if path.is_file():
                self.assertEqual(path.read_bytes(), other.read_bytes())
        (self.folder / "found").mkdir()
        code, _, errors = self.at(node, "get", "--quiet", "root:t/[02]/*1*.dat",
                                  "root:*re", "found")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(
            sorted(x.name for x in (self.folder / "found").iterdir()),
            ["11.dat", "12.dat", "14.dat", "15.dat", "17.dat", "18.dat",
             "there"])

    def test_a_setgid_directory_of_a_node(self):
        for special in (False, True):
            with self.subTest(special):
                node = self.node("--config", self.configure(
                    f"special_permissions = {str(special).lower()}\n"))
                top = self.root / f"sg{special}"
                top.mkdir()
                top.chmod(0o2775)
                for name, mode in (("s", 0o755), ("s/ro", 0o555)):
                    (self.folder / name).mkdir(exist_ok=True)
                    (self.folder / name).chmod(mode)
                code, _, errors = self.at(node, "put", "-r", "--quiet", "s",
                                          f"data:sg{special}")
                self.assertEqual((code, errors), (0, ""))
                # The bit stays where no permissions need to be set.
                self.assertEqual((top / "s").stat().st_mode & 0o7777, 0o2755)
                self.assertEqual((top / "s/ro").stat().st_mode & 0o7777,
                                 0o2555 if special else 0o555)
                node.stop()

    def test_files_with_equal_inodes_on_other_machines_differ(self):
        # Inodes of a node cannot be compared with those of this machine.
        node = self.node()
        os.link(self.root / "there", self.folder / "linked")
        code, _, errors = self.at(node, "get", "--quiet", "root:there",
                                  "linked")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual((self.folder / "linked").read_bytes(), self.data)

    def test_a_file_that_is_not_a_part_is_left_alone(self):
        node = self.node()
        digits = self.ask(node, {"action": "file_write", "path": "root:name",
                                 "data": "new"},
                          {"action": "file_checksum", "path": "root:name"})
        name = f".new.{digits[0][1]['output']['checksum']}.spindle-part"
        (self.root / "name").unlink()
        other = self.root / name
        other.write_bytes(self.data[:1000])
        other.chmod(0o666)
        code, text, errors = self.at(node, "put", "here", "root:new", "--json")
        self.assertEqual(code, 0, errors)
        self.assertIn(f"root:{name} is left alone: others may write it", errors)
        self.assertEqual(json.loads(text)["resumed_from"], 0)
        self.assertEqual(other.read_bytes(), self.data[:1000])
        other.chmod(0o600)
        code, text, errors = self.at(node, "put", "here", "root:new", "--json")
        self.assertEqual(json.loads(text)["resumed_from"], 1000)
        self.assertEqual(self.parts(self.root), [])

    def test_failures_name_paths_on_the_node(self):
        node = self.node()
        for target in ("root:no/t", "root:no/"):
            code, _, errors = self.at(node, "put", "here", target, "--quiet")
            self.assertEqual(code, 1)
            self.assertEqual(errors,
                             "spindle put: root:no/: No such file or directory "
                             "(`spindle mkdir -p` makes it)\n")
        code, _, errors = self.at(node, "put", "--quiet", "here", "root:")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual((self.root / "here").read_bytes(), self.data)

    def test_a_stopped_copy_on_a_node_leaves_nothing(self):
        node = self.node()
        program = self.start("--connect", node.address, "root:there",
                             "root:copy", "--rate", "100K", command="cp")
        wait_for(lambda: self.parts(self.root), "the beginning")
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.code(), 1)
        self.assertEqual(program.errors(), "spindle cp: stopped by SIGTERM\n")
        self.assertEqual(self.parts(self.root), [])


class Attacks(NodeTest):
    def setUp(self):
        super().setUp()
        self.served = self.node()
        self.assertEqual(self.at(self.served, "ls", "root:")[0], 0)
        self.memory = self.served.memory()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.served.port))

    def check_well(self):
        self.assertEqual(self.at(self.served, "mkdir", "root:d"),
                         (0, "", ""))
        self.check_memory(self.served.memory() - self.memory, 64 * MIB)

    def test_random_bytes(self):
        rng = random.Random(3)
        for _ in range(100):
            with self.connect() as peer:
                try:
                    peer.sendall(rng.randbytes(rng.randrange(1, 10_000)))
                except OSError:
                    pass
        self.check_well()

    def test_a_huge_length(self):
        """Headers of every type announce 4 GiB; no more bytes follow."""
        peers = []
        for kind in range(8):
            for offset in (4, 20):
                header = bytearray(64)
                header[3] = header[0] = kind
                struct.pack_into(">I", header, offset, 0xFFFFFFFF)
                header[8:40] = b"\x01" * 32
                struct.pack_into(">I", header, 4, 0xFFFFFFFF)
                peer = self.connect()
                peers.append(peer)
                try:
                    peer.sendall(bytes(header[:HEADER_BYTES]))
                except OSError:
                    pass
        self.check_well()
        for peer in peers:
            peer.close()

    def test_the_greeting_of_a_node_with_a_huge_length(self):
        """The node's own greeting is sent back with a length of 4 GiB."""
        peers = []
        for _ in range(20):
            peer = self.connect()
            greeting = bytearray(peer.recv(HEADER_BYTES))
            struct.pack_into(">I", greeting, 4, 0xFFFFFFF0)
            peer.sendall(bytes(greeting))
            peers.append(peer)
        self.check_well()
        for peer in peers:
            peer.close()

    def test_idle_connections(self):
        peers = [self.connect() for _ in range(1000)]
        self.check_well()
        for peer in peers:
            peer.close()


class Crowds(NodeTest):
    def test_answers_that_nobody_reads(self):
        """47 reads of 60 MiB by a client that stops reading."""
        node = self.node("--config", self.configure(
            '[limits]\nmax_bytes = "128MiB"\n'))
        with (self.root / "large").open("wb") as stream:
            stream.truncate(60 * MIB)
        self.assertEqual(self.at(node, "ls", "data:")[0], 0)
        before = node.memory()
        count = 47
        with subprocess.Popen(
                [CLIENT, "unread", node.address, "data", str(count)],
                stdout=subprocess.PIPE, text=True) as reader:
            _, state = os.waitpid(reader.pid, os.WUNTRACED)
            self.assertTrue(os.WIFSTOPPED(state))

            def idle():
                status = json.loads(self.at(node, "status", "--json")[1])
                return status["pending"] + status["running"] == 0

            wait_for(idle, "the node to have read everything")
            self.check_memory(node.memory() - before, 512 * MIB)
            reader.send_signal(signal.SIGCONT)
            read = int(reader.stdout.read())
        self.assertEqual(reader.returncode, 0)
        self.assertGreater(read, 0)
        self.assertLess(read, count)

    def latency(self, node, count):
        """Returns the median and the 99th percentile of the latency of a
        request in microseconds, and the median of how many operations of
        others were done meanwhile."""
        done = subprocess.run(
            [CLIENT, "latency", node.address, "data", str(count)],
            capture_output=True, text=True, check=True, timeout=DEADLINE_S)
        return [float(x) for x in done.stdout.split()]

    @contextlib.contextmanager
    def flood(self, node, kind):
        # It simulates another machine, so it gets a low priority.
        with subprocess.Popen(["nice", "-n", "19", CLIENT, kind, node.address,
                               "data"], stdout=subprocess.PIPE) as flood:
            try:
                flood.stdout.readline()
                yield
            finally:
                flood.kill()

    def test_one_client_floods_while_another_works(self):
        config = self.configure("[limits]\nmax_requests_per_second = 500\n")
        node = self.node("--config", config)
        alone, p99_alone, _ = self.latency(node, 500)
        with self.flood(node, "flood"):
            beside, p99_beside, _ = self.latency(node, 500)
        print(f"median and p99 alone {alone:.0f} and {p99_alone:.0f} us, "
              f"beside a flood {beside:.0f} and {p99_beside:.0f} us")
        # Far more than the aims in docs/performance.md, and the median,
        # because the machine may be busy: fails only if the flood locks the
        # other client out.
        self.assertLess(beside, 500_000)

    def test_one_client_has_long_operations_while_another_works(self):
        """64 checksums of another client are in flight all the time.

        A request waits for one slice of 10 ms, in which a few of them are
        done. If the clients shared a lane, it would wait for 64 of them. If
        each lane counted as a client, it would wait for up to 64 slices. The
        bound is far from both, and no time, because the machine may be busy.
        """
        node = self.node("--config", self.configure(""))
        with (self.root / "large").open("wb") as stream:
            stream.truncate(16 * MIB)

        def busy():
            status = json.loads(self.at(node, "status", "--json")[1])
            return status["pending"] + status["running"] >= 32

        with self.flood(node, "long-flood"):
            wait_for(busy, "the flood")
            median, _, others = self.latency(node, 20)
        print(f"median {median:.0f} us, {others:.0f} checksums meanwhile")
        self.assertLess(others, 32)


class Tls(TlsTest):
    def greeting(self, node, name):
        """Returns the greeting of the node after the TLS handshake."""
        context = ssl.create_default_context(
            cafile=str(self.folder / "ca.pem"))
        context.check_hostname = False
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem",
                                    self.folder / f"{name}.key")
        with socket.create_connection(("127.0.0.1", node.port),
                                      timeout=DEADLINE_S) as peer:
            try:
                with context.wrap_socket(peer) as inside:
                    return inside.recv(100)
            except (ssl.SSLError, ConnectionError):
                return b""

    def test_answers_with_tls(self):
        node = self.tls_node()
        self.check_answers(node, "data:", self.with_tls("client"))

    def test_clients_without_a_valid_certificate_are_rejected(self):
        node = self.tls_node()
        for args in ((), self.with_tls("stranger"),
                     self.with_tls("stranger", "other-ca"),
                     self.with_tls("client", "other-ca")):
            code, _, errors = self.at(node, "ls", *args, "data:")
            self.assertEqual(code, 1, (args, errors))
            self.assertIn("node_lost", errors)
        with socket.create_connection(("127.0.0.1", node.port)) as peer:
            peer.sendall(random.Random(5).randbytes(1000))
        code, _, errors = self.at(node, "ls", *self.with_tls("client"),
                                  "data:")
        self.assertEqual((code, errors), (0, ""))

    def test_an_expired_certificate_is_refused(self):
        node = self.tls_node()
        code, _, errors = self.at(node, "ls", *self.with_tls("expired"),
                                  "data:")
        self.assertEqual(code, 2)
        self.assertIn("has expired", errors)
        # The node rejects it, too, if the client does not check.
        self.assertTrue(self.greeting(node, "client"))
        self.assertFalse(self.greeting(node, "expired"))
        self.assertFalse(self.greeting(node, None))

    def test_invalid_certificate_files(self):
        node = self.tls_node()
        for args, words in (
                (("--certificate", "client.pem"), "--key"),
                (("--certificate", "missing.pem", "--key", "client.key",
                  "--authorities", "ca.pem"), "missing.pem"),
                (("--certificate", "client.pem", "--key", "node.key",
                  "--authorities", "ca.pem"), "node.key"),
                (("--certificate", "client.key", "--key", "client.key",
                  "--authorities", "ca.pem"), "client.key")):
            code, _, errors = self.at(node, "ls", *args, "data:")
            self.assertEqual(code, 2, errors)
            self.assertIn(words, errors)


if __name__ == "__main__":
    unittest.main()
