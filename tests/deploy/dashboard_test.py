"""Checks that the dashboard is generated from its source, and uses metrics that exist."""

import json
import subprocess
import sys
import tempfile
import unittest

import yaml

import queries

DASHBOARD = queries.CHART / "files/dashboard.json"
SOURCE = queries.ROOT / "deploy/grafana/dashboard.py"


def expressions():
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


class Dashboard(unittest.TestCase):
    def test_it_is_what_its_source_says(self):
        made = subprocess.run([sys.executable, SOURCE], check=True, capture_output=True, text=True).stdout
        self.assertEqual(DASHBOARD.read_text(), made, "stale: run tools/check/deploy.sh render")

    def test_expressions_ask_for_what_there_is(self):
        for title, expression in expressions():
            with self.subTest(title):
                self.assertEqual(queries.problems(expression, queries.offered(), queries.reasons()), [])

    def test_prometheus_understands_each_expression(self):
        rules = [{"record": f"panel:{i}", "expr": expression} for i, (_, expression) in enumerate(expressions())]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}, file)
            ran = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_it_shows_every_metric(self):
        shown = " ".join(expression for _, expression in expressions())
        hidden = [name for name in queries.offered() if name not in shown and not name.endswith(("_sum", "_count"))]
        self.assertEqual(hidden, [])

    def test_variables_ask_for_labels_that_there_are(self):
        for variable in json.loads(DASHBOARD.read_text())["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = variable["definition"].removeprefix("label_values(").removesuffix(")").split(", ")
                with self.subTest(variable["name"]):
                    self.assertIn(label, queries.offered()[metric])

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            at = panel["gridPos"]
            cells = {(at["x"] + i, at["y"] + j) for i in range(at["w"]) for j in range(at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])


if __name__ == "__main__":
    unittest.main()
