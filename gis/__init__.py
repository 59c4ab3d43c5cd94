"""Pure geometry of the grid: coordinates, cells, boundaries, locating, web maps. Knows nothing of the tracker."""
