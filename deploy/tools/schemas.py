"""Writes JSON Schemas for kubeconform, which refuse unknown fields: of Kubernetes' own kinds, and of what the chart
makes beside them.

schemas.py FOLDER < folders of Go modules that hold CustomResourceDefinitions
"""

import importlib.util
import json
import pathlib
import sys

import yaml

CUSTOM = {
    "monitoring.coreos.com_prometheusrules.yaml": "example/prometheus-operator-crd",
    "monitoring.coreos.com_servicemonitors.yaml": "example/prometheus-operator-crd",
    "cert-manager.io_certificates.yaml": "deploy/crds",
    "gateway.networking.k8s.io_backendtlspolicies.yaml": "config/crd/standard",
    "gateway.networking.k8s.io_grpcroutes.yaml": "config/crd/standard",
}
# The oldest version that the chart supports, and the newest.
KUBERNETES = ("v1.27.0", "v1.37.0")


def strict(schema):
    """Makes a schema refuse unknown fields, as the API server does with strict field validation."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
    return result


def custom_kinds(modules):
    for name, folder in CUSTOM.items():
        (path,) = [module / folder / name for module in modules if (module / folder / name).exists()]
        definition = next(document for document in yaml.safe_load_all(path.read_text()) if document)["spec"]
        for version in definition["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            group = definition["group"].split(".")[0]
            yield f"{definition['names']['kind'].lower()}-{group}-{version['name']}.json", json.dumps(schema)


def own_kinds(version):
    # Only the package's data is used, because its code needs other packages.
    package = pathlib.Path(importlib.util.find_spec("kubernetes_validate").origin).parent
    folder = package / f"kubernetes-json-schema/{version}-local-strict"
    for path in folder.iterdir():
        # Only the package's own reader finds these names; without them a reference leads to a file of the same folder.
        schema = json.loads(path.read_text().replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        yield path.name, json.dumps(schema)


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        (folder / name).write_text(text)


def main():
    target = pathlib.Path(sys.argv[1])
    modules = [pathlib.Path(line) for line in sys.stdin.read().split()]
    for version in KUBERNETES:
        write(target / version, [*own_kinds(version), *custom_kinds(modules)])


if __name__ == "__main__":
    main()
