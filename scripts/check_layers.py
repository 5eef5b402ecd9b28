#!/usr/bin/env python3
"""Checks that each layer includes only layers before it, and that installed
headers include only installed ones.

Usage: check_layers.py [ROOT]

The folder of a file is its layer. Prints each breach as FILE:LINE: REASON and
exits with 1 if there is any.
"""

import re
import sys
from pathlib import Path

from include_graph import IncludeGraph

LIBRARY = "actors/spindle"

# The layers from the lowest to the highest. A layer may include itself and
# lower ones. Headers directly in the folder of the library are its interface;
# their implementations may include all layers of the library.
ORDER = (
    f"{LIBRARY}/ops",
    f"{LIBRARY}/fs",
    f"{LIBRARY}/message",
    LIBRARY,
    f"{LIBRARY}/message/internal",
    f"{LIBRARY}/queue",
    f"{LIBRARY}/writer",
    f"{LIBRARY}/node",
    "implementation of the interface",
    "config",
    "tools/text",
    "tools/cli",
    "tools/transfer",
    "tools/run",
    "tools/write",
    "tools/spindled",
    "examples",
    "tests",
)

# Not part of the order: it includes only itself and CAF, and all layers that
# may use CAF may include it.
CAFX = "actors/cafx"
WITHOUT_CAF = (f"{LIBRARY}/ops", f"{LIBRARY}/fs")

# The layers whose headers are all installed. Of other layers, only the headers
# that INSTALL_RULES names are.
PUBLIC = (f"{LIBRARY}/ops", f"{LIBRARY}/message", LIBRARY)
INSTALL_RULES = "cmake/spindle_install.cmake"
INSTALLED_HEADER = re.compile(r"\b(?:actors|config)/[\w/]+\.hpp\b")

# Only cafx and the test kit may depend on the version of CAF.
CAF_VERSION_WORDS = re.compile(
    r"\b(CAF_VERSION|CAF_MAJOR_VERSION|CAFX_MODERN)\b")
CAF_VERSION_FOLDERS = (f"{CAFX}/", "tests/kit/")


def layer_of(file):
    """Returns the layer of a file: its innermost folder in ORDER, or None."""
    if file == f"{CAFX}/test.hpp":
        return "tests"
    folder, _, name = file.rpartition("/")
    if folder == LIBRARY and name.endswith(".cpp"):
        return "implementation of the interface"
    while folder:
        if folder == CAFX or folder in ORDER:
            # Only files directly in the folder belong to the interface.
            return folder if folder != LIBRARY or file.count("/") == 2 else None
        folder = folder.rpartition("/")[0]
    return None


def may_include(layer, other):
    if layer == CAFX:
        return other == CAFX
    if other == CAFX:
        return layer not in WITHOUT_CAF
    return ORDER.index(other) <= ORDER.index(layer)


def installed_headers(graph):
    rules = (graph.root / INSTALL_RULES).read_text(encoding="utf-8")
    return set(INSTALLED_HEADER.findall(rules)) | {
        file for file in graph.files
        if file.endswith(".hpp") and layer_of(file) in PUBLIC}


def include_breaches(graph, file, layer, installed):
    for line, name, target in graph.includes(file):
        if layer in WITHOUT_CAF and name.startswith(("caf/", "cafx/")):
            yield (f'{file}:{line}: {layer} must not depend on CAF, but '
                   f'includes "{name}"')
            continue
        if file in installed and name in ("caf/all.hpp", "caf/io/all.hpp"):
            yield (f'{file}:{line}: an installed header must not include all '
                   f'of CAF ("{name}"): include only the needed headers')
        other = layer_of(target) if target else None
        if other and not may_include(layer, other):
            yield (f'{file}:{line}: {layer} must not include "{name}", '
                   f'which belongs to {other}')
        elif file in installed and target and target not in installed:
            yield (f'{file}:{line}: an installed header must not include '
                   f'"{name}", which is not installed')


def version_breaches(graph, file):
    if file.startswith(CAF_VERSION_FOLDERS):
        return
    for number, line in enumerate(graph.text(file).splitlines(), start=1):
        match = CAF_VERSION_WORDS.search(line)
        if match:
            yield f"{file}:{number}: only cafx may mention {match[0]}"


def breaches(graph):
    installed = installed_headers(graph)
    for file in graph.files:
        yield from version_breaches(graph, file)
        layer = layer_of(file)
        if layer:
            yield from include_breaches(graph, file, layer, installed)
        else:
            yield (f"{file}:1: its folder is not a layer: add it to ORDER in "
                   "scripts/check_layers.py, or move the file")


def main(root=Path(__file__).parent.parent):
    graph = IncludeGraph(root)
    found = list(breaches(graph))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"layers: {len(graph.files)} files, {len(found)} breaches")
    return 1 if found or not graph.files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
