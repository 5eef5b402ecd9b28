#!/usr/bin/env python3
"""Checks that each layer includes only layers below it.

Usage: check_layers.py [ROOT]

Prints each breach as FILE:LINE: REASON and exits with 1 if there is any.
"""

import re
import sys
from pathlib import Path

from include_graph import IncludeGraph

# Lowest first; a layer may include itself and those before it. Nothing includes
# what comes after the library, so programs and tests are layers, too.
ORDER = ("fs", "messages", "actors", "queue", "node", "config", "tools",
         "examples", "tests")

# Which layer a folder belongs to. The layer "cafx" stands beside the others: it
# includes only itself and CAF, and all but "fs" may include it.
FOLDER_LAYERS = {
    "actors/spindle/fs/": "fs",
    "actors/spindle/node/": "node",
    "actors/spindle/queue/": "actors",
    "actors/cafx/": "cafx",
    "config/": "config",
    "tools/": "tools",
    "examples/": "examples",
    "tests/": "tests",
}

# The library's own files are told apart by name, without extension.
FILE_LAYERS = {
    "messages": ("inspect", "interfaces", "messages", "node/protocol", "oplist",
                 "outcome", "profile", "queue/lane_id", "status", "writing"),
    "actors": ("actors", "callback_actor", "chunk_queue", "disk_actor",
               "invariant", "job", "node/actors", "node/client_account",
               "pacer", "settings", "supervisor", "unexpected", "writer",
               "writer_chain", "writer_registry"),
    "queue": ("client", "module", "queue"),
}
NAME_LAYERS = {f"actors/spindle/{name}": layer
               for layer, names in FILE_LAYERS.items() for name in names}
NAME_LAYERS["actors/cafx/test"] = "tests"
NAME_LAYERS["actors/precompiled"] = "tools"

# Only cafx, and what helps to test with it, knows which CAF this is.
CAF_VERSION_WORDS = re.compile(
    r"\b(CAF_VERSION|CAF_MAJOR_VERSION|CAFX_MODERN)\b")
CAF_VERSION_FOLDERS = ("actors/cafx/", "tests/kit/")


def layer_of(file):
    by_name = NAME_LAYERS.get(file.rpartition(".")[0])
    if by_name:
        return by_name
    return next((layer for folder, layer in FOLDER_LAYERS.items()
                 if file.startswith(folder)), None)


def may_include(layer, other):
    if layer == "cafx":
        return other == "cafx"
    if other == "cafx":
        return layer != "fs"
    return ORDER.index(other) <= ORDER.index(layer)


def include_breaches(graph, file, layer):
    for line, name, target in graph.includes(file):
        if layer == "fs" and name.startswith(("caf/", "cafx/")):
            yield f'{file}:{line}: fs does without CAF, but includes "{name}"'
            continue
        other = layer_of(target) if target else None
        if other and not may_include(layer, other):
            yield (f'{file}:{line}: {layer} must not include "{name}", '
                   f'which belongs to {other}')


def version_breaches(graph, file):
    if file.startswith(CAF_VERSION_FOLDERS):
        return
    for number, line in enumerate(graph.text(file).splitlines(), start=1):
        match = CAF_VERSION_WORDS.search(line)
        if match:
            yield f"{file}:{number}: only cafx may mention {match[0]}"


def breaches(graph):
    for file in graph.files:
        yield from version_breaches(graph, file)
        layer = layer_of(file)
        if layer:
            yield from include_breaches(graph, file, layer)
        else:
            yield (f"{file}:1: has no layer yet; add it to FILE_LAYERS in "
                   "scripts/check_layers.py")


def main(root=Path(__file__).parent.parent):
    graph = IncludeGraph(root)
    found = list(breaches(graph))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"layers: {len(graph.files)} files, {len(found)} breaches")
    return 1 if found or not graph.files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
