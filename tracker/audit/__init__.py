"""The audit log: who did what to which object, from where, with what result."""
