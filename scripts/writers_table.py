#!/usr/bin/env python3
"""Prints the tables of writers in docs/performance.md.

Usage: writers_table.py CSV

CSV is the output of `./dev bench --only writers`, or a part of it.
"""

import collections
import csv
import re
import sys

PLACES = ("tmpfs", "disk")


def print_table(head, rows):
    if not rows:
        return
    for cells in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(cells) + " |")
    print()


def number(text):
    value = float(text)
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def by_profile(found, measure, pattern):
    """Returns the values of each profile, in the order of PLACES."""
    res = {}
    for (where, name), row in found[measure].items():
        if match := re.fullmatch(pattern, name):
            res.setdefault(match[1], []).append(number(row["value"]))
    return res


def main():
    found = collections.defaultdict(dict)
    with open(sys.argv[1], encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["measure"]][row["where"], row["who"]] = row

    print_table(["stream of one writer", "MB/s", "of bare"],
                [[f"{who}, {where}", number(row["value"]),
                  f"{float(row['of_bare']):.2f}"]
                 for (where, who), row in found["stream"].items()])

    alone = by_profile(found, "duty", r"profile (\d+, \d+ %), alone")
    beside = by_profile(found, "duty", r"profile (\d+, \d+ %), 2 busy loops")
    print_table(["profile, asked", *(f"alone, {x}" for x in PLACES),
                 *(f"beside two busy loops, {x}" for x in PLACES)],
                [[name, *alone[name], *beside[name]] for name in alone])

    spread = by_profile(found, "1000 writers",
                        r"profile (\d+), longest / shortest")
    print_table(["profile, longest / shortest", *PLACES],
                [[name, *values] for name, values in spread.items()])

    print_table(["one `exists`, microseconds", "p50", "p99"],
                [[f"{who.removeprefix('exists, ')}, {where}",
                  number(row["value"]),
                  number(found["latency p99"][where, who]["value"])]
                 for (where, who), row in found["latency p50"].items()])


if __name__ == "__main__":
    main()
