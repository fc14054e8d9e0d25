"""The Helm chart: every combination of its larger switches is rendered, valid, well advised and of one piece, and what
makes no sense is refused."""

import itertools
import json
import os
import re
import subprocess
import tempfile
import unittest

import yaml

import queries

CHART = queries.CHART
SETTINGS = (queries.ROOT / "docs/configuration.md").read_text()
SCHEMAS = queries.ROOT / ".run/deploy/schemas/{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json"
KUBERNETES = sorted(path.name.removeprefix("v") for path in SCHEMAS.parents[1].iterdir())
KNOWS_SETTINGS = all(f"`--{setting}`" in SETTINGS for setting in ("config-file", "admin-listen", "trace-endpoint"))

PORTAL = {"config": {"docspace-url": "https://docs.example.com"}}
PORTALS = {
    "config": {
        "portals": {
            "marketing": "https://marketing.example.com",
            "sales": {"url": "https://10.0.0.7", "host": "sales.example.com", "server-name": "sales.example.com"},
        },
        "portal-min-tls": "1.3",
        "admin-hosts": ["gateway.apps.svc"],
        "max-reads-per-credential": 50,
        "max-writes-per-credential": 15,
        "adaptive-limit": "on",
        "require-permissions": "on",
        "max-buffered-bytes": 536870912,
        "trace-endpoint": "http://collector:4317",
        "trace-sample-ratio": 0.05,
        "trace-rate-limit": 50,
        "log-peers": "off",
        "drain-delay": "1m",
        "drain-grace": "90s",
    },
    "resources": {"limits": {"memory": "1536Mi"}},
    "networkPolicy": {"traceCollector": [{"podSelector": {"matchLabels": {"app": "collector"}}}]},
}
CERTIFICATE = {"enabled": True, "certificate": {"enabled": True, "issuerRef": {"name": "authority"}}}
# A combination has one value of each line.
SWITCHES = [
    [PORTAL, PORTALS],
    [
        {},
        {"tls": {"enabled": True, "secretName": "gateway"}, "bindAddress": "[::]"},
        {
            "tls": CERTIFICATE | {"clientCa": {"secretName": "callers"}},
            "config": {
                "caller-tls-client-auth": "optional",
                "caller-tls-names": ["gateway.apps.svc", "10.0.0.1"],
                "allowed-callers": ["spiffe://cluster.local/ns/apps/sa/reports"],
            },
            "portalTls": {"ca": {"secretName": "authority"}, "certificateSecretName": "gateway-to-portal"},
            "traceTls": {"ca": {"secretName": "authority"}},
        },
    ],
    [{}, {"autoscaling": {"enabled": True}}, {"autoscaling": {"enabled": True, "targetCallsInFlight": 200}}],
    [{}, {"networkPolicy": {"enabled": False}}],
    [
        {"podDisruptionBudget": {"enabled": False}, "serviceAccount": {"create": False}},
        {
            "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
            "prometheusRule": {"enabled": True, "runbookBase": "https://git.example.com/gateway/"},
            "dashboard": {"enabled": True},
            "grpcRoute": {"enabled": True, "parentRefs": [{"name": "edge"}], "hostnames": ["keys.example.com"]},
            "image": {"digest": "sha256:" + "0" * 64},
            "podLabels": {"team": "platform"},
            "podAnnotations": {"example.com/note": "yes"},
            "nodeSelector": {"kubernetes.io/arch": "amd64"},
            "tolerations": [{"key": "dedicated", "operator": "Exists"}],
            "priorityClassName": "important",
            "fullnameOverride": "keys",
        },
    ],
]
# The advice of kube-score that the chart does not follow, with the reason.
UNSUITABLE = {
    "container-image-pull-policy": "a tag is not moved, and a digest cannot be",
    "container-ephemeral-storage-request-and-limit": "nothing is written",
    "container-resources": "a limit on CPU only adds latency; the one on memory is held by the schema",
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints do it",
    "pod-networkpolicy": "of combinations without a NetworkPolicy",
    "deployment-has-poddisruptionbudget": "of combinations without a PodDisruptionBudget",
}


def merged(*values):
    result = {}
    for value in values:
        for key, item in value.items():
            result[key] = merged(result.get(key, {}), item) if isinstance(item, dict) else item
    return result


