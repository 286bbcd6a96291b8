//! Who makes a request, as the cluster knows them: the name and the roles (http.md §5.2, §5.3).

use http::{Method, StatusCode};
use serde_json::Value;

use super::calls::Cluster;
use super::identity::Product;
use super::reply::{Reply, ReplyError};
use crate::es::user::User;
use crate::http::caller::Caller;

/// The caller, or none where the cluster has no security. What is not known is an error.
pub async fn user(cluster: &Cluster, product: Product, caller: &Caller) -> Result<Option<User>, ReplyError> {
    let path = match product {
        Product::Elasticsearch => "/_security/_authenticate",
        Product::OpenSearch => "/_plugins/_security/authinfo",
    };
    let reply = cluster.call(Method::GET, path, None, caller).await?;
    read(product, reply)
}

fn read(product: Product, reply: Reply) -> Result<Option<User>, ReplyError> {
    if reply.says_no_such_call() {
        return Ok(None);
    }
    let user = (reply.status == StatusCode::OK).then(|| named(product, &reply.json()));
    user.flatten().map(Some).ok_or_else(|| reply.into())
}

fn named(product: Product, page: &Value) -> Option<User> {
    let name = match product {
        Product::Elasticsearch => "username",
        Product::OpenSearch => "user_name",
    };
    let list = |key: &str| {
        let names = page.get(key).and_then(Value::as_array).into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    Some(User {
        name: page.get(name)?.as_str()?.to_owned(),
        roles: list("roles"),
        backend_roles: list("backend_roles"),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answered(product: Product, status: u16, body: &'static str) -> Result<Option<User>, ReplyError> {
        let reply = Reply {
            method: Method::GET,
            target: "/_security/_authenticate".to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        };
        read(product, reply)
    }

    #[test]
    fn both_products_name_their_users() {
        let page = r#"{"username":"ada","roles":["ml_admin"],"enabled":true}"#;
        let user = answered(Product::Elasticsearch, 200, page)
            .expect("an answer")
            .expect("a user");
        assert_eq!(user.names().collect::<Vec<_>>(), ["ada", "ml_admin"]);
        let page = r#"{"user_name":"ada","roles":["all_access"],"backend_roles":["admin"]}"#;
        let user = answered(Product::OpenSearch, 200, page)
            .expect("an answer")
            .expect("a user");
        assert_eq!(user.names().collect::<Vec<_>>(), ["ada", "all_access", "admin"]);
        assert_eq!((user.roles.len(), user.backend_roles.len()), (1, 1));
    }

    #[test]
    fn nobody_is_taken_for_a_caller_without_a_name() {
        for (status, body) in [
            (200, r#"{"a":1}"#),
            (200, "<html>"),
            (
                400,
                r#"{"error":{"type":"too_long_http_header_exception"},"status":400}"#,
            ),
            (401, ""),
            (404, "{}"),
            (405, ""),
            (503, "{}"),
        ] {
            for product in [Product::Elasticsearch, Product::OpenSearch] {
                assert!(answered(product, status, body).is_err(), "{status} {body}");
            }
        }
        let off = r#"{"error":"no handler found for uri [/_security/_authenticate] and method [GET]"}"#;
        let user = answered(Product::Elasticsearch, 400, off);
        assert_eq!(user.expect("an answer"), None);
    }
}
