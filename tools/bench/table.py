"""Rows of results as they come: a table for people, or a JSON object a line."""

import json


class Table:
    """`columns` are (key, heading, format, width); a row without a key leaves its place empty."""

    def __init__(self, columns, as_json):
        self._columns = columns
        self._as_json = as_json
        if not as_json:
            self._print(heading.rjust(width) if width > 0 else heading.ljust(-width)
                        for _, heading, _, width in columns)

    @staticmethod
    def _print(cells):
        print("  ".join(cells).rstrip(), flush=True)

    def tell(self, row):
        if self._as_json:
            print(json.dumps(row), flush=True)
            return
        cells = []
        for key, _, form, width in self._columns:
            text = "" if row.get(key) is None else format(row[key], form)
            cells.append(text.rjust(width) if width > 0 else text.ljust(-width))
        self._print(cells)

    def judge(self, bar, value, limit, reached):
        """How a figure stands to what it must reach."""
        if self._as_json:
            print(json.dumps({"bar": bar, "value": value, "limit": limit, "reached": reached}))
        else:
            print(f"{'reached' if reached else 'NOT reached'}: {bar}: {value:g}, bar {limit:g}")
