"""Test suites in Python: functions marked @tap.case, run in their order, told by TAP.

    import tap

    @tap.case
    def a_rule_holds():
        assert 1 + 1 == 2

    tap.run()

A case fails by any exception; its name is told with spaces for underscores. Raise tap.Skip(reason)
to skip one. @tap.cases([(name, argument...), ...]) makes one case of each row.
"""

import sys
import traceback

_cases = []


class Skip(Exception):
    """The case cannot be tried here."""


def case(function):
    _cases.append((function.__name__.replace("_", " "), function))
    return function


def cases(rows):
    """One case of each row (name, argument...)."""

    def decorate(function):
        for name, *arguments in rows:
            text = function.__name__.replace("_", " ") + ": " + name
            _cases.append((text, lambda arguments=arguments: function(*arguments)))
        return function

    return decorate


def _attempt(number, name, function):
    try:
        function()
    except Skip as skipped:
        print(f"ok {number} - {name} # SKIP {skipped}")
        return True
    except Exception:  # any failure is a failed case
        print(f"not ok {number} - {name}")
        for line in traceback.format_exc().splitlines():
            print("#", line)
        return False
    print(f"ok {number} - {name}")
    return True


def run():
    print(f"1..{len(_cases)}")
    sys.stdout.reconfigure(line_buffering=True)
    results = [_attempt(n, *one) for n, one in enumerate(_cases, 1)]
    sys.exit(0 if all(results) else 1)
