"""Benchmarks of postroom; doc/internals/benchmarks.md says how to read them."""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

import api
import big_queue
import digest
import fanout
import inbox
import send
import stuck_site
from table import Table

SUITES = {"send": send, "fanout": fanout, "digest": digest, "inbox": inbox,
          "stuck-site": stuck_site, "big-queue": big_queue, "api": api}


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    suites = parser.add_subparsers(dest="suite", required=True)
    for name, suite in SUITES.items():
        one = suites.add_parser(name, help=suite.__doc__.partition(":")[2].strip(),
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        suite.add_arguments(one)
        one.add_argument("--json", action="store_true", help="an object a line, not a table")
        one.add_argument("--keep", action="store_true", help="leave the folder of the run")
    return parser.parse_args()


def main():
    options = arguments()
    options.program = Path(os.environ["POSTROOM_BINARY"])
    options.mailblast = Path(os.environ["POSTROOM_MAILBLAST"])
    options.folder = Path(tempfile.mkdtemp(prefix=f"{options.suite}-",
                                           dir=os.environ["POSTROOM_BENCH_FOLDER"]))
    suite = SUITES[options.suite]
    try:
        suite.run(options, Table(suite.COLUMNS, options.json))
    finally:
        if options.keep:
            print(f"left in {options.folder}")
        else:
            shutil.rmtree(options.folder)


main()
