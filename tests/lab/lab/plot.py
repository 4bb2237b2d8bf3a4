# SPDX-License-Identifier: GPL-2.0-or-later
"""The plot: jitter and bitrate over one run, before and after SetMode."""

import os

# Okabe and Ito's colours, apart for every kind of colour vision; the line's style and
# width say the same again.
STYLES = {"up": dict(color="#D55E00", linestyle="-", label="uplink"),
          "down": dict(color="#0072B2", linestyle=(0, (4, 1.5)), label="downlink")}


def draw(scratch, paths, title, series, begin_ns, switch_ns, end_ns):
    """Writes the same picture to each path (.svg, .png).

    scratch: a directory for matplotlib's cache.
    series: "jitter_ms", "call_bps" and "bulk_bps", each {"up": [(ns, value)], "down": …}.
    """
    # what it caches goes with the run
    os.environ["MPLCONFIGDIR"] = scratch
    import matplotlib  # slow to import, and needed at the end alone
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    matplotlib.rcParams.update({"font.size": 10, "axes.spines.top": False,
                                "axes.spines.right": False, "svg.hashsalt": "p2s"})
    figure, axes = pyplot.subplots(3, 1, sharex=True, figsize=(9, 7),
                                   gridspec_kw={"height_ratios": [3, 1.3, 2]})
    panels = (("jitter_ms", "Jitter\nms, RFC 3550", 1), ("call_bps", "Call\nkbit/s", 1e-3),
              ("bulk_bps", "Bulk traffic\nMbit/s", 1e-6))
    switch = (switch_ns - begin_ns) / 1e9
    end = (end_ns - begin_ns) / 1e9
    for ax, (key, label, factor) in zip(axes, panels):
        for direction, style in STYLES.items():
            points = [((t - begin_ns) / 1e9, v * factor) for t, v in series[key][direction]
                      if begin_ns <= t <= end_ns]
            if points:
                ax.plot(*zip(*points), linewidth=1.6, **style)
        ax.axvspan(switch, end, color="#009E73", alpha=0.08, linewidth=0)
        ax.axvline(switch, color="#333333", linewidth=1)
        ax.set_ylabel(label)
        ax.grid(axis="y", which="major", color="#dddddd", linewidth=0.7)
        ax.set_axisbelow(True)
    jitter, call, bulk = axes
    # decades apart; room above for the label, and none for the first packets' zeros
    values = [v for points in series["jitter_ms"].values() for t, v in points
              if begin_ns <= t <= end_ns] or [1]
    jitter.set_yscale("log")
    jitter.set_ylim(min(0.2, max(0.01, min(values))), max(20, max(values) * 2))
    jitter.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    jitter.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    jitter.yaxis.set_minor_locator(NullLocator())
    call.set_ylim(bottom=0)
    bulk.set_ylim(bottom=0)
    bulk.set_xlim(0, end)
    bulk.set_xlabel("Time, s")
    for x, text in ((switch / 2, "without P2S"), ((switch + end) / 2, "with P2S")):
        jitter.annotate(text, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 6),
                        textcoords="offset points", ha="center", weight="bold")
    jitter.annotate("SetMode(\"shape\")", (switch, 1.0), xycoords=("data", "axes fraction"),
                    xytext=(5, -12), textcoords="offset points", fontsize=9, family="monospace")
    figure.legend(*jitter.get_legend_handles_labels(), loc="upper right", frameon=False, ncol=2,
                  bbox_to_anchor=(0.99, 0.955), fontsize=9)
    figure.suptitle(title, fontsize=11, x=0.02, ha="left")
    figure.align_ylabels(axes)
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    for path in paths:
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.endswith(".svg") else None)
    pyplot.close(figure)
