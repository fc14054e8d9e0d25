// Lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… node example.js HOST:PORT [NAME]
//
// DOCSPACE_CA_FILE names a file of authorities to trust instead of those of Node.js.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { credentials, status } from "@grpc/grpc-js";

import { apiKey, type ApiKeysClient, ApiKeysError, connect, takeSecret } from "@docspace/apikeys";

/** Creates a key and returns its id, even if a response is lost. */
async function create(keys: ApiKeysClient, name: string): Promise<string> {
  for (let attempts = 1; ; ++attempts) {
    try {
      const created = await keys.createApiKey({ name, permissions: ["files:read"], expiresInDays: 30 });
      // reveal() is the only way to read the secret: pass it to the program that stores it.
      takeSecret(created);
      console.log("created", name);
      return created.apiKey?.id ?? "";
    } catch (error) {
      if (!(error instanceof ApiKeysError)) throw error;
      if (error.reason === "WRITE_OUTCOME_UNKNOWN") {
        // The key may exist, but its secret is lost.
        const { apiKeys } = await keys.getApiKeys({});
        const found = apiKeys.find((key) => key.name === name);
        if (found) {
          console.log("found", name);
          return found.id ?? "";
        }
      } else if (!error.isSafeToRetry) {
        throw error;
      }
      if (attempts === 3) throw error;
      await setTimeout(error.backoffMs(attempts));
    }
  }
}

/** Deletes a key. For a key of another user, older portals return false and newer ones deny access. */
async function remove(keys: ApiKeysClient, keyId: string): Promise<boolean> {
  try {
    return (await keys.deleteApiKey({ keyId }, { timeoutMs: 5000 })).deleted;
  } catch (error) {
    if (error instanceof ApiKeysError && error.reason === "ACCESS_DENIED") return false;
    throw error;
  }
}

async function tour(keys: ApiKeysClient, name: string): Promise<void> {
  console.log((await keys.getApiKeys({})).apiKeys.length, "keys");
  const keyId = await create(keys, name);
  if ((await keys.updateApiKey({ keyId, isActive: false })).updated) console.log("updated", name);
  console.log((await remove(keys, keyId)) ? `deleted ${name}` : "not deleted: another user's key");
}

async function main(): Promise<void> {
  const [target = "", name = "Example"] = process.argv.slice(2);
  const caFile = process.env["DOCSPACE_CA_FILE"];
  const keys = connect(target, {
    credential: apiKey(process.env["DOCSPACE_API_KEY"] ?? ""),
    tls: credentials.createSsl(caFile ? readFileSync(caFile) : null),
  });
  try {
    await tour(keys, name);
  } catch (error) {
    if (!(error instanceof ApiKeysError)) throw error;
    for (const { field, description } of error.fieldViolations) console.error(`${field}: ${description}`);
    if (error.code === status.UNAUTHENTICATED) console.error("DOCSPACE_API_KEY is not accepted: renew it");
    console.error(`${error.message} (request ${error.requestId})`);
    process.exitCode = 1;
  } finally {
    keys.close();
  }
}

await main();
