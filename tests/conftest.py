"""What all tests share."""

from pathlib import Path

import pytest

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of real footage that may lie beside the project; tests that need it are skipped without."""
    if not FOOTAGE.is_dir():
        pytest.skip("the real footage does not lie beside the project")
    return FOOTAGE
