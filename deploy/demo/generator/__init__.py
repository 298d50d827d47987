"""Invented sensors of an invented company, for the demo, the benchmark, dictionaries and tests.

Everything is deterministic by seed and clock, and nothing in it was ever real.
"""

from deploy.demo.generator.batch import Batch
from deploy.demo.generator.happening import FORMATS
from deploy.demo.generator.samples import sample
from deploy.demo.generator.stream import generate

__all__ = ["FORMATS", "Batch", "generate", "sample"]
