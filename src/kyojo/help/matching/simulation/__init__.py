"""A made-up town in which policies of asking are tried (``simulate town``, ``bench notify``).

Policies see what the product would know. Whether somebody is there, how willing they are, and
when they answer is hidden from them. All chance is by hash of (seed, request, person, what for),
so every policy meets the same town, and the same person answers the same question alike. Pure: no
Django. ``docs/reference/simulator.md`` has the parameters with their sources.
"""
