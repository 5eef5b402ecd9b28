#!/usr/bin/env python3
"""Tests of scripts/check_layers.py, on made-up trees and on this one."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_layers.py"


def check(root):
    done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class CheckLayers(unittest.TestCase):
    def assert_fine(self, files):
        code, text = self.run_on(files)
        self.assertEqual(code, 0, text)

    def assert_breach(self, files, message):
        code, text = self.run_on(files)
        self.assertEqual(code, 1, text)
        self.assertIn(message, text)
        self.assertIn(" 1 breaches", text)

    def run_on(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check(folder)

    def test_the_project_itself_keeps_its_layers(self):
        code, text = check(ROOT)
        self.assertEqual(code, 0, text)

    def test_a_tree_without_files_is_no_success(self):
        code, _ = self.run_on({})
        self.assertEqual(code, 1)

    def test_a_layer_may_include_itself_and_what_is_below(self):
        self.assert_fine({
            "actors/spindle/fs/vfs.hpp": "#include <vector>\n",
            "actors/spindle/fs/path.hpp": '#include "spindle/fs/vfs.hpp"\n',
            "actors/cafx/cafx.hpp": "#include <caf/all.hpp>\n",
            "actors/spindle/oplist.hpp": '#include "spindle/fs/vfs.hpp"\n'
                                         '#include "cafx/cafx.hpp"\n',
            "actors/spindle/queue.cpp": '#include "spindle/oplist.hpp"\n',
            "tools/main.cpp": '#include "spindle/oplist.hpp"\n',
        })

    def test_a_layer_must_not_include_what_is_above(self):
        self.assert_breach({
            "actors/spindle/queue.hpp": "",
            "actors/spindle/oplist.hpp": '\n  #  include "spindle/queue.hpp"\n',
        }, "actors/spindle/oplist.hpp:2: messages must not include "
           '"spindle/queue.hpp", which belongs to queue')

    def test_a_file_beside_the_including_one_is_found(self):
        self.assert_breach({
            "actors/spindle/queue.hpp": "",
            "actors/spindle/oplist.hpp": '#include "queue.hpp"\n',
        }, "messages must not include")

    def test_the_library_must_not_include_tests(self):
        self.assert_breach({
            "tests/kit/clock.hpp": "",
            "actors/spindle/queue.cpp": '#include "clock.hpp"\n',
        }, "queue must not include")

    def test_fs_does_without_caf(self):
        self.assert_breach({
            "actors/spindle/fs/vfs.hpp": "#include <caf/all.hpp>\n",
        }, "fs does without CAF")

    def test_fs_does_without_cafx(self):
        self.assert_breach({
            "actors/cafx/cafx.hpp": "",
            "actors/spindle/fs/vfs.hpp": '#include "cafx/cafx.hpp"\n',
        }, "fs does without CAF")

    def test_cafx_includes_nothing_else_of_the_project(self):
        self.assert_breach({
            "actors/spindle/fs/vfs.hpp": "",
            "actors/cafx/cafx.hpp": '#include "spindle/fs/vfs.hpp"\n',
        }, "cafx must not include")

    def test_what_serves_to_test_with_caf_is_for_tests_only(self):
        self.assert_breach({
            "actors/cafx/test.hpp": "",
            "tests/unit/one.cpp": '#include "cafx/test.hpp"\n',
            "actors/spindle/queue.cpp": '#include "cafx/test.hpp"\n',
        }, "actors/spindle/queue.cpp:1: queue must not include")

    def test_a_file_that_the_table_does_not_name_is_an_error(self):
        self.assert_breach({
            "actors/spindle/novelty.cpp": "",
        }, "actors/spindle/novelty.cpp:1: has no layer yet; add it to "
           "FILE_LAYERS")

    def test_only_cafx_asks_which_caf_it_is(self):
        self.assert_breach({
            "actors/cafx/version.hpp": "#if CAF_MAJOR_VERSION\n#endif\n",
            "tests/kit/kit.hpp": "#if CAFX_MODERN\n#endif\n",
            "tools/main.cpp": "\n#if CAF_VERSION > 1\n#endif\n",
        }, "tools/main.cpp:2: only cafx may mention CAF_VERSION")


if __name__ == "__main__":
    unittest.main()
