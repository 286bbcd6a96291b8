//! Asks Elasticsearch's security whether a caller has a privilege (http.md §5.2).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::calls::Cluster;
use super::reply::{Reply, ReplyError};
use crate::http::caller::Caller;

const PATH: &str = "/_security/user/_has_privileges";

/// What the cluster says of a caller and a privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privilege {
    /// The caller has it.
    Held,
    /// The caller lacks it.
    Lacking {
        /// Who the cluster says the caller is.
        user: String,
    },
    /// Security is switched off: everybody may do everything.
    Unguarded,
}

/// Whether the caller has this cluster privilege. What is not known is an error: nobody is let through on a guess.
pub async fn check(cluster: &Cluster, privilege: &str, caller: &Caller) -> Result<Privilege, ReplyError> {
    let question = json!({ "cluster": [privilege] }).to_string();
    let reply = cluster.ask(Method::POST, PATH, Some(question.into()), caller).await?;
    read(reply)
}

fn read(reply: Reply) -> Result<Privilege, ReplyError> {
    let answer = reply.json();
    let has_all = answer.get("has_all_requested").and_then(Value::as_bool);
    match (reply.status, has_all) {
        (StatusCode::OK, Some(true)) => Ok(Privilege::Held),
        (StatusCode::OK, Some(false)) => {
            let user = answer.get("username").and_then(Value::as_str).unwrap_or_default();
            Ok(Privilege::Lacking { user: user.to_owned() })
        }
        _ if reply.says_no_such_call() => Ok(Privilege::Unguarded),
        _ => Err(reply.into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answered(status: u16, body: &'static str) -> Result<Privilege, ReplyError> {
        read(Reply {
            method: Method::POST,
            target: PATH.to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        })
    }

    #[test]
    fn the_answer_decides() {
        let held = answered(200, r#"{"username":"u","has_all_requested":true}"#);
        assert_eq!(held.expect("an answer"), Privilege::Held);
        let lacking = answered(200, r#"{"username":"u","has_all_requested":false}"#);
        let user = "u".to_owned();
        assert_eq!(lacking.expect("an answer"), Privilege::Lacking { user });
    }

    #[test]
    fn security_that_is_off_lets_everybody_do_everything() {
        let body = r#"{"error":"no handler found for uri [/_security/user/_has_privileges] and method [POST]"}"#;
        assert_eq!(answered(400, body).expect("an answer"), Privilege::Unguarded);
    }

    #[test]
    fn anything_else_lets_nobody_through() {
        for (status, body) in [
            (200, "{}"),
            (204, ""),
            (
                400,
                r#"{"error":{"type":"too_long_http_header_exception"},"status":400}"#,
            ),
            (401, ""),
            (403, "{}"),
            (404, "{}"),
            (405, ""),
            (429, "{}"),
            (500, "{}"),
            (503, "{}"),
        ] {
            assert!(answered(status, body).is_err(), "{status} {body}");
        }
    }
}
