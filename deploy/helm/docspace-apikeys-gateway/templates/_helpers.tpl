{{- define "gateway.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Short enough for what is appended to it. */ -}}
{{- define "gateway.fullname" -}}
{{- $name := include "gateway.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ .Values.fullnameOverride | default $full | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gateway.labels" -}}
{{ include "gateway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "gateway.namespace" -}}
{{ .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- /*
The metadata of an object. It takes a dict of the root context, and optionally of a name or a suffix of the usual one,
of labels and of annotations. The labels by which objects are selected take precedence.
*/ -}}
{{- define "gateway.metadata" -}}
name: {{ .name | default (printf "%s%s" (include "gateway.fullname" .root) (.suffix | default "")) }}
namespace: {{ include "gateway.namespace" .root }}
labels: {{- merge (include "gateway.labels" .root | fromYaml) (.labels | default dict) (.root.Values.commonLabels | default dict) | toYaml | nindent 2 }}
{{- with merge dict (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The address families of a Service, from its values. */ -}}
{{- define "gateway.ipFamilies" -}}
{{- with .ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .ipFamilies }}
ipFamilies: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "gateway.serviceAccountName" -}}
{{ .Values.serviceAccount.name | default (ternary (include "gateway.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "gateway.tlsSecretName" -}}
{{ .Values.tls.secretName | default (printf "%s-tls" (include "gateway.fullname" .)) }}
{{- end }}

{{- define "gateway.image" -}}
{{ .Values.image.repository }}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Settings of the values that were renamed, whose former names are still taken. */ -}}
{{- define "gateway.formerNames" -}}
connect-timeout: portal-connect-timeout
dns-refresh: portal-dns-refresh
idle-timeout: portal-idle-timeout
max-caller-connections: caller-max-connections
max-connection-age: caller-connection-max-age
max-connection-use: portal-connection-max-age
max-connections: portal-max-connections
max-metadata-bytes: caller-max-metadata-bytes
max-request-bytes: caller-max-request-bytes
max-response-bytes: portal-max-response-bytes
max-streams: caller-max-streams
share-portal-connections: portal-share-connections
tls-client-auth: caller-tls-client-auth
tls-names: caller-tls-names
{{- end }}

{{- /* The values' settings, and those that follow from how the pod is made. */ -}}
{{- define "gateway.config" -}}
{{- $formerNames := include "gateway.formerNames" . | fromYaml -}}
{{- $config := dict -}}
{{- range $name, $value := .Values.config -}}
  {{- $setting := get $formerNames $name | default $name -}}
  {{- if or (eq $setting $name) (not (hasKey $.Values.config $setting)) -}}
    {{- $_ := set $config $setting $value -}}
  {{- end -}}
{{- end -}}
{{- $own := dict
  "listen" (printf "%s:50051" .Values.bindAddress)
  "health-listen" (printf "%s:50052" .Values.bindAddress)
  "admin-listen" (printf "%s:9464" .Values.bindAddress) -}}
{{- if .Values.tls.enabled -}}
  {{- $_ := set $own "caller-tls-certificate-file" "/etc/docspace/tls/tls.crt" -}}
  {{- $_ := set $own "caller-tls-private-key-file" "/etc/docspace/tls/tls.key" -}}
{{- end -}}
{{- if .Values.tls.clientCa.secretName -}}
  {{- $_ := set $own "caller-tls-client-ca-file" (printf "/etc/docspace/client-ca/%s" .Values.tls.clientCa.key) -}}
{{- end -}}
{{- if .Values.tls.clientCrl.secretName -}}
  {{- $_ := set $own "caller-tls-client-crl-file" (printf "/etc/docspace/client-crl/%s" .Values.tls.clientCrl.key) -}}
{{- end -}}
{{- if .Values.portalTls.ca.secretName -}}
  {{- $_ := set $own "portal-ca-file" (printf "/etc/docspace/portal-ca/%s" .Values.portalTls.ca.key) -}}
{{- end -}}
{{- if .Values.portalTls.certificateSecretName -}}
  {{- $_ := set $own "portal-certificate-file" "/etc/docspace/portal-tls/tls.crt" -}}
  {{- $_ := set $own "portal-private-key-file" "/etc/docspace/portal-tls/tls.key" -}}
{{- end -}}
{{- if .Values.portalAccess.proxyCredential.secretName -}}
  {{- $_ := set $own "portal-proxy-credential-file" (printf "/etc/docspace/proxy-credential/%s" .Values.portalAccess.proxyCredential.key) -}}
{{- end -}}
{{- if .Values.portalAccess.headers.secretName -}}
  {{- $_ := set $own "portal-headers-file" (printf "/etc/docspace/portal-headers/%s" .Values.portalAccess.headers.key) -}}
{{- end -}}
{{- if .Values.traceTls.ca.secretName -}}
  {{- $_ := set $own "trace-ca-file" (printf "/etc/docspace/trace-ca/%s" .Values.traceTls.ca.key) -}}
{{- end -}}
{{- if .Values.traceHeaders.secretName -}}
  {{- $_ := set $own "trace-headers-file" (printf "/etc/docspace/trace-headers/%s" .Values.traceHeaders.key) -}}
{{- end -}}
{{ merge $own $config | toYaml }}
{{- end }}

{{- /* What is mounted: a list of {name, secret, path}. */ -}}
{{- define "gateway.secretMounts" -}}
{{- $mounts := list -}}
{{- if .Values.tls.enabled -}}
  {{- $mounts = append $mounts (dict "name" "tls" "secret" (include "gateway.tlsSecretName" .)) -}}
{{- end -}}
{{- with .Values.tls.clientCa.secretName -}}
  {{- $mounts = append $mounts (dict "name" "client-ca" "secret" .) -}}
{{- end -}}
{{- with .Values.tls.clientCrl.secretName -}}
  {{- $mounts = append $mounts (dict "name" "client-crl" "secret" .) -}}
{{- end -}}
{{- with .Values.portalTls.ca.secretName -}}
  {{- $mounts = append $mounts (dict "name" "portal-ca" "secret" .) -}}
{{- end -}}
{{- with .Values.portalTls.certificateSecretName -}}
  {{- $mounts = append $mounts (dict "name" "portal-tls" "secret" .) -}}
{{- end -}}
{{- with .Values.portalAccess.proxyCredential.secretName -}}
  {{- $mounts = append $mounts (dict "name" "proxy-credential" "secret" .) -}}
{{- end -}}
{{- with .Values.portalAccess.headers.secretName -}}
  {{- $mounts = append $mounts (dict "name" "portal-headers" "secret" .) -}}
{{- end -}}
{{- with .Values.traceTls.ca.secretName -}}
  {{- $mounts = append $mounts (dict "name" "trace-ca" "secret" .) -}}
{{- end -}}
{{- with .Values.traceHeaders.secretName -}}
  {{- $mounts = append $mounts (dict "name" "trace-headers" "secret" .) -}}
{{- end -}}
{{ $mounts | toJson }}
{{- end }}

{{- define "gateway.isOpenShift" -}}
{{- if .Capabilities.APIVersions.Has "security.openshift.io/v1" }}true{{ end -}}
{{- end }}

{{- /*
OpenShift gives the pods of each namespace ids of its own, and refuses others. Ids that are not the chart's own are
kept, because they may be those of a SecurityContextConstraints object.
*/ -}}
{{- define "gateway.podSecurityContext" -}}
{{- $context := deepCopy .Values.podSecurityContext -}}
{{- range $id := list "runAsUser" "runAsGroup" "fsGroup" -}}
  {{- if and (include "gateway.isOpenShift" $) (eq (get $context $id | toString) "65532") -}}
    {{- $_ := unset $context $id -}}
  {{- end -}}
{{- end -}}
{{ toYaml $context }}
{{- end }}

{{- /* Who may read the files of Secrets: the pod's group, or everyone in the container if the pod has none. */ -}}
{{- define "gateway.secretMode" -}}
{{- $hasGroup := get (.Values.podSecurityContext | default dict) "fsGroup" | toString | regexMatch "^[0-9]" -}}
{{ ternary "0440" "0444" (or $hasGroup (eq (include "gateway.isOpenShift" .) "true")) }}
{{- end }}

{{- /* A probe. It takes a dict of `numbers`, its values, and of `service`, the name that the health service answers for. */ -}}
{{- define "gateway.probe" -}}
{{- merge (dict "grpc" (dict "port" 50052 "service" .service)) .numbers | toYaml }}
{{- end }}

{{- define "gateway.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "gateway.selectorLabels" . | fromYaml) -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
  {{- $constraints = append $constraints (hasKey . "labelSelector" | ternary . (set (deepCopy .) "labelSelector" $selector)) -}}
{{- else -}}
  {{- range $key, $whenUnsatisfiable := dict "topology.kubernetes.io/zone" .Values.topologySpread.zones "kubernetes.io/hostname" .Values.topologySpread.nodes -}}
    {{- with $whenUnsatisfiable -}}
      {{- $constraints = append $constraints (dict "topologyKey" $key "maxSkew" 1 "whenUnsatisfiable" . "labelSelector" $selector "matchLabelKeys" (list "pod-template-hash")) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with $constraints }}{{ toYaml . }}{{ end -}}
{{- end }}

{{- /* A duration in seconds, rounded up: "90s", "1m30s" or "500ms". */ -}}
{{- define "gateway.seconds" -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+[a-z]+" . -1 -}}
  {{- $unit := regexFind "[a-z]+$" . -}}
  {{- $seconds = addf $seconds (mulf (trimSuffix $unit . | float64) (get $units $unit)) -}}
{{- end -}}
{{ ceil $seconds | int64 }}
{{- end }}

{{- /* Draining takes its delay and its grace; ten seconds are for what is logged and closed after that. */ -}}
{{- define "gateway.terminationGracePeriodSeconds" -}}
{{ .Values.terminationGracePeriodSeconds | default (add (include "gateway.seconds" (index .Values.config "drain-delay")) (include "gateway.seconds" (index .Values.config "drain-grace")) 10) | int64 }}
{{- end }}

{{- /* A quantity of memory in MiB: "1536Mi", "1.5Gi", "2G" or 2147483648. */ -}}
{{- define "gateway.mebibytes" -}}
{{- $units := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $number := regexFind "^[0-9.]+([eE][+]?[0-9]+)?" (toString .) -}}
{{ divf (mulf (float64 $number) (get $units (trimPrefix $number (toString .)))) 1048576.0 | int64 }}
{{- end }}

{{- /* What no schema can say. */ -}}
{{- define "gateway.check" -}}
{{- $config := .Values.config -}}
{{- if not .Values.enabled -}}
  {{- fail "enabled is read by the condition of a parent chart; alone, the chart cannot be disabled" -}}
{{- end -}}
{{- /* Variables and arguments may set the portal too. */ -}}
{{- $others := toJson (list .Values.extraEnv .Values.extraArgs) | regexMatch "\"(DOCSPACE_(URL|PORTALS)\"|--(docspace-url|portals))" -}}
{{- if not (or (index $config "docspace-url") (index $config "portals") .Values.extraEnvFrom $others) -}}
  {{- fail "config.docspace-url or config.portals must be set: the portal" -}}
{{- end -}}
{{- /* Helm writes large numbers with exponents, of which int64 reads none. */ -}}
{{- $buffered := div (index $config "max-buffered-bytes" | default 268435456 | float64 | int64) 1048576 -}}
{{- $grpc := div (index $config "max-grpc-memory" | default 536870912 | float64 | int64) 1048576 -}}
{{- $needed := add $buffered $grpc 128 -}}
{{- if lt (include "gateway.mebibytes" .Values.resources.limits.memory | int64) $needed -}}
  {{- fail (printf "resources.limits.memory must be at least %dMi: config.max-buffered-bytes and config.max-grpc-memory, and 128Mi" $needed) -}}
{{- end -}}
{{- if and (index $config "allowed-callers") (not .Values.tls.clientCa.secretName) -}}
  {{- fail "config.allowed-callers needs tls.clientCa.secretName: nobody shows a certificate otherwise" -}}
{{- end -}}
{{- $proxied := list (index $config "portal-proxy") (index $config "portals") | toJson | regexMatch "(\\[|\"proxy\":|;proxy=)\"?(environment|http:)" -}}
{{- if and .Values.networkPolicy.enabled $proxied (not .Values.networkPolicy.portalProxy) -}}
  {{- fail "networkPolicy.portalProxy must say where the forward proxy of config.portal-proxy or config.portals is, or no portal is reached" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (index $config "trace-endpoint") (not .Values.networkPolicy.traceCollector) -}}
  {{- fail "networkPolicy.traceCollector must say where config.trace-endpoint is, or no span gets there" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
  {{- fail "autoscaling.minReplicas must not be more than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not (include "gateway.metrics" .)) -}}
  {{- fail "autoscaling.enabled needs a criterion: targetCPUUtilizationPercentage, targetCallsInFlight or metrics" -}}
{{- end -}}
{{- end }}

{{- /* The criteria of autoscaling. */ -}}
{{- define "gateway.metrics" -}}
{{- $metrics := .Values.autoscaling.metrics | default list -}}
{{- with .Values.autoscaling.targetCallsInFlight | int64 -}}
  {{- $pods := dict "metric" (dict "name" "docspace_calls_in_flight") "target" (dict "type" "AverageValue" "averageValue" (toString .)) -}}
  {{- $metrics = prepend $metrics (dict "type" "Pods" "pods" $pods) -}}
{{- end -}}
{{- with .Values.autoscaling.targetCPUUtilizationPercentage | int64 -}}
  {{- $cpu := dict "name" "cpu" "target" (dict "type" "Utilization" "averageUtilization" .) -}}
  {{- $metrics = prepend $metrics (dict "type" "Resource" "resource" $cpu) -}}
{{- end -}}
{{- with $metrics }}{{ toYaml . }}{{ end -}}
{{- end }}
