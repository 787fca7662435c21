"""How the demo talks: plain text, 80 columns, sections; no colours, so that a file of it reads the
same as a terminal."""

import shlex
import textwrap

WIDTH = 80


def section(title):
    print(f"\n\n{title}\n{'-' * len(title)}", flush=True)


def say(text):
    """A paragraph, however its source is broken into lines."""
    print("\n" + fill(text), flush=True)


def fill(text, **options):
    return textwrap.fill(" ".join(text.split()), WIDTH, break_on_hyphens=False,
                         break_long_words=False, **options)


def command(words, filtered=""):
    """A command line as the reader could type it, with the filter that its output goes through."""
    print(f"\n  $ {shlex.join(words)}{' | ' if filtered else ''}{filtered}", flush=True)


def output(text, prefix="    "):
    """What a command said, or a mail: verbatim, set off from what the demo says itself."""
    for line in text.rstrip("\n").splitlines():
        print(f"{prefix}{line}".rstrip(), flush=True)


def exhibit(text, prefix="    "):
    """The same, after an empty line: for what no command line stands above."""
    print()
    output(text, prefix)


def table(rows):
    """Columns as wide as they must be; the last one takes what is left and wraps."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    print()
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        print(fill(row[-1] or "-", initial_indent=f"  {head}  ",
                   subsequent_indent=" " * (len(head) + 4)), flush=True)
