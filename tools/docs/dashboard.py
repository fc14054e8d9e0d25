"""Runs the queries of the Grafana dashboard on a Prometheus, and draws the results:
dashboard.py PROMETHEUS SECONDS PICTURE.

The picture is an SVG of the panels where Grafana puts them, and not Grafana's own. Fails if Prometheus refuses a query,
or if a panel that must have something to show has not.
"""

import html
import json
import pathlib
import sys
import time
import urllib.parse
import urllib.request

DASHBOARD = pathlib.Path("deploy/helm/docspace-apikeys-gateway/files/dashboard.json")
CELL_WIDTH, CELL_HEIGHT, GAP = 50, 26, 6
COLOURS = ["#3274d9", "#e0752d", "#299c46", "#b877d9", "#c4162a", "#ad8800", "#0a9396", "#7d8ca3"]
INK, MUTED, LINES, PAPER, GROUND = "#1f2933", "#52606d", "#d9dee5", "#ffffff", "#f2f4f7"
# These panels are empty in a run without faults and certificates.
MAY_BE_EMPTY = {"Certificates expire in"}


def ask(prometheus, expression, start, end):
    query = {"query": expression, "start": start, "end": end, "step": 1}
    with urllib.request.urlopen(f"{prometheus}/api/v1/query_range?{urllib.parse.urlencode(query)}") as answer:
        return json.load(answer)["data"]["result"]


def legend(pattern, labels):
    for name, value in labels.items():
        pattern = pattern.replace("{{%s}}" % name, value)
    return pattern


def series_of(panel, prometheus, start, end):
    """Returns the legend of each line, and its (time, value) pairs that are numbers."""
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", "10s")
        for name in ("namespace", "job", "instance", "portal"):
            expression = expression.replace(f"${name}", ".*")
        for result in ask(prometheus, expression, start, end):
            points = [(at, float(value)) for at, value in result["values"] if value != "NaN"]
            if points:
                yield legend(target["legendFormat"], result["metric"]), points


def shown(value, unit):
    """Returns the number in a form for people."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if 0 < abs(value) < 1 else f"{value:.3g} s"
    step, prefixes = (1024, ["", "Ki", "Mi", "Gi"]) if unit in ("bytes", "Bps") else (1000, ["", "k", "M", "G"])
    for prefix in prefixes:
        if abs(value) < step or prefix == prefixes[-1]:
            break
        value /= step
    suffix = {"bytes": "B", "Bps": "B/s", "reqps": "/s", "cps": "/s"}.get(unit, "")
    return f"{value:.3g} {prefix}{suffix}".strip()


def text(x, y, content, size=11, fill=INK, weight="normal", anchor="start"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{html.escape(content)}</text>'
    )


def drawn_stat(at, unit, series):
    value = series[0][1][-1][1] if series else None
    written = "no data" if value is None else shown(value, unit)
    yield text(at["x"] + at["w"] / 2, at["y"] + at["h"] / 2 + 20, written, 26, INK, "bold", "middle")


def drawn_graph(at, unit, series, start, end):
    left, right = at["x"] + 62, at["x"] + at["w"] - 12
    top, bottom = at["y"] + 34, at["y"] + at["h"] - 46
    highest = max((value for _, points in series for _, value in points), default=0) * 1.1 or 1
    for tick in range(4):
        y = bottom - (bottom - top) * tick / 3
        yield f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{LINES}"/>'
        yield text(left - 6, y + 4, shown(highest * tick / 3, unit), 10, MUTED, anchor="end")
    x_of_legend = at["x"] + 12
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(
            f"{left + (right - left) * (when - start) / (end - start):.1f},"
            f"{bottom - (bottom - top) * max(value, 0) / highest:.1f}"
            for when, value in points
        )
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        if x_of_legend + 7 * len(name) < at["x"] + at["w"]:
            yield f'<rect x="{x_of_legend}" y="{at["y"] + at["h"] - 24}" width="10" height="4" fill="{colour}"/>'
            yield text(x_of_legend + 14, at["y"] + at["h"] - 18, name, 10, MUTED)
            x_of_legend += 28 + 6 * len(name)
    if not series:
        yield text((left + right) / 2, (top + bottom) / 2, "no data", 12, MUTED, anchor="middle")


def drawn(panel, series, start, end):
    cell = panel["gridPos"]
    at = {
        "x": cell["x"] * CELL_WIDTH + GAP,
        "y": cell["y"] * CELL_HEIGHT + GAP,
        "w": cell["w"] * CELL_WIDTH - GAP,
        "h": cell["h"] * CELL_HEIGHT - GAP,
    }
    if panel["type"] == "row":
        yield text(at["x"] + 4, at["y"] + 15, panel["title"], 14, INK, "bold")
        return
    place = " ".join(f'{name}="{at[key]}"' for name, key in (("x", "x"), ("y", "y"), ("width", "w"), ("height", "h")))
    yield f'<rect {place} rx="3" fill="{PAPER}" stroke="{LINES}"/>'
    yield text(at["x"] + 12, at["y"] + 20, panel["title"], 12, INK, "bold")
    unit = panel["fieldConfig"]["defaults"]["unit"]
    yield from drawn_stat(at, unit, series) if panel["type"] == "stat" else drawn_graph(at, unit, series, start, end)


def main():
    prometheus, seconds, picture = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    end = time.time()
    start = end - seconds
    parts, empty = [], []
    panels = json.loads(DASHBOARD.read_text())["panels"]
    for panel in panels:
        series = list(series_of(panel, prometheus, start, end)) if panel["type"] != "row" else []
        parts += drawn(panel, series, start, end)
        if not series and panel["type"] != "row" and panel["title"] not in MAY_BE_EMPTY:
            empty.append(panel["title"])
    width = 24 * CELL_WIDTH + GAP
    height = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in panels) * CELL_HEIGHT + 30
    parts.append(
        text(
            GAP + 4,
            height - 10,
            "Drawn by tools/docs/dashboard.py of what Prometheus answered to the dashboard's queries, "
            "while two replicas were called for a minute. Grafana draws it otherwise.",
            fill=MUTED,
        )
    )
    pathlib.Path(picture).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="DejaVu Sans, sans-serif"><rect width="100%" height="100%" fill="{GROUND}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
    if empty:
        sys.exit(f"These panels have nothing to show: {', '.join(empty)}")


if __name__ == "__main__":
    main()
