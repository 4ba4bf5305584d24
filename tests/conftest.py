"""What every test may ask for."""

import os

os.environ.setdefault("BALCAO_WORKERS", "1")  # the machine's processors are the tests' already
pytest_plugins = ["tests.database", "tests.verbs.ways"]
