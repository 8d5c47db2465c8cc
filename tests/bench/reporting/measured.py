# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in build/bench: results, how they came about, and their rounds.

Everything is checked by the schemas. What does not agree with its own is refused, by
name and with the reason, and the others are as good as before.
"""

import collections
import hashlib
import json
import math
import pathlib

import jsonschema

from reporting import benchmarks

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schema"


class Refused(Exception):
    """The text says of what file, and why."""


class Measured:
    """Of one benchmark; what there is not is None."""

    def __init__(self, benchmark):
        self.benchmark = benchmark
        self.result = None
        self.record = None
        self.samples = None  # {(mode, metric): [value of each round]}
        self.refused = None

    @property
    def failed(self):
        return bool(self.record and self.record["status"])

    @property
    def kernel(self):
        """As the result has it; if that is a series, with the lab's release of it."""
        kernel = self.result.get("kernel", "not known")
        lab = self.record["lab"] if self.record else None
        return f"{kernel} ({lab[kernel]})" if lab and kernel in lab else kernel

    def spread(self, *key):
        """The least and the most of the rounds, or None."""
        values = self.samples.get(key) if self.samples else None
        return (min(values), max(values)) if values else None


def no_constant(name):
    raise ValueError(f"{name} is no number")


def parse(text, path):
    try:
        return json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path}: not JSON: {error}") from None


def validate(document, name, path):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    error = jsonschema.exceptions.best_match(jsonschema.Draft7Validator(schema).iter_errors(document))
    if error:
        where = "".join(f"{part}: " for part in error.absolute_path)
        raise Refused(f"{path}: {where}{error.message[:200]}")


def read_text(path):
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: not text: {error.reason}") from None


def read_result(directory, name):
    path = directory / f"{name}.json"
    text = read_text(path)
    # dump has a document for each answer that it was given.
    documents = ([parse(line, path) for line in text.splitlines()] if name == "dump"
                 else [parse(text, path)])
    for document in documents:
        validate(document, name, path)
    if not documents:
        raise Refused(f"{path}: empty")
    return documents if name == "dump" else documents[0]


def read_samples(path):
    """Lines of [ROUND] MODE METRIC VALUE, or of MODE VALUE."""
    samples = collections.defaultdict(list)
    for number, line in enumerate(read_text(path).splitlines(), 1):
        *key, value = line.split() or [""]
        try:
            value = float(value)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or len(key) not in (1, 3):
            raise Refused(f"{path}:{number}: no round's value")
        samples[tuple(key[-2:])].append(value)
    return samples


def read_record(directory, name):
    """How the result came about; None if that is not known, as it is another's."""
    path, result = directory / "run" / f"{name}.json", directory / f"{name}.json"
    if not path.exists():
        return None
    record = parse(read_text(path), path)
    validate(record, "run", path)
    digest = hashlib.sha256(result.read_bytes()).hexdigest() if result.exists() else None
    return record if record["result_sha256"] == digest else None


def read_one(directory, benchmark):
    measured = Measured(benchmark)
    try:
        measured.record = read_record(directory, benchmark.name)
        if (directory / f"{benchmark.name}.json").exists():
            measured.result = read_result(directory, benchmark.name)
        samples = directory / "run" / f"{benchmark.name}.tsv"
        if measured.record and samples.exists():
            measured.samples = read_samples(samples)
    except Refused as refusal:
        measured.result = measured.samples = None
        measured.refused = str(refusal)
    return measured


def read(directory):
    """By name, of all benchmarks."""
    return {benchmark.name: read_one(directory, benchmark)
            for benchmark in benchmarks.ALL.values()}
