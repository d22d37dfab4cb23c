"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a test never asserts a wall-clock time
settings.load_profile("patient")

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of real footage that may lie beside the project; tests that need it are skipped without."""
    if not FOOTAGE.is_dir():
        pytest.skip("the real footage does not lie beside the project")
    return FOOTAGE
