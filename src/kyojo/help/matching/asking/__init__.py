"""Who is asked, and when: the chance of a yes, the belief that somebody is still there, waves.

Pure: numpy and, for training, scipy; no Django, no clock. Moments are *local hours*, a float: hours
since the Monday 00:00 local of an agreed week (``hours.local_hours`` makes them of a datetime).
``docs/reference/simulator.md`` has the formulas and what they reach in a simulated town.
"""
