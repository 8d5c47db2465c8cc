#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""golden.py [--update] GOLDEN SCHEMA-DIR - does each screen of pvtop look as it did?

Runs every case of the program GOLDEN and compares its output with the file of that
name in golden/, and JSON with the schema. --update writes the files anew.
"""

import difflib
import json
import pathlib
import subprocess
import sys

import jsonschema

HERE = pathlib.Path(__file__).parent / "golden"


def errors(case, text, update):
    path = HERE / case
    if update:
        path.write_text(text)
    if not path.exists():
        return [f"{case}: there is no such file"]
    before = path.read_text()
    if before == text:
        return []
    return [f"{case}: is not as it was", *difflib.unified_diff(
        before.splitlines(), text.splitlines(), "was", "is", lineterm="")]


def strict(schema):
    """The same, without members that it does not name."""
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        schema["additionalProperties"] = False
    return schema


def schema_errors(case, text, directory):
    schemas = {path.name: strict(json.loads(path.read_text())) for path in directory.glob("*.json")}
    resolver = jsonschema.RefResolver("pvtop.json", schemas["pvtop.json"], schemas)
    validator = jsonschema.Draft7Validator(schemas["pvtop.json"], resolver=resolver)
    for error in validator.iter_errors(json.loads(text)):
        yield f"{case}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    update = sys.argv[1] == "--update"
    golden, directory = sys.argv[1 + update:]
    cases = output(golden).split()
    failed = False
    for case in cases:
        text = output(golden, case)
        found = errors(case, text, update)
        if case.endswith(".json"):
            found += schema_errors(case, text, pathlib.Path(directory))
        for error in found:
            print(error, file=sys.stderr)
            failed = True
    for path in HERE.iterdir():
        if path.name not in cases:
            print(f"{path.name}: no case prints that", file=sys.stderr)
            failed = True
    return failed


sys.exit(main())
