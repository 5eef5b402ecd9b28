#!/usr/bin/env python3
"""Tests of scripts/check_layers.py, on generated trees and on the project."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_layers.py"
INSTALL_RULES = "cmake/spindle_install.cmake"


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
        rules = {INSTALL_RULES: (ROOT / INSTALL_RULES).read_text("utf-8")}
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (rules | files).items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check(folder)

    def test_the_project_has_no_breaches(self):
        code, text = check(ROOT)
        self.assertEqual(code, 0, text)

    def test_a_tree_without_files_is_an_error(self):
        code, _ = self.run_on({})
        self.assertEqual(code, 1)

    def test_a_layer_may_include_itself_and_earlier_layers(self):
        self.assert_fine({
            "actors/cafx/cafx.hpp": "#include <caf/send.hpp>\n",
            "actors/spindle/ops/buffer.hpp": "#include <vector>\n",
            "actors/spindle/fs/vfs.hpp": '#include "spindle/ops/buffer.hpp"\n',
            "actors/spindle/fs/posix/file.hpp":
                '#include "spindle/fs/vfs.hpp"\n',
            "actors/spindle/message/oplist.hpp":
                '#include "spindle/ops/buffer.hpp"\n'
                '#include "cafx/cafx.hpp"\n',
            "actors/spindle/queue.hpp":
                '#include "spindle/message/oplist.hpp"\n',
            "actors/spindle/queue/disk.hpp": '#include "spindle/queue.hpp"\n',
            "actors/spindle/queue.cpp": '#include "spindle/queue/disk.hpp"\n',
            "tools/cli/main.cpp": '#include "spindle/queue/disk.hpp"\n',
        })

    def test_a_layer_must_not_include_later_layers(self):
        self.assert_breach({
            "actors/spindle/queue/job.hpp": "",
            "actors/spindle/message/oplist.hpp":
                '\n  #  include "spindle/queue/job.hpp"\n',
        }, "actors/spindle/message/oplist.hpp:2: actors/spindle/message must "
           'not include "spindle/queue/job.hpp", which belongs to '
           "actors/spindle/queue")

    def test_a_folder_within_a_layer_belongs_to_it(self):
        self.assert_breach({
            "actors/spindle/queue/job.hpp": "",
            "actors/spindle/fs/posix/file.hpp":
                '#include "spindle/queue/job.hpp"\n',
        }, "actors/spindle/fs must not include")

    def test_the_interface_does_not_include_internal_messages(self):
        self.assert_breach({
            "actors/spindle/message/internal/queue.hpp": "",
            "actors/spindle/queue.hpp":
                '#include "spindle/message/internal/queue.hpp"\n',
        }, "actors/spindle/queue.hpp:1: actors/spindle must not include")

    def test_an_installed_header_includes_only_installed_headers(self):
        self.assert_fine({
            "actors/cafx/cafx.hpp": '#include "cafx/modern.hpp"\n',
            "actors/cafx/modern.hpp": "",
            "actors/spindle/message/oplist.hpp":
                '#include "cafx/cafx.hpp"\n',
        })
        for header, other in (
                ("actors/spindle/queue.hpp", "spindle/fs/vfs.hpp"),
                ("actors/spindle/queue.hpp", "cafx/network.hpp"),
                ("actors/spindle/message/oplist.hpp", "spindle/fs/vfs.hpp"),
                ("actors/spindle/message/oplist.hpp", "cafx/network.hpp"),
                ("actors/cafx/modern.hpp", "cafx/passed_on.hpp"),
                ("config/spindle/config/load.hpp", "spindle/fs/vfs.hpp")):
            with self.subTest(header=header, other=other):
                self.assert_breach({
                    f"actors/{other}": "",
                    header: f'#include "{other}"\n',
                }, f'{header}:1: an installed header must not include '
                   f'"{other}", which is not installed')

    def test_what_is_not_installed_may_include_what_is_not(self):
        self.assert_fine({
            "actors/cafx/network.hpp": "",
            "actors/spindle/fs/vfs.hpp": "",
            "actors/spindle/message/oplist.cpp":
                '#include "spindle/fs/vfs.hpp"\n',
            "actors/spindle/message/internal/queue.hpp":
                '#include "spindle/fs/vfs.hpp"\n'
                '#include "cafx/network.hpp"\n',
        })

    def test_an_installed_header_does_not_take_all_of_caf(self):
        for header in ("actors/spindle/message/oplist.hpp",
                       "actors/cafx/modern.hpp"):
            self.assert_breach({
                header: "#include <caf/all.hpp>\n",
            }, "an installed header must not include all of CAF")

    def test_nothing_includes_the_implementation_of_the_interface(self):
        self.assert_breach({
            "actors/spindle/queue.cpp": "",
            "actors/spindle/node/gateway.cpp":
                '#include "spindle/queue.cpp"\n',
        }, "actors/spindle/node must not include")

    def test_a_file_beside_the_including_one_is_found(self):
        self.assert_breach({
            "tools/run/session.hpp": "",
            "tools/transfer/pace.hpp": '#include "../run/session.hpp"\n'
                                       '#include "run/session.hpp"\n',
        }, "tools/transfer/pace.hpp:2: tools/transfer must not include")

    def test_the_library_must_not_include_tests(self):
        self.assert_breach({
            "tests/kit/clock.hpp": "",
            "actors/spindle/queue.cpp": '#include "clock.hpp"\n',
        }, "implementation of the interface must not include")

    def test_fs_must_not_include_caf(self):
        self.assert_breach({
            "actors/spindle/fs/vfs.hpp": "#include <caf/send.hpp>\n",
        }, "fs must not depend on CAF")

    def test_operations_must_not_include_cafx(self):
        self.assert_breach({
            "actors/cafx/cafx.hpp": "",
            "actors/spindle/ops/buffer.hpp": '#include "cafx/cafx.hpp"\n',
        }, "ops must not depend on CAF")

    def test_cafx_includes_nothing_else_of_the_project(self):
        self.assert_breach({
            "actors/spindle/fs/vfs.hpp": "",
            "actors/cafx/cafx.hpp": '#include "spindle/fs/vfs.hpp"\n',
        }, "cafx must not include")

    def test_test_helpers_of_cafx_are_for_tests_only(self):
        self.assert_breach({
            "actors/cafx/test.hpp": "",
            "tests/unit/one.cpp": '#include "cafx/test.hpp"\n',
            "actors/spindle/queue/job.cpp": '#include "cafx/test.hpp"\n',
        }, "actors/spindle/queue/job.cpp:1: actors/spindle/queue must not")

    def test_a_folder_that_is_no_layer_is_an_error(self):
        self.assert_breach({
            "actors/spindle/novelty/one.cpp": "",
        }, "actors/spindle/novelty/one.cpp:1: its folder is not a layer")
        self.assert_breach({
            "tools/one.cpp": "",
        }, "tools/one.cpp:1: its folder is not a layer")

    def test_only_cafx_may_check_the_version_of_caf(self):
        self.assert_breach({
            "actors/cafx/version.hpp": "#if CAF_MAJOR_VERSION\n#endif\n",
            "tests/kit/kit.hpp": "#if CAFX_MODERN\n#endif\n",
            "tools/cli/main.cpp": "\n#if CAF_VERSION > 1\n#endif\n",
        }, "tools/cli/main.cpp:2: only cafx may mention CAF_VERSION")


if __name__ == "__main__":
    unittest.main()
