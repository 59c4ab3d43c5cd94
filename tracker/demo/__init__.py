"""Knows how to fill an empty installation with a believable district to try it on."""
