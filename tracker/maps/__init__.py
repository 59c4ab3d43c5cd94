"""What goes on a map for whom; the drawing is gis.webmap."""
