"""Measures the cost of a call with growing numbers of calls, connections, keys and loops: see bench/scaling.sh."""

import measuring
import scaling_report
from subjects import ALLOCATOR, Subject, gateway

IN_FLIGHT = (1, 10, 100, 1_000, 10_000)
# Enough connections that each has fewer calls than the default of --caller-max-streams.
IN_FLIGHT_CONNECTIONS = 16
CONNECTIONS = (1, 10, 100, 1_000, 5_000)
CONNECTIONS_IN_FLIGHT = 100
# payload -> its number of keys, and the calls in flight that keep a core busy without long queues.
LISTS = {
    "list_of_one": (1, 64),
    "ten_keys": (10, 64),
    "hundred_keys": (100, 32),
    "thousand_keys": (1_000, 8),
    "ten_thousand_keys": (10_000, 4),
}
# The numbers of event loops, and whether they have both cores.
LOOPS = ((1, False), (2, False), (1, True), (2, True), (4, True), (8, True))
SATURATING = 64
# The share of one core's capacity that is offered, because load and portal share the cores with the gateway.
SHARE_OF_SATURATION = 0.5
# The calls in flight at a given rate: enough for a stall, and not more than the pool has connections.
OPEN_LOOP_IN_FLIGHT = 256

# What 10,000 in flight need: an admission for each, and 64 KiB of the budget of memory. All else is as by default, the
# pool of 256 connections to the portal above all: calls beyond it wait for their turn.
LIMITS = ("--max-in-flight", 2 * max(IN_FLIGHT), "--max-buffered-bytes", 2 * max(IN_FLIGHT) * 64 * 1024)


def subject(loops=1):
    return Subject("gateway", "this gateway", gateway(loops, *LIMITS), environment=ALLOCATOR)


class Scaling(measuring.Bench):
    def round(self):
        one_key = self.portals["one_key", "http"]
        for calls in IN_FLIGHT:
            connections = min(IN_FLIGHT_CONNECTIONS, calls)
            self.record(("in flight", calls), self.measure(subject(), one_key, calls, connections=connections))
        for connections in CONNECTIONS:
            result = self.measure(subject(), one_key, CONNECTIONS_IN_FLIGHT, connections=connections)
            self.record(("connections", connections), result)
        for payload, (keys, calls) in LISTS.items():
            self.record(("keys", keys), self.measure(subject(), self.portals[payload, "http"], calls))
        self.loops(one_key)

    def loops(self, portal):
        both = f"{self.options.load_core},{self.options.subject_core}"
        for loops, on_both in LOOPS:
            result = self.measure(subject(loops), portal, SATURATING, cores=both if on_both else None)
            self.record(("saturated", loops, 1 + on_both), result)
        # The rate of the first round, so that all rounds offer the same.
        rate = SHARE_OF_SATURATION * self.results["saturated", 1, 1][0]["rate"]
        for loops, on_both in LOOPS:
            result = self.measure(
                subject(loops), portal, OPEN_LOOP_IN_FLIGHT, rate=rate, cores=both if on_both else None
            )
            self.record(("offered", loops, 1 + on_both), result)
        # One core is also measured with its share, because a less busy core wakes up more often for the same calls.
        result = self.measure(subject(), portal, OPEN_LOOP_IN_FLIGHT, rate=rate / 2)
        self.record(("share", 1, 1), result)


def main():
    options = measuring.arguments("bench/scaling.sh", "Measures what a call costs as there is more of everything.")
    results = measuring.run(Scaling, options) | {
        "in_flight_connections": IN_FLIGHT_CONNECTIONS,
        "connections_in_flight": CONNECTIONS_IN_FLIGHT,
        "saturating": SATURATING,
    }
    return measuring.publish(results, options.folder, scaling_report, "scaling.md", "scaling.svg", "scaling.json")


if __name__ == "__main__":
    measuring.exit_with(main)
