"""The contract suite's runner for Python's asyncio; tests/contract/README.md has the protocol."""

import asyncio
import json
import sys
from typing import Any

from runner import credential_of, failure, options_of, request_of, response

from docspace.apikeys import ApiKeysError, aio
from docspace.apikeys.v1 import api_keys_pb2_grpc


async def run(call: dict[str, Any]) -> dict[str, Any]:
    try:
        opened = aio.connect(call["target"], credential_of(call), **options_of(call))
    except ValueError as refusal:
        return {"refused": str(refusal)}
    async with opened as channel:
        method = getattr(api_keys_pb2_grpc.ApiKeysStub(channel), call["rpc"])
        try:
            return response(await method(request_of(call), metadata=tuple(call["metadata"].items())))
        except ApiKeysError as error:
            return failure(error)


async def main() -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await run(json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
