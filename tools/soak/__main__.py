"""What only shows after a long time: memory under floods, mail under kills and signals."""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

import deaths
import floods

UNITS_S = {"s": 1, "m": 60, "h": 3600}


def duration(text):
    match = re.fullmatch(r"(\d+)([smh])", text)
    if not match or match[1] == "0":
        raise argparse.ArgumentTypeError(f"{text!r}: say 90s, 5m or 1h")
    return int(match[1]) * UNITS_S[match[2]]


def arguments():
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__,
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help="floods, kills, stops or reloads; all when none is named")
    parser.add_argument("--for", type=duration, default=3600, dest="seconds", metavar="DURATION",
                        help="how long the floods last; the first minute, or third, sets the measure")
    parser.add_argument("--without-memory", action="store_true",
                        help="do not ask that memory is steady: for a build with sanitizers")
    parser.add_argument("--mails", type=int, default=100000, help="of the other parts")
    parser.add_argument("--kills", type=int, default=200, help="kill -9 so often")
    parser.add_argument("--stops", type=int, default=50, help="SIGTERM so often")
    parser.add_argument("--reloads", type=int, default=2000, help="SIGHUP so often")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return options


PARTS = {"floods": floods.run, "kills": deaths.kills, "stops": deaths.stops,
         "reloads": deaths.reloads}


def main():
    options = arguments()
    options.program = os.environ["POSTROOM_BINARY"]
    failed = []
    for name in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix=f"{name}-",
                                         dir=os.environ["POSTROOM_SOAK_FOLDER"]) as folder:
            try:
                PARTS[name](options, Path(folder))
                print(f"{name}: holds", flush=True)
            except AssertionError as broken:
                print(f"{name}: DOES NOT HOLD: {broken}", flush=True)
                failed.append(name)
    sys.exit(1 if failed else 0)


main()
