"""Knows inspection points (测评点位): what they are, where they lie, what is checked at them."""
