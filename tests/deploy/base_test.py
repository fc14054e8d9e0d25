"""Checks that the kustomize base is that of the Helm chart, and builds valid objects."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml

import chart_test
import queries

KUSTOMIZE = queries.ROOT / "deploy/kustomize"


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def build(folder):
    ran = subprocess.run(["kustomize", "build", folder], capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr)
    return ran.stdout


class Base(unittest.TestCase):
    def test_it_is_what_the_chart_says(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, KUSTOMIZE / "base.py", folder], check=True)
            made = contents(pathlib.Path(folder))
        self.assertEqual(contents(KUSTOMIZE / "base"), made, "stale: run tools/check/deploy.sh render")

    def test_it_and_an_overlay_build_into_valid_objects(self):
        for folder in ("base", "example"):
            for version in chart_test.KUBERNETES:
                ran = chart_test.kubeconform(version, build(KUSTOMIZE / folder))
                self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_pods_use_the_settings_of_the_overlay(self):
        made = chart_test.objects(build(KUSTOMIZE / "example"))
        (config,) = chart_test.of_kind(made, "ConfigMap")
        (deployment,) = chart_test.of_kind(made, "Deployment")
        mounted = {v["configMap"]["name"] for v in deployment["spec"]["template"]["spec"]["volumes"]}
        self.assertEqual(mounted, {config["metadata"]["name"]})
        self.assertEqual(config["data"]["config.yaml"], (KUSTOMIZE / "example/config.yaml").read_text())
        self.assertEqual({o["metadata"].get("namespace") for o in made.values()}, {"api-keys"})

    def test_settings_of_the_overlay_are_those_of_the_base(self):
        base, example = (yaml.safe_load((KUSTOMIZE / f / "config.yaml").read_text()) for f in ("base", "example"))
        self.assertEqual(example | {"docspace-url": base["docspace-url"]}, base)


if __name__ == "__main__":
    unittest.main()
