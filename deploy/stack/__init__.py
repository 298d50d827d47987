"""Postgres, RabbitMQ and OpenSearch on any machine: `python -m deploy.stack up`, or these functions."""

from deploy.stack.control import default_directory, down, environment, kill, status, up
from deploy.stack.errors import StackError

__all__ = ["StackError", "default_directory", "down", "environment", "kill", "status", "up"]
