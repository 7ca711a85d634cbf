"""Refusals and programming errors of the municipalities room."""

from kyojo.kernel.errors import Refusal


class UnscopedQuery(RuntimeError):
    """A query on a municipality's rows was made outside ``tenancy.tenant``. Always a bug."""


class UnknownMunicipality(Refusal):
    code = "unknown_municipality"
    sentence = "自治体コード{code}は登録されていません。コードを確かめてください。"
