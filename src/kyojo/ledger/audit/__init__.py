"""Checking a whole log from outside: from its files alone, trusting nobody but the keys named.

``trust``    whom to believe: a policy, or the log's key; what was verified last time
``history``  what the leaves say, one after another: no gaps, no hold resolved twice, sums
``audit``    everything of a log, from its checkpoint to its last leaf
``errors``   what can be wrong, each with its code; those of the formats are in ``tlog.errors``

Pure: no Django, no database, no clock; files come through a ``Source``.
"""
