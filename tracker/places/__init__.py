"""Places and organizations: areas with versioned boundaries, locating, responsible units."""
