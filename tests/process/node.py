"""Runs `spindled`, and what stands between it and its clients, for tests."""

import os
import random
import re
import select
import signal
import socket
import subprocess
import threading
from pathlib import Path

from program import DEADLINE_S

SPINDLED = os.environ.get("SPINDLED", "build/release/tools/spindled")
CLIENT = os.environ.get("NODE_CLIENT",
                        "build/release/tests/process/node-client")


class Node:
    """A `spindled` that listens; its log goes to a file."""

    def __init__(self, *args, cwd, **kwargs):
        self.log_path = Path(cwd) / "spindled.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [SPINDLED, *args], cwd=cwd, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, text=True, **kwargs)
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

    def stop(self, number=signal.SIGTERM):
        """Sends a signal and returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=DEADLINE_S)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Returns the bytes in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) * 1024


class Proxy:
    """Passes bytes on to a port, and breaks connections now and then.

    `fate(rng)` says what becomes of a connection: how many bytes get through in
    each direction before it is cut (None: all), and how many of the last bytes
    are sent twice.
    """

    def __init__(self, port, fate, seed):
        self.port_behind = port
        self.fate = fate
        self.rng = random.Random(seed)
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closed = True
        self._listener.close()

    def _accept(self):
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            plan = self.fate(self.rng)
            threading.Thread(target=self._relay, args=(client, plan),
                             daemon=True).start()

    def _relay(self, client, plan):
        left, twice = plan
        try:
            behind = socket.create_connection(("127.0.0.1", self.port_behind))
        except OSError:
            client.close()
            return
        other = {client: behind, behind: client}
        with client, behind:
            while True:
                readable, _, _ = select.select([client, behind], [], [])
                for source in readable:
                    try:
                        data = source.recv(65536)
                        if not data:
                            return
                        if left is not None and len(data) >= left:
                            # What was on its way arrives in part, or with
                            # some of it twice.
                            self.cuts += 1
                            part = data[:left]
                            other[source].sendall(part + part[-twice:]
                                                  if twice else part)
                            return
                        other[source].sendall(data)
                    except OSError:
                        return
                    if left is not None:
                        left -= len(data)
