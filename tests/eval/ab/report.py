# SPDX-License-Identifier: GPL-2.0-or-later
"""The report: one HTML file that needs nothing else, pictures as SVG, numbers as JSON and
samples as CSV."""

import gzip
import html
import json
import os

from lab import units

from . import charts, summary

STYLE = """
body{font:16px/1.55 system-ui,sans-serif;color:#1f2933;background:#f5f6f8;margin:0}
main{max-width:1100px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:2rem;margin:0 0 .3rem}h2{margin:2.6rem 0 .7rem}p{max-width:52rem}
.lead{color:#64707d;margin:0 0 1.6rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:1rem}
.card{background:#fff;border-radius:14px;padding:1.1rem 1.3rem;box-shadow:0 1px 3px #0002}
.card h3{margin:0;font-size:.9rem;font-weight:500;color:#64707d}
.card p{margin:.3rem 0 0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.card b{color:#1769aa}.card s{text-decoration:none;color:#d1495b}
figure{margin:1rem 0;background:#fff;border-radius:14px;padding:1rem;box-shadow:0 1px 3px #0002}
figure svg{width:100%;height:auto;display:block}
.scroll{overflow-x:auto;background:#fff;border-radius:14px;box-shadow:0 1px 3px #0002;padding:.4rem 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.93rem}
th,td{padding:.4rem .6rem;text-align:right;border-bottom:1px solid #e3e7ec;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{color:#64707d;font-weight:600;vertical-align:bottom}
tr:last-child td{border:0}.good{color:#1769aa;font-weight:600}.bad{color:#d1495b;font-weight:600}
small{color:#64707d}pre{background:#fff;border-radius:14px;padding:1rem;overflow-x:auto;font-size:.8rem}
"""


def with_interval(entry, digits):
    half = entry["ci95"]
    return f"{entry['mean']:.{digits}f}" + (f" <small>± {half:.{digits}f}</small>"
                                            if half is not None else "")


