"""Measures every subject with every payload and writes the table and the picture: see bench/run.sh."""

import measuring
import report
from subjects import DIRECT, SUBJECTS

CELLS = [
    ("one_key", "http"),
    ("fifty_keys", "http"),
    ("ten_thousand_keys", "http"),
    ("denied", "http"),
    ("one_key", "https"),
    ("fifty_keys", "https"),
]
# The numbers of calls in flight that keep a core busy without long queues, whose time would be measured.
SATURATING = {"one_key": 64, "fifty_keys": 32, "ten_thousand_keys": 4, "denied": 64}
SHARES_OF_SATURATION = (0.25, 0.5, 0.75)
# The calls in flight at a given rate: enough that a stall does not use them up.
OPEN_LOOP_IN_FLIGHT = 256
OPEN_LOOP_CONNECTIONS = 64
MANY = 1000


class Benchmark(measuring.Bench):
    def round(self):
        for payload, scheme in CELLS:
            for subject in SUBJECTS:
                if subject is not DIRECT and (scheme == "http" or subject.asks_portal):
                    portal = self.portals[payload, scheme]
                    result = self.measure(subject, portal, SATURATING[payload])
                    self.record(("saturation", subject.name, payload, scheme), result)
        portal = self.portals["one_key", "http"]
        for subject in SUBJECTS:
            self.record(("single", subject.name), self.measure(subject, portal, 1))
        for subject in SUBJECTS:
            if subject.is_server:
                self.record(("many", subject.name), self.measure(subject, portal, MANY))
        for share in SHARES_OF_SATURATION:
            for subject in SUBJECTS:
                if subject.is_server:
                    self.open_loop(subject, portal, share)

    def open_loop(self, subject, portal, share):
        """Measures the subject, and the portal without it at the same rate. The difference is what the subject adds."""
        # The rate of the first round, so that all rounds have about the same rate.
        rate = share * self.results["saturation", subject.name, "one_key", "http"][0]["rate"]
        key = (subject.name, f"{share:.0%}")
        self.record(("rate", *key), self.measure(subject, portal, OPEN_LOOP_IN_FLIGHT, rate))
        if subject.asks_portal:
            self.record(("direct", *key), self.measure(DIRECT, portal, OPEN_LOOP_CONNECTIONS, rate))


def main():
    options = measuring.arguments("bench/run.sh", "Measures the gateway and its peers.")
    results = measuring.run(Benchmark, options)
    return measuring.publish(results, options.folder, report, "table.md", "picture.svg", "results.json")


if __name__ == "__main__":
    measuring.exit_with(main)
