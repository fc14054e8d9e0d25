use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tonic::service::Interceptor;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint, Uri};
use tonic::{Code, Extensions, IntoRequest, Request, Response, Status};

use crate::retry::Access;
use crate::v1::api_keys_client::ApiKeysClient;
use crate::v1::{
    CreateApiKeyRequest, CreateApiKeyResponse, DeleteApiKeyRequest, DeleteApiKeyResponse,
    GetAllPermissionsRequest, GetAllPermissionsResponse, GetApiKeyRequest, GetApiKeyResponse,
    GetApiKeysRequest, GetApiKeysResponse, UpdateApiKeyRequest, UpdateApiKeyResponse,
};
use crate::{Credential, Error, RetryPolicy};

/// The ApiKeys API of a portal, through the gateway. A clone is cheap and shares the connection.
///
/// Each call takes a message, or a [`tonic::Request`] with metadata that the gateway passes on: `x-request-id`,
/// `traceparent`, `tracestate`, `accept-language`.
///
/// Reads are repeated after `UNAVAILABLE`, as [`Client::with_retry`] says. A write is sent once:
/// [`Error::is_safe_to_retry`] tells whether the caller may repeat it.
#[derive(Clone, Debug)]
pub struct Client {
    stub: ApiKeysClient<Channel>,
    credential: Option<Credential>,
    timeout: Duration,
    retry: RetryPolicy,
}

impl Client {
    /// Does not wait: the first call connects. Refuses plaintext to another machine with
    /// `INVALID_ARGUMENT`: an `http://` endpoint whose host is neither `localhost` nor a loopback address.
    ///
    /// tonic ignores the TLS settings of an `http://` endpoint without an error; [`Client::connect_with_tls`]
    /// refuses the two together.
    pub fn connect(endpoint: Endpoint, credential: impl Into<Option<Credential>>) -> Result<Self, Error> {
        if !is_https(&endpoint) && !is_loopback(endpoint.uri()) {
            return Err(Error::new(
                Code::InvalidArgument,
                "plaintext would show the credential to other machines: use https, or allow_remote_plaintext",
            ));
        }
        Ok(Self::new(endpoint.connect_lazy(), credential))
    }

    /// Does what [`Client::connect`] does, with the settings of `tls`. Refuses an `http://` endpoint, and invalid
    /// settings, with `INVALID_ARGUMENT`.
    pub fn connect_with_tls(
        endpoint: Endpoint,
        tls: ClientTlsConfig,
        credential: impl Into<Option<Credential>>,
    ) -> Result<Self, Error> {
        if !is_https(&endpoint) {
            return Err(Error::new(Code::InvalidArgument, "TLS and an http:// endpoint exclude each other"));
        }
        let endpoint = endpoint.tls_config(tls).map_err(|error| {
            Error::new(Code::InvalidArgument, format!("the TLS settings cannot be used: {error}"))
        })?;
        Self::connect(endpoint, credential)
    }

    /// Does what [`Client::connect`] does, but lets plaintext reach other machines. It is for networks that encrypt
    /// their traffic, such as a service mesh. On other networks everyone on the path can read the credential.
    pub fn allow_remote_plaintext(endpoint: Endpoint, credential: impl Into<Option<Credential>>) -> Self {
        Self::new(endpoint.connect_lazy(), credential)
    }

    /// Makes a client of a channel, without checks.
    pub fn new(channel: Channel, credential: impl Into<Option<Credential>>) -> Self {
        // A list of 10,000 keys is about twice gRPC's default of 4 MiB.
        let stub = ApiKeysClient::new(channel).max_decoding_message_size(64 * 1024 * 1024);
        Self {
            stub,
            credential: credential.into(),
            timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
        }
    }

    /// Sets the deadline of a whole call, retries included. The default is 30 seconds.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets the retries of reads.
    #[must_use]
    pub fn with_retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// The response holds the key's secret, which is available only once: see [`take_secret`](crate::take_secret).
    pub async fn create_api_key(
        &self,
        request: impl IntoRequest<CreateApiKeyRequest>,
    ) -> Result<CreateApiKeyResponse, Error> {
        self.call(Access::Write, request, async |mut stub, request| stub.create_api_key(request).await).await
    }

    pub async fn delete_api_key(
        &self,
        request: impl IntoRequest<DeleteApiKeyRequest>,
    ) -> Result<DeleteApiKeyResponse, Error> {
        self.call(Access::Write, request, async |mut stub, request| stub.delete_api_key(request).await).await
    }

