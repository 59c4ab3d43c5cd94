"""Real files for the geometry tests, where the machine has them."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input beside the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real input (../shared/data) is not on this machine")
    return SHARED_DATA
