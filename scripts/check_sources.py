#!/usr/bin/env python3
"""Runs clang-tidy on each source, and compiles each header alone.

Usage: check_sources.py BUILD_DIR

BUILD_DIR is configured, for clang and with every part of the project switched
on; nothing needs to be built. A header that is the first include of a source
counts as compiled alone with that source.

What passed is remembered in BUILD_DIR/checked under a hash of all that it
depends on: the command, the checks, and every file of the project that goes
into it. Remove that folder after changes to the system's own headers.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from include_graph import FOLDERS, IncludeGraph

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-14"

# A project of its own, which uses an installed Spindle.
NOT_BUILT = ("tests/consumer/",)

# Made for one CAF each, so that only cafx/cafx.hpp includes the right one.
NOT_ALONE = ("actors/cafx/legacy.hpp", "actors/cafx/modern.hpp")


class Check(NamedTuple):
    title: str
    # The file of the project that the check is about.
    file: str
    command: list
    folder: str


class Unchecked(Exception):
    """A file that cannot be checked, and why."""


class Planner:
    """Finds out what to run for which file."""

    def __init__(self, graph, build):
        self._graph = graph
        self._build = build
        commands = json.loads((build / "compile_commands.json").read_text())
        self._entries = {os.path.relpath(entry["file"], ROOT): entry
                         for entry in commands}

    def tidy(self, source):
        if source not in self._entries:
            raise Unchecked(f"{source}: not compiled by any target of CMake")
        command = [CLANG_TIDY, "--quiet", "-p", str(self._build),
                   str(ROOT / source)]
        return Check("clang-tidy", source, command, str(self._build))

    def alone(self, header):
        user = next((source for source in self._entries
                     if source in self._graph.files
                     and header in self._graph.closure(source)), None)
        if user is None:
            raise Unchecked(f"{header}: not included by any source")
        entry = self._entries[user]
        compiler, *flags = shlex.split(entry["command"])
        flags = flags[:flags.index("-o")]
        command = [compiler, *flags, "-fsyntax-only", "-include",
                   str(ROOT / header), "-x", "c++", os.devnull]
        return Check("alone", header, command, entry["directory"])

    def compile_command(self, source):
        entry = self._entries.get(source)
        return entry["command"] if entry else ""


class Memory:
    """Remembers which checks passed, and on what."""

    def __init__(self, graph, planner, build):
        self._graph = graph
        self._planner = planner
        self._folder = build / "checked"
        self._folder.mkdir(exist_ok=True)
        generated = sorted(build.glob("actors/**/*.hpp"))
        settings = [ROOT / ".clang-tidy"]
        for top in FOLDERS:
            settings += sorted((ROOT / top).rglob(".clang-tidy"))
        version = subprocess.run([CLANG_TIDY, "--version"], check=True,
                                 capture_output=True).stdout
        self._common = [version, *(path.read_bytes()
                                   for path in generated + settings)]

    def entry(self, check):
        """Returns the file that exists if the check, as of now, passed."""
        digest = hashlib.sha256()
        for part in self._parts(check):
            digest.update(hashlib.sha256(part).digest())
        return self._folder / digest.hexdigest()

    def _parts(self, check):
        yield from self._common
        yield shlex.join(check.command).encode()
        yield self._planner.compile_command(check.file).encode()
        for file in sorted(self._graph.closure(check.file)):
            yield file.encode()
            yield (ROOT / file).read_bytes()


def compiled_first(graph, sources):
    """Returns the headers that are the first include of a source."""
    firsts = (graph.includes(source)[:1] for source in sources)
    return {first[0].file for first in firsts if first}


def plan(graph, planner):
    """Returns the checks to run and the complaints about those that cannot."""
    files = [x for x in graph.files if not x.startswith(NOT_BUILT)]
    sources = [x for x in files if x.endswith(".cpp")]
    skipped = compiled_first(graph, sources).union(NOT_ALONE)
    headers = [x for x in files if x.endswith(".hpp") and x not in skipped]
    checks, complaints = [], []
    for planned, names in ((planner.alone, headers), (planner.tidy, sources)):
        for name in names:
            try:
                checks.append(planned(name))
            except Unchecked as why:
                complaints.append(str(why))
    return checks, complaints


def run(check):
    """Runs the check, prints what it finds and returns whether it passed."""
    begin = time.monotonic()
    done = subprocess.run(check.command, cwd=check.folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    seconds = time.monotonic() - begin
    report = f"{seconds:6.1f} s  {check.title:10}  {check.file}"
    if done.returncode != 0:
        report += f"  FAILED\n{done.stdout}"
    print(report, flush=True)
    return done.returncode == 0


def main(build):
    build = Path(build).resolve()
    graph = IncludeGraph(ROOT)
    planner = Planner(graph, build)
    memory = Memory(graph, planner, build)
    checks, complaints = plan(graph, planner)
    # Taken before they run, since files may change meanwhile.
    entries = {check.file: memory.entry(check) for check in checks}
    due = [check for check in checks if not entries[check.file].exists()]
    failed = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for check, passed in zip(due, pool.map(run, due)):
            if passed:
                entries[check.file].touch()
            else:
                failed += 1
    print(*complaints, sep="\n", end="\n" if complaints else "")
    print(f"sources: {len(due)} checks run, {len(checks) - len(due)} known to "
          f"pass, {failed + len(complaints)} failed")
    return 1 if failed or complaints else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
