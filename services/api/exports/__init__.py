"""Copies of what a query finds, to take away."""
