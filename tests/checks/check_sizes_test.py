#!/usr/bin/python3
"""tools/check-sizes: files and functions."""

import tap
from small_tree import fails, passes, say


def function(lines, mark=""):
    return "static int long_one(void)" + mark + "\n{\n" + "    work();\n" * lines + "}\n"


@tap.case
def small_things_pass():
    passes("check-sizes", {"src/base/x.c": function(80), "src/base/x.h": "\n" * 200})


@tap.case
def a_long_function_is_found_by_name():
    fails("check-sizes", {"src/base/x.c": function(3) + function(81)}, "src/base/x.c:8: long_one has 81")


@tap.case
def a_long_function_with_a_reason_passes():
    passes("check-sizes", {"src/x.c": function(99, " /* NOLINT(check-sizes): one table */")})


@tap.case
def an_exception_without_a_reason_does_not_count():
    fails("check-sizes", {"src/x.c": function(99, " /* NOLINT(check-sizes) */")}, "long_one")


@tap.case
def a_giant_file_is_found():
    fails("check-sizes", {"tools/x.py": "\n" * 1001}, "1001 lines, above 1000")


@tap.cases([("a long file", "src/x.c", 601), ("a long header", "src/x.h", 201)])
def is_warned_of(path, lines):
    code, said = say("check-sizes", {path: "\n" * lines})
    assert code == 0 and "warning" in said, said


tap.run()
