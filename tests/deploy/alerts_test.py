"""Checks that promtool's unit tests raise each alert, that each is documented, and that they use metrics that exist."""

import re
import subprocess
import unittest

import yaml

import queries

RULES = queries.CHART / "files/rules.yaml"
# The address in the file; the chart replaces its beginning.
RUNBOOKS = "https://docspace.dev/apikeys/docs/operations.md"
UNIT_TESTS = queries.ROOT / "tests/deploy/alerts_test.yaml"


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


class Alerts(unittest.TestCase):
    def promtool(self, *arguments):
        ran = subprocess.run(["promtool", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout)

    def test_rules_are_rules(self):
        self.promtool("check", "rules", "--lint-fatal", RULES)

    def test_each_alert_is_raised_when_it_should_be(self):
        self.promtool("test", "rules", UNIT_TESTS)
        raised, quiet = set(), set()
        for group in yaml.safe_load(UNIT_TESTS.read_text())["tests"]:
            for case in group["alert_rule_test"]:
                (raised if case["exp_alerts"] else quiet).add(case["alertname"])
        self.assertEqual(raised, set(ALERTS))
        self.assertEqual(quiet, set(ALERTS))

    def test_expressions_ask_for_what_there_is(self):
        series = queries.offered()
        recorded = {rule["record"]: queries.TARGET_LABELS | {"portal"} for rule in rules() if "record" in rule}
        for rule in rules():
            with self.subTest(rule.get("alert", rule.get("record"))):
                self.assertEqual(queries.problems(rule["expr"], series | recorded, queries.reasons()), [])

    def test_each_alert_is_documented_where_it_points(self):
        manual = (queries.ROOT / "docs/operations.md").read_text()
        headings = re.findall(r"^### (DocSpace\w+)$", manual, re.MULTILINE)
        self.assertEqual(headings, list(ALERTS))
        for name, rule in ALERTS.items():
            with self.subTest(name):
                self.assertEqual(rule["annotations"]["runbook_url"], f"{RUNBOOKS}#{name.lower()}")
                self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))

    def test_a_metric_that_is_not_there_is_found(self):
        series = queries.offered()
        for wrong, problem in {
            "rate(docspace_nothing_total[5m])": "no metric is called docspace_nothing_total",
            'docspace_gateway_ready{portal="a"}': "docspace_gateway_ready has no label portal",
            "sum by (cause) (docspace_gateway_ready)": "nothing that is asked for has a label cause",
            'grpc_server_handled_total{reason="BAD_LUCK"}': "not every reason of BAD_LUCK is in docs/errors.md",
            "1 + 1": "it asks for no metric",
        }.items():
            with self.subTest(wrong):
                self.assertEqual(queries.problems(wrong, series, queries.reasons()), [problem])


if __name__ == "__main__":
    unittest.main()
