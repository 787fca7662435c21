#!/usr/bin/python3
"""tools/check-cleanup: what frees itself is filled first."""

import tap
from small_tree import fails, passes

GOOD = """void f(int x)
{
    CLEANUP(buf_fini) struct buf b;
    CLEANUP(close_db) struct db *db = NULL;

    buf_init(&b, 100);
    if (x)
        return;
}
"""
BAD = [
    ("a return", "    if (x)\n        return;\n    buf_init(&b, 100);\n", "before the first return"),
    ("a continue in a loop", "    while (x) {\n        if (x)\n            continue;\n"
     "        buf_init(&b, 100);\n    }\n", "before the first continue"),
]


@tap.case
def filled_at_once_passes():
    passes("check-cleanup", {"src/x.c": GOOD, "src/y.c": GOOD.replace("return", "/* return */;")})


@tap.cases(BAD)
def is_found(body, expected):
    text = "void f(int x)\n{\n    CLEANUP(buf_fini) struct buf b;\n\n" + body + "}\n"
    fails("check-cleanup", {"src/x.c": text}, "src/x.c:3", expected)


tap.run()
