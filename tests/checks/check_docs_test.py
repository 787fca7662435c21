#!/usr/bin/python3
"""tools/check-docs: the pages say what the program says."""

import os
import re
import stat
import subprocess
import tempfile
from pathlib import Path

import tap

ROOT = Path(os.environ["POSTROOM_SOURCE"])

# The pages that the program prints, by the tool's own table.
PAGES = dict(re.findall(r'^    "([\w.-]+)": "(doc/man/[\w.-]+)",$',
                        (ROOT / "tools/check-docs").read_text(encoding="utf-8"), re.MULTILINE))
GOOD = {
    **{file: f"page {page}\n" for page, file in PAGES.items()},
    "program": "#!/bin/sh\nif [ \"$2\" = postroom-log ]; then cat \"${0%/*}/doc/man/postroom-log.7\"\n"
               "else echo \"page $2\"; fi\n",
    "doc/man/postroom-log.7": ".It Sy deferred\nA try ended.\n",
    "src/x.c": 'log_info("deferred", log_number("n", 1));\n/* log_info("never") */\n',
    "src/x_test.c": 'log_info("made-up");\n',
    "README.md": "See `src/x.c` and `tests/fuzz/NAME.c`.\n",
    "doc/internals/standards.md": "| rule | `src/x_test.c` (made, up); transcripts ab_c, d_*, server "
                                  "transcript e_f |\n",
    "tests/transcripts/client/ab_c.smtp": "",
    "tests/transcripts/client/d_e.smtp": "",
    "tests/transcripts/server/e_f.smtp": "",
}

BAD = [
    ("a stale page", "doc/man/postroom.1", "page of yesterday\n", "is not what the program says"),
    ("a program that fails", "program", "#!/bin/sh\nexit 1\n", "failed"),
    ("an event that no page names", "src/y.c", 'log_error("lost");\n', "src/y.c: logs lost"),
    ("an event that nothing logs", "doc/man/postroom-log.7", ".It Sy deferred\n.It Sy gone\n",
     "names gone, which nothing logs"),
    ("a guide to a file that is gone", "README.md", "See `src/y.c`.\n", "names src/y.c"),
    ("a rule held by a story that is gone", "doc/internals/standards.md",
     "| rule | `src/x_test.c` (a_story) |\n", "names a_story, which is not in src/x_test.c"),
    ("a rule held by a dialogue that is gone", "doc/internals/standards.md",
     "| rule | transcripts ab_c, e_f |\n", "names the dialogue e_f"),
    ("a rule held by a server's dialogue that is gone", "doc/internals/standards.md",
     "| rule | server transcript ab_c |\n", "names the dialogue ab_c"),
]


def say(files):
    with tempfile.TemporaryDirectory() as tree:
        for path, text in files.items():
            where = Path(tree, path)
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(text, encoding="utf-8")
        program = Path(tree, "program")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        done = subprocess.run([ROOT / "tools" / "check-docs", program, tree], capture_output=True,
                              text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@tap.case
def pages_that_agree_pass():
    assert len(PAGES) >= 3, PAGES
    assert say(GOOD) == (0, ""), say(GOOD)


@tap.cases(BAD)
def is_found(path, text, expected):
    code, said = say({**GOOD, path: text})
    assert code == 1 and expected in said, said


tap.run()
