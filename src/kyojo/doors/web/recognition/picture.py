"""How a badge looks: a round one with a cord (水引) and an icon of the pages, as SVG of its own."""

from html import escape

from kyojo.help.recognition.domain import Achievement

from ..icons import symbols

#: Green of the pages, its soft ground, the ink, and the gold that means earned.
KEY, SOFT, INK, GOLD, FILL = "#00553d", "#e6f2ec", "#1a1a1c", "#8a6100", "#ffeebd"
SIZE = 240


def badge_svg(says: Achievement, *, town: str) -> str:
    """The picture, with its name and the town for whoever cannot see it."""
    box, drawn_icon = symbols()[says.icon]
    # A drawing of its own has no style sheet: what the pages fill by class is filled here.
    drawn = str(drawn_icon).replace('class="f"', f'fill="{FILL}" stroke="none"')
    side, width = 104, 2.25 if box.endswith("48") else 1.7
    title = escape(f"{says.name}（{town}）")
    figure = (
        f'<text x="120" y="205" text-anchor="middle" font-family="sans-serif" font-size="30" '
        f'font-weight="700" fill="{INK}">{escape(says.figure)}</text>'
        if says.figure
        else ""
    )
    top = 40 if says.figure else 52
    cord = top + 118
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<circle cx="120" cy="120" r="112" fill="{SOFT}" stroke="{KEY}" stroke-width="6"/>'
        f'<circle cx="120" cy="120" r="101" fill="none" stroke="{GOLD}" stroke-width="2"/>'
        f'<path d="M40 {cord} q80 -14 160 0 m-160 6 q80 -14 160 0" fill="none" '
        f'stroke="{GOLD}" stroke-width="2"/>'
        f'<svg x="{120 - side // 2}" y="{top}" width="{side}" height="{side}" viewBox="{box}" '
        f'fill="none" stroke="{KEY}" stroke-width="{width}" stroke-linecap="round" '
        f'stroke-linejoin="round" color="{KEY}">{drawn}</svg>{figure}</svg>'
    )
