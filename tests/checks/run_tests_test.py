#!/usr/bin/python3
"""tools/run-tests: every case is counted, and nothing that failed is called a pass."""

import importlib.machinery
import importlib.util
import os
import sys

import tap

sys.dont_write_bytecode = True
path = os.path.join(os.environ["POSTROOM_SOURCE"], "tools", "run-tests")
loader = importlib.machinery.SourceFileLoader("run_tests", path)
run_tests = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
loader.exec_module(run_tests)

# what the test printed, meson's result, (passed, failed, skipped)
COUNTS = [
    ("all pass", "1..2\nok 1 - a\nok 2 - b\n# ok - tests\n", "OK", (2, 0, 0)),
    ("one fails", "1..2\nok 1 - a\nnot ok 2 - b\n", "FAIL", (1, 1, 0)),
    ("one is skipped", "1..2\nok 1 - a\nok 2 - b # SKIP no chromium\n", "OK", (1, 0, 1)),
    ("a crash after a pass", "1..2\nok 1 - a\n", "ERROR", (1, 1, 0)),
    ("a leak after all passed", "1..1\nok 1 - a\n", "ERROR", (1, 1, 0)),
    ("no time left", "1..9\nok 1 - a\n", "TIMEOUT", (1, 1, 0)),
    ("a plain program that ended well", "", "OK", (1, 0, 0)),
    ("a plain program that failed", "", "FAIL", (0, 1, 0)),
    ("a suite that skips itself", "1..0 # SKIP no root\n", "SKIP", (0, 0, 1)),
]


@tap.cases(COUNTS)
def is_counted(text, result, expected):
    counted = run_tests.count_cases({"stdout": text, "result": result})
    assert counted == expected, counted


@tap.case
def tests_are_selected_by_part_of_their_name():
    names = ["base text", "base log", "protocol reply"]
    assert run_tests.select(names, ("text", "protocol")) == ["base text", "protocol reply"]
    assert run_tests.select(names, ()) == names


tap.run()
