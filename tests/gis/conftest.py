"""Real files for the geometry tests, where the machine has them."""

from pathlib import Path

import pytest

from gis.boundaries import Feature, read_boundaries

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input beside the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real input (../shared/data) is not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def councils(shared_data: Path) -> tuple[Feature, ...]:
    """The 99 neighbourhood councils of Los Angeles, as read."""
    return read_boundaries(shared_data / "la311" / "nc_boundaries_2019_wgs84.geojson").features
