"""Prints the Grafana dashboard: tools/check/deploy.sh render writes it into the chart's files/dashboard.json."""

import json

REPLICA = 'namespace=~"$namespace",job=~"$job",instance=~"$instance"'
PORTAL = REPLICA + ',portal=~"$portal"'
CALLS = PORTAL + ',grpc_service="docspace.apikeys.v1.ApiKeys"'
FAILED = '{failed},grpc_code=~"DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|UNKNOWN"'.format(failed=CALLS)
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


def rate(metric, selector, by=""):
    total = f"sum by ({by}) " if by else "sum "
    return f"{total}(rate({metric}{{{selector}}}[$__rate_interval]))"


def quantile(q, metric, by=""):
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, {rate(metric + '_bucket', PORTAL, labels)})"


def quantiles(metric):
    return {f"p{round(q * 100)}": quantile(q, metric) for q in (0.5, 0.9, 0.99)}


def mean(metric):
    return f"{rate(metric + '_sum', PORTAL)} / {rate(metric + '_count', PORTAL)}"


def total(metric, selector, by=""):
    return f"sum by ({by}) ({metric}{{{selector}}})" if by else f"sum ({metric}{{{selector}}})"


def panel(kind, title, queries, unit, description="", **custom):
    """Returns a panel. `queries` maps a legend to its PromQL."""
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": PROMETHEUS,
        "targets": [
            {"refId": chr(ord("A") + i), "expr": expr, "legendFormat": legend, "datasource": PROMETHEUS}
            for i, (legend, expr) in enumerate(queries.items())
        ],
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": custom}, "overrides": []},
    }


