"""Counters: projections of the events, kept in the transaction of the event (see ADR 27)."""
