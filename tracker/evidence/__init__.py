"""Knows photos: what a picture file says, and how it is kept so that no power cut loses it."""
