/**
 * Lists, creates, updates and deletes a key: `DOCSPACE_API_KEY=sk-… TourKt HOST:PORT [NAME]`
 *
 * `DOCSPACE_CA_FILE` names a file of authorities to trust instead of those of the JDK.
 */
package dev.docspace.apikeys.example

import dev.docspace.apikeys.ErrorDetails
import dev.docspace.apikeys.CreatedKey
import dev.docspace.apikeys.Credential
import dev.docspace.apikeys.GatewayChannel
import dev.docspace.apikeys.v1.ApiKeysGrpcKt.ApiKeysCoroutineStub
import dev.docspace.apikeys.v1.CreateApiKeyRequest
import dev.docspace.apikeys.v1.DeleteApiKeyRequest
import dev.docspace.apikeys.v1.GetApiKeysRequest
import dev.docspace.apikeys.v1.UpdateApiKeyRequest
import io.grpc.Status
import io.grpc.StatusException
import io.grpc.TlsChannelCredentials
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.system.exitProcess
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking

fun main(arguments: Array<String>) {
    val name = arguments.getOrElse(1) { "Example" }
    val trust = TlsChannelCredentials.newBuilder()
    System.getenv("DOCSPACE_CA_FILE")?.let { trust.trustManager(File(it)) }
    val credential = Credential.apiKey(System.getenv("DOCSPACE_API_KEY"))
    val channel = GatewayChannel.builder(arguments[0], trust.build()).build()
    val keys = ApiKeysCoroutineStub(channel).withCallCredentials(credential)
    try {
        runBlocking { tour(keys, name) }
    } catch (failure: StatusException) {
        explain(ErrorDetails.of(failure))
        exitProcess(1)
    } finally {
        channel.shutdownNow()
    }
}

private suspend fun tour(keys: ApiKeysCoroutineStub, name: String) {
    println("${list(keys).size} keys")
    val id = create(keys, name)
    val update = UpdateApiKeyRequest.newBuilder().setKeyId(id).setIsActive(false).build()
    if (keys.updateApiKey(update).updated) println("updated $name")
    val delete = DeleteApiKeyRequest.newBuilder().setKeyId(id).build()
    println(if (delete(keys, delete)) "deleted $name" else "not deleted: another user's key")
}

/** Deletes a key. For a key of another user, older portals return false and newer ones deny access. */
private suspend fun delete(keys: ApiKeysCoroutineStub, request: DeleteApiKeyRequest) =
    try {
        keys.withDeadlineAfter(5, TimeUnit.SECONDS).deleteApiKey(request).deleted
    } catch (failure: StatusException) {
        if (ErrorDetails.of(failure).reason != "ACCESS_DENIED") throw failure
        false
    }

private suspend fun list(keys: ApiKeysCoroutineStub) =
    keys.getApiKeys(GetApiKeysRequest.getDefaultInstance()).apiKeysList

/** Creates a key and returns its id, even if a response is lost. */
private suspend fun create(keys: ApiKeysCoroutineStub, name: String): String {
    val request =
        CreateApiKeyRequest.newBuilder().setName(name).addPermissions("files:read").setExpiresInDays(30).build()
    var attempts = 0
    while (true) {
        attempts++
        try {
            // secret.reveal() is the only way to read the secret: pass it to the program that stores it.
            val created = CreatedKey.takeSecret(keys.createApiKey(request))
            println("created $name")
            return created.apiKey.id
        } catch (failure: StatusException) {
            val error = ErrorDetails.of(failure)
            if (error.reason == "WRITE_OUTCOME_UNKNOWN") {
                // The key may exist, but its secret is lost.
                list(keys).find { it.name == name }?.let {
                    println("found $name")
                    return it.id
                }
            } else if (!error.isSafeToRetry) {
                throw failure
            }
            if (attempts == 3) throw failure
            delay(error.backoff(attempts).toMillis())
        }
    }
}

private fun explain(error: ErrorDetails) {
    for (violation in error.fieldViolations) System.err.println("${violation.field}: ${violation.description}")
    if (error.code == Status.Code.UNAUTHENTICATED) System.err.println("DOCSPACE_API_KEY is not accepted: renew it")
    System.err.println("${error.code} ${error.reason}: ${error.message} (request ${error.requestId()})")
}
