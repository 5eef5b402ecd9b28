#!/usr/bin/env python3
"""Runs clang-tidy on each source, and compiles each header alone.

Usage: check_sources.py BUILD_DIR

BUILD_DIR must be configured for clang, with all parts of the project enabled;
it need not be built. Sources that CMake compiles as one batch are checked as
one, since their includes take most of the time.

A check that passed is recorded in BUILD_DIR/checked under a hash of its inputs:
the command, the enabled checks, and all files of the project that it reads.
Remove BUILD_DIR after changes of system headers.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from include_graph import INCLUDE, IncludeGraph

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-14"
COMPILER = "clang++-14"

# The header of the project that includes all of CAF.
INCLUDES_CAF = "actors/cafx/cafx.hpp"

# A separate project, which uses an installed Spindle.
NOT_BUILT = ("tests/consumer/",)

# Each is for one generation of CAF; cafx/cafx.hpp includes the right one.
NOT_ALONE = ("actors/cafx/legacy.hpp", "actors/cafx/modern.hpp")


# An option without a value in the output of clang-tidy, which it does not
# accept as input.
UNSET = re.compile(r"  - key: .*\n +value: +'-1'\n")


class Check(NamedTuple):
    title: str
    # The files of the project that the check is about.
    files: tuple
    command: list
    folder: str


# Programs for one generation of CAF, which the other cannot compile.
FOR_ONE_CAF = re.compile(r"_(0\.17|1\.x)\.cpp$")


class Unchecked(Exception):
    """The reason why a file cannot be checked."""


class Planner:
    """Makes the checks of each file."""

    def __init__(self, graph, build):
        self._graph = graph
        self._build = build
        self._settings = {}
        commands = json.loads((build / "compile_commands.json").read_text())
        # The files that CMake compiles, and the sources that each of them
        # includes.
        self._units = {entry["file"]: self._sources_of(entry["file"])
                       for entry in commands}
        self._entries = {source: entry for entry in commands
                         for source in self._units[entry["file"]]}

    def units(self):
        """Returns the files to run clang-tidy on."""
        return [unit for unit, sources in self._units.items() if sources]

    def missing(self, sources):
        """Returns errors for sources that no target compiles."""
        return [f"{source}: not compiled by any target of CMake"
                for source in sources if source not in self._entries
                and not FOR_ONE_CAF.search(source)]

    def tidy(self, unit):
        """Returns the clang-tidy checks for the sources of a unit."""
        sources = self._units[unit]
        settings = self._settings_for(sources[0])
        parts = [(unit, sources)]
        # Our checks begin where "-*" disables the default ones.
        if "clang-analyzer" in settings.partition(",-*,")[2]:
            # The path-sensitive analyzer does not follow what a file includes.
            parts = [(str(ROOT / source), (source,)) for source in sources]
        return [Check("clang-tidy", inside,
                      [CLANG_TIDY, "--quiet", f"--config={settings}", file,
                       "--", *self._flags_for(inside[0])],
                      self._entries[inside[0]]["directory"])
                for file, inside in parts]

    def alone(self, header):
        user = next((source for source in self._entries
                     if header in self._graph.closure(source)), None)
        if user is None:
            raise Unchecked(f"{header}: not included by any source")
        flags = self._flags_for(user)
        if INCLUDES_CAF in self._graph.closure(header):
            # Precompiled, because CAF takes seconds to compile.
            flags += ["-include-pch", self._precompiled(flags)]
        command = [COMPILER, *flags, "-fsyntax-only",
                   "-include", str(ROOT / header), "-x", "c++", os.devnull]
        return Check("alone", (header,), command,
                     self._entries[user]["directory"])

    def _precompiled(self, flags):
        """Returns CAF precompiled with `flags`, once for each `flags`."""
        digest = hashlib.sha256(shlex.join(flags).encode()).hexdigest()
        res = self._build / f"caf-{digest[:16]}.pch"
        if not res.exists():
            subprocess.run([COMPILER, *flags, "-Wno-error", "-x", "c++-header",
                            "-", "-o", str(res)], check=True, text=True,
                           input="#include <caf/all.hpp>\n", cwd=self._build)
        return str(res)

    def _flags_for(self, source):
        flags = shlex.split(self._entries[source]["command"])[1:]
        return flags[:flags.index("-o")]

    def _sources_of(self, unit):
        """Returns the sources of the project in a file that CMake compiles."""
        inside = os.path.relpath(unit, ROOT)
        if inside in self._graph.files:
            return (inside,)
        # A batch, which CMake has written when configuring.
        found = INCLUDE.findall(Path(unit).read_text(encoding="utf-8"))
        names = (os.path.relpath(name, ROOT) for name in found)
        return tuple(name for name in names if name in self._graph.files)

    def _settings_for(self, source):
        """Returns the clang-tidy configuration for the folder of a source."""
        folder = os.path.dirname(source)
        if folder not in self._settings:
            done = subprocess.run([CLANG_TIDY, "--dump-config", source],
                                  cwd=ROOT, check=True, text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
            self._settings[folder] = UNSET.sub("", done.stdout)
        return self._settings[folder]


class Memory:
    """Records which checks passed with which inputs."""

    def __init__(self, graph, build):
        self._graph = graph
        self._folder = build / "checked"
        self._folder.mkdir(exist_ok=True)
        generated = sorted(build.glob("actors/**/*.hpp"))
        version = subprocess.run([CLANG_TIDY, "--version"], check=True,
                                 capture_output=True).stdout
        self._common = [version, *(path.read_bytes() for path in generated)]

    def entry(self, check):
        """Returns the file that exists if the check passed with these inputs."""
        digest = hashlib.sha256()
        for part in self._parts(check):
            digest.update(hashlib.sha256(part).digest())
        return self._folder / digest.hexdigest()

    def _parts(self, check):
        yield from self._common
        yield shlex.join(check.command).encode()
        closures = (self._graph.closure(file) for file in check.files)
        for file in sorted(set().union(*closures)):
            yield file.encode()
            yield (ROOT / file).read_bytes()


def plan(graph, planner):
    """Returns all checks, and the errors for files that cannot be checked."""
    files = [x for x in graph.files if not x.startswith(NOT_BUILT)]
    complaints = planner.missing(x for x in files if x.endswith(".cpp"))
    checks = [check for unit in planner.units() for check in planner.tidy(unit)]
    for header in files:
        if header.endswith(".hpp") and header not in NOT_ALONE:
            try:
                checks.append(planner.alone(header))
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
    report = f"{seconds:6.1f} s  {check.title:10}  {' '.join(check.files)}"
    if done.returncode != 0:
        report += f"  FAILED\n{done.stdout}"
    print(report, flush=True)
    return done.returncode == 0


def main(build):
    build = Path(build).resolve()
    graph = IncludeGraph(ROOT)
    planner = Planner(graph, build)
    memory = Memory(graph, build)
    checks, complaints = plan(graph, planner)
    # Compute the hashes before the checks run, since files may change
    # meanwhile.
    entries = {check.files: memory.entry(check) for check in checks}
    due = [check for check in checks if not entries[check.files].exists()]
    failed = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for check, passed in zip(due, pool.map(run, due)):
            if passed:
                entries[check.files].touch()
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
