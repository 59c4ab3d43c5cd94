"""Progress: figures of areas from the counters, boards, review of any past day."""
