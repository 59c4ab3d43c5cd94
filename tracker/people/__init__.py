"""Accounts, role grants, sign-in, server-side sessions."""
