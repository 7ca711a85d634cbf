"""The documents that come with the house."""

from importlib.resources import files


def preset_names() -> list[str]:
    """Codes of all presets, in order."""
    folder = files("kyojo.civic.programmes").joinpath("presets")
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir())


def preset(code: str) -> str:
    """The text of a preset's document. Raises ``FileNotFoundError``."""
    return files("kyojo.civic.programmes").joinpath(f"presets/{code}.toml").read_text("utf-8")
