"""Runs a program as a process, with pipes for input and output."""

import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

PROGRAM = os.environ.get("SPINDLE_PROGRAM", "build/release/tools/spindle")

# Sanitizers retain freed memory, so memory is not measured with them.
SANITIZED = bool(os.environ.get("SPINDLE_SANITIZE"))

# Timeout of each wait in a test.
DEADLINE_S = 120


def wait_for(condition, what):
    """Returns the first true result of condition()."""
    end = time.monotonic() + DEADLINE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(
                f"timeout after {DEADLINE_S} s while waiting for {what}")
        time.sleep(0.01)


def read_terminal(leader):
    """Returns what is written to a terminal until its other end is closed."""
    shown = b""
    while True:
        try:
            shown += os.read(leader, 1 << 16)
        except OSError:
            os.close(leader)
            return shown.decode()


class Program:
    """A running command; a thread collects its output lines."""

    def __init__(self, *args, cwd, command="run", **kwargs):
        kwargs.setdefault("stdin", subprocess.PIPE)
        kwargs.setdefault("stdout", subprocess.PIPE)
        kwargs.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen([PROGRAM, command, *args], cwd=cwd,
                                        **kwargs)
        self._outcomes = queue.Queue()
        if self.process.stdout:
            threading.Thread(target=self._collect, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stderr):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def _collect(self):
        with self.process.stdout as stream:
            for line in stream:
                self._outcomes.put(line)
        self._outcomes.put(None)

    def write(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def send(self, *messages):
        self.write(b"".join(json.dumps(message).encode() + b"\n"
                            for message in messages))

    def line(self):
        """Returns the next line of output, or None at the end."""
        return self._outcomes.get(timeout=DEADLINE_S)

    def receive(self):
        """Returns the next outcome, or None at the end."""
        line = self.line()
        if line is None:
            return None
        assert line.endswith(b"\n"), line
        return json.loads(line)

    def ask(self, message):
        self.send(message)
        return self.receive()

    def rest(self):
        """Returns all outcomes up to the end."""
        return list(iter(self.receive, None))

    def end(self):
        """Closes the input and returns the remaining outcomes and the code."""
        if self.process.stdin:
            self.process.stdin.close()
        return self.rest(), self.code()

    def code(self):
        return self.process.wait(timeout=DEADLINE_S)

    def stop(self):
        """Stops the program where it is; returns False if it has ended."""
        if self.process.poll() is not None:
            return False
        self.process.send_signal(signal.SIGSTOP)
        found = os.waitid(os.P_PID, self.process.pid,
                          os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return found.si_code == os.CLD_STOPPED

    def go_on(self):
        """Lets the program go on after `stop`."""
        self.process.send_signal(signal.SIGCONT)

    def errors(self):
        return self.process.stderr.read().decode()

    def handles_signals(self):
        """Returns whether the program blocks SIGTERM to handle it itself."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        blocked = int(re.search(r"SigBlk:\s*(\w+)", status)[1], 16)
        return blocked & 1 << (signal.SIGTERM - 1)

    def memory(self, key="VmHWM"):
        """Returns a line of /proc/PID/status, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return int(fields[key].split()[0]) * 1024


class ProgramTest(unittest.TestCase):
    """A test whose programs run in a temporary directory."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spindle-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def call(self, *args, **kwargs):
        """Runs `spindle ARGS` to its end; returns code, output and errors."""
        done = subprocess.run([PROGRAM, *args], cwd=self.folder, text=True,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False, **kwargs)
        return done.returncode, done.stdout, done.stderr

    def start(self, *args, **kwargs):
        return self.enterContext(
            Program(*args, cwd=self.folder, **kwargs))

    def run_all(self, *messages, args=()):
        """Runs messages to their end; returns outcomes and exit code."""
        program = self.start(*args)
        program.send(*messages)
        return program.end()

    def catch(self, begin, is_midway):
        """Returns a program that is stopped in the middle of its work.
        `begin` starts it, again if it was faster than this test; `is_midway`
        says whether it has begun and has much left to do."""
        def caught():
            program = begin()
            while program.process.poll() is None and not is_midway():
                time.sleep(0.001)
            if program.stop() and is_midway():
                return program
            program.process.kill()
            program.code()
            return None

        return wait_for(caught, "a program in the middle of its work")

    def check_memory(self, peak, limit):
        if SANITIZED:
            print("sanitized: the peak memory is not checked")
        else:
            self.assertLess(peak, limit)

    def large_file(self, size):
        """Creates a sparse file."""
        path = self.folder / "large"
        with path.open("wb") as stream:
            stream.truncate(size)
        return path.name

    def slow_file(self):
        """Creates a sparse file whose checksum takes longer than any test, but
        for `end_slow_file`."""
        (self.folder / self.large_file(1 << 40)).rename(self.folder / "slow")
        return "slow"

    def end_slow_file(self):
        """Lets the checksum of the slow file succeed soon."""
        os.truncate(self.folder / "slow", 0)
