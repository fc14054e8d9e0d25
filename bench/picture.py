"""Charts with whiskers, as SVG."""

import dataclasses
import math
import statistics
from xml.sax.saxutils import escape

WIDTH, MARGIN, LABELS, VALUES = 860, 24, 110, 70
ROW, BAR, TITLE, GAP, AXIS, TICKS = 26, 16, 30, 18, 24, 44
OURS, THEIRS, INK, MUTED = "#c8511b", "#7d8ca3", "#1f2933", "#52606d"


def label(x, y, content, size=13, anchor="start", fill=INK, weight="normal"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
        f'font-weight="{weight}">{escape(content)}</text>'
    )


@dataclasses.dataclass(frozen=True)
class Chart:
    """Bars in the given order, of which the first is the gateway's. Each has one value for each round."""

    title: str
    bars: list

    @property
    def height(self):
        return TITLE + ROW * len(self.bars) + GAP

    def draw(self, x, y, width):
        space = width - LABELS - VALUES
        most = max((max(values) for _, values in self.bars if values), default=0) or 1
        parts = [label(x, y + 16, self.title, size=15, weight="bold")]
        for row, (name, values) in enumerate(self.bars):
            top = y + TITLE + row * ROW
            middle = top + BAR / 2
            parts.append(label(x + LABELS - 8, middle + 5, name, anchor="end"))
            if not values:
                continue
            # Noise can make added latency negative.
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


@dataclasses.dataclass(frozen=True)
class Lines:
    """Lines over a logarithmic axis. Each is a name and its points: x, and one value for each round."""

    title: str
    lines: list
    height = TITLE + 170 + AXIS + GAP

    def draw(self, x, y, width):
        xs = sorted({point for _, points in self.lines for point, _ in points})
        most = max(max(values) for _, points in self.lines for _, values in points) or 1
        step = round_step(most / 4)
        left, right, top, bottom = x + TICKS, x + width - GAP, y + TITLE, y + self.height - GAP - AXIS
        spread = math.log(xs[-1] / xs[0]) or 1

        def across(value):
            return left + (right - left) * math.log(value / xs[0]) / spread

        def up(value):
            return bottom - (bottom - top) * max(0.0, value) / most

        parts = [label(x, y + 16, self.title, size=15, weight="bold")]
        for tick in range(int(most / step) + 1):
            height = up(tick * step)
            parts.append(f'<path d="M{left:.0f} {height:.1f}H{right:.0f}" stroke="{THEIRS}" stroke-opacity="0.3"/>')
            parts.append(label(left - 6, height + 4, f"{tick * step:,g}", size=11, anchor="end", fill=MUTED))
        for value in xs:
            parts.append(label(across(value), bottom + 18, f"{value:,}", size=11, anchor="middle", fill=MUTED))
        # The first is drawn last, above the others; the legend has them in their order.
        for row, (name, points) in reversed(list(enumerate(self.lines))):
            color = (OURS, THEIRS, INK, MUTED)[row]
            way = "L".join(f"{across(at):.1f} {up(statistics.median(values)):.1f}" for at, values in points)
            parts.append(f'<path d="M{way}" fill="none" stroke="{color}" stroke-width="2"/>')
            for at, values in points:
                if max(values) > min(values):
                    parts.append(
                        f'<path d="M{across(at):.1f} {up(min(values)):.1f}V{up(max(values)):.1f}" stroke="{INK}" '
                        'stroke-width="1.5"/>'
                    )
                middle = up(statistics.median(values))
                parts.append(f'<circle cx="{across(at):.1f}" cy="{middle:.1f}" r="3" fill="{color}"/>')
            if name:
                parts.append(label(left + 10, top + 14 + 16 * row, name, size=12, fill=color))
        return parts


def round_step(least):
    """Returns the next number that is 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def svg(charts, caption):
    """Returns an SVG of the charts in two columns, with a caption below."""
    column = (WIDTH - 3 * MARGIN) / 2
    y, parts = MARGIN, []
    for left, right in zip(charts[::2], charts[1::2]):
        parts += left.draw(MARGIN, y, column) + right.draw(2 * MARGIN + column, y, column)
        y += max(left.height, right.height)
    height = y + 16
    parts.append(label(MARGIN, y, caption, size=11, fill=MUTED))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
