"""Values of the chart besides its larger switches, with the places at which they appear in the rendered objects."""

POD = ("spec", "template", "spec")
GATEWAY = (*POD, "containers", 0)
VOLUME = {"name": "extra", "emptyDir": {}}
CONTAINER = {"name": "extra", "image": "extra:1"}
SPREAD = {"topologyKey": "rack", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
SELECTOR = {"app.kubernetes.io/name": "docspace-apikeys-gateway", "app.kubernetes.io/instance": "keys"}
MEMORY = {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}}
CRITERION = {"type": "Resource", "resource": MEMORY}
CHANGE = {"sourceLabels": ["pod"], "targetLabel": "replica"}
RULE = {"ports": [{"port": 15012, "protocol": "TCP"}]}
PROXY = {"config": {"portal-proxy": "http://proxy:3128"}, "networkPolicy": {"portalProxy": [{"podSelector": {}}]}}
# Each further value, with the place at which it appears: the kind, the path in it, and the expected content.
FURTHER = [
    ({"replicas": 0}, "Deployment", ("spec", "replicas"), 0),
    (
        {"strategy": {"type": "Recreate", "rollingUpdate": None}},
        "Deployment",
        ("spec", "strategy"),
        {"type": "Recreate"},
    ),
    ({"minReadySeconds": 9}, "Deployment", ("spec", "minReadySeconds"), 9),
    ({"revisionHistoryLimit": 1}, "Deployment", ("spec", "revisionHistoryLimit"), 1),
    ({"terminationGracePeriodSeconds": 300}, "Deployment", (*POD, "terminationGracePeriodSeconds"), 300),
    ({"deploymentAnnotations": {"a": "b"}}, "Deployment", ("metadata", "annotations"), {"a": "b"}),
    ({"podAnnotations": {"a": "b"}}, "Deployment", ("spec", "template", "metadata", "annotations", "a"), "b"),
    ({"extraArgs": ["--threads=3"]}, "Deployment", (*GATEWAY, "args", 1), "--threads=3"),
    ({"extraEnv": [{"name": "A", "value": "b"}]}, "Deployment", (*GATEWAY, "env"), [{"name": "A", "value": "b"}]),
    (
        {"extraEnvFrom": [{"secretRef": {"name": "a"}}]},
        "Deployment",
        (*GATEWAY, "envFrom", 0, "secretRef", "name"),
        "a",
    ),
    ({"extraVolumes": [VOLUME]}, "Deployment", (*POD, "volumes", 1), VOLUME),
    (
        {"extraVolumes": [VOLUME], "extraVolumeMounts": [{"name": "extra", "mountPath": "/extra"}]},
        "Deployment",
        (*GATEWAY, "volumeMounts", 1, "mountPath"),
        "/extra",
    ),
    (PROXY, "NetworkPolicy", ("spec", "egress", 2, "ports"), [{"port": 3128, "protocol": "TCP"}]),
    (
        PROXY | {"portalAccess": {"proxyCredential": {"secretName": "proxy"}}},
        "Deployment",
        (*POD, "volumes", 1, "secret", "secretName"),
        "proxy",
    ),
    (
        {"portalAccess": {"headers": {"secretName": "access", "key": "list"}}},
        "Deployment",
        (*GATEWAY, "volumeMounts", 1, "mountPath"),
        "/etc/docspace/portal-headers",
    ),
    ({"config": {"portal-proxy": "none"}}, "Deployment", ("spec", "replicas"), 3),
    ({"extraContainers": [CONTAINER]}, "Deployment", (*POD, "containers", 1), CONTAINER),
    ({"initContainers": [CONTAINER]}, "Deployment", (*POD, "initContainers"), [CONTAINER]),
    (
        {"hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}]},
        "Deployment",
        (*POD, "hostAliases", 0, "hostnames"),
        ["a"],
    ),
    ({"dnsPolicy": "Default"}, "Deployment", (*POD, "dnsPolicy"), "Default"),
    ({}, "Deployment", (*POD, "dnsConfig", "options"), [{"name": "ndots", "value": "2"}]),
    (
        {"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}},
        "Deployment",
        (*POD, "dnsConfig", "options", 0, "value"),
        "1",
    ),
    ({"runtimeClassName": "gvisor"}, "Deployment", (*POD, "runtimeClassName"), "gvisor"),
    ({"schedulerName": "other"}, "Deployment", (*POD, "schedulerName"), "other"),
    (
        {"topologySpreadConstraints": [SPREAD]},
        "Deployment",
        (*POD, "topologySpreadConstraints"),
        [SPREAD | {"labelSelector": {"matchLabels": SELECTOR}}],
    ),
    (
        {"topologySpreadConstraints": [SPREAD | {"labelSelector": {}}]},
        "Deployment",
        (*POD, "topologySpreadConstraints"),
        [SPREAD | {"labelSelector": {}}],
    ),
    (
        {"topologySpread": {"zones": ""}},
        "Deployment",
        (*POD, "topologySpreadConstraints", 0, "topologyKey"),
        "kubernetes.io/hostname",
    ),
    (
        {"lifecycle": {"preStop": {"httpGet": {"port": 1}}}},
        "Deployment",
        (*GATEWAY, "lifecycle", "preStop", "httpGet", "port"),
        1,
    ),
    ({"livenessProbe": {"failureThreshold": 9}}, "Deployment", (*GATEWAY, "livenessProbe", "failureThreshold"), 9),
    (
        {"startupProbe": {"initialDelaySeconds": 9}},
        "Deployment",
        (*GATEWAY, "startupProbe", "grpc", "service"),
        "liveness",
    ),
    ({"podSecurityContext": {"runAsUser": 1000}}, "Deployment", (*POD, "securityContext", "runAsUser"), 1000),
    ({"resources": {"limits": {"memory": "2G"}}}, "Deployment", (*GATEWAY, "resources", "limits", "memory"), "2G"),
    (
        {"resources": {"limits": {"memory": "1.5Gi"}}},
        "Deployment",
        (*GATEWAY, "resources", "limits", "memory"),
        "1.5Gi",
    ),
    (
        {"resources": {"limits": {"memory": 2147483648}}},
        "Deployment",
        (*GATEWAY, "resources", "limits", "memory"),
        2147483648,
    ),
    ({"resources": {"requests": {"cpu": 0.5}}}, "Deployment", (*GATEWAY, "resources", "requests", "cpu"), 0.5),
    (
        {"resources": {"limits": {"ephemeral-storage": "1Gi"}}},
        "Deployment",
        (*GATEWAY, "resources", "limits", "ephemeral-storage"),
        "1Gi",
    ),
    ({"podDisruptionBudget": {"minAvailable": "50%"}}, "PodDisruptionBudget", ("spec", "minAvailable"), "50%"),
    ({"podDisruptionBudget": {"minAvailable": 2}}, "PodDisruptionBudget", ("spec", "minAvailable"), 2),
    (
        {"autoscaling": {"enabled": True, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 9}}}},
        "HorizontalPodAutoscaler",
        ("spec", "behavior", "scaleDown", "stabilizationWindowSeconds"),
        9,
    ),
    (
        {"autoscaling": {"enabled": True, "targetCPUUtilizationPercentage": 0, "metrics": [CRITERION]}},
        "HorizontalPodAutoscaler",
        ("spec", "metrics"),
        [CRITERION],
    ),
    (
        {"serviceMonitor": {"enabled": True, "scrapeTimeout": "9s", "relabelings": [CHANGE]}},
        "ServiceMonitor",
        ("spec", "endpoints", 0, "relabelings"),
        [CHANGE],
    ),
    (
        {"serviceMonitor": {"enabled": True, "metricRelabelings": [CHANGE]}},
        "ServiceMonitor",
        ("spec", "endpoints", 0, "metricRelabelings"),
        [CHANGE],
    ),
    (
        {"grpcRoute": {"enabled": True, "parentRefs": [{"name": "edge"}], "annotations": {"a": "b"}}},
        "GRPCRoute",
        ("metadata", "annotations"),
        {"a": "b"},
    ),
    ({"networkPolicy": {"extraEgress": [RULE]}}, "NetworkPolicy", ("spec", "egress", 2), RULE),
    ({"networkPolicy": {"extraIngress": [RULE]}}, "NetworkPolicy", ("spec", "ingress", 2), RULE),
    (
        {"extraObjects": [{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "{{ .Release.Name }}"}}]},
        "LimitRange",
        ("metadata", "name"),
        "keys",
    ),
]
# The same for the Service of callers.
OF_SERVICE = [
    ({"type": "NodePort", "nodePort": 30051}, ("ports", 0, "nodePort"), 30051),
    (
        {"type": "LoadBalancer", "loadBalancerSourceRanges": ["192.0.2.0/24"]},
        ("loadBalancerSourceRanges",),
        ["192.0.2.0/24"],
    ),
    (
        {"type": "LoadBalancer", "loadBalancerClass": "example.com/internal"},
        ("loadBalancerClass",),
        "example.com/internal",
    ),
    ({"type": "LoadBalancer", "externalTrafficPolicy": "Local"}, ("externalTrafficPolicy",), "Local"),
    ({"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6", "IPv4"]}, ("ipFamilies",), ["IPv6", "IPv4"]),
    ({"ipFamilyPolicy": "PreferDualStack"}, ("ipFamilyPolicy",), "PreferDualStack"),
    ({"appProtocol": "grpc"}, ("ports", 0, "appProtocol"), "grpc"),
]
# Spellings of a setting that mean the same to YAML, to Helm's --set and to the gateway.
SPELLINGS = [
    ("trace-sample-ratio", 0.00001),
    ("trace-sample-ratio", "1e-05"),
    ("trace-sample-ratio", "0.25"),
    ("trace-sample-ratio", 1),
    ("max-buffered-bytes", "2.68435456e+08"),
    ("max-buffered-bytes", "268435456"),
    ("caller-max-streams", "7.0"),
    ("portal-min-tls", 1.3),
    ("portal-min-tls", "1.3"),
    ("log-level", False),
    ("log-level", "Off"),
    ("log-level", "off"),
    ("drain-grace", "1m30s"),
    ("drain-delay", "0s"),
    ("request-timeout", "1.5s"),
    ("admin-hosts", "gateway.example"),
    ("portals", "sales=https://sales.example.com"),
    *(("reflection", spelling) for spelling in (True, False, "on", "Off", "TRUE", "false")),
]
