"""The main road of postroom on one machine, told while it runs: pushes to a real git repository
become mails, which real SMTP takes to exchangers with all their moods.

    python3 tools/demo --program build/postroom --folder build/demo [--keep]

`script/demo` builds the program and calls this.
"""

import argparse
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import mails
import stage as staging
import story
from repository import Repository

SOURCE = Path(__file__).resolve().parents[2]


def read_arguments():
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__.split("\n\n")[0],
                                     allow_abbrev=False)
    parser.add_argument("--program", type=Path, default=SOURCE / "build" / "postroom",
                        help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=SOURCE / "build" / "demo",
                        help="where the demo puts its files (default: build/demo)")
    parser.add_argument("--keep", action="store_true", help="leave all running, to play with")
    parser.add_argument("--stop", action="store_true", help="stop what --keep left running")
    return parser.parse_args()


def end_by_signal(number, _):
    sys.exit(128 + number)


def stop(folder):
    if not (folder / "running.json").exists():
        print("No demo was left running.")
        return
    print(f"Stopped {staging.stop_left_running(folder)} processes. The mails are still in "
          f"{folder / 'mails'}.")


def clear(folder):
    """An earlier demo's files go, but for nothing that this script did not make."""
    if (folder / "running.json").exists():
        raise staging.Failure("an earlier demo is still running: stop it with script/demo --stop")
    if not folder.exists():
        return
    if not (folder / "logs").is_dir():
        raise staging.Failure(f"{folder} is not an earlier demo: remove it yourself, or name "
                              "another folder with --folder")
    shutil.rmtree(folder)


def tidy(folder):
    """Leaves the mails and the logs."""
    for path in folder.iterdir():
        if path.name in ("mails", "logs"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def play(arguments):
    begin = time.monotonic()
    folder = arguments.folder.resolve()
    clear(folder)
    (folder / "logs").mkdir(parents=True)
    stage = staging.Stage(arguments.program, folder)
    try:
        story.tell(stage, Repository(SOURCE, folder))
        found = mails.arrived(stage.inboxes)
        mails.keep(found, folder / "mails")
        if arguments.keep:
            stage.leave_running()
    finally:
        stage.stop()
    story.end(stage, len(found), time.monotonic() - begin, arguments.keep)
    if not arguments.keep:
        tidy(folder)


def main():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end_by_signal)
    arguments = read_arguments()
    try:
        if arguments.stop:
            stop(arguments.folder.resolve())
        else:
            play(arguments)
    except BrokenPipeError:  # the reader has gone
        sys.stderr.close()
        sys.exit(128 + signal.SIGPIPE)
    except (staging.Failure, OSError, subprocess.SubprocessError, sqlite3.Error) as failure:
        sys.stdout.flush()
        print(f"\nThe demo failed: {failure}\nLogs are in {arguments.folder / 'logs'}.",
              file=sys.stderr)
        sys.exit(1)


main()
