"""Runs file commands as processes, and checks their output."""

import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import tempfile

from program import DEADLINE_S, PROGRAM, ProgramTest, wait_for


def expected_bytes(size):
    return random.Random(size).randbytes(size)


class FilesTest(ProgramTest):
    def path(self, name):
        return self.folder / name

    def put(self, name, content=b"text"):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content

    def bytes_of(self, name):
        return self.path(name).read_bytes()

    def names(self, where="."):
        return sorted(x.name for x in self.path(where).iterdir())

    def raw(self, *args, **kwargs):
        """Like call, but the output is bytes."""
        done = subprocess.run([PROGRAM, *args], cwd=self.folder,
                              capture_output=True, timeout=DEADLINE_S,
                              check=False, **kwargs)
        return done.returncode, done.stdout, done.stderr

    def as_nobody(self, *args):
        """Like raw, as an unprivileged user. Runs a copy of the program, since
        that user may have no access to the build directory."""
        with tempfile.TemporaryDirectory() as place:
            os.chmod(place, 0o755)
            program = shutil.copy(PROGRAM, place)
            done = subprocess.run([program, *args], cwd=self.folder, user=65534,
                                  group=65534, extra_groups=[],
                                  capture_output=True, timeout=DEADLINE_S,
                                  check=False)
        return done.returncode, done.stdout, done.stderr

    def succeed(self, *args, **kwargs):
        code, text, errors = self.call(*args, **kwargs)
        self.assertEqual((code, errors), (0, ""))
        return text

    def errors_of(self, *args, code=1):
        """Runs a command that must fail; returns its errors."""
        got, text, errors = self.call(*args, stdin=subprocess.DEVNULL)
        self.assertEqual((got, text), (code, ""), errors)
        return errors

    def lines(self, *args):
        return [json.loads(x) for x in self.succeed(*args).splitlines()]


class TransferTest(FilesTest):
    def transfer(self, command, *args, **kwargs):
        """Runs a transfer that must succeed; returns its output."""
        code, text, errors = self.call(command, *args, "--json", **kwargs)
        self.assertEqual(code, 0, errors)
        return json.loads(text), errors

    @staticmethod
    def umask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    # At this rate, some bytes are there at once, and a big file never is.
    SLOW = ("--rate", "100K")

    def big(self, name):
        """Creates a file that takes longer to transfer at the slow rate than
        any test waits."""
        return self.put(name, expected_bytes(24 << 20))

    def parts(self, name="target", where="."):
        """Returns the paths with the name of a part."""
        return sorted(x for x in self.path(where).iterdir()
                      if re.fullmatch(r"\.(.*)\.[0-9a-f]{32}\.spindle-part"
                                      r"(-\d)?", x.name)
                      and x.name.startswith("." + name + "."))

    def part(self, name="target", where="."):
        [path] = self.parts(name, where)
        return path

    def part_size(self, name="target"):
        """Returns the size of the part, 0 if there is none."""
        for path in self.parts(name):
            with contextlib.suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    def part_path(self, name="target", where="."):
        """Returns the path of the part that a transfer uses."""
        self.put("name", name.encode())
        [outcome], _ = self.run_all({"action": "file_checksum",
                                     "path": "name"})
        self.path("name").unlink()
        digits = outcome["output"]["checksum"]
        shown = name.encode()[:80].decode(errors="ignore")
        return self.path(where) / f".{shown}.{digits}.spindle-part"

    def make_part(self, content, name="target", mode=0o600):
        path = self.part_path(name)
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def wait_for_part(self, program, size=1, name="target"):
        """Waits until the part has this size."""
        def is_there():
            self.assertIsNone(program.process.poll())
            return self.part_size(name) >= size

        wait_for(is_there, "the part")

    def end_of_get(self, program):
        """Truncates the source a little behind the fetched bytes."""
        program.process.wait(timeout=DEADLINE_S)
        size = self.part().stat().st_size
        tail = expected_bytes(3_000_000)
        with self.path("source").open("r+b") as stream:
            stream.truncate(size)
            stream.seek(size)
            stream.write(tail)
        return size