def graph(title, queries, unit="short", description=""):
    drawn = panel("timeseries", title, queries, unit, description, fillOpacity=10, showPoints="never")
    drawn["options"] = {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return drawn


def stat(title, query, unit="short", description=""):
    drawn = panel("stat", title, {title: query}, unit, description)
    drawn["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "none", "graphMode": "area"}
    return drawn


ROWS = {
    "Overview": [
        stat("Replicas ready", total("docspace_gateway_ready", REPLICA)),
        stat("Calls", rate("grpc_server_handled_total", CALLS), "reqps"),
        stat(
            "Failures",
            f"({rate('grpc_server_handled_total', FAILED)} or vector(0)) / {rate('grpc_server_handled_total', CALLS)}",
            "percentunit",
            "The share of calls that failed because of a portal or the gateway, and not of the caller.",
        ),
        stat("p99", quantile(0.99, "grpc_server_handling_seconds"), "s"),
        stat("In flight", total("docspace_calls_in_flight", PORTAL)),
        stat("Breakers open", total("docspace_circuit_breakers_open", PORTAL)),
    ],
    "Calls": [
        graph("Calls by method", {"{{grpc_method}}": rate("grpc_server_handled_total", CALLS, "grpc_method")}, "reqps"),
        graph("Calls by code", {"{{grpc_code}}": rate("grpc_server_handled_total", CALLS, "grpc_code")}, "reqps"),
        graph(
            "Refusals and failures by reason",
            {"{{reason}}": rate("grpc_server_handled_total", CALLS + ',grpc_code!="OK"', "reason")},
            "reqps",
            "The reasons are those of docs/errors.md.",
        ),
        graph("How long calls take", quantiles("grpc_server_handling_seconds"), "s"),
        graph(
            "p99 by method",
            {"{{grpc_method}}": quantile(0.99, "grpc_server_handling_seconds", "grpc_method")},
            "s",
        ),
        graph(
            "Calls that begin and end",
            {
                "begin": rate("grpc_server_started_total", REPLICA),
                "end": rate("grpc_server_handled_total", REPLICA),
            },
            "reqps",
            "Calls of every service. If more begin than end, calls hang.",
        ),
    ],
    "Portals": [
        graph("Calls by portal", {"{{portal}}": rate("grpc_server_handled_total", CALLS, "portal")}, "reqps"),
        graph("How long portals take", quantiles("docspace_upstream_request_seconds"), "s"),
        graph(
            "p99 by portal",
            {"{{portal}}": quantile(0.99, "docspace_upstream_request_seconds", "portal")},
            "s",
        ),
        graph(
            "Time that the gateway adds",
            {"mean": f"{mean('grpc_server_handling_seconds')} - {mean('docspace_upstream_request_seconds')}"},
            "s",
            "The mean duration of calls minus the mean time of portals.",
        ),
        graph(
            "Responses by HTTP status",
            {"{{http_status}}": rate("docspace_upstream_responses_total", PORTAL, "http_status")},
            "reqps",
        ),
        graph(
            "Circuit breakers",
            {
                "{{portal}} open": total("docspace_circuit_breakers_open", PORTAL, "portal"),
                "{{portal}} opened a second": rate("docspace_circuit_breakers_opened_total", PORTAL, "portal"),
            },
            description="Each event loop of each replica has one.",
        ),
        graph(
            "Retries",
            {
                "{{cause}}": rate("docspace_upstream_retries_total", PORTAL, "cause"),
                "refused": rate("docspace_upstream_retries_refused_total", PORTAL),
            },
            "reqps",
            "Refused: the retry budget was used up.",
        ),
        graph("Retry budget", {"{{portal}}": total("docspace_retry_budget_available", PORTAL, "portal")}),
    ],
    "Connections to portals": [
        graph("Connections", {"{{state}}": total("docspace_pool_connections", PORTAL, "state")}),
        graph(
            "Created and closed",
            {
                "created": rate("docspace_pool_connections_created_total", PORTAL),
                "closed: {{cause}}": rate("docspace_pool_connections_closed_total", PORTAL, "cause"),
            },
            "cps",
        ),
        graph(
            "Reused",
            {
                "share of the calls": "{reused} / ({reused} + {created})".format(
                    reused=rate("docspace_pool_connections_reused_total", PORTAL),
                    created=rate("docspace_pool_connections_created_total", PORTAL),
                )
            },
            "percentunit",
        ),
        graph(
            "Failed and awaited",
            {
                "failed": rate("docspace_pool_connect_failures_total", PORTAL),
                "awaited": rate("docspace_pool_waits_total", PORTAL),
            },
            "cps",
            "Awaited: all of --portal-max-connections were in use.",
        ),
    ],
    "Limits": [
        graph(
            "Calls in flight",
            {
                "{{portal}}": total("docspace_calls_in_flight", PORTAL, "portal"),
                "{{portal}} at most": total("docspace_calls_in_flight_limit", PORTAL, "portal"),
            },
        ),
        graph(
            "Bytes held by calls",
            {
                "{{instance}}": f"docspace_buffered_bytes{{{REPLICA}}}",
                "at most": f"max (docspace_buffered_bytes_limit{{{REPLICA}}})",
            },
            "bytes",
        ),
        graph("Calls shed", {"{{cause}}": rate("docspace_calls_shed_total", PORTAL, "cause")}, "reqps"),
        graph(
            "Bytes of requests and responses",
            {
                "requests": rate("docspace_request_bytes_total", PORTAL),
                "responses": rate("docspace_response_bytes_total", PORTAL),
            },
            "Bps",
        ),
    ],
    "Processes": [
        graph(
            "CPU",
            {"{{instance}}": f"rate(process_cpu_seconds_total{{{REPLICA}}}[$__rate_interval])"},
            description="Cores.",
        ),
        graph("Memory", {"{{instance}}": f"process_resident_memory_bytes{{{REPLICA}}}"}, "bytes"),
        graph("Address space", {"{{instance}}": f"process_virtual_memory_bytes{{{REPLICA}}}"}, "bytes"),
        graph(
            "Descriptors",
            {
                "{{instance}}": f"process_open_fds{{{REPLICA}}}",
                "at most": f"min (process_max_fds{{{REPLICA}}})",
            },
        ),
        graph("Threads", {"{{instance}}": f"process_threads{{{REPLICA}}}"}),
        graph("Age", {"{{instance}}": f"time() - process_start_time_seconds{{{REPLICA}}}"}, "s"),
        graph("Replicas by version", {"{{version}}": total("docspace_build_info", REPLICA, "version")}),
        graph(
            "Certificates expire in",
            {
                "{{use}} {{instance}}": f"docspace_certificate_expiry_timestamp_seconds{{{REPLICA}}} - time()",
                "revocation {{instance}}": f"docspace_revocation_list_expiry_timestamp_seconds{{{REPLICA}}} - time()",
            },
            "s",
        ),
        graph(
            "Spans",
            {
                "exported": rate("docspace_spans_exported_total", REPLICA),
                "dropped": rate("docspace_spans_dropped_total", REPLICA),
                "not recorded because of the rate limit": rate("docspace_traces_limited_total", REPLICA),
            },
            "cps",
        ),
        graph(
            "Last turn of each event loop",
            {"{{instance}} {{loop}}": f"docspace_event_loop_last_turn_age_seconds{{{REPLICA}}}"},
            "s",
            "The time since the last turn. Liveness fails from 10 s on.",
        ),
        graph("Log lines dropped", {"{{instance}}": f"rate(docspace_log_lines_dropped_total{{{REPLICA}}}[$__rate_interval])"}, "cps"),
        graph("Messages of libraries", {"{{library}}": rate("docspace_library_messages_total", REPLICA, "library")}, "cps"),
    ],
}


def laid_out(rows):
    y = 0
    for title, panels in rows.items():
        yield {"type": "row", "title": title, "collapsed": False, "panels": []} | {
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1}
        }
        y += 1
        across, height = (len(panels), 4) if panels[0]["type"] == "stat" else (4 if len(panels) % 4 == 0 else 3, 8)
        width = COLUMNS // across
        for i, drawn in enumerate(panels):
            drawn["gridPos"] = {"x": i % across * width, "y": y + i // across * height, "w": width, "h": height}
            yield drawn
        y += -(-len(panels) // across) * height


def variable(label):
    query = f"label_values(docspace_{'build_info' if label != 'portal' else 'calls_in_flight_limit'}, {label})"
    return {
        "name": label,
        "type": "query",
        "datasource": PROMETHEUS,
        "definition": query,
        "query": {"query": query, "refId": label},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        # The expression also matches series without such a label, for installations without namespaces.
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def dashboard():
    panels = [{"id": i, **drawn} for i, drawn in enumerate(laid_out(ROWS), 1)]
    return {
        "uid": "docspace-apikeys-gateway",
        "title": "DocSpace ApiKeys gateway",
        "tags": ["docspace", "grpc"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
            + [variable(label) for label in ("namespace", "job", "instance", "portal")]
        },
        "panels": panels,
    }


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=1))
