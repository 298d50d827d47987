"""`python -m shared.normalise.dictionaries train FILE…`: a new dictionary from records, one a line.

The records must be invented: what a dictionary has learnt by heart is in every checkout. Those of
`deploy.demo.generator` are; see docs/adr for the command that made the ones here. Nine tenths of the records
are learnt from, the rest measure what was gained.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

from shared import clock, ids
from shared.normalise import dictionaries, pipeline
from shared.normalise.event import Event, SensorProfile

BYTES = 32 << 10
MOST_SAMPLES = 20_000
_MEASURED = 10
_SENSOR = SensorProfile(ids.NIL, ids.NIL)


def pairs(records: Iterable[bytes]) -> Iterator[bytes]:
    """Document and original of each record that is an event, as `pack_body` puts them side by side."""
    received_at = clock.now()
    for line in records:
        for record in pipeline.split(line.strip(), None):
            outcome = pipeline.normalise(record, hint=None, sensor=_SENSOR, received_at=received_at)
            if isinstance(outcome, Event):
                yield len(outcome.document).to_bytes(4, "big") + outcome.document + outcome.original


def train(samples: list[bytes], number: int) -> bytes:
    """A dictionary's bytes. Raises ZstdError for too few samples."""
    chosen: list[Any] = samples[:MOST_SAMPLES]
    return zstandard.train_dictionary(BYTES, chosen, dict_id=number, level=dictionaries.LEVEL).as_bytes()


def free_number() -> int:
    """Today's, or the one after the newest: numbers only grow."""
    today = int(f"{clock.now():%Y%m%d}")
    return max([today, *(number + 1 for number in dictionaries.numbers())])


def measure(samples: list[bytes], dictionary: zstandard.ZstdCompressionDict | None) -> tuple[float, float, float]:
    """Bytes a row, microseconds to pack one, microseconds to unpack one."""
    if dictionary is not None:
        dictionary.precompute_compress(level=dictionaries.LEVEL)
    compressor = zstandard.ZstdCompressor(level=dictionaries.LEVEL, dict_data=dictionary)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
    frames = [compressor.compress(sample) for sample in samples]
    return (
        sum(map(len, frames)) / len(frames),
        _microseconds(compressor.compress, samples),
        _microseconds(decompressor.decompress, frames),
    )


def _microseconds(function: Callable[[bytes], bytes], values: list[bytes]) -> float:
    """Of this process alone, the best of five rounds: a busy neighbour counts little."""
    rounds = []
    for _ in range(5):
        started = time.process_time()
        for value in values:
            function(value)
        rounds.append(time.process_time() - started)
    return min(rounds) / len(values) * 1e6


def _report(name: str, figures: tuple[float, float, float]) -> None:
    size, pack, unpack = figures
    sys.stdout.write(f"{name:<24} {size:8.0f} bytes a row   pack {pack:5.1f} µs   unpack {unpack:5.1f} µs\n")


def main(arguments: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m shared.normalise.dictionaries", description=__doc__)
    parser.add_argument("command", choices=["train", "measure"], help="measure trains nothing")
    parser.add_argument("files", nargs="+", type=Path, help="invented records, one a line; - is standard input")
    options = parser.parse_args(arguments)
    lines = [line for file in options.files for line in _lines(file)]
    samples = list(pairs(lines))
    learnt = [sample for place, sample in enumerate(samples) if place % _MEASURED]
    measured = samples[::_MEASURED]
    sys.stdout.write(
        f"{len(lines)} records, {len(samples)} events, {sum(map(len, measured)) / len(measured):.0f} bytes each\n"
    )
    _report("without a dictionary", measure(measured, None))
    for known in dictionaries.numbers():
        _report(f"with {known}", measure(measured, dictionaries.load(known)))
    if options.command == "train":
        number = free_number()
        trained = train(learnt, number)
        _report(f"with {number} (new)", measure(measured, zstandard.ZstdCompressionDict(trained)))
        dictionaries.path_of(number).write_bytes(trained)
        sys.stdout.write(f"written: {dictionaries.path_of(number)}\n")
    return 0


def _lines(file: Path) -> list[bytes]:
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    return [line for line in raw.splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
