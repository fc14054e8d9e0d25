"""The Helm chart: every combination of its larger switches is rendered, valid, consistent and follows kube-score's
advice; each further value appears in a valid object; and invalid values are refused."""

import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import further_values
import queries

CHART = queries.CHART
SETTINGS = (queries.ROOT / "docs/configuration.md").read_text()
SCHEMAS = queries.ROOT / ".run/deploy/schemas/{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json"
KUBERNETES = sorted(path.name.removeprefix("v") for path in SCHEMAS.parents[1].iterdir())

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
        {"tls": {"enabled": True, "secretName": "gateway"}, "bindAddress": "0.0.0.0"},
        {
            "tls": CERTIFICATE | {"clientCa": {"secretName": "callers"}, "clientCrl": {"secretName": "revoked"}},
            "config": {
                "caller-tls-client-auth": "optional",
                "caller-tls-names": ["gateway.apps.svc", "10.0.0.1"],
                "allowed-callers": ["spiffe://cluster.local/ns/apps/sa/reports"],
                "docspace-url": "https://docs.example.com",
                "portal-proxy": "http://proxy.example.com:3128",
                "forward-client-address": "on",
            },
            "portalAccess": {"proxyCredential": {"secretName": "proxy"}, "headers": {"secretName": "access"}},
            "networkPolicy": {"portalProxy": [{"ipBlock": {"cidr": "10.9.8.7/32"}}]},
            "portalTls": {"ca": {"secretName": "authority"}, "certificateSecretName": "gateway-to-portal"},
            "traceTls": {"ca": {"secretName": "authority"}},
            "traceHeaders": {"secretName": "collector", "key": "otlp"},
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


def render(values, *arguments):
    ran = helm(["template", "keys"], values, *arguments)
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


def only(made, kind):
    (found,) = of_kind(made, kind)
    return found


def settings(made):
    (config,) = [o for o in of_kind(made, "ConfigMap") if "config.yaml" in o["data"]]
    return config["data"]["config.yaml"]


def at(value, path):
    for key in path:
        value = value[key]
    return value


def gateway_reads(text, arguments=()):
    """Returns the result of --print-config for the settings of a ConfigMap, with the files that they name."""
    with tempfile.TemporaryDirectory() as folder:
        for path in re.findall(r"/etc/docspace/(.*)$", text, re.MULTILINE):
            os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
            open(f"{folder}/{path}", "w").close()
        config = f"{folder}/config.yaml"
        with open(config, "w") as file:
            file.write(text.replace("/etc/docspace", folder))
        command = [os.environ["DOCSPACE_GATEWAY"], f"--config-file={config}", "--print-config", *arguments]
        return subprocess.run(command, capture_output=True, text=True)


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
            admitted = {p["port"] for rule in policy["spec"]["ingress"] for p in rule["ports"]}
            self.assertLessEqual({port for port in admitted if isinstance(port, str)}, set(ports))
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

        for delay, grace, expected in (("1m30s", "500ms", 101), ("0s", "1.5h", 5410)):
            made = objects(render(merged(PORTAL, {"config": {"drain-delay": delay, "drain-grace": grace}})))
            pod = at(only(made, "Deployment"), further_values.POD)
            self.assertEqual(pod["terminationGracePeriodSeconds"], expected)

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

    def test_each_further_value_arrives(self):
        rendered = []
        for values, kind, path, expected in further_values.FURTHER:
            with self.subTest(str(values)):
                text = render(merged(PORTAL, values))
                self.assertEqual(at(only(objects(text), kind), path), expected)
                rendered.append(text)
        for values, path, expected in further_values.OF_SERVICE:
            with self.subTest(str(values)):
                text = render(merged(PORTAL, {"fullnameOverride": "keys", "service": values}))
                self.assertEqual(at(objects(text)["Service", "keys"]["spec"], path), expected)
                rendered.append(text)
        self.assertEqual(len(rendered), len(further_values.FURTHER) + len(further_values.OF_SERVICE))
        self.check_valid("\n---\n".join(rendered))

    def check_valid(self, text):
        for version in KUBERNETES:
            ran = kubeconform(version, text)
            self.assertEqual(ran.returncode, 0, ran.stdout[:4000] + ran.stderr)
            self.assertRegex(ran.stdout, r"Valid: [1-9]\d*, Invalid: 0, Errors: 0, Skipped: 0")

    def test_each_value_is_documented(self):
        command = ["helm-docs", f"--chart-search-root={CHART}", "--sort-values-order=file", "--dry-run"]
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        readme = (CHART / "README.md").read_text()
        self.assertEqual(readme.strip(), made.strip(), "stale: run tools/check/deploy.sh render")
        rows = re.findall(r"^\| `(.*?)` \| (.*) \| (.*) \|$", readme, re.MULTILINE)
        self.assertGreater(len(rows), 100)
        self.assertEqual([name for name, _, meaning in rows if not meaning.endswith(".")], [])

    def test_values_are_those_of_the_schema(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        properties = json.loads((CHART / "values.schema.json").read_text())["properties"]
        self.assertEqual(list(properties), list(values))
        for name, rule in properties.items():
            if name != "config" and "properties" in rule:
                self.assertEqual(list(rule["properties"]), list(values[name]), name)

    def test_labels_and_annotations_of_all_are_on_all_objects(self):
        common = {"commonLabels": {"team": "platform"}, "commonAnnotations": {"example.com/owner": "platform"}}
        everything = merged(*(switch[-1] for switch in SWITCHES), common)
        made = objects(render(everything))
        self.assertGreater(len(made), 8)
        pod = only(made, "Deployment")["spec"]["template"]
        for thing in [*made.values(), pod]:
            self.assertEqual(thing["metadata"]["labels"]["team"], "platform")
            self.assertEqual(thing["metadata"]["annotations"]["example.com/owner"], "platform")
        # The chart's own labels stay, because objects are selected by them.
        taken = {
            "commonLabels": {"app.kubernetes.io/name": "other"},
            "podLabels": {"app.kubernetes.io/instance": "other"},
        }
        made = objects(render(merged(PORTAL, taken)))
        self.assertEqual(only(made, "Deployment")["spec"]["template"]["metadata"]["labels"], further_values.SELECTOR)

    def test_every_object_is_in_the_namespace_asked_for(self):
        made = objects(render(merged(*(switch[-1] for switch in SWITCHES), {"namespaceOverride": "elsewhere"})))
        self.assertEqual({o["metadata"]["namespace"] for o in made.values()}, {"elsewhere"})

    def test_openshift_chooses_the_ids_of_pods(self):
        tls = {"tls": {"enabled": True}}
        openshift = "--api-versions=security.openshift.io/v1"

        def pod(values, *arguments):
            text = render(merged(PORTAL, tls, values), *arguments)
            self.check_valid(text)
            return at(only(objects(text), "Deployment"), further_values.POD)

        ids = {"runAsUser", "runAsGroup", "fsGroup"}
        chosen = pod({}, openshift)
        self.assertEqual(ids & set(chosen["securityContext"]), set())
        self.assertIs(chosen["securityContext"]["runAsNonRoot"], True)
        self.assertEqual(chosen["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(ids & set(pod({})["securityContext"]), ids)
        own = pod({"podSecurityContext": {"runAsUser": 1000660000}}, openshift)
        self.assertEqual(own["securityContext"]["runAsUser"], 1000660000)

        contexts = {"podSecurityContext": None, "securityContext": None}
        for arguments, mode in (((), 0o444), ((openshift,), 0o440)):
            none = pod(contexts, *arguments)
            self.assertNotIn("securityContext", none)
            self.assertNotIn("securityContext", none["containers"][0])
            # Without an fsGroup the pod reads the files of Secrets with the permissions of others.
            self.assertEqual(none["volumes"][1]["secret"]["defaultMode"], mode)
        self.assertEqual(pod({})["volumes"][1]["secret"]["defaultMode"], 0o440)

    def test_name_servers_and_both_families_are_reached(self):
        made = objects(render(PORTAL))
        names, portals = only(made, "NetworkPolicy")["spec"]["egress"]
        self.assertIn({"ipBlock": {"cidr": "169.254.20.10/32"}}, names["to"])
        ports = {(port["port"], port["protocol"]) for port in names["ports"]}
        self.assertEqual(ports, {(number, protocol) for number in (53, 5353) for protocol in ("UDP", "TCP")})
        blocks = {peer["ipBlock"]["cidr"]: peer["ipBlock"]["except"] for peer in portals["to"]}
        self.assertEqual(set(blocks), {"0.0.0.0/0", "::/0"})
        self.assertIn("fe80::/10", blocks["::/0"])
        self.assertEqual(yaml.safe_load(settings(made))["listen"], "[::]:50051")
        made = objects(render(merged(PORTAL, {"networkPolicy": {"dnsPorts": [5353]}})))
        names = only(made, "NetworkPolicy")["spec"]["egress"][0]
        self.assertEqual({port["port"] for port in names["ports"]}, {5353})

    def test_ports_tell_their_protocol(self):
        for tls, expected in ((False, ("grpc", "kubernetes.io/h2c")), (True, ("tls-grpc", "https"))):
            made = objects(render(merged(PORTAL, {"tls": {"enabled": tls}})))
            services = of_kind(made, "Service")
            self.assertEqual(len(services), 2)
            for service in services:
                port = service["spec"]["ports"][0]
                self.assertEqual((port["name"], port["appProtocol"]), expected)

    def test_it_is_a_dependency_of_other_charts(self):
        def umbrella(values):
            with tempfile.TemporaryDirectory() as folder:
                parent = pathlib.Path(folder)
                shutil.copytree(CHART, parent / "charts" / CHART.name)
                dependency = {"name": CHART.name, "version": "0.1.0", "alias": "keys", "condition": "keys.enabled"}
                chart = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0", "dependencies": [dependency]}
                (parent / "Chart.yaml").write_text(yaml.safe_dump(chart))
                (parent / "own.yaml").write_text(yaml.safe_dump(values))
                command = ["helm", "template", "all", parent, f"--values={parent}/own.yaml"]
                ran = subprocess.run(command, capture_output=True, text=True)
                self.assertEqual(ran.returncode, 0, ran.stderr)
                return objects(ran.stdout)

        shared = {"global": {"imageRegistry": "registry.example.com", "storageClass": "fast"}}
        self.assertEqual(umbrella(shared | {"keys": {"enabled": False}}), {})
        made = umbrella(shared | {"keys": PORTAL | {"enabled": True, "podSecurityContext": None}})
        self.assertNotIn("securityContext", at(only(made, "Deployment"), further_values.POD))

    def test_a_portal_may_come_from_elsewhere(self):
        for values in (
            {"extraEnv": [{"name": "DOCSPACE_URL", "valueFrom": {"secretKeyRef": {"name": "portal", "key": "url"}}}]},
            {"extraEnvFrom": [{"configMapRef": {"name": "portal"}}]},
            {"extraArgs": ["--docspace-url=https://docs.example.com"]},
        ):
            self.check_valid(render(values))

    def test_examples_are_whole(self):
        examples = sorted((queries.ROOT / "deploy/examples").glob("*.yaml"))
        self.assertEqual([path.stem for path in examples], ["cloud", "mesh", "openshift"])
        for path in examples:
            with self.subTest(path.stem):
                values = yaml.safe_load(path.read_text())
                installed = helm(["install", "keys"], values, "--dry-run=client")
                self.assertEqual(installed.returncode, 0, installed.stderr)
                text = re.search(r"^MANIFEST:\n(.*?)^NOTES:", installed.stdout, re.MULTILINE | re.DOTALL)[1]
                self.check_valid(text)
                self.check_pieces(objects(text))
                ran = gateway_reads(settings(objects(text)))
                self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_settings_are_spelled_as_helm_and_yaml_write_them(self):
        def taken(values, *arguments):
            ran = helm(["template", "keys"], merged(PORTAL, values), *arguments)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            ran = gateway_reads(settings(objects(ran.stdout)))
            self.assertEqual(ran.returncode, 0, ran.stderr)

        for setting, value in further_values.SPELLINGS:
            with self.subTest(f"{setting}: {value!r}"):
                taken({"config": {setting: value}})
                taken({}, f"--set=config.{setting}={json.dumps(value).strip(chr(34))}")

    def test_limits_of_settings_are_those_of_the_gateway(self):
        schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["config"]["properties"]
        ample = {"resources": {"limits": {"memory": "4Ti"}}}
        bounded = {name: rule for name, rule in schema.items() if "minimum" in rule and not rule.get("deprecated")}
        self.assertGreater(len(bounded), 10)
        for name, rule in bounded.items():
            step = 1 if "integer" in rule["type"] else 0.1
            for value, is_taken in (
                (rule["minimum"], True),
                (rule["maximum"], True),
                (rule["minimum"] - step, False),
                (rule["maximum"] + step, False),
            ):
                with self.subTest(f"{name}: {value}"):
                    ran = helm(["template", "keys"], merged(PORTAL, ample, {"config": {name: value}}))
                    self.assertEqual(ran.returncode == 0, is_taken, ran.stderr)
                    # A pod with fewer cores than its node needs an explicit number of loops, which is never 0.
                    if (name, value) == ("threads", 0):
                        continue
                    ran = gateway_reads(f"docspace-url: https://a.example\n{name}: {value}\n")
                    self.assertEqual(ran.returncode == 0, is_taken, ran.stderr)

    def test_the_gateway_takes_every_file_of_settings(self):
        maps = [o for _, text in self.rendered for o in of_kind(objects(text), "ConfigMap")]
        files = {o["data"]["config.yaml"] for o in maps if "config.yaml" in o["data"]}
        self.assertGreater(len(files), 3)
        for text in files:
            with self.subTest(text):
                ran = gateway_reads(text)
                self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_settings_are_those_of_the_gateway(self):
        offered = set(re.findall(r"^\| `--([a-z-]+)` \|", SETTINGS, re.MULTILINE))
        schema = json.loads((CHART / "values.schema.json").read_text())
        made = objects(render(merged(PORTAL, *(switch[-1] for switch in SWITCHES[1:]))))
        config = yaml.safe_load(made["ConfigMap", "keys"]["data"]["config.yaml"])
        properties = schema["properties"]["config"]["properties"]
        deprecated = {name for name, rule in properties.items() if rule.get("deprecated")}
        used = (set(properties) - deprecated) | set(config)
        self.assertEqual(used - offered, set())
        # The other settings have no use in a cluster.
        self.assertEqual(offered - used, {"admin-ready-file", "channelz-listen", "config-file", "ready-file"})

    def test_former_names_of_settings_become_the_new_ones(self):
        rows = re.findall(r"^\| `--([a-z-]+)` \| `--([a-z-]+)` \|", SETTINGS, re.MULTILINE)
        schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["config"]["properties"]
        renamed = {old: new for new, old in rows if old in schema}
        self.assertEqual(set(renamed), {name for name, rule in schema.items() if rule.get("deprecated")})
        values = {}
        for old in renamed:
            rule = schema[old]
            kind = rule["allOf"][0]["$ref"] if "allOf" in rule else rule.get("$ref", "")
            other = "on" if kind.endswith("switch") else "10s" if kind else rule.get("maximum")
            values[old] = rule["enum"][0] if "enum" in rule else other
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
            ({"config": {"drain-grace": "90"}}, "drain-grace"),
            ({"config": {"admin-hosts": []}}, "admin-hosts"),
            ({"config": {"threads": 0}}, "threads"),
            ({"config": {"adaptive-limit": "maybe"}}, "adaptive-limit"),
            ({"config": {"require-permissions": 1}}, "require-permissions"),
            ({"config": {"trace-sample-ratio": "half"}}, "trace-sample-ratio"),
            ({"config": {"portal-min-tls": 1.1}}, "portal-min-tls"),
            ({"enabled": False}, "enabled"),
            ({"autoscaling": {"enabled": True, "targetCPUUtilizationPercentage": 0}}, "criterion"),
            ({"startupProbe": {"exec": {"command": ["true"]}}}, "startupProbe"),
            ({"service": {"type": "ExternalName"}}, "type"),
            ({"extraArgs": ["threads=2"]}, "extraArgs"),
            ({"config": {"docspace-url": None, "portals": {"a": "https://a"}, "portal-host": "a"}}, "docspace-url"),
            ({"config": {"allowed-callers": ["spiffe://a/b"]}}, "tls.clientCa.secretName"),
            ({"config": {"trace-endpoint": "http://collector:4317"}}, "traceCollector"),
            ({"config": {"portal-proxy": "http://proxy:3128"}}, "networkPolicy.portalProxy"),
            ({"config": {"portal-proxy": "environment"}}, "networkPolicy.portalProxy"),
            ({"config": {"portals": {"a": {"url": "https://a", "proxy": "http://p:1"}}}}, "networkPolicy.portalProxy"),
            ({"config": {"portals": "a=https://a;proxy=http://p:1"}}, "networkPolicy.portalProxy"),
            ({"config": {"portal-proxy": "http://user:password@proxy:3128"}}, "portal-proxy"),
            ({"config": {"portal-proxy": "https://proxy:3128"}}, "portal-proxy"),
            ({"config": {"portal-proxy-credential-file": "/x"}}, "portal-proxy-credential-file"),
            ({"config": {"max-buffered-bytes": 1073741824}}, "at least 1664Mi"),
            ({"resources": {"limits": {"memory": "512Mi"}}}, "at least 896Mi"),
            ({"resources": {"limits": {"memory": None}}}, "memory"),
            ({"autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 8}}, "minReplicas"),
            ({"replicas": -1}, "replicas"),
            ({"resources": {"limits": {"memory": "0.9G"}}}, "at least 896Mi"),
            ({"resources": {"limits": {"memory": "1 GB"}}}, "memory"),
            ({"replica": 3}, "replica"),
            ({"image": {"digest": "latest"}}, "digest"),
            ({"tls": {"enabled": True, "certificate": {"enabled": True}}}, "name"),
            ({"tls": {"certificate": {"enabled": True, "issuerRef": {"name": "a"}}}}, "enabled"),
            ({"tls": {"clientCa": {"secretName": "callers"}}}, "enabled"),
            ({"tls": {"enabled": True, "clientCrl": {"secretName": "revoked"}}}, "clientCa"),
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
