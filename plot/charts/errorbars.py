"""Values with how far they may be off."""

from panel import Panel

from charts.chart import FRAME, ROWS, Chart, Keys
from charts.labels import write_values


def draw(panel: Panel) -> Keys:
    """Draw each value with a bar of its error, either way, and a line through the values."""
    keys = []
    for one, look, axes, name in panel.series():
        bars = axes.errorbar(
            one.x,
            one.y,
            yerr=None if one.error is None else abs(one.error),
            color=look.color,
            linestyle=look.dash if panel.data.x_type != "category" else "none",
            marker=look.shape,
            markersize=0.4 * panel.size,
            elinewidth=1,
            capsize=3,
        )
        for artist in bars.get_children():
            artist.set_rasterized(panel.is_dense(4 * len(one.y)))
        keys.append((bars, name))
    write_values(panel)
    return keys


ERRORBAR = Chart(
    name="an errorbar chart",
    draw=draw,
    takes=FRAME | ROWS | {"error"},
    merges=False,
    ascends=True,
    most=20_000,
)
