"""Insight: figures over the whole town or company, in which no single person can be seen."""
