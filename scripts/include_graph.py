"""The C++ files of the project and their includes."""

import re
from pathlib import Path
from typing import NamedTuple, Optional

FOLDERS = ("actors", "config", "tools", "examples", "tests")

# Include directories, searched after the folder of the including file.
SEARCH_PATH = ("actors", "config", "tools", "tests", "tests/kit", "tests/bench")

INCLUDE = re.compile(r'\s*#\s*include\s*["<]([^">]+)[">]')


class Include(NamedTuple):
    line: int
    name: str
    # The included file, relative to the root; None if it is not the project's.
    file: Optional[str]


class IncludeGraph:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = sorted(
            path.relative_to(self.root).as_posix()
            for folder in FOLDERS
            for path in (self.root / folder).rglob("*")
            if path.suffix in (".hpp", ".cpp"))
        self._known = set(self.files)
        self._includes = {file: self._read(file) for file in self.files}

    def text(self, file):
        return (self.root / file).read_text(encoding="utf-8")

    def includes(self, file):
        return self._includes[file]

    def closure(self, file):
        """Returns the file and all files of the project that it includes."""
        found = set()
        pending = [file]
        while pending:
            current = pending.pop()
            if current not in found:
                found.add(current)
                pending += [x.file for x in self._includes[current] if x.file]
        return found

    def _read(self, file):
        lines = enumerate(self.text(file).splitlines(), start=1)
        matches = ((number, INCLUDE.match(line)) for number, line in lines)
        return [Include(number, match[1], self._resolve(file, match[1]))
                for number, match in matches if match]

    def _resolve(self, file, name):
        for folder in (Path(file).parent.as_posix(), *SEARCH_PATH):
            candidate = f"{folder}/{name}"
            if candidate in self._known:
                return candidate
        return None
