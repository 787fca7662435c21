#!/usr/bin/python3
"""tools/check-headers: each header compiles alone."""

import tap
from small_tree import fails, passes

GOOD = "#ifndef A\n#define A\n#include <stddef.h>\nsize_t length(void);\n#endif\n"


@tap.case
def a_whole_header_passes():
    passes("check-headers", {"src/base/a.h": GOOD, "tests/support/b.h": '#include "base/a.h"\n'})


@tap.case
def a_header_that_needs_another_is_found():
    fails("check-headers", {"src/base/a.h": GOOD, "src/base/b.h": "bool f(void);\n"},
          "src/base/b.h: does not compile alone")


@tap.case
def a_header_without_guard_is_found():
    fails("check-headers", {"src/base/a.h": "struct a { int b; };\n"}, "redefinition")


tap.run()
