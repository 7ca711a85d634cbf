"""A witness (c2sp.org/tlog-witness): sees that a log only grows, and says so with its signature.

A process of its own, with its own key and its own memory, best run by another municipality. It
knows no Django, no database of Kyojo, no ledger: a checkpoint comes in, a cosignature goes out.

``store``   what it has seen, in one SQLite file: compared and written in one transaction
``keys``    its key, the logs it witnesses
``app``     the two addresses, as WSGI
``server``  gunicorn around it
"""
