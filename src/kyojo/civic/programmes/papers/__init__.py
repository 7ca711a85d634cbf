"""A programme on paper: its outline (要綱), what changed in it (新旧対照表), cards, bank files.

``outline.outline`` makes articles of a document, ``differences.differences`` compares two of them;
``pdf`` and ``word`` print both, ``cards`` what members hold, ``zengin`` what a bank reads. Nothing
here knows Django or a database: who calls hands over values and gets bytes.
"""
