"""Programmes as data: the document, the bounds around it, and the one evaluator. No Django here.

``reading.read`` makes a ``Document`` of TOML, ``visits.read`` visits of CSV, and
``counting.count`` decides line by line what a person earned and why.
"""
