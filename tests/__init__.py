"""Tests, benches and fault campaigns. They freeze and kill single processes of their servers, so these run natively."""

import os

from deploy.stack import providers

NATIVE = {providers.VARIABLE: "native"}

os.environ.update(NATIVE)
