"""What may stand at a place of a document, in words, from the schema that is published."""

from functools import cache
from typing import Any

from .model import Document

Node = dict[str, Any]


@cache
def schema() -> Node:
    """The JSON Schema of a document, as ``docs/reference/programme.schema.json`` has it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A programme of Kyojo",
        **Document.model_json_schema(by_alias=True),
    }


def allowed(path: tuple[str | int, ...]) -> str:
    """What may stand at ``path``; where nobody knows the key, which ones are known."""
    node: Node | None = schema()
    for depth, part in enumerate(path):
        assert node is not None
        inner = _inner(node, part)
        if inner is None:
            known = "、".join(_resolved(node).get("properties", {}))
            return f"{known}だけ" if known and depth == len(path) - 1 else ""
        node = inner
    assert node is not None
    return _words(node)


def _resolved(node: Node) -> Node:
    while "$ref" in node:
        node = schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in node:  # an optional one: what it may be, if it is there
        return _resolved(next(one for one in node["anyOf"] if one.get("type") != "null"))
    return node


def _inner(node: Node, part: str | int) -> Node | None:
    node = _resolved(node)
    if isinstance(part, int):
        return node.get("items")
    if part in node.get("properties", {}):
        return node["properties"][part]  # type: ignore[no-any-return]
    more = node.get("additionalProperties") or next(
        iter(node.get("patternProperties", {}).values()), None
    )
    return more if isinstance(more, dict) else None


def _words(node: Node) -> str:
    node = _resolved(node)
    if "const" in node:
        return str(node["const"])
    if "enum" in node:
        return "、".join(map(str, node["enum"])) + " のどれか"
    match node.get("type"):
        case "integer":
            step = f"、{node['multipleOf']}の倍数" if "multipleOf" in node else ""
            return f"{node['minimum']:,}から{node['maximum']:,}までの整数{step}"
        case "boolean":
            return "true か false"
        case "array":
            least = "1つ以上の" if node.get("minItems") else ""
            return f"{least}並び [ ]。中に書けるのは、{_words(node['items'])}"
        case "object":
            return "表。使えるキーは、" + (
                "、".join(node.get("properties", {})) or "英小文字の名前"
            )
    if node.get("format") == "date":
        return "日付（2026-04-01 のように）"
    if "pattern" in node:
        return f"英小文字で始まる英小文字・数字・ハイフン、{node['maxLength']}字まで"
    return f"{node.get('maxLength', 400)}字までの文字"
