"""A chart as SVG: panels of bars, or of lines; readable on light and on dark ground."""

import math
from html import escape

WIDTH, LABEL, VALUE, BAR, GAP, HEAD = 760, 258, 130, 16, 7, 46

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


def lines(title, panels):
    """Panels with a line each: (title, what is said of it, [(x, median, lowest, highest)]), two side by side."""
    parts = []
    for index, (name, note, points) in enumerate(panels):
        parts += panel(name, note, points, left=(index % 2) * 390, top=(index // 2) * 240 + 50)
    return document(title, (len(panels) + 1) // 2 * 240 + 50, parts)


def panel(name, note, points, left, top):
    """A line over a floor. An axis whose values grow too much to be told apart is logarithmic, and the note says so."""
    width, height = 330, 120
    floor = top + 36 + height
    across = Axis([point[0] for point in points], left + 20, left + width - 10, limit=100)
    up = Axis([0, *(point[3] for point in points)], floor, floor - height, limit=20)
    logarithmic = [label for axis, label in ((across, "across"), (up, "up")) if axis.is_logarithmic]
    notes = [note, f"Logarithmic {' and '.join(logarithmic)}."] if logarithmic else [note]
    path = " ".join(f"{across(point[0]):.1f},{up(point[1]):.1f}" for point in points)
    parts = [
        f'<text class="title" x="{left}" y="{top + 12}">{escape(name)}</text>',
        f'<line class="axis" x1="{left}" x2="{left + width}" y1="{floor + 4}" y2="{floor + 4}"/>',
        *(f'<text class="note" x="{left}" y="{floor + 38 + 15 * n}">{escape(line)}</text>' for n, line in enumerate(notes)),
        f'<polyline class="line" points="{path}"/>',
    ]
    for x, value, low, high in points:
        place = across(x)
        parts += [
            f'<line class="range" x1="{place:.1f}" x2="{place:.1f}" y1="{up(high):.1f}" y2="{up(low):.1f}"/>',
            f'<circle class="ours" cx="{place:.1f}" cy="{up(value):.1f}" r="3.5"/>',
            f'<text x="{place:.1f}" y="{up(high) - 7:.1f}" text-anchor="middle">{figure(value)}</text>',
            f'<text class="note" x="{place:.1f}" y="{floor + 20}" text-anchor="middle">{x:,}</text>',
        ]
    return parts


class Axis:
    """Where values stand between two places; logarithmic where the largest is more than `limit` times the smallest above 0."""

    def __init__(self, values, start, end, limit):
        positive = [value for value in values if value > 0]
        self.is_logarithmic = max(positive) > limit * min(positive)
        # A linear axis begins at zero where one is among the values.
        low = min(positive) if self.is_logarithmic else min(values)
        self._low, self._high = self._scaled(low), self._scaled(max(positive))
        self._start, self._end = start, end

    def _scaled(self, value):
        return math.log10(value) if self.is_logarithmic else value

    def __call__(self, value):
        share = (self._scaled(value) - self._low) / ((self._high - self._low) or 1)
        return self._start + share * (self._end - self._start)


def document(title, height, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">\n'
        f'{STYLE}\n<text class="title" x="0" y="18">{escape(title)}</text>\n{body}\n</svg>\n'
    )