def table(head, rows):
    cells = "".join(f"<th>{each}</th>" for each in head)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return (f'<div class="scroll"><table><thead><tr>{cells}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")


def metrics_table(result, treatments, direction):
    others = [t for t in treatments if t != "p2s"]
    head = ["", *(charts.NAMES[t] for t in treatments),
            *(f"P2S less {charts.NAMES[t]}" for t in others)]
    rows = []
    for key, (title, unit, digits, less) in summary.METRICS.items():
        row = [f"{title} <small>{unit}</small>"]
        row += [with_interval(result["means"][f"{t} {direction}"][key], digits) for t in treatments]
        for other in others:
            entry = result["differences"][f"p2s - {other} {direction}"][key]
            sure = entry["ci95"] is not None and abs(entry["mean"]) > entry["ci95"]
            kind = ("good" if (entry["mean"] < 0) == less else "bad") \
                if sure and less is not None else ""
            row.append(f'<span class="{kind}">{with_interval(entry, digits)}</span>')
        rows.append(row)
    return table(head, rows)


def witness_table(result, treatments):
    rows = []
    for at, accounts in result["witnesses"].items():
        treatment, direction = at.rsplit(" ", 1)
        for key, (title, digits) in summary.ACCOUNTS.items():
            entry = accounts[key]
            row = [f"{charts.DIRECTIONS[direction]}, {charts.NAMES[treatment]}: {title}"]
            row += [f"{entry[w]:.{digits}f}" if w in entry else "–" for w in summary.WITNESSES]
            row += [f"{entry[f'{w}_agrees']} of {entry[f'{w}_of']}" if f"{w}_of" in entry else "–"
                    for w in ("getStats", "p2sd")]
            rows.append(row)
    return table(["", "browser (getStats)", "tshark", "p2sd", "browser agrees with tshark",
                  "p2sd agrees with tshark"], rows)


def card(title, result, key, direction, digits, unit):
    without, with_p2s = (result["means"][f"{t} {direction}"][key]["mean"] for t in ("none", "p2s"))
    return (f'<div class="card"><h3>{title}</h3><p><s>{without:.{digits}f}</s> → '
            f"<b>{with_p2s:.{digits}f}</b> {unit}</p></div>")


def cards(result):
    if "none up" not in result["means"]:
        return ""
    made = [card(f"{title}, {charts.DIRECTIONS[d]}", result, key, d, digits, unit)
            for title, key, digits, unit in (
                ("Jitter, mean", "jitter_mean_ms", 2, "ms"), ("Delay, p99", "delay_p99_ms", 1, "ms"),
                ("Packets lost", "loss_percent", 2, "%"), ("MOS", "mos", 2, ""))
            for d in charts.DIRECTIONS]
    return f'<div class="cards">{"".join(made)}</div>'


def where(plan):
    """On which kernel, with which leaves, in words."""
    if plan["settings"]["case"] == "router":
        return (f"P2S on the router between both, a VM with Linux {plan['kernel']}; browsers and "
                f"iperf3 outside it, on Linux {plan['machine']['kernel']}")
    return f"P2S on the caller's own link, Linux {plan['kernel']}"


def leaf(result):
    """The leaf queues under P2S, as p2sd says."""
    links = result["links"].get("p2s") or {}
    return ", ".join(sorted({str(link.get("Aqm")) for link in links.values() if link.get("Aqm")})) \
        or "not known"


def settings_rows(result):
    plan = result["plan"]
    settings, machine = plan["settings"], plan["machine"]
    up, down = settings["line"]
    at = settings["at"]
    rows = [
        ("Where", where(plan)), ("Leaf queues under P2S", leaf(result)), ("Date", plan["date"]),
        ("Command", f"<code>{html.escape(plan['command'])}</code>, seed {plan['seed']}"),
        ("Line", f"{units.format_rate(up)} up, {units.format_rate(down)} down, {settings['buffer']:g} ms "
         f"of plain FIFO, round trip of {plan['rtt_ms']} ms more than the machine's own"),
        ("Shapers set to", "/".join(units.format_rate(bps) for bps in at) if at else
         "5 % below the line"),
        ("Load", f"iperf3, {settings['load']}; {settings['flows']} streams each way: TCP of up to "
         f"1 Gbit/s each, {settings['congestion']}, or UDP of twice the line's rate in all"),
        ("Call", f"WebRTC, Opus, Chromium {machine['chromium']}, speech, IPv{settings['ip']}"),
        ("Tests", f"{result['tests']}; {settings['duration']} s measured a run, after "
         f"{settings['settle']} s with the call and the load"),
        ("Machine", f"{machine['processor']}, {machine['memory']}; CPUs "
         f"{result['busy_percent']:.0f} % busy while it was measured"),
        ("Versions", ", ".join(f"{k} {machine[k]}" for k in ("p2s", "iperf3", "tshark", "node", "qemu"))),
    ]
    for treatment, links in result["links"].items():
        for name, link in (links or {}).items() if treatment == "p2s" else ():
            facts = ", ".join(f"{k} {v}" for k, v in sorted(link.items()))
            rows.append((f"p2sd's link {name}", f"<small>{html.escape(facts)}</small>"))
    return rows


NOTES = """
<p>Jitter is RFC 3550's (A.8) by the RTP timestamps, so it holds what the browser itself is off
its beat; what the path adds is the same arithmetic on the packets' delays. Delay is from the
sender's link to the receiver's, both captured on one clock. Where a difference has a colour,
its 95 % confidence interval (Student's t over the pairs of tests) leaves out zero.</p>"""
WITNESS_NOTES = """
<p>Three accounts of the same packets over the same time: the receiving browser's getStats(),
tshark on the receiver's capture, and a p2sd that monitors the receiver's link. They agree
where jitter is within 1 ms or 10 %, loss within 0.1 point and bitrate within 2 %. The browser
stamps a packet when its own thread has taken it from the socket, the other two where it
arrives from the link, and it rounds jitter to whole milliseconds: what it reads more is its
own machine's doing.</p>"""


def page(result, pictures):
    plan = result["plan"]
    treatments = plan["settings"]["treatments"]
    parts = [f"<h1>A call on a full line</h1><p class=lead>{html.escape(where(plan))}. "
             f"{result['tests']} test{'s' * (result['tests'] > 1)} of {plan['settings']['duration']} s a run, "
             f"{plan['date']}.</p>",
             cards(result)]
    parts += [f"<figure>{pictures[name]}</figure>" for name in ("jitter", "bitrate")]
    for direction, words in charts.DIRECTIONS.items():
        parts.append(f"<h2>The call, {words}</h2>" + metrics_table(result, treatments, direction))
    parts.append(NOTES)
    parts += [f"<figure>{pictures[name]}</figure>"
              for name in ("distributions", "delay", "tests", "general")]
    parts.append("<h2>Three witnesses</h2>" + witness_table(result, treatments) + WITNESS_NOTES)
    parts.append("<h2>How it was got</h2>" + table(("", ""), settings_rows(result))
                 .replace("<td>", '<td style="text-align:left;white-space:normal">'))
    parts += [f"<details><summary>Queues: {charts.NAMES[t]}</summary><pre>{html.escape(text)}</pre></details>"
              for t, text in result["qdiscs"].items() if text]
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width, initial-scale=1"><title>A call on a full line: P2S evaluated'
            f"</title><style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n")


def save(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def save_samples(path, tests):
    """Every packet that arrived, a row each."""
    with gzip.open(path, "wt", encoding="ascii") as f:
        f.write("test,treatment,direction,arrival_s,jitter_ms,delay_ms\n")
        for number, test in enumerate(tests, 1):
            for treatment, result in test.items():
                for direction, one in result["directions"].items():
                    f.writelines(f"{number},{treatment},{direction},{t},{j},{d}\n"
                                 for t, j, d in one["packets"])


def make(book):
    """(numbers, {name: SVG}) of the tests that are whole."""
    tests = book.tests()
    result = summary.summarise(book.plan, tests)
    return result, charts.draw(tests, book.plan["settings"]["treatments"]), tests


def write(book):
    """All of it, beside the runs; returns the HTML's path."""
    result, pictures, tests = make(book)
    for name, picture in pictures.items():
        save(os.path.join(book.directory, f"{name}.svg"), picture)
    save(os.path.join(book.directory, "summary.json"), json.dumps(result, indent=1) + "\n")
    save_samples(os.path.join(book.directory, "samples.csv.gz"), tests)
    path = os.path.join(book.directory, "report.html")
    save(path, page(result, pictures))
    return path


def rounded(value):
    """Numbers as a reader needs them."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value


def publish(book, directory):
    """What belongs into a repository: pictures and numbers, no samples."""
    os.makedirs(directory, exist_ok=True)
    result, pictures, _ = make(book)
    for name, picture in pictures.items():
        save(os.path.join(directory, f"{name}.svg"), picture)
    save(os.path.join(directory, "summary.json"), json.dumps(rounded(result), indent=1) + "\n")
