"""The kinds of charts. A new one is a module here and a line in the table."""

from charts import bars, boxes, heatmaps, histograms, lines, pies, scatters
from charts.chart import Chart

KINDS: dict[str, Chart] = {
    "line": lines.LINE,
    "area": lines.AREA,
    "bar": bars.BAR,
    "scatter": scatters.SCATTER,
    "histogram": histograms.HISTOGRAM,
    "box": boxes.BOX,
    "violin": boxes.VIOLIN,
    "pie": pies.PIE,
    "donut": pies.DONUT,
    "heatmap": heatmaps.HEATMAP,
    "step": lines.STEP,
    "errorbar": lines.ERRORBAR,
    "sparkline": lines.SPARKLINE,
}
