"""Loads the fixtures: one module of `tests/fixtures` for each server."""

from pathlib import Path

pytest_plugins = [f"tests.fixtures.{file.stem}" for file in sorted(Path(__file__).parent.glob("fixtures/[a-z]*.py"))]
