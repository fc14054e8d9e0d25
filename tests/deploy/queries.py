"""Compares the metrics and labels of a PromQL expression with deploy/metrics.txt."""

import pathlib
import re

import promql_parser

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/docspace-apikeys-gateway"

# The labels that Prometheus or the operator adds to each series.
TARGET_LABELS = {"namespace", "job", "instance", "pod"}
SUFFIXES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}


def offered():
    """Returns the labels of each series of the gateway, by its name."""
    series = {}
    for line in (ROOT / "deploy/metrics.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, kind, *labels = line.split()
        for suffix in SUFFIXES[kind]:
            series[name + suffix] = TARGET_LABELS.union(labels, ["le"] if suffix == "_bucket" else [])
    return series


def reasons():
    """Returns the reasons that docs/errors.md lists."""
    rows = re.findall(r"^\| `[A-Z_`, ]+ \|([^|]*)\|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    return set(re.findall(r"`([A-Z_]+)`", "".join(rows)))


def problems(expression, series, allowed_reasons):
    """Returns a text for each metric, label and reason of the expression that does not exist."""
    found = []
    names, labels_of_names = set(), set()

    def visit(node):
        if not isinstance(node, promql_parser.VectorSelector):
            return
        names.add(node.name)
        if node.name not in series:
            found.append(f"no metric is called {node.name}")
            return
        labels_of_names.update(series[node.name])
        for matcher in node.matchers.matchers:
            if matcher.name not in series[node.name]:
                found.append(f"{node.name} has no label {matcher.name}")
            if matcher.name == "reason" and set(matcher.value.split("|")) - allowed_reasons:
                found.append(f"not every reason of {matcher.value} is in docs/errors.md")

    def visit_labels(node):
        labels = []
        modifier = getattr(node, "modifier", None)
        if modifier is not None:
            matching = getattr(modifier, "matching", None)
            labels = modifier.labels if hasattr(modifier, "labels") else matching.labels if matching else []
        unknown = [label for label in labels if label not in labels_of_names]
        found.extend(f"nothing that is asked for has a label {label}" for label in unknown)

    tree = promql_parser.parse(expression)
    promql_parser.walk(tree, pre_visit=visit, post_visit=visit_labels)
    if not names:
        found.append("it asks for no metric")
    return found
