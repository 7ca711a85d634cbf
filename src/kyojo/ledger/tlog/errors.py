"""What can be wrong with a log, a proof or a signature: one class per code.

Each carries ``reason``, a short word for engineers that names the broken rule; ``data`` never
holds what the log is about.
"""

from typing import ClassVar

from kyojo.kernel.errors import Refusal


class TlogError(Refusal):
    """Something of a log could not be read, or does not prove what it should prove."""

    code: ClassVar[str] = "tlog_error"
    sentence: ClassVar[str] = "記録簿を確かめられませんでした。もう一度お試しください。"

    def __init__(self, *, reason: str = "", field: str = "", **data: object) -> None:
        self.reason = reason
        super().__init__(field=field, reason=reason, **data)


class NoteMalformed(TlogError):
    """Not a signed note (c2sp.org/signed-note)."""

    code = "note_malformed"
    sentence = "署名つきの文書の形が正しくありません。もとの場所から、もう一度受けとってください。"


class KeyMalformed(TlogError):
    """Not a verifier key, or not a private key, of a type that is known here."""

    code = "key_malformed"
    sentence = "鍵の形が正しくありません。鍵の文字列を、はじめから終わりまで写しなおしてください。"


class SignatureMissing(TlogError):
    """No signature by the key that was asked for."""

    code = "signature_missing"
    sentence = "この鍵による署名がありません。正しい鍵か、正しい記録簿かを確かめてください。"


class SignatureInvalid(TlogError):
    """A signature that names a known key was not made by it over this text."""

    code = "signature_invalid"
    sentence = (
        "署名が本文と合いません。書きかえのおそれがあるので、使わずにセンターにお知らせください。"
    )


class OriginDiffers(TlogError):
    """A checkpoint of another log than the one expected."""

    code = "origin_differs"
    sentence = "別の記録簿のものです。どの自治体の記録簿かを確かめてください。"


class CheckpointMalformed(TlogError):
    """Not the text of a checkpoint (c2sp.org/tlog-checkpoint)."""

    code = "checkpoint_malformed"
    sentence = (
        "チェックポイントの形が正しくありません。もとの場所から、もう一度受けとってください。"
    )


class RootDiffers(TlogError):
    """The leaves, or the tiles, do not give the root that was signed."""

    code = "root_differs"
    sentence = (
        "記録の中身が、署名された記録簿と合いません。"
        "書きかえのおそれがあるので、センターにお知らせください。"
    )


class InclusionFails(TlogError):
    """The proof does not lead from the leaf to the root."""

    code = "inclusion_fails"
    sentence = (
        "この記録が記録簿にあることを確かめられませんでした。"
        "証明を受けとりなおし、それでも合わないときはセンターにお知らせください。"
    )


class ConsistencyFails(TlogError):
    """The newer tree does not continue the older: history was rewritten, or the log was forked."""

    code = "consistency_fails"
    sentence = (
        "新しい記録簿が、前の記録簿の続きになっていません。"
        "書きかえのおそれがあるので、両方を残してセンターにお知らせください。"
    )


class RolledBack(TlogError):
    """The tree is smaller than one that was already seen."""

    code = "rolled_back"
    sentence = (
        "記録簿が、前に見たものより短くなっています（前は{seen}件、今は{size}件）。"
        "両方を残してセンターにお知らせください。"
    )

    def __init__(self, *, seen: int, size: int, reason: str = "") -> None:
        self.seen, self.size = seen, size
        super().__init__(seen=seen, size=size, reason=reason)


class SizeConflict(TlogError):
    """A witness was told another old size than it has; ``stored`` is the one it has."""

    code = "size_conflict"
    sentence = "証人が見ている記録簿は{stored}件です。その大きさからの証明を送りなおしてください。"

    def __init__(self, *, stored: int, reason: str = "") -> None:
        self.stored = stored
        super().__init__(stored=stored, reason=reason)


class Stale(TlogError):
    """Too few of the quorum have cosigned within the time asked for."""

    code = "stale"
    sentence = (
        "証人の確認が古くなっています。新しいチェックポイントを受けとって、"
        "もう一度確かめてください。"
    )


class QuorumMissing(TlogError):
    """Fewer witnesses have cosigned than the policy asks for."""

    code = "quorum_missing"
    sentence = (
        "証人の確認が足りません。時間をおいて新しいチェックポイントを受けとり、"
        "もう一度確かめてください。"
    )


class TileMalformed(TlogError):
    """Not a tile, an entry bundle or the path of one (c2sp.org/tlog-tiles)."""

    code = "tile_malformed"
    sentence = "記録簿の部品（タイル）の形が正しくありません。もう一度受けとってください。"


class ProofMalformed(TlogError):
    """Not a proof (c2sp.org/tlog-proof), or not the body of a request to a witness."""

    code = "proof_malformed"
    sentence = "証明の形が正しくありません。もとの場所から、もう一度受けとってください。"


class LeafDiffers(TlogError):
    """A leaf says something else than what it was compared with."""

    code = "leaf_differs"
    sentence = (
        "記録簿に書かれた内容が、示された記録とちがいます。"
        "書きかえのおそれがあるので、センターにお知らせください。"
    )


class PolicyMalformed(TlogError):
    """Not a policy (c2sp.org/tlog-policy); ``line`` counts from 1, the last when it is the whole
    that is wrong."""

    code = "policy_malformed"
    sentence = (
        "検証のきまり（ポリシー）の{line}行目が正しくありません。"
        "きまりを作った人から、もう一度受けとってください。"
    )

    def __init__(self, *, reason: str, line: int) -> None:
        self.line = line
        super().__init__(reason=reason, line=line)
