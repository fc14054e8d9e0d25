"""Lints the Dockerfile and compose.yaml, and checks their properties. tools/check/image.sh builds and runs the image."""

import os
import pathlib
import platform
import re
import subprocess
import unittest

import yaml

import queries

DEPLOY = queries.ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
SERVICES = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


class Images(unittest.TestCase):
    def test_hadolint_finds_no_fault(self):
        ran = run("hadolint", "--failure-threshold=style", DEPLOY / "Dockerfile")
        self.assertEqual((ran.returncode, ran.stdout), (0, ""))

    def test_images_hold_only_what_is_copied_and_run_without_rights(self):
        stages = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)
        final = [stage for stage in stages if stage.startswith("FROM scratch")]
        self.assertEqual(len(final), 2)
        self.assertEqual(stages[-1], final[-1])
        for stage in final:
            self.assertIn("\nUSER 65532:65532\n", stage)
            self.assertNotIn("\nRUN ", stage)

    def test_image_unit_tests_and_benchmark_set_the_allocator_alike_and_glibc_knows_how(self):
        places = ("deploy/Dockerfile", "deploy/debian/docspace-apikeys-gateway.service", ".bazelrc", "bench/subjects.py")
        settings = {
            setting
            for place in places
            for setting in re.findall(r"GLIBC_TUNABLES(?:=|\": \")([^\"\n]*)", (queries.ROOT / place).read_text())
            or [f"none in {place}"]
        }
        self.assertEqual(len(settings), 1, settings)
        (tunables,) = settings
        # The loader ignores what it does not know, without a word.
        machine = platform.machine().replace("_", "-")
        (loader,) = pathlib.Path("/").glob(f"lib*/ld-linux-{machine}.so.*")
        ran = run(loader, "--list-tunables", env=os.environ | {"GLIBC_TUNABLES": tunables})
        for name, value in (tunable.split("=") for tunable in tunables.split(":")):
            self.assertRegex(ran.stdout, rf"(?m)^{re.escape(name)}: {int(value):#x} ")

    def tracked(self):
        listed = run("git", "-C", queries.ROOT, "ls-files")
        self.assertEqual(listed.returncode, 0, listed.stdout)
        return listed.stdout.splitlines()

    def test_what_the_images_are_built_from_is_in_the_context(self):
        allowed = [line[1:] for line in (queries.ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
        folders = {path.parts[0] for path in map(pathlib.Path, self.tracked()) if len(path.parts) > 1}
        self.assertEqual(folders - set(allowed), {".ci", "bench", "client", "deploy", "docs", "tests"})
        for program in re.findall(r"(deploy/\S+\.sh|tools/\S+\.sh)", DOCKERFILE):
            self.assertTrue(any(program == path or program.startswith(path + "/") for path in allowed), program)

    def test_services_are_hardened_pinned_and_on_loopback(self):
        for name, service in SERVICES.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertTrue("build" in service or re.search(r":v?\d+\.\d+\.\d+$", service["image"]))
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_mounted_files_are_there(self):
        for service in SERVICES.values():
            for volume in service.get("volumes", []):
                if volume.startswith("."):
                    self.assertTrue((DEPLOY / volume.split(":")[0]).is_file(), volume)

    def test_prometheus_takes_its_configuration(self):
        ran = run("promtool", "check", "config", "--syntax-only", DEPLOY / "compose/prometheus.yaml")
        self.assertEqual(ran.returncode, 0, ran.stdout)


if __name__ == "__main__":
    unittest.main()