    pub async fn get_all_permissions(
        &self,
        request: impl IntoRequest<GetAllPermissionsRequest>,
    ) -> Result<GetAllPermissionsResponse, Error> {
        self.call(Access::Read, request, async |mut stub, request| stub.get_all_permissions(request).await)
            .await
    }

    pub async fn get_api_key(
        &self,
        request: impl IntoRequest<GetApiKeyRequest>,
    ) -> Result<GetApiKeyResponse, Error> {
        self.call(Access::Read, request, async |mut stub, request| stub.get_api_key(request).await).await
    }

    pub async fn get_api_keys(
        &self,
        request: impl IntoRequest<GetApiKeysRequest>,
    ) -> Result<GetApiKeysResponse, Error> {
        self.call(Access::Read, request, async |mut stub, request| stub.get_api_keys(request).await).await
    }

    pub async fn update_api_key(
        &self,
        request: impl IntoRequest<UpdateApiKeyRequest>,
    ) -> Result<UpdateApiKeyResponse, Error> {
        self.call(Access::Write, request, async |mut stub, request| stub.update_api_key(request).await).await
    }

    async fn call<Q: Clone, R, F: Future<Output = Result<Response<R>, Status>>>(
        &self,
        access: Access,
        request: impl IntoRequest<Q>,
        method: impl Fn(ApiKeysClient<Channel>, Request<Q>) -> F,
    ) -> Result<R, Error> {
        let deadline = Instant::now() + self.timeout;
        let (metadata, _, message) = request.into_request().into_parts();
        let mut head = Request::from_parts(metadata, Extensions::default(), ());
        if let Some(mut credential) = self.credential.clone() {
            head = credential.call(head)?;
        }
        let (metadata, _, ()) = head.into_parts();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut request = Request::from_parts(metadata.clone(), Extensions::default(), message.clone());
            request.set_timeout(deadline - Instant::now());
            let error = match timeout_at(deadline, method(self.stub.clone(), request)).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => Error::from(status),
                Err(_) => Error::new(Code::DeadlineExceeded, "the deadline passed"),
            };
            let remaining = deadline - Instant::now();
            match self.retry.next_delay(access, &error, attempts, remaining, fastrand::f64()) {
                Some(delay) => sleep(delay).await,
                None => return Err(error),
            }
        }
    }
}

fn is_https(endpoint: &Endpoint) -> bool {
    endpoint.uri().scheme_str() == Some("https")
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn refuses_plaintext_to_another_machine_unless_it_is_allowed() {
        for (uri, taken) in [
            ("https://gateway.example", true),
            ("http://localhost:50051", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.2:50051", true),
            ("http://[::1]:50051", true),
            ("http://gateway.example", false),
            ("http://192.0.2.1:50051", false),
            ("http://[2001:db8::1]:50051", false),
            ("http://0.0.0.0:50051", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
        ] {
            let endpoint = Endpoint::from_static(uri);
            let client = Client::connect(endpoint, Credential::api_key("sk-planted").unwrap());
            assert_eq!(client.is_ok(), taken, "{uri}");
            assert!(!format!("{client:?}").contains("planted"));
        }
        Client::allow_remote_plaintext(Endpoint::from_static("http://gateway.example"), None);
    }

    #[tokio::test]
    async fn refuses_tls_together_with_plaintext() {
        let tls = ClientTlsConfig::new().with_native_roots();
        let http = Endpoint::from_static("http://localhost:50051");
        let refused = Client::connect_with_tls(http, tls.clone(), None).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let https = Endpoint::from_static("https://localhost:50051");
        assert!(Client::connect_with_tls(https, tls, None).is_ok());
    }

    #[tokio::test]
    async fn repeats_a_read_after_the_connection_broke_and_a_write_never() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicU32::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok(connection) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let initial_backoff = Duration::from_millis(1);
        let client = Client::connect(Endpoint::from_shared(uri).unwrap(), None)
            .unwrap()
            .with_retry(RetryPolicy { initial_backoff, ..RetryPolicy::default() });
        let error = client.create_api_key(CreateApiKeyRequest::default()).await.unwrap_err();
        assert_eq!((error.code(), connections.swap(0, Ordering::SeqCst)), (Code::Unavailable, 1));
        let error = client.get_api_keys(GetApiKeysRequest::default()).await.unwrap_err();
        assert_eq!((error.code(), connections.load(Ordering::SeqCst)), (Code::Unavailable, 4));
    }
}
