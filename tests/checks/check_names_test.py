#!/usr/bin/python3
"""tools/check-names: names of files and what must stand in them."""

import tap
from small_tree import fails, passes

HEADER = "/*\n * Spans.\n */\n#ifndef POSTROOM_BASE_SPAN_H\n#define POSTROOM_BASE_SPAN_H\n#endif\n"
GOOD = {
    "src/base/span.h": HEADER,
    "src/base/span.c": "/*\n * Spans.\n */\n",
    "src/base/span_test.c": '#include "base/span.h"\n',
    "tests/scenarios/base_content_types.scenario": "",
    "doc/guide.md": "Put it into /home/git/repositories or /tmp/x.\n",
}

BAD = [
    ("a dumping ground", "src/base/text_utils.c", "/*\n", "names no topic"),
    ("a dumping folder", "tools/common/run.py", "", "names no topic"),
    ("a source without header", "src/base/lone.c", "/*\n", "has no header lone.h"),
    ("a test of nothing", "src/base/gone_test.c", "", "gone.c or gone.h"),
    ("a wrong guard", "src/base/buf.h", "/*\n */\n#ifndef BUF_H\n", "must be POSTROOM_BASE_BUF_H"),
    ("no opening comment", "src/base/span.c", "#include <x.h>\n", "must open with a comment"),
    ("something to do", "src/base/span.c", "/*\n */\n/* TODO: all */\n", "unfinished"),
    ("code switched off", "src/base/span.c", "/*\n */\n#if 0\n#endif\n", "unfinished"),
    ("a place of one machine", "README.md", "cd /home/ann/postroom\n", "of one machine"),
]


@tap.case
def a_tidy_tree_passes():
    passes("check-names", GOOD)


@tap.cases(BAD)
def is_found(path, text, expected):
    fails("check-names", {**GOOD, path: text}, expected, path)


tap.run()
