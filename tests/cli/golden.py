#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""golden.py [--update] GOLDEN SCHEMA-DIR - is what pvsched prints as it was?

Runs every case of the program GOLDEN, compares its output with the file of that
name in golden/, and each JSON document with its schema. The schemas are taken
strictly here: a member that they do not know is an error, and one that they
require must be missed when it is not there. --update writes the files anew.
"""

import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

HERE = pathlib.Path(__file__).parent / "golden"


def strict(schema):
    """The same, without members that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    return schema


class Schemas:
    def __init__(self, directory):
        self.all = {}
        for path in directory.glob("*.json"):
            schema = json.loads(path.read_text())
            jsonschema.Draft7Validator.check_schema(schema)
            self.all[path.stem] = strict(schema)
        # Those of pvtop are in tests/pvtop, those of the daemon in tests/daemon.
        self.used = {"common", "pvtop"} | {name for name in self.all if name.startswith("daemon-")}

    def validator(self, case):
        name = case.split(".")[0]
        while name not in self.all:
            name = name.rpartition("-")[0]
        self.used.add(name)
        store = {f"{key}.json": schema for key, schema in self.all.items()}
        resolver = jsonschema.RefResolver(f"{name}.json", self.all[name], store)
        return jsonschema.Draft7Validator(self.all[name], resolver=resolver)


def documents(text):
    """One that fills the text, or one a line."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


OPTIONAL = {"tid", "pid", "granted", "cause", "cpu", "policy", "payback", "waited_ns", "hold_ns", "caps"}


def schema_errors(case, text, schemas):
    validator = schemas.validator(case)
    for document in documents(text):
        for error in validator.iter_errors(document):
            where = "/".join(map(str, error.absolute_path))
            yield f"{where}: {error.message[:300]}"
        for key in document:
            less = copy.copy(document)
            del less[key]
            if key not in OPTIONAL and validator.is_valid(less):
                yield f"the schema does not miss {key}"
        if validator.is_valid({**document, "schema": 0}):
            yield "the schema takes any version"


def check(case, text, schemas, update):
    path = HERE / case
    if update:
        path.write_text(text)
    if not path.exists():
        yield "there is no such file"
    elif path.read_text() != text:
        yield f"is not as it was:\n{text}"
    if case.endswith(".json"):
        yield from schema_errors(case, text, schemas)


def main():
    update = sys.argv[1] == "--update"
    golden, directory = sys.argv[1 + update:]
    schemas = Schemas(pathlib.Path(directory))
    cases = subprocess.run([golden], check=True, capture_output=True, text=True).stdout.split()
    failed = False
    for case in cases:
        text = subprocess.run([golden, case], check=True, capture_output=True, text=True).stdout
        for error in check(case, text, schemas, update):
            print(f"{case}: {error}", file=sys.stderr)
            failed = True
    for name in set(schemas.all) - schemas.used:
        print(f"{name}: no case has that schema", file=sys.stderr)
        failed = True
    for path in HERE.iterdir():
        if path.name not in cases:
            print(f"{path.name}: no case prints that", file=sys.stderr)
            failed = True
    return failed


sys.exit(main())
