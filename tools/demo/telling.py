"""How the demo talks: plain text, 80 columns, sections; no colours, so that a file of it reads the
same as a terminal."""

import shlex
import textwrap

WIDTH = 80


def section(number, title):
    print(f"\n{number}. {title}\n{'-' * (len(title) + len(str(number)) + 2)}\n", flush=True)


def say(text):
    """A paragraph, however its source is broken into lines."""
    print(textwrap.fill(" ".join(text.split()), WIDTH, break_on_hyphens=False), flush=True)


def gap():
    print(flush=True)


def command(words):
    """A command line as the reader could type it."""
    print(f"\n  $ {shlex.join(words)}", flush=True)


def output(text, prefix="    "):
    """What a command said, or a mail: verbatim, set off from what the demo says itself."""
    for line in text.rstrip("\n").splitlines():
        print(f"{prefix}{line}".rstrip(), flush=True)


def table(rows):
    """Columns as wide as they must be; the last one takes what is left and wraps."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        indent = " " * (len(head) + 4)
        print(textwrap.fill(row[-1], WIDTH, initial_indent=f"  {head}  ",
                            subsequent_indent=indent, break_on_hyphens=False), flush=True)
