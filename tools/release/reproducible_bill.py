"""Reads a bill of materials in CycloneDX from standard input, and writes it so that the same content has the same bytes.

The tool that makes it gives it a random number and the time; here the number is made from the content, and the time
is that of SOURCE_DATE_EPOCH."""

import datetime
import json
import os
import sys
import uuid


def main():
    bill = json.load(sys.stdin)
    if not bill.get("components"):
        sys.exit("The bill of materials has no component.")
    time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    bill.pop("serialNumber", None)
    bill["metadata"]["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    bill["components"].sort(key=lambda component: component["bom-ref"])
    content = json.dumps(bill, sort_keys=True)
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, content).urn
    json.dump(bill, sys.stdout, indent=2, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
