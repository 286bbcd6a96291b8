//! Who makes a request, as the cluster knows them: the name and the roles (contract http.md §5.2, §5.3).

use http::{Method, StatusCode};
use serde_json::Value;

use super::cluster::{CallError, Cluster, Reply};
use super::identity::Product;
use crate::es::caller::{Caller, User};

/// Why it is not known who makes a request.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The cluster does not know the caller.
    #[error("the cluster answered {}", .0.status)]
    Refused(Box<Reply>),
    /// The cluster did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// The caller, or none where the cluster has no security.
pub async fn user(cluster: &Cluster, product: Product, caller: &Caller) -> Result<Option<User>, UserError> {
    let path = match product {
        Product::Elasticsearch => "/_security/_authenticate",
        Product::OpenSearch => "/_plugins/_security/authinfo",
    };
    let reply = cluster.call(Method::GET, path, None, caller).await?;
    match reply.status {
        StatusCode::OK => Ok(read(product, &reply.json())),
        // Without security there is no such call, which each version says otherwise.
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(None),
        _ => Err(UserError::Refused(Box::new(reply))),
    }
}

fn read(product: Product, page: &Value) -> Option<User> {
    let (name, roles): (_, &[&str]) = match product {
        Product::Elasticsearch => ("username", &["roles"]),
        Product::OpenSearch => ("user_name", &["roles", "backend_roles"]),
    };
    let roles = roles.iter().filter_map(|key| page.get(*key)?.as_array()).flatten();
    Some(User {
        name: page.get(name)?.as_str()?.to_owned(),
        roles: roles.filter_map(|role| role.as_str().map(str::to_owned)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_products_name_their_users() {
        let ada = |roles: &[&str]| User {
            name: "ada".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
        };
        let page = json!({"username": "ada", "roles": ["ml_admin"], "enabled": true});
        assert_eq!(read(Product::Elasticsearch, &page), Some(ada(&["ml_admin"])));
        let page = json!({"user_name": "ada", "roles": ["all_access"], "backend_roles": ["admin"]});
        assert_eq!(read(Product::OpenSearch, &page), Some(ada(&["all_access", "admin"])));
        assert_eq!(read(Product::OpenSearch, &json!({"a": 1})), None);
    }
}
