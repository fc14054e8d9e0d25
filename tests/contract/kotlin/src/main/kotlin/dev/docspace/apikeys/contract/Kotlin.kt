package dev.docspace.apikeys.contract

import com.google.protobuf.Message
import dev.docspace.apikeys.v1.ApiKeysGrpcKt.ApiKeysCoroutineStub
import dev.docspace.apikeys.v1.CreateApiKeyRequest
import dev.docspace.apikeys.v1.DeleteApiKeyRequest
import dev.docspace.apikeys.v1.GetAllPermissionsRequest
import dev.docspace.apikeys.v1.GetApiKeyRequest
import dev.docspace.apikeys.v1.GetApiKeysRequest
import dev.docspace.apikeys.v1.UpdateApiKeyRequest
import io.grpc.Channel
import kotlinx.coroutines.runBlocking

/** Makes calls with Kotlin's coroutine stubs. */
private object Coroutines : Runner.Style<ApiKeysCoroutineStub> {
    override fun stub(channel: Channel) = ApiKeysCoroutineStub(channel)

    override fun call(stub: ApiKeysCoroutineStub, request: Message): Message = runBlocking {
        when (request) {
            is CreateApiKeyRequest -> stub.createApiKey(request)
            is DeleteApiKeyRequest -> stub.deleteApiKey(request)
            is GetAllPermissionsRequest -> stub.getAllPermissions(request)
            is GetApiKeyRequest -> stub.getApiKey(request)
            is GetApiKeysRequest -> stub.getApiKeys(request)
            is UpdateApiKeyRequest -> stub.updateApiKey(request)
            else -> error(request.descriptorForType.fullName)
        }
    }
}

fun main() = Runner.run(Coroutines)
