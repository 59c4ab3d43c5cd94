"""The office looks after its calendar: notices, stop-work days, hours, and what that moves."""
