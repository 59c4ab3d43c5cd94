"""Notices: who is told what of each step, in the inbox, in digests that go out, in a calendar."""
