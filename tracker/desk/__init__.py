"""The workbenches: the office's queues worked by keyboard, a unit's tasks by deadline, papers to sign."""
