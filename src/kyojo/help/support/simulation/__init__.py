"""A made-up town with honest visits and with fakes of known kinds (``simulate town --fraud``).

Detectors see ``fraud.facts`` alone; who is what is known to the simulation only. The same seed
makes the same town. Pure: no Django. ``docs/reference/simulator.md`` has the parameters with their
sources, and how to write a pattern.
"""
