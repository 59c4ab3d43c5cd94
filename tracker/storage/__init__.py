"""The database: engine rules, column types, the unit of work, write receipts, migrations."""
