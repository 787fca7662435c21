#!/usr/bin/python3
"""tools/check-exceptions: a check is switched off by name and with a reason."""

import tap
from small_tree import fails, passes

REASONED = {
    "src/x.c": "/* NOLINTNEXTLINE(bugprone-x): the library wants it */\n"
               "/* NOLINTBEGIN(bugprone-x): a name */\n/* NOLINTEND(bugprone-x) */\n"
               "// cppcheck-suppress nullPointer ; checked above\n",
    "script/x": "# shellcheck disable=SC2086 # one word a package\n",
}

BAD = [
    ("a bare NOLINT", "src/y.c", "f(); /* NOLINT */"),
    ("a name without reason", "src/y.c", "f(); /* NOLINT(bugprone-x) */"),
    ("cppcheck without reason", "src/y.c", "// cppcheck-suppress nullPointer"),
    ("shellcheck without reason", "script/y", "# shellcheck disable=SC2086"),
]


@tap.case
def exceptions_with_reasons_pass():
    passes("check-exceptions", REASONED)


@tap.cases(BAD)
def is_found(path, text):
    fails("check-exceptions", {**REASONED, path: text}, "without its name or a reason", path + ":1")


tap.run()
