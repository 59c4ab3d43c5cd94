"""Task files of any origin: a profile says how to read one, the one door takes its rows in."""
