"""What every page shares: headers, sessions of language, error pages, filters, navigation."""
