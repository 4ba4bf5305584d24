"""The figures as one page: a table, bars beside their limits, latencies, and curves over time, all of it in one file.

Plain HTML and SVG, written here: bars and lines are all there is to draw, and a bench brings no charting package along.
"""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from balcao.bench.figures import Curve, Figure, Report

WIDTH: Final = 860
BAR_LEFT: Final = 330
BAR_WIDTH: Final = 400
ROW: Final = 22
PLOT_HEIGHT: Final = 160
PLOT_LEFT: Final = 70
INK, SOFT, LINE = "#1f4e79", "#a8c4de", "#c8c8c8"
PERCENTILES: Final = ("p50_ms", "p95_ms", "p99_ms")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25em .5em; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #222; }
dt { font-weight: 600; float: left; clear: left; width: 11em; } dd { margin: 0 0 .3em 12em; }
"""


def render_page(report: Report) -> str:
    """The whole page."""
    suites = dict.fromkeys(figure.suite for figure in report.figures)
    parts = [_suite(name, [each for each in report.figures if each.suite == name]) for name in suites]
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>" for name, told in report.environment.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Balcão: what it can do</title>'
        f"<style>{_STYLE}</style></head><body><h1>Balcão: what it can do, beside the limits of this machine</h1>"
        f"<dl>{facts}</dl>{''.join(parts)}</body></html>\n"
    )


def _suite(name: str, figures: Sequence[Figure]) -> str:
    curves = [curve for figure in figures for curve in figure.curves]
    parts = [f"<h2>{escape(name)}</h2>", _table(figures), "<h3>Rates a second, and their limits</h3>", _rates(figures)]
    parts += ["<h3>Latencies: median, 95 %, 99 %, in ms, on a logarithmic scale</h3>", _latencies(figures)]
    parts += [_facts(figures)]
    parts += [
        f"<h3>{escape(curve.name)}, {escape(curve.unit)}, over the seconds</h3>{_curve(curve)}" for curve in curves
    ]
    return "".join(parts)


def _label(figure: Figure) -> str:
    return f"{figure.name}, {figure.connections} callers"


def _table(figures: Sequence[Figure]) -> str:
    heads = "".join(f"<th>{head}</th>" for head in ("work", "rate/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors"))
    rows = []
    for figure in figures:
        times = (figure.median(field) for field in (*PERCENTILES, "max_ms"))
        cells = [f"{figure.median('rate'):,.0f}", *(f"{each:,.1f}" for each in times), f"{sum(figure.errors.values())}"]
        rows.append(f"<tr><td>{escape(_label(figure))}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f"<table><tr>{heads}</tr>{''.join(rows)}</table>"


def _rates(figures: Sequence[Figure]) -> str:
    """A dark bar for what was reached, a light one for each limit, each figure on a scale of its own."""
    parts, y = [], 0.0
    for figure in figures:
        rate = figure.median("rate")
        bars = [(_label(figure), rate, INK, figure.unit)]
        bars += [(f"limit: {each.name} ({figure.ratio(each):.2f})", each.rate, SOFT, "") for each in figure.limits]
        most = max(value for _, value, _, _ in bars) or 1.0
        for name, value, ink, unit in bars:
            width = BAR_WIDTH * value / most
            parts.append(_text(BAR_LEFT - 8, y + 15, name, "end"))
            parts.append(f'<rect x="{BAR_LEFT}" y="{y + 3:.0f}" width="{width:.1f}" height="{ROW - 6}" fill="{ink}"/>')
            parts.append(_text(BAR_LEFT + width + 6, y + 15, f"{value:,.0f} {unit}"))
            y += ROW
        y += ROW / 2
    return _svg(y, parts)


def _latencies(figures: Sequence[Figure]) -> str:
    """From the median to the 99th percentile, a dot for each."""
    spans = [(_label(figure), [max(figure.median(field), 0.01) for field in PERCENTILES]) for figure in figures]
    low = math.floor(math.log10(min(values[0] for _, values in spans)))
    high = max(math.ceil(math.log10(max(values[-1] for _, values in spans))), low + 1)

    def x(value: float) -> float:
        return BAR_LEFT + BAR_WIDTH * (math.log10(value) - low) / (high - low)

    bottom = ROW * len(spans)
    parts = []
    for power in range(low, high + 1):
        at = x(10**power)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{bottom}" stroke="{LINE}"/>')
        parts.append(_text(at, bottom + 16, f"{10**power:g}", "middle"))
    for row, (name, values) in enumerate(spans):
        y = ROW * row + 11
        parts.append(_text(BAR_LEFT - 8, y + 4, name, "end"))
        ends = f'x1="{x(values[0]):.1f}" x2="{x(values[-1]):.1f}" y1="{y}" y2="{y}"'
        parts.append(f'<line {ends} stroke="{SOFT}" stroke-width="3"/>')
        parts += [f'<circle cx="{x(value):.1f}" cy="{y}" r="4" fill="{INK}"/>' for value in values]
    return _svg(bottom + 24, parts)


def _facts(figures: Sequence[Figure]) -> str:
    told = {name: value for figure in figures for name, value in figure.facts.items()}
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{value:,.2f}</td></tr>" for name, value in told.items())
    return f"<table>{rows}</table>" if rows else ""


def _curve(curve: Curve) -> str:
    most = max(curve.values, default=0.0) or 1.0
    seconds = max(len(curve.values) - 1, 1)
    width = WIDTH - PLOT_LEFT - 20
    points = " ".join(
        f"{PLOT_LEFT + width * n / seconds:.1f},{PLOT_HEIGHT - (PLOT_HEIGHT - 12) * value / most:.1f}"
        for n, value in enumerate(curve.values)
    )
    parts = [f'<line x1="{PLOT_LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}" stroke="{LINE}"/>' for y in (12, PLOT_HEIGHT)]
    parts += [_text(PLOT_LEFT - 6, 16, f"{most:,.0f}", "end"), _text(PLOT_LEFT - 6, PLOT_HEIGHT + 4, "0", "end")]
    parts += [_text(PLOT_LEFT, PLOT_HEIGHT + 18, "0 s")]
    parts += [_text(WIDTH - 20, PLOT_HEIGHT + 18, f"{seconds * curve.step_s:,.0f} s", "end")]
    parts.append(f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    return _svg(PLOT_HEIGHT + 24, parts)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, parts: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img">{"".join(parts)}</svg>'
