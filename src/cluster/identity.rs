//! Which product and version stands behind the gateway, as its `GET /` says.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use http::header::{HeaderMap, HeaderName, HeaderValue, WARNING};
use http::{Method, StatusCode};
use serde_json::Value;

use super::calls::Cluster;
use super::reply::{Reply, ReplyError};
use crate::es::version::Version;
use crate::http::caller::Caller;

/// How long an identity is believed. A rolling upgrade of the cluster is noticed within this time.
const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// Fields that say which product answers. A cluster that sends one sends it on every answer, and official clients
/// insist on it, so the gateway's own answers carry it too (http.md §2.6, §3, §4.1).
const PRODUCT_FIELDS: [HeaderName; 2] = [
    HeaderName::from_static("x-elastic-product"),
    HeaderName::from_static("x-opensearch-version"),
];

/// The two products that a cluster may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Elasticsearch.
    Elasticsearch,
    /// OpenSearch, which has no machine learning API of this kind; the gateway answers for it as version 7.0.
    OpenSearch,
}

/// What a cluster says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The product.
    pub product: Product,
    /// The product's own version.
    pub version: Version,
    /// The hash of the product's build, which its warnings carry.
    pub build_hash: String,
    /// The fields that every answer of this cluster carries.
    pub product_fields: HeaderMap,
    /// The warnings that every answer of this cluster carries: from 7.16 on, that its security is off (http.md
    /// §2.6).
    pub warnings: Vec<HeaderValue>,
}

impl Identity {
    /// The version of Elasticsearch that the gateway answers as when it is to follow the cluster.
    #[must_use]
    pub const fn api(&self) -> Version {
        match self.product {
            Product::Elasticsearch => self.version,
            Product::OpenSearch => Version::BASE,
        }
    }

    fn from_reply(reply: &Reply) -> Option<Self> {
        let page = reply.json();
        let version = page.pointer("/version/number")?.as_str()?.parse().ok()?;
        let product = product(&page, &reply.headers)?;
        let build_hash = page
            .pointer("/version/build_hash")
            .and_then(|hash| hash.as_str())
            .unwrap_or("unknown")
            .to_owned();
        let product_fields = PRODUCT_FIELDS
            .iter()
            .filter_map(|name| Some((name.clone(), reply.headers.get(name)?.clone())))
            .collect();
        Some(Self {
            product,
            version,
            build_hash,
            product_fields,
            warnings: reply.headers.get_all(WARNING).iter().cloned().collect(),
        })
    }
}

/// The product whose page this is. OpenSearch can be told to give a version of Elasticsearch, but its page still names
/// itself; of a distribution that is neither nothing is known.
fn product(page: &Value, headers: &HeaderMap) -> Option<Product> {
    let text = |pointer: &str| page.pointer(pointer).and_then(Value::as_str);
    let is_opensearch = headers.contains_key(&PRODUCT_FIELDS[1])
        || text("/tagline").is_some_and(|tagline| tagline.contains("OpenSearch"));
    match text("/version/distribution") {
        Some("opensearch") => Some(Product::OpenSearch),
        None if is_opensearch => Some(Product::OpenSearch),
        None => Some(Product::Elasticsearch),
        Some(_) => None,
    }
}

/// Why a cluster's identity is not known.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The cluster did not answer, or with something else than its page, such as 401, or 503 while it starts.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The answer is no page of Elasticsearch or OpenSearch. Usual cause: the upstream address is another service's.
    #[error("the answer to GET / is not that of Elasticsearch or OpenSearch")]
    NotACluster,
}

impl IdentityError {
    /// Whether the cluster knows the caller, and does not let them see its page: it takes a privilege of its own.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Reply(ReplyError::Refused(refused)) if refused.reply().status == StatusCode::FORBIDDEN)
    }
}

/// The identity last seen, shared by all threads of a gateway.
#[derive(Debug, Default)]
pub struct IdentityCache {
    seen: Mutex<Option<(Instant, Identity)>>,
}

impl IdentityCache {
    /// The cluster's identity: the one seen last, or, when that is too old, the one it gives now.
    pub async fn identity(&self, cluster: &Cluster, caller: &Caller) -> Result<Identity, IdentityError> {
        if let Some(identity) = self.last_seen(BELIEVED_FOR) {
            return Ok(identity);
        }
        self.ask(cluster, caller).await
    }

    /// The identity last seen, if that was not longer ago than `age`. Nothing is asked.
    #[must_use]
    pub fn last_seen(&self, age: Duration) -> Option<Identity> {
        let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.as_ref()
            .filter(|(when, _)| when.elapsed() < age)
            .map(|(_, identity)| identity.clone())
    }

    /// Asks the cluster who it is, with the caller's credentials; the answer also tells whether they are accepted.
    pub async fn ask(&self, cluster: &Cluster, caller: &Caller) -> Result<Identity, IdentityError> {
        let reply = cluster
            .call(Method::GET, "/", None, caller)
            .await
            .map_err(ReplyError::from)?;
        if reply.status != StatusCode::OK {
            return Err(ReplyError::from(reply).into());
        }
        let identity = Identity::from_reply(&reply).ok_or(IdentityError::NotACluster)?;
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *seen = Some((Instant::now(), identity.clone()));
        Ok(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &'static str) -> Reply {
        let product = (PRODUCT_FIELDS[0].clone(), HeaderValue::from_static("Elasticsearch"));
        let warning = (
            WARNING,
            HeaderValue::from_static("299 Elasticsearch-8.19.21-x \"security is off\""),
        );
        let headers = HeaderMap::from_iter([product, warning]);
        Reply {
            method: Method::GET,
            target: "/".to_owned(),
            status: StatusCode::OK,
            headers,
            body: body.into(),
        }
    }

    #[test]
    fn elasticsearch_is_taken_at_its_word() {
        let reply =
            page(r#"{"version":{"number":"8.19.21","build_flavor":"default"},"tagline":"You Know, for Search"}"#);
        let identity = Identity::from_reply(&reply).expect("a cluster's page");
        assert_eq!(identity.api(), Version::new(8, 19, 21));
        assert_eq!(identity.product_fields["x-elastic-product"], "Elasticsearch");
        assert_eq!(identity.warnings, ["299 Elasticsearch-8.19.21-x \"security is off\""]);
    }

    #[test]
    fn opensearch_is_answered_for_as_the_base_version() {
        let reply = page(r#"{"version":{"distribution":"opensearch","number":"3.8.0"}}"#);
        let identity = Identity::from_reply(&reply).expect("a cluster's page");
        assert_eq!((identity.product, identity.api()), (Product::OpenSearch, Version::BASE));
    }

    #[test]
    fn opensearch_that_gives_another_version_is_still_opensearch() {
        let page =
            page(r#"{"version":{"number":"7.10.2"},"tagline":"The OpenSearch Project: https://opensearch.org/"}"#);
        let identity = Identity::from_reply(&page).expect("a cluster's page");
        assert_eq!(identity.product, Product::OpenSearch);
    }

    #[test]
    fn another_service_is_no_cluster() {
        let other = r#"{"version":{"distribution":"another","number":"1.0.0"}}"#;
        assert_eq!(Identity::from_reply(&page(other)), None);
        assert_eq!(Identity::from_reply(&page(r#"{"hello":"world"}"#)), None);
        assert_eq!(Identity::from_reply(&page("<html>")), None);
    }
}
