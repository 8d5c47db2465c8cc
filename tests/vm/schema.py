#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schema.py DIR NAME FILE - are the JSON documents in FILE as the schema says?

One document, or one a line. Knows what the schemas of pvsched use of JSON Schema,
and refuses what it does not know, since the lab's host machine has no other
validator.
"""

import json
import pathlib
import re
import sys

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
SILENT = {"$schema", "title", "description", "definitions"}


class Schemas:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.files = {}

    def load(self, name):
        if name not in self.files:
            self.files[name] = json.loads((self.directory / name).read_text())
        return self.files[name]

    def errors(self, value, schema, file, where=""):
        for keyword, rule in schema.items():
            if keyword in SILENT:
                continue
            check = getattr(self, "check_" + keyword.replace("$", ""), None)
            if not check:
                raise SystemExit(f"{file}: schema.py does not know {keyword}")
            yield from check(value, rule, schema, file, where)

    def valid(self, value, schema, file):
        return not any(True for _ in self.errors(value, schema, file))

    def check_ref(self, value, rule, _schema, file, where):
        target, _, path = rule.partition("#/")
        file = target or file
        schema = self.load(file)
        for part in path.split("/"):
            schema = schema[part]
        yield from self.errors(value, schema, file, where)

    def check_type(self, value, rule, _schema, _file, where):
        names = rule if isinstance(rule, list) else [rule]
        if not any(TYPES[name](value) for name in names):
            yield f"{where}: {value!r} is no {' or '.join(names)}"

    def check_const(self, value, rule, _schema, _file, where):
        if value != rule or type(value) is not type(rule):
            yield f"{where}: {value!r} is not {rule!r}"

    def check_enum(self, value, rule, _schema, _file, where):
        if value not in rule:
            yield f"{where}: {value!r} is none of {rule}"

    def check_minimum(self, value, rule, _schema, _file, where):
        if TYPES["number"](value) and value < rule:
            yield f"{where}: {value} is below {rule}"

    def check_maximum(self, value, rule, _schema, _file, where):
        if TYPES["number"](value) and value > rule:
            yield f"{where}: {value} is above {rule}"

    def check_pattern(self, value, rule, _schema, _file, where):
        if isinstance(value, str) and not re.search(rule, value):
            yield f"{where}: {value!r} is not like {rule}"

    def check_required(self, value, rule, _schema, _file, where):
        if isinstance(value, dict):
            yield from (f"{where}: there is no {key}" for key in rule if key not in value)

    def check_properties(self, value, rule, _schema, file, where):
        if isinstance(value, dict):
            for key in value.keys() & rule.keys():
                yield from self.errors(value[key], rule[key], file, f"{where}/{key}")

    def check_additionalProperties(self, value, rule, schema, file, where):
        if isinstance(value, dict):
            for key in value.keys() - schema.get("properties", {}).keys():
                yield from self.errors(value[key], rule, file, f"{where}/{key}")

    def check_propertyNames(self, value, rule, _schema, file, where):
        if isinstance(value, dict):
            for key in value:
                yield from self.errors(key, rule, file, f"{where}/{key}")

    def check_items(self, value, rule, _schema, file, where):
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.errors(item, rule, file, f"{where}/{number}")

    def check_anyOf(self, value, rule, _schema, file, where):
        if not any(self.valid(value, part, file) for part in rule):
            yield f"{where}: {value!r:.200} is nothing of what it may be"

    def check_oneOf(self, value, rule, _schema, file, where):
        matches = sum(self.valid(value, part, file) for part in rule)
        if matches != 1:
            yield f"{where}: {value!r:.200} is {matches} of what it may be one of"


def documents(text):
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def main():
    directory, name, path = sys.argv[1:]
    schemas = Schemas(directory)
    found = documents(pathlib.Path(path).read_text())
    errors = [error for document in found
              for error in schemas.errors(document, schemas.load(f"{name}.json"), f"{name}.json")]
    for error in errors[:10]:
        print(error)
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main())
