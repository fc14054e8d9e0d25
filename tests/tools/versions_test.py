"""Checks that the check of versions and licences works; tools/check/lint.sh versions runs it and this test."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/check/lint"))

import versions


class Versions(unittest.TestCase):
    def problems(self, path, text, expected="0.1.0"):
        return versions.problems(lambda _: text, {path: versions.STATEMENTS[path]}, expected, "version")

    def test_the_same_version_is_no_problem(self):
        self.assertEqual(self.problems("client/rust/Cargo.toml", '[package]\nname = "docspace-apikeys"\nversion = "0.1.0"\n'), [])

    def test_another_version_is_named(self):
        self.assertEqual(
            self.problems("client/python/pyproject.toml", 'version = "1.0.0"\n'),
            ["client/python/pyproject.toml states the version 1.0.0, not 0.1.0"],
        )

    def test_each_statement_of_a_file_counts(self):
        chart = "deploy/helm/docspace-apikeys-gateway/Chart.yaml"
        self.assertEqual(
            self.problems(chart, "version: 0.1.0\nappVersion: 0.2.0\n"), [f"{chart} states the version 0.2.0, not 0.1.0"]
        )

    def test_the_newest_release_of_the_changelog_counts(self):
        text = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2027-01-01\n\n## [0.1.0] - 2026-11-28\n"
        self.assertEqual(self.problems("CHANGELOG.md", text, "0.2.0"), [])
        self.assertEqual(self.problems("CHANGELOG.md", text), ["CHANGELOG.md states the version 0.2.0, not 0.1.0"])

    def test_a_file_that_states_none_is_a_problem(self):
        for path in versions.STATEMENTS:
            with self.subTest(path):
                self.assertEqual(self.problems(path, ""), [f"{path} states no version"])


if __name__ == "__main__":
    unittest.main()
