"""Knows inspections (督导检查): rounds, visits, their answers, and what a phone sends when it is back online."""
