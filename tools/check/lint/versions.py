"""Checks that the server, the Helm chart, its kustomize base and every client state one version and one licence.

The version's source is server/base/version.h. Prints a line for each file that disagrees and exits with 1 if there is
one."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
LICENCE = "Apache-2.0"
SOURCE = ("server/base/version.h", r'kVersion = "([^"]+)"')

# Each file that states the version: a pattern whose group matches the version, in every place that it finds.
STATEMENTS = {
    "README.md": r"(?m)^Version (\S+)|docspace-apikeys-gateway:([\d.]+)",
    "docs/deployment.md": r"docspace-apikeys-gateway:([\d.]+)|docspace-apikeys-gateway_([\d.]+)-1_",
    "CHANGELOG.md": r"\A(?:.*\n)*?## \[(\d[^\]]*)\]",
    "deploy/helm/docspace-apikeys-gateway/Chart.yaml": r"(?m)^(?:version|appVersion): (\S+)$",
    "deploy/kustomize/base/deployment.yaml": r"app\.kubernetes\.io/version: (\S+)|image: docspace-apikeys-gateway:(\S+)",
    "deploy/kustomize/example/kustomization.yaml": r"newTag: (\S+)",
    "client/cli/command_line.h": r'kVersion = "([^"]+)"',
    "client/java/pom.xml": r"<artifactId>apikeys-parent</artifactId>\s*<version>([^<]+)<",
    "client/java/apikeys/pom.xml": r"<artifactId>apikeys-parent</artifactId>\s*<version>([^<]+)<",
    "client/java/example/pom.xml": r"<artifactId>apikeys-parent</artifactId>\s*<version>([^<]+)<",
    "client/kotlin/pom.xml": r"<artifactId>apikeys-parent</artifactId>\s*<version>([^<]+)<",
    "client/kotlin/example/pom.xml": r"<artifactId>apikeys-parent</artifactId>\s*<version>([^<]+)<",
    "client/python/pyproject.toml": r'(?m)^version = "([^"]+)"',
    "client/ruby/docspace-apikeys.gemspec": r'gem\.version = "([^"]+)"',
    "client/rust/Cargo.toml": r'\[package\]\nname = "docspace-apikeys"\nversion = "([^"]+)"',
    "client/rust/Cargo.lock": r'name = "docspace-apikeys"\nversion = "([^"]+)"',
    "client/typescript/package.json": r'"name": "@docspace/apikeys",\n  "version": "([^"]+)"',
    "client/typescript/package-lock.json": r'"name": "@docspace/apikeys",\n +"version": "([^"]+)"',
    "docs/clients/go.md": r"docspace\.dev/apikeys@v(\S+)",
    "docs/clients/java.md": r"dev\.docspace:apikeys:([\d.]+\d)",
    "docs/clients/kotlin.md": r"dev\.docspace:apikeys-kotlin:([\d.]+\d)",
    "docs/clients/ruby.md": r"docspace-apikeys-([\d.]+)\.gem",
    "docs/clients/typescript.md": r"docspace-apikeys-([\d.]+)\.tgz",
}

# Each manifest that states the licence by its SPDX identifier.
LICENCES = {
    "LICENSE": r"SPDX-License-Identifier: (\S+)",
    "deploy/Dockerfile": r'org\.opencontainers\.image\.licenses="([^"]+)"',
    "deploy/helm/docspace-apikeys-gateway/Chart.yaml": r"artifacthub\.io/license: (\S+)",
    "deploy/debian/copyright": r"(?m)^License: (\S+)",
    "client/java/pom.xml": r"<licenses>\s*<license>\s*<name>([^<]+)<",
    "client/python/pyproject.toml": r'(?m)^license = "([^"]+)"',
    "client/ruby/docspace-apikeys.gemspec": r'gem\.license = "([^"]+)"',
    "client/rust/Cargo.toml": r'(?m)^license = "([^"]+)"',
    "client/typescript/package.json": r'"license": "([^"]+)"',
}


def stated(text, pattern):
    """Returns each value that a group of `pattern` matches in `text`."""
    return [group for match in re.finditer(pattern, text) for group in match.groups() if group]


def problems(read, statements, expected, what):
    """Returns a line for each file of `statements` that states nothing, or another value than `expected`.

    `read` returns the text of a file."""
    found = []
    for path, pattern in statements.items():
        values = stated(read(path), pattern)
        if not values:
            found.append(f"{path} states no {what}")
        found += [f"{path} states the {what} {value}, not {expected}" for value in values if value != expected]
    return found


def main():
    def read(path):
        file = ROOT / path
        return file.read_text() if file.exists() else ""

    path, pattern = SOURCE
    versions = stated(read(path), pattern)
    if len(versions) != 1:
        sys.exit(f"{path} must state one version, not {len(versions)}")
    found = problems(read, STATEMENTS, versions[0], "version") + problems(read, LICENCES, LICENCE, "licence")
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
