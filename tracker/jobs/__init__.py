"""Jobs: work that waits as rows of a table until a worker has done it, once."""
