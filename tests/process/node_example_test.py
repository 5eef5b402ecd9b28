#!/usr/bin/env python3
"""Runs the two examples of nodes against each other.

Usage: node_example_test.py SERVE_NODE NODE_CLIENT
"""

import subprocess
import sys

from program import DEADLINE_S

EXPECTED = ("Hello, node!", "made: yes", "1000000 bytes in the background",
            "permission_denied")


def main():
    with subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as node:
        port = node.stdout.readline().strip()
        done = subprocess.run([sys.argv[2], port], capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False)
        node.stdin.close()
        code = node.wait(timeout=DEADLINE_S)
    print(done.stdout, done.stderr)
    missing = [x for x in EXPECTED if x not in done.stdout]
    if missing or done.returncode or code:
        sys.exit(f"missing: {missing}, codes {done.returncode} and {code}")


if __name__ == "__main__":
    main()
