"""Small worlds for tests: areas, organizations, people, tasks, made through the real operations."""
