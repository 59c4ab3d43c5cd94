"""OGC API – Features (Part 1: Core): what lies on the ground as pages of GeoJSON, for a GIS or a script."""
