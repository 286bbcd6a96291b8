"""Judges bodies by a schema with Python's jsonschema: one letter a line, for every line of base64 that is read.

v fits, i does not, u cannot be read as JSON or nests too deep for Python, d has an object with a name twice, of which
readers of JSON keep the last.
"""

import base64
import json
import sys

from jsonschema import Draft202012Validator


def main(schema_file):
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for line in sys.stdin:
        try:
            body = json.loads(base64.b64decode(line), parse_constant=refuse, object_pairs_hook=members)
            print("v" if validator.is_valid(body) else "i")
        except NameTwice:
            print("d")
        except (ValueError, RecursionError):
            print("u")


class NameTwice(Exception):
    """An object has two members of one name."""


def members(pairs):
    """The members of an object."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise NameTwice
    return dict(pairs)


def refuse(constant):
    """NaN and Infinity are no JSON."""
    raise ValueError(constant)


main(sys.argv[1])
