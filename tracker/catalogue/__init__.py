"""Knows what can be wrong in a street: categories, tags and phrases of findings."""
