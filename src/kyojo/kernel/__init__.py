"""What every room may use and what knows no room: errors, clock, ids, amounts, geometry, text.

Nothing in here imports Django.
"""
