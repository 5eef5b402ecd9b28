#!/usr/bin/env python3
"""Tests of mounting and unmounting volumes while a node uses them.

They need the right to mount, and run in their own mount namespace.
"""

import ctypes
import os
import signal
import subprocess
import unittest
from pathlib import Path

from node import SPINDLED
from node_test import NodeTest, error_of
from program import DEADLINE_S, wait_for

CLONE_NEWNS = 0x20000
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
MNT_DETACH = 2

libc = ctypes.CDLL(None, use_errno=True)


def check(outcome):
    if outcome != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount(source, target, kind="none", flags=0):
    check(libc.mount(*(str(x).encode() for x in (source, target, kind)),
                     ctypes.c_ulong(flags), None))


def unmount(target):
    """Detaches a file system even if files on it are open."""
    check(libc.umount2(str(target).encode(), MNT_DETACH))


def setUpModule():
    try:
        check(libc.unshare(CLONE_NEWNS))
        mount("none", "/", flags=MS_REC | MS_PRIVATE)
    except OSError as why:
        raise unittest.SkipTest(f"no right to mount: {why}") from why


class Mounts(NodeTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.unmount_all)

    def unmount_all(self):
        # os.path.ismount does not detect a bind mount of the same file system.
        while libc.umount2(str(self.root).encode(), MNT_DETACH) == 0:
            pass

    def outcome(self, node, **message):
        (res,), _ = self.ask(node, message)
        return res

    def write(self, node, path):
        return error_of(self.outcome(node, action="file_write",
                                     path=f"data:{path}", data="x"))

    def serve(self, text=""):
        return self.node("--config", self.configure(text))

    def test_a_mount_over_a_volume(self):
        node = self.serve()
        source = self.folder / "source"
        source.write_text("new", encoding="utf-8")
        self.assertIsNone(self.write(node, "before"))
        mount("tmpfs", self.root, "tmpfs")
        self.assertEqual(self.write(node, "hidden"), "stale")
        code, _, error = self.call("put", "--connect", node.address,
                                   str(source), "data:put")
        self.assertEqual(code, 1)
        self.assertIn("reload the node (SIGHUP)", error)
        self.assertEqual(os.listdir(self.root), [])
        node.wait_for_log("level=error event=volume_lost volume=data")
        unmount(self.root)
        self.assertEqual(os.listdir(self.root), ["before"])
        self.assertIsNone(self.write(node, "after"))
        node.wait_for_log("event=volume_back volume=data")

    def test_a_mount_over_a_volume_is_used_after_a_reload(self):
        node = self.serve()
        mount("tmpfs", self.root, "tmpfs")
        (self.root / ".spindle-0-0.tmp").write_text("", encoding="utf-8")
        self.assertEqual(self.write(node, "a"), "stale")
        node.process.send_signal(signal.SIGHUP)
        node.wait_for_log("event=reloaded")
        self.assertIn("event=volume_opened_anew volume=data", node.log())
        self.assertIsNone(self.write(node, "b"))
        self.assertTrue((self.root / "b").exists())

    def test_an_unmounted_volume_that_comes_back(self):
        behind = self.folder / "behind"
        behind.mkdir()
        mount(behind, self.root, flags=MS_BIND)
        node = self.serve()
        self.assertIsNone(self.write(node, "a"))
        unmount(self.root)
        self.assertEqual(self.write(node, "b"), "stale")
        self.assertEqual(os.listdir(self.root), [])
        mount(behind, self.root, flags=MS_BIND)
        self.assertIsNone(self.write(node, "c"))
        self.assertEqual(sorted(os.listdir(behind)), ["a", "c"])
        # The node uses the new mount, which is read-only.
        unmount(self.root)
        mount(behind, self.root, flags=MS_BIND)
        mount("none", self.root, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
        self.assertEqual(self.write(node, "d"), "read_only")

    def test_a_replaced_root(self):
        node = self.serve()
        self.root.rename(self.folder / "aside")
        self.assertEqual(self.write(node, "a"), "stale")
        self.root.mkdir()
        self.assertEqual(self.write(node, "a"), "stale")
        node.process.send_signal(signal.SIGHUP)
        node.wait_for_log("event=reloaded")
        self.assertIsNone(self.write(node, "a"))
        self.assertEqual(os.listdir(self.root), ["a"])
        self.assertEqual(os.listdir(self.folder / "aside"), [])

    def test_a_running_writer(self):
        # Slow enough that it does not end before the mount.
        node = self.serve('[profiles.crawl]\nbase = "10"\n'
                          'max_rate = "8B/s"\n')
        program = self.start("--connect", node.address)
        program.send({"id": 1, "action": "background_write",
                      "path": "data:w", "data": "x" * 1000, "mode": "replace",
                      "chunk_size": 1, "profile": "crawl"})
        wait_for(lambda: os.listdir(self.root), "the writer to begin")
        mount("tmpfs", self.root, "tmpfs")
        outcome = program.receive()
        self.assertEqual(error_of(outcome), "stale", outcome)
        program.end()
        self.assertEqual(os.listdir(self.root), [])
        unmount(self.root)
        self.assertEqual(os.listdir(self.root), [])

    def test_a_volume_that_must_be_mounted(self):
        config = self.configure("must_be_mount = true\n")
        res = subprocess.run([SPINDLED, "--config", config], cwd=self.folder,
                             capture_output=True, text=True,
                             timeout=DEADLINE_S, check=False)
        self.assertEqual(res.returncode, 1)
        self.assertIn("volume data: ", res.stderr)
        self.assertIn("must_be_mount", res.stderr)
        # Service managers make directories writable by such a mount.
        mount(self.root, self.root, flags=MS_BIND)
        res = subprocess.run([SPINDLED, "--config", config], cwd=self.folder,
                             capture_output=True, text=True,
                             timeout=DEADLINE_S, check=False)
        self.assertIn("must_be_mount", res.stderr)
        unmount(self.root)
        mount("tmpfs", self.root, "tmpfs")
        node = self.node("--config", config)
        self.assertIsNone(self.write(node, "a"))
        unmount(self.root)
        node.process.send_signal(signal.SIGHUP)
        node.wait_for_log("event=reloaded")
        self.assertIn("event=volume_lost", node.log())
        self.assertEqual(self.write(node, "b"), "stale")
        self.assertEqual(list(Path(self.root).iterdir()), [])


if __name__ == "__main__":
    unittest.main()
