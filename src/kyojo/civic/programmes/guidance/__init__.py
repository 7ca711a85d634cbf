"""Guidance for whoever designs a programme: which currency, paid or unpaid, which laws ask what.

It helps people to ask the right office. It is not legal advice, and it says from when its rules
are and until when they were checked. No Django here; figures and rules are data (TOML) beside it.
"""