def helm(command, values, *arguments):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        return subprocess.run(
            ["helm", *command, CHART, "--namespace=apps", f"--values={file.name}", *arguments],
            capture_output=True,
            text=True,
            env=os.environ | {"HELM_CACHE_HOME": "/nonexistent", "HELM_CONFIG_HOME": "/nonexistent"},
        )


def render(values):
    ran = helm(["template", "keys"], values)
    if ran.returncode != 0:
        raise AssertionError(f"{values}: {ran.stderr}")
    return ran.stdout


def kubeconform(version, text):
    return subprocess.run(
        ["kubeconform", "-strict", "-summary", f"-kubernetes-version={version}", f"-schema-location={SCHEMAS}", "-"],
        input=text,
        capture_output=True,
        text=True,
    )


def objects(text):
    """Returns the objects by kind and, if there are several of a kind, by name."""
    return {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(text) if o}


def of_kind(made, kind):
    return [o for (k, _), o in made.items() if k == kind]


class Chart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rendered = []
        for combination in itertools.product(*SWITCHES):
            values = merged(*combination)
            cls.rendered.append((values, render(values)))

    def test_helm_finds_no_fault(self):
        for values in (PORTAL, merged(*(switch[-1] for switch in SWITCHES))):
            ran = helm(["lint", "--strict"], values)
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_every_combination_is_valid_for_the_oldest_and_the_newest_kubernetes(self):
        everything = "\n---\n".join(text for _, text in self.rendered)
        self.assertEqual(len(KUBERNETES), 2)
        for version in KUBERNETES:
            ran = kubeconform(version, everything)
            self.assertEqual(ran.returncode, 0, ran.stdout[:4000] + ran.stderr)
            self.assertRegex(ran.stdout, r"Valid: [1-9]\d{2,}, Invalid: 0, Errors: 0, Skipped: 0")

    def test_every_combination_is_well_advised(self):
        ignored = [f"--ignore-test={test}" for test in UNSUITABLE]
        for values, text in self.rendered:
            ran = subprocess.run(
                ["kube-score", "score", "--exit-one-on-warning", "--output-format=ci", *ignored, "-"],
                input=text,
                capture_output=True,
                text=True,
            )
            self.assertEqual(ran.returncode, 0, f"{values}\n" + re.sub(r"\[(OK|SKIPPED)\].*\n", "", ran.stdout))

    def test_objects_are_of_one_piece(self):
        for values, text in self.rendered:
            with self.subTest(str(values)):
                self.check_pieces(objects(text))

    def check_pieces(self, made):
        (deployment,) = of_kind(made, "Deployment")
        pod = deployment["spec"]["template"]
        labels = pod["metadata"]["labels"].items()
        (container,) = pod["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        selectors = [deployment["spec"]["selector"]["matchLabels"]]
        for service in of_kind(made, "Service"):
            selectors.append(service["spec"]["selector"])
            self.assertLessEqual({p["targetPort"] for p in service["spec"]["ports"]}, set(ports))
        for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
            selectors += [o["spec"][field]["matchLabels"] for o in of_kind(made, kind)]
        selectors += [c["labelSelector"]["matchLabels"] for c in pod["spec"]["topologySpreadConstraints"]]
        for selector in selectors:
            self.assertLessEqual(selector.items(), labels)
        for policy in of_kind(made, "NetworkPolicy"):
            self.assertLessEqual({p["port"] for rule in policy["spec"]["ingress"] for p in rule["ports"]}, set(ports))
        for autoscaler in of_kind(made, "HorizontalPodAutoscaler"):
            self.assertEqual(autoscaler["spec"]["scaleTargetRef"]["name"], deployment["metadata"]["name"])
            self.assertNotIn("replicas", deployment["spec"])
        for monitor in of_kind(made, "ServiceMonitor"):
            (selected,) = [
                s for s in of_kind(made, "Service")
                if monitor["spec"]["selector"]["matchLabels"].items() <= s["metadata"]["labels"].items()
            ]
            self.assertIn(monitor["spec"]["endpoints"][0]["port"], [p["name"] for p in selected["spec"]["ports"]])
        for route in of_kind(made, "GRPCRoute"):
            (backend,) = route["spec"]["rules"][0]["backendRefs"]
            ports_of_backend = made["Service", backend["name"]]["spec"]["ports"]
            self.assertIn(backend["port"], [p["port"] for p in ports_of_backend])

        config = yaml.safe_load(made["ConfigMap", deployment["metadata"]["name"]]["data"]["config.yaml"])
        for setting, port in (("listen", "grpc"), ("health-listen", "health"), ("admin-listen", "admin")):
            self.assertTrue(config[setting].endswith(f":{ports[port]}"))
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertEqual(container[probe]["grpc"]["port"], ports["health"])
        mounted = [mount["mountPath"] for mount in container["volumeMounts"]]
        for setting, value in config.items():
            if setting.endswith("-file"):
                self.assertIn(os.path.dirname(value), mounted)
        self.assertEqual({v["name"] for v in pod["spec"]["volumes"]}, {m["name"] for m in container["volumeMounts"]})
        self.assertEqual(len({*mounted}), len(container["volumeMounts"]))

    def test_draining_ends_before_the_kubelet_does_not_wait_any_more(self):
        for values, text in self.rendered:
            (deployment,) = of_kind(objects(text), "Deployment")
            expected = 60 + 90 + 10 if "portals" in values["config"] else 5 + 20 + 10
            self.assertEqual(deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], expected)

    def test_pods_are_restricted(self):
        for _, text in self.rendered:
            (deployment,) = of_kind(objects(text), "Deployment")
            pod = deployment["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertEqual(
                container["securityContext"],
                {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            )
            self.assertTrue(all(mount["readOnly"] for mount in container["volumeMounts"]))

    def test_it_holds_no_secret(self):
        for _, text in self.rendered:
            self.assertEqual(of_kind(objects(text), "Secret"), [])

    def test_a_change_of_settings_rolls_the_pods_and_nothing_else_does(self):
        def pod(*values):
            (deployment,) = of_kind(objects(render(merged(PORTAL, *values))), "Deployment")
            return deployment["spec"]["template"]

        self.assertNotEqual(pod(), pod({"config": {"log-level": "error"}}))
        self.assertEqual(pod(), pod({"autoscaling": {"enabled": True}, "serviceMonitor": {"enabled": True}}))

    def test_settings_arrive_as_they_were_given(self):
        made = objects(render(merged(PORTALS, {"fullnameOverride": "keys"})))
        config = yaml.safe_load(made["ConfigMap", "keys"]["data"]["config.yaml"])
        self.assertLessEqual(PORTALS["config"].items(), config.items())

    @unittest.skipUnless(KNOWS_SETTINGS, "this gateway does not know yet what the chart sets")
    def test_the_gateway_takes_every_file_of_settings(self):
        maps = [o for _, text in self.rendered for o in of_kind(objects(text), "ConfigMap")]
        files = {o["data"]["config.yaml"] for o in maps if "config.yaml" in o["data"]}
        self.assertGreater(len(files), 3)
        for text in files:
            with self.subTest(text), tempfile.TemporaryDirectory() as folder:
                for path in re.findall(r"/etc/docspace/(.*)$", text, re.MULTILINE):
                    os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
                    open(f"{folder}/{path}", "w").close()
                config = f"{folder}/config.yaml"
                with open(config, "w") as file:
                    file.write(text.replace("/etc/docspace", folder))
                command = [os.environ["DOCSPACE_GATEWAY"], f"--config-file={config}", "--print-config"]
                ran = subprocess.run(command, capture_output=True, text=True)
                self.assertEqual(ran.returncode, 0, ran.stderr)

    @unittest.skipUnless(KNOWS_SETTINGS, "this gateway does not know yet what the chart sets")
    def test_settings_are_those_of_the_gateway(self):
        offered = set(re.findall(r"^\| `--([a-z-]+)` \|", SETTINGS, re.MULTILINE))
        schema = json.loads((CHART / "values.schema.json").read_text())
        made = objects(render(merged(PORTAL, *(switch[-1] for switch in SWITCHES[1:]))))
        config = yaml.safe_load(made["ConfigMap", "keys"]["data"]["config.yaml"])
        properties = schema["properties"]["config"]["properties"]
        deprecated = {name for name, rule in properties.items() if rule.get("deprecated")}
        used = (set(properties) - deprecated) | set(config)
        self.assertEqual(used - offered, set())
        # The others are of no use in a cluster.
        self.assertEqual(offered - used, {"admin-ready-file", "channelz-listen", "config-file", "ready-file"})

    def test_former_names_of_settings_become_the_new_ones(self):
        rows = re.findall(r"^\| `--([a-z-]+)` \| `--([a-z-]+)` \|", SETTINGS, re.MULTILINE)
        schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["config"]["properties"]
        renamed = {old: new for new, old in rows if old in schema}
        self.assertEqual(set(renamed), {name for name, rule in schema.items() if rule.get("deprecated")})
        values = {}
        for old in renamed:
            rule = schema[old]
            duration_or_number = "10s" if "$ref" in rule else 7
            values[old] = rule["enum"][0] if "enum" in rule else duration_or_number
        values["tls-names"] = ["a.example"]
        named = merged(PORTAL, {"fullnameOverride": "keys"})
        made = objects(render(merged(named, {"config": values})))
        config = yaml.safe_load(made["ConfigMap", "keys"]["data"]["config.yaml"])
        self.assertEqual({new: config[new] for new in renamed.values()}, {renamed[old]: values[old] for old in values})
        self.assertEqual(set(config) & set(renamed), set())
        both = objects(render(merged(named, {"config": {"max-streams": 7, "caller-max-streams": 8}})))
        config = yaml.safe_load(both["ConfigMap", "keys"]["data"]["config.yaml"])
        self.assertEqual(config["caller-max-streams"], 8)

    def test_rules_are_the_files(self):
        text = render(merged(PORTAL, {"prometheusRule": {"enabled": True, "runbookBase": "https://git.example.com/"}}))
        (rule,) = of_kind(objects(text), "PrometheusRule")
        expected = (CHART / "files/rules.yaml").read_text().replace("https://docspace.dev/apikeys/", "https://git.example.com/")
        self.assertEqual(rule["spec"], yaml.safe_load(expected))

    def test_the_dashboard_is_the_file(self):
        made = objects(render(merged(PORTAL, {"dashboard": {"enabled": True}, "fullnameOverride": "keys"})))
        (text,) = made["ConfigMap", "keys-dashboard"]["data"].values()
        self.assertEqual(yaml.safe_load(text), yaml.safe_load((CHART / "files/dashboard.json").read_text()))

    def test_what_makes_no_sense_is_refused(self):
        for wrong, message in (
            ({"config": {"docspace-url": None}}, "docspace-url"),
            ({"config": {"docspace-url": "docs.example.com"}}, "docspace-url"),
            ({"config": {"docspace-url": "https://me:secret@docs.example.com"}}, "docspace-url"),
            ({"config": {"portals": {"Sales": "https://a.example.com"}}}, "Sales"),
            ({"config": {"portals": {"default": "https://a.example.com"}}}, "default"),
            ({"config": {"lisen": "0.0.0.0:1"}}, "lisen"),
            ({"config": {"listen": "0.0.0.0:1"}}, "listen"),
            ({"config": {"drain-grace": "1m30s"}}, "drain-grace"),
            ({"config": {"threads": 0}}, "threads"),
            ({"config": {"adaptive-limit": True}}, "adaptive-limit"),
            ({"config": {"require-permissions": True}}, "require-permissions"),
            ({"config": {"docspace-url": None, "portals": {"a": "https://a"}, "portal-host": "a"}}, "docspace-url"),
            ({"config": {"allowed-callers": ["spiffe://a/b"]}}, "tls.clientCa.secretName"),
            ({"config": {"trace-endpoint": "http://collector:4317"}}, "traceCollector"),
            ({"config": {"max-buffered-bytes": 1073741824}}, "at least 1664Mi"),
            ({"resources": {"limits": {"memory": "512Mi"}}}, "at least 896Mi"),
            ({"resources": {"limits": {"memory": None}}}, "memory"),
            ({"autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 8}}, "minReplicas"),
            ({"replicas": 0}, "replicas"),
            ({"replica": 3}, "replica"),
            ({"image": {"digest": "latest"}}, "digest"),
            ({"tls": {"enabled": True, "certificate": {"enabled": True}}}, "name"),
            ({"tls": {"certificate": {"enabled": True, "issuerRef": {"name": "a"}}}}, "enabled"),
            ({"tls": {"clientCa": {"secretName": "callers"}}}, "enabled"),
            ({"grpcRoute": {"enabled": True}}, "parentRefs"),
            ({"networkPolicy": {"portals": []}}, "portals"),
            ({"networkPolicy": {"dns": []}}, "dns"),
            ({"networkPolicy": {"callers": [{}]}}, "callers"),
        ):
            with self.subTest(str(wrong)):
                ran = helm(["template", "keys"], merged(PORTAL, wrong))
                self.assertNotEqual(ran.returncode, 0)
                self.assertIn(message, ran.stderr)


if __name__ == "__main__":
    unittest.main()
