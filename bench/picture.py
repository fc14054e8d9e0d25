"""Bar charts with whiskers, as SVG."""

import dataclasses
import statistics
from xml.sax.saxutils import escape

WIDTH, MARGIN, LABELS, VALUES = 860, 24, 110, 70
ROW, BAR, TITLE, GAP = 26, 16, 30, 18
OURS, THEIRS, INK, MUTED = "#c8511b", "#7d8ca3", "#1f2933", "#52606d"


@dataclasses.dataclass(frozen=True)
class Chart:
    """Bars from the first, which is ours, to the last; each with its values, one for each round."""

    title: str
    bars: list

    @property
    def height(self):
        return TITLE + ROW * len(self.bars) + GAP


def label(x, y, content, size=13, anchor="start", fill=INK, weight="normal"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
        f'font-weight="{weight}">{escape(content)}</text>'
    )


def draw(chart, x, y, width):
    space = width - LABELS - VALUES
    most = max((max(values) for _, values in chart.bars if values), default=0) or 1
    parts = [label(x, y + 16, chart.title, size=15, weight="bold")]
    for row, (name, values) in enumerate(chart.bars):
        top = y + TITLE + row * ROW
        middle = top + BAR / 2
        parts.append(label(x + LABELS - 8, middle + 5, name, anchor="end"))
        if not values:
            continue
        # Noise can make what is added less than nothing.
        low, median, high = (max(0.0, value) for value in (min(values), statistics.median(values), max(values)))
        left, scale = x + LABELS, space / most
        parts.append(
            f'<rect x="{left}" y="{top}" width="{median * scale:.1f}" height="{BAR}" '
            f'fill="{THEIRS if row else OURS}"/>'
        )
        if high > low:
            parts.append(
                f'<path d="M{left + low * scale:.1f} {middle}H{left + high * scale:.1f}" stroke="{INK}" '
                'stroke-width="1.5"/>'
            )
        figure = f"{statistics.median(values):,.0f}" if most >= 10 else f"{statistics.median(values):.1f}"
        parts.append(label(left + high * scale + 6, middle + 5, figure, fill=MUTED))
    return parts


def svg(charts, caption):
    """The charts in two columns, and a caption below."""
    column = (WIDTH - 3 * MARGIN) / 2
    y, parts = MARGIN, []
    for left, right in zip(charts[::2], charts[1::2]):
        parts += draw(left, MARGIN, y, column) + draw(right, 2 * MARGIN + column, y, column)
        y += max(left.height, right.height)
    height = y + 16
    parts.append(label(MARGIN, y, caption, size=11, fill=MUTED))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
