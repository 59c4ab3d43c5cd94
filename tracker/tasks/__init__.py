"""Knows a rectification task from its report to its closing."""
