#!/usr/bin/python3
"""tools/check-calls: functions with one home."""

import tap
from small_tree import fails, passes

GOOD = {
    "src/base/alloc.c": "void *f(void) { return malloc(1); }\n",
    "src/io/stream.c": "int f(void) { return socket(1, 2, 3); }\n",
    "src/store/db.c": '/* free(x) */ const char *t = "malloc(1)"; void f(void) { list->free(x); }\n',
    "src/store/db_test.c": "void f(void) { free(x); }\n",
    "src/net/x.c": "void f(void) {\n/* NOLINTNEXTLINE(check-calls): the library allocated it */\nfree(x);\n}\n",
}

BAD = [
    ("raw memory", "src/store/x.c", "free(x);", "use alloc_free"),
    ("a socket outside io", "src/net/x.c", "socket(1, 2, 3);", "use io/"),
    ("the clock", "src/services/x.c", "time(NULL);", "base/clock.h"),
    ("an exit", "src/services/x.c", "exit(1);", "only app ends"),
    ("SQL outside of the store", "src/services/x.c", 'db_run(db, SQL("x"));', "store/"),
    ("a sleep in a test", "src/base/x_test.c", "sleep(1);", "a timer"),
    ("a sleep in tests/", "tests/simulation/x.c", "usleep (1);", "a timer"),
    ("an exception without reason", "src/net/x.c", "free(x); /* NOLINT(check-calls) */", "alloc_free"),
]


@tap.case
def calls_at_home_pass():
    passes("check-calls", GOOD)


@tap.cases(BAD)
def is_found(path, text, expected):
    fails("check-calls", {**GOOD, path: text}, expected, path)


tap.run()
