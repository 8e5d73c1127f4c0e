"""The pictures of `docs/performance.md`, drawn by Matplotlib."""

import statistics
import sys

from engine import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import tool  # noqa: E402

MATPLOTLIB = "3.10.8"
IMAGES = ROOT / "docs" / "img"
# So that the same numbers make the same file; `hashsalt` below is for that too.
UNDATED = {"Date": None}
COLOURS = {"p50": "#3b6ea5", "processor": "#e08e45"}


def candidates(results):
    """How long one read takes each candidate, and how much processor, with the rounds' spread."""
    pyplot = matplotlib()
    names = [name for name in results.names if f"{name}, GET one: cpu" in results.rounds]
    figure, axes = pyplot.subplots(figsize=(7, 2.6), layout="constrained")
    for shift, (label, member) in enumerate((("p50", "seconds"), ("processor", "cpu"))):
        rounds = [[1e3 * x for x in results.rounds[f"{name}, GET one: {member}"]] for name in names]
        middles = [statistics.median(values) for values in rounds]
        low = [middle - min(values) for middle, values in zip(middles, rounds)]
        high = [max(values) - middle for middle, values in zip(middles, rounds)]
        places = [place + 0.38 * shift for place in range(len(names))]
        axes.barh(places, middles, 0.36, xerr=[low, high], label=label, color=COLOURS[label])
    axes.set_yticks([place + 0.19 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_xlabel("GET one task, milliseconds")
    axes.legend()
    figure.savefig(IMAGES / "bench.svg", metadata=UNDATED)


def scale(scale):
    """Time and units of each operation against the number of stored tasks."""
    pyplot = matplotlib()
    figure, (times, costs) = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    for operation in next(iter(scale.values())):
        stored = list(scale)
        found = [scale[number][operation] for number in stored]
        times.plot(stored, [seconds * 1e3 for seconds, _ in found], marker="o", label=operation)
        costs.plot(stored, [max(units) for _, units in found], marker="o", label=operation)
    for axes, label in ((times, "p50, milliseconds"), (costs, "capacity units per request")):
        axes.loglog()
        axes.set_xlabel("tasks stored")
        axes.set_ylabel(label)
    figure.legend(*times.get_legend_handles_labels(), loc="outside upper center", ncols=5)
    figure.savefig(IMAGES / "bench-scale.svg", metadata=UNDATED)


def matplotlib():
    python = "py{}.{}".format(*sys.version_info)
    packages = tool.installed(f"matplotlib-{MATPLOTLIB}-{python}", [f"matplotlib=={MATPLOTLIB}"])
    sys.path.insert(0, str(packages))
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "todo-api", "svg.fonttype": "none"})
    from matplotlib import pyplot

    return pyplot
