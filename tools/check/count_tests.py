#!/usr/bin/env python3
"""Counts the test cases of one `bazel test`, from the build events that it wrote as JSON.

Usage: count_tests.py EVENTS. Prints "PASSED FAILED SKIPPED"; names what failed on stderr. A target that
did not run, or that failed although no case of it did (as when a leak is found at exit), is one failure.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as xml


def count_cases(path, target):
    """Returns how many cases of a test.xml passed, failed and were skipped."""
    passed = failed = skipped = 0
    for case in xml.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"FAILED {target} {case.get('classname', '')}.{case.get('name')}", file=sys.stderr)
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_result(result, target):
    """Returns the same for one run of a test target (or one shard of it)."""
    counts = (0, 0, 0)
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            counts = count_cases(urllib.parse.urlparse(output["uri"]).path, target)
    passed, failed, skipped = counts
    if result["status"] != "PASSED" and failed == 0:
        failed = 1
        print(f"FAILED {target} ({result['status']})", file=sys.stderr)
    return passed, failed, skipped


def main(events_path):
    totals = [0, 0, 0]
    unfinished = set()
    with open(events_path, encoding="utf-8") as events:
        for event in map(json.loads, events):
            kind = event["id"]
            if "testResult" in event:
                target = kind["testResult"]["label"]
                counts = count_result(event["testResult"], target)
                totals = [total + count for total, count in zip(totals, counts)]
            elif "targetCompleted" in kind and not event.get("completed", {}).get("success"):
                unfinished.add(kind["targetCompleted"]["label"])
    for target in sorted(unfinished):
        print(f"FAILED {target} (not built)", file=sys.stderr)
    totals[1] += len(unfinished)
    print(*totals)


if __name__ == "__main__":
    main(sys.argv[1])
