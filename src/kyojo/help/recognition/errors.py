"""Refusals of the recognition room."""
