"""A chart as SVG: panels of bars, or of lines; readable on light and on dark ground."""

from html import escape

WIDTH, LABEL, VALUE, BAR, GAP, HEAD = 760, 230, 150, 16, 7, 46

STYLE = """\
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px }
  .note { fill: #57606a; font-size: 12px }
  .ours { fill: #0a66c2 }
  .other { fill: #9aa4af }
  .range { stroke: #24292f; stroke-width: 1.5 }
  .axis { stroke: #d0d7de }
  .line { fill: none; stroke: #0a66c2; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9da7b1 }
    .ours { fill: #4aa3ff }
    .other { fill: #6e7681 }
    .range { stroke: #e6edf3 }
    .axis { stroke: #3d444d }
    .line { stroke: #4aa3ff }
  }
</style>"""


def figure(value):
    """A number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def bars(title, panels):
    """Panels of horizontal bars: (title, [(name, median, lowest, highest, is ours)]), each panel with a scale of its own.

    A bar that is more than four times as long as ours is broken off, so that the others can be told apart.
    """
    parts, y = [], 30
    for name, rows in panels:
        ours = [row[1] for row in rows if row[4]]
        limit = min(max(row[3] for row in rows), 4 * max(ours, default=float("inf")))
        scale = (WIDTH - LABEL - VALUE) / limit
        parts.append(f'<text class="title" x="0" y="{y + 22}">{escape(name)}</text>')
        y += HEAD - 12
        for label, value, low, high, is_ours in rows:
            parts.append(bar(y, label, value, low, high, is_ours, limit, scale))
            y += BAR + GAP
        y += 14
    return document(title, y, parts)


def bar(y, label, value, low, high, is_ours, limit, scale):
    length = min(value, limit) * scale
    middle = y + BAR / 2
    kind = "ours" if is_ours else "other"
    parts = [
        f'<text x="{LABEL - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(label)}</text>',
        f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>',
    ]
    end = length
    if value > limit:
        parts.append(f'<text class="note" x="{LABEL + length + 4:.1f}" y="{middle + 4:.1f}">…</text>')
        end += 14
    else:
        left, right = LABEL + low * scale, LABEL + min(high, limit) * scale
        parts.append(f'<line class="range" x1="{left:.1f}" x2="{right:.1f}" y1="{middle}" y2="{middle}"/>')
        end = max(length, min(high, limit) * scale)
    parts.append(f'<text x="{LABEL + end + 6:.1f}" y="{middle + 4:.1f}">{figure(value)}</text>')
    return "\n".join(parts)


def lines(title, panels, unit):
    """Panels with a line each: (title, name of the x axis, [(x, median, lowest, highest)]), two side by side.

    The steps of x are drawn at equal distances, as they are chosen: most grow tenfold. The y axis begins at 0.
    """
    parts, width, height = [], 340, 210
    for index, (name, axis, points) in enumerate(panels):
        left, top = (index % 2) * 400 + 40, (index // 2) * (height + 40) + 60
        highest = max(point[3] for point in points) * 1.1
        step = (width - 20) / max(1, len(points) - 1)
        floor = top + height - 50
        place = lambda i, value: (left + 10 + i * step, floor - value / highest * (height - 80))
        parts.append(f'<text class="title" x="{left - 40}" y="{top - 8}">{escape(name)}</text>')
        parts.append(f'<line class="axis" x1="{left}" x2="{left + width}" y1="{floor}" y2="{floor}"/>')
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(i, point[1]) for i, point in enumerate(points)))
        parts.append(f'<polyline class="line" points="{path}"/>')
        for i, (label, value, low, high) in enumerate(points):
            x, y = place(i, value)
            above, below = place(i, high)[1], place(i, low)[1]
            parts.append(f'<line class="range" x1="{x:.1f}" x2="{x:.1f}" y1="{above:.1f}" y2="{below:.1f}"/>')
            parts.append(f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
            parts.append(f'<text x="{x:.1f}" y="{above - 7:.1f}" text-anchor="middle">{figure(value)}</text>')
            parts.append(f'<text class="note" x="{x:.1f}" y="{floor + 16}" text-anchor="middle">{escape(str(label))}</text>')
        parts.append(f'<text class="note" x="{left + width / 2}" y="{floor + 34}" text-anchor="middle">{escape(axis)}</text>')
    rows = (len(panels) + 1) // 2
    return document(f"{title}, {unit}", rows * (height + 40) + 60, parts)


def document(title, height, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">\n'
        f'{STYLE}\n<text class="title" x="0" y="18">{escape(title)}</text>\n{body}\n</svg>\n'
    )
