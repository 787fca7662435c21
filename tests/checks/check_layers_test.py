#!/usr/bin/python3
"""tools/check-layers: the law of src/LAYERS."""

import tap
from small_tree import fails, passes

LAYERS = """
base: - | -
io: base | uv
protocol/smtp: base | - | pure
"""

GOOD = {
    "src/LAYERS": LAYERS,
    "src/base/span.h": "#include <stddef.h>\n",
    "src/base/clock.h": "#include <stdint.h>\n",
    "src/base/clock.c": '#include "base/clock.h"\n#include <time.h>\nint64_t f(void) { return time(NULL); }\n',
    "src/io/loop.c": '#include <uv.h>\n#include <sys/socket.h>\n#include "base/span.h"\n',
    "src/io/loop.h": "",
    "src/protocol/smtp/reply.h": '#include "base/span.h"\n',
    "src/protocol/smtp/reply.c": '#include "protocol/smtp/reply.h"\n#include <string.h>\n'
                                 "/* never asks time() */\n",
    "src/protocol/smtp/reply_test.c": '#include <unistd.h>\n#include "tests/support/cmocka.h"\n'
                                      '#include <cmocka.h>\n',
}

BAD = [
    ("a lower layer looks up", "src/base/span.c", '#include "io/loop.h"', "lets base include base, not"),
    ("a pure layer takes a socket", "src/protocol/smtp/x.c", "#include <sys/socket.h>", "is pure"),
    ("a pure layer takes the clock", "src/protocol/smtp/x.c", '#include "base/clock.h"', "is pure"),
    ("a pure layer calls time", "src/protocol/smtp/x.c", "t = time(NULL);", "time() is the caller's"),
    ("a library out of place", "src/base/x.c", "#include <uv.h>", "does not let base use uv"),
    ("an unknown header", "src/base/x.c", "#include <zork.h>", "no header that"),
    ("tests are included", "src/base/x.c", '#include "tests/support/cmocka.h"', "only a neighbour test"),
    ("tools are included", "src/base/x.c", '#include "tools/mxfarm.h"', "and nothing else"),
    ("a header by its folder only", "src/base/x.c", '#include "span.h"', "include from the root"),
    ("a folder without a layer", "src/extra/x.c", "", "has no line in src/LAYERS"),
    ("a broken line of LAYERS", "src/LAYERS", LAYERS + "net: base\n", "must read"),
    ("an unknown library in LAYERS", "src/LAYERS", LAYERS + "net: base | zork\n", "no library is called"),
]


@tap.case
def a_lawful_tree_passes():
    passes("check-layers", GOOD)


@tap.cases(BAD)
def is_found(path, text, expected):
    fails("check-layers", {**GOOD, path: text}, expected, path)


tap.run()
