"""A transparency log in values: RFC 6962 trees and the C2SP formats around them.

``merkle``       the tree: hashes, roots, proofs and their verification (RFC 6962)
``tiles``        the tree and the entries as static files (c2sp.org/tlog-tiles)
``notes``        signed text, Ed25519 keys, cosignatures (signed-note, tlog-cosignature)
``checkpoints``  the signed head of a log (c2sp.org/tlog-checkpoint)
``proofs``       one entry's proof in one file (c2sp.org/tlog-proof)
``policy``       whom a verifier trusts, and how many of them (c2sp.org/tlog-policy)
``witness``      what a witness decides, and the bodies it exchanges (c2sp.org/tlog-witness)
``errors``       what can be wrong, each with its code

Nothing here knows Django, a database, a file, a socket or a clock: moments are given. All parsers
are strict: there is one way to write each thing, so what was parsed encodes to the same bytes.
"""
