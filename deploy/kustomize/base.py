"""Generates the kustomize base from the Helm chart: base.py FOLDER. tools/check/deploy.sh render runs it."""

import pathlib
import subprocess
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parents[1] / "helm/docspace-apikeys-gateway"
NAME = "docspace-apikeys-gateway"
HEADER = "# Generated from the Helm chart by tools/check/deploy.sh render: change it there, or in an overlay.\n"


def rendered():
    ran = subprocess.run(
        ["helm", "template", NAME, CHART, "--set=config.docspace-url=https://docs.example.com"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [o for o in yaml.safe_load_all(ran.stdout) if o]


def without_helm(made):
    """Removes what overlays and kustomize set: the namespace, and the annotation that restarts pods when the ConfigMap
    changes, because kustomize names the ConfigMap by its content."""
    del made["metadata"]["namespace"]
    for label in ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/instance"):
        del made["metadata"]["labels"][label]
    if made["kind"] == "Deployment":
        del made["spec"]["template"]["metadata"]["annotations"]
    return made


def files():
    resources = []
    for made in sorted(rendered(), key=lambda o: (o["kind"], o["metadata"]["name"])):
        if made["kind"] == "ConfigMap":
            yield "config.yaml", made["data"]["config.yaml"]
            continue
        suffix = made["metadata"]["name"].removeprefix(NAME)
        resources.append(f"{made['kind'].lower()}{suffix}.yaml")
        yield resources[-1], yaml.safe_dump(without_helm(made), sort_keys=False, width=120)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
        "configMapGenerator": [{"name": NAME, "files": ["config.yaml"]}],
    }
    yield "kustomization.yaml", yaml.safe_dump(kustomization, sort_keys=False)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for name, text in files():
        (folder / name).write_text(HEADER + text)


if __name__ == "__main__":
    main()
