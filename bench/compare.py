"""Compares the gateway with variants of it, slice by slice: see bench/compare.sh."""

import pathlib
import statistics

import measuring
import subjects
import upstream

UNCHANGED = "unchanged"


def subject(variant):
    """Returns the gateway with an environment variable, or another build of it."""
    gateway = subjects.gateway()
    name, is_assignment, value = variant.partition("=")
    if is_assignment:
        return subjects.Subject("compared", variant, gateway, environment=subjects.ALLOCATOR | {name: value})
    program = None if variant == UNCHANGED else pathlib.Path(variant).resolve(strict=True)

    def command(portal, port, folder):
        first, *others = gateway(portal, port, folder)
        return [program or first, *others]

    return subjects.Subject("compared", variant, command, environment=subjects.ALLOCATOR)


def measure(options, nginx, portal):
    """Returns the CPU time of a call in each slice, in microseconds, by variant."""
    bench = measuring.Bench(options, nginx, {})
    variants = [subject(variant) for variant in (UNCHANGED, *options.variants)]
    costs = {variant.title: [] for variant in variants}
    for _ in range(options.slices):
        for variant in variants:
            result = bench.measure(variant, portal, options.in_flight)
            if result["failures"]:
                raise RuntimeError(f"{variant.title} answered wrongly")
            costs[variant.title].append(result["cpu_us"])
        # The order alternates, so that none always follows the same.
        variants.reverse()
    return costs


def report(costs):
    print("| variant | CPU µs/RPC | ratio | quartiles |\n| --- | ---: | ---: | ---: |")
    for variant, cost in costs.items():
        ratios = [one / unchanged for one, unchanged in zip(cost, costs[UNCHANGED])]
        lower, median, upper = statistics.quantiles(ratios, n=4)
        print(f"| {variant} | {statistics.median(cost):.1f} | {median:.3f} | {lower:.3f}–{upper:.3f} |")


def main():
    parser = measuring.new_parser("bench/compare.sh")
    parser.add_argument("--payload", choices=upstream.PAYLOADS, default="one_key", help="(%(default)s)")
    parser.add_argument("--in-flight", type=int, default=64, help="calls at a time (%(default)s)")
    parser.add_argument("--slices", type=int, default=16, help="of each variant (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.6, help="of each slice (%(default)s)")
    parser.add_argument("variants", nargs="+", metavar="VARIANT")
    options = measuring.parse(parser)
    if options.slices < 2:
        parser.error("needs two slices at least")
    options.warm_up = options.seconds / 4
    with upstream.serving(options.load_core, options.folder, options.folder / "payloads") as (nginx, portals):
        report(measure(options, nginx, portals[options.payload, "http"]))


if __name__ == "__main__":
    measuring.exit_with(main)
