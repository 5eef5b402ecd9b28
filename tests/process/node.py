"""Runs `spindled`, and proxies between it and its clients."""

import collections
import contextlib
import os
import queue
import random
import re
import select
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from program import DEADLINE_S, wait_for

SPINDLED = os.environ.get("SPINDLED", "build/release/tools/spindled")
CLIENT = os.environ.get("NODE_CLIENT",
                        "build/release/tests/process/node-client")


class Node:
    """A `spindled` that listens; its log goes to a file unless told otherwise."""

    def __init__(self, *args, cwd, **kwargs):
        self.log_path = Path(cwd) / "spindled.log"
        with self.log_path.open("ab") as log:
            kwargs.setdefault("stderr", log)
            self.process = subprocess.Popen(
                [SPINDLED, *args], cwd=cwd, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, text=True, **kwargs)
        line = self.process.stdout.readline()
        match = re.fullmatch(r"spindled: listening at (.*):(\d+)\n", line)
        if not match:
            raise AssertionError(f"no node: {line!r}, {self.log()}")
        self.port = int(match[2])
        self.address = f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def wait_for_log(self, pattern):
        """Waits for a line that matches; a thread of its own writes the log."""
        return wait_for(lambda: re.search(pattern, self.log(), re.MULTILINE),
                        f"{pattern} in the log")

    def stop(self, number=signal.SIGTERM):
        """Sends a signal and returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=DEADLINE_S)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Returns the resident memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) * 1024


class Fate:
    """How a proxy treats a connection."""

    def __init__(self, left=None, delay_s=0, doubled=False, gentle=False):
        # Number of bytes in both directions after which the proxy closes the
        # connection; None for no limit.
        self.left = left
        # Whether both sides get all bytes that were forwarded before. If not,
        # the system drops what a side has not read yet.
        self.gentle = gentle
        # Delay of each piece.
        self.delay_s = delay_s
        # Whether the proxy replays the client's data over a new connection
        # after this one has ended.
        self.doubled = doubled


class Proxy:
    """Forwards connections to a port, with faults from `fate(rng)`."""

    def __init__(self, port, fate, seed):
        self.port_behind = port
        self.fate = fate
        self.rng = random.Random(seed)
        self.cuts = 0
        self.doubles = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._closed = False
        self._threads = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closed = True
        # Waits until all forwarded data has arrived.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(DEADLINE_S)

    def _accept(self):
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(
                target=self._relay, args=(client, self.fate(self.rng)),
                daemon=True))
            self._threads[-1].start()

    def _relay(self, client, fate):
        sent = collections.defaultdict(bytearray)
        with client, contextlib.suppress(OSError):
            with self._behind() as behind:
                other = {client: behind, behind: client}
                # Otherwise, the system delays small messages.
                for one in other:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._pass_on(other, fate, sent):
                    pass
                if fate.gentle:
                    self._end_gently(list(other))
        if fate.doubled:
            with contextlib.suppress(OSError):
                self._send_again(sent[client])

    @staticmethod
    def _end_gently(sides):
        """Ends a connection; returns when both sides have read all."""
        for side in sides:
            side.shutdown(socket.SHUT_WR)
        for side in sides:
            with contextlib.suppress(OSError):
                while side.recv(65536):
                    pass

    def _behind(self):
        return socket.create_connection(("127.0.0.1", self.port_behind),
                                        timeout=DEADLINE_S)

    def _send_again(self, data):
        with self._behind() as double:
            double.sendall(data)
            self.doubles += 1
            # The node closes the connection when it has read everything.
            double.shutdown(socket.SHUT_WR)
            while double.recv(65536):
                pass

    def _pass_on(self, other, fate, sent):
        """Forwards available data and adds it to `sent`; returns False at the
        end of the connection."""
        readable, _, _ = select.select(list(other), [], [])
        for source in readable:
            data = source.recv(65536)
            if not data:
                return False
            if fate.delay_s:
                time.sleep(fate.delay_s)
            over = fate.left is not None and len(data) >= fate.left
            piece = data[:fate.left] if over else data
            other[source].sendall(piece)
            sent[source] += piece
            if over:
                self.cuts += 1
                return False
            if fate.left is not None:
                fate.left -= len(data)
        return True


class FarNode:
    """Forwards connections to a port with a delay in both directions. Can keep
    back what the node answers."""

    def __init__(self, port, delay_s):
        self.port_behind = port
        self.delay_s = delay_s
        self._answers = threading.Event()
        self._answers.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @contextlib.contextmanager
    def silent(self):
        """Keeps answers back in a `with` statement."""
        self._answers.clear()
        try:
            yield
        finally:
            self._answers.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            behind = socket.create_connection(("127.0.0.1", self.port_behind))
            for one in (client, behind):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            at_once = threading.Event()
            at_once.set()
            for source, sink, may_pass in ((client, behind, at_once),
                                           (behind, client, self._answers)):
                pieces = queue.Queue()
                threading.Thread(target=self._take, args=(source, pieces),
                                 daemon=True).start()
                threading.Thread(target=self._give, daemon=True,
                                 args=(sink, pieces, may_pass)).start()

    def _take(self, source, pieces):
        data = b"-"
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            pieces.put((time.monotonic() + self.delay_s, data))

    @staticmethod
    def _give(sink, pieces, may_pass):
        with contextlib.suppress(OSError):
            while True:
                due, data = pieces.get()
                time.sleep(max(due - time.monotonic(), 0))
                may_pass.wait()
                if not data:
                    sink.shutdown(socket.SHUT_RDWR)
                    sink.close()
                    return
                sink.sendall(data)
