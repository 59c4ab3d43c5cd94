"""Who may do what: names, pure predicates, the policy page, the actor and the gate."""
