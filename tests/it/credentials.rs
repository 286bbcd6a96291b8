//! A cluster with users: the caller's credentials decide, and what the cluster says of them is the answer.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cluster::{READER, User, WRITER};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::wire::{self, Answer};

fn create(gateway: &Gateway, id: &str, authorization: Option<&str>, body: &str) -> Answer {
    let mut fields = vec![("content-type", "application/json")];
    fields.extend(authorization.map(|value| ("Authorization", value)));
    wire::call(
        gateway.address,
        "PUT",
        &format!("/_ml/anomaly_detectors/{id}"),
        &fields,
        body,
    )
}

fn basic(user: User) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(user.to_string()))
}

#[test]
fn the_callers_credentials_go_along_and_the_clusters_refusal_comes_back() {
    let secured = node::start_secured();
    let wrong = basic(User {
        password: "wrong",
        ..WRITER
    });
    let gateway = Gateway::before(&[secured.url()]);
    let direct = |authorization: Option<&str>| {
        let fields: Vec<_> = authorization
            .map(|value| ("Authorization", value))
            .into_iter()
            .collect();
        wire::call(wire::address_of(secured.url()), "GET", "/", &fields, "")
    };

    // Nobody, before and after the gateway has learnt who the cluster is, with a good body and with a bad one.
    for authorization in [None, Some(wrong.as_str())] {
        for body in [job::smallest().as_str(), "{"] {
            let answer = create(&gateway, "a", authorization, body);
            let expected = direct(authorization);
            assert_eq!(answer.status(), 401);
            assert_eq!(answer.text(), expected.text(), "the cluster's own answer");
            assert_eq!(answer.values("www-authenticate"), expected.values("www-authenticate"));
            assert!(!answer.values("www-authenticate").is_empty());
        }
    }

    // May read, may not write.
    let forbidden = create(&gateway, "a", Some(&basic(READER)), &job::smallest());
    assert_eq!(forbidden.status(), 403, "{}", forbidden.text());
    assert_eq!(forbidden.json()["error"]["type"], "security_exception");
    assert!(
        forbidden.json()["error"]["reason"]
            .as_str()
            .expect("a reason")
            .contains("name=reader")
    );

    // May write into the job index, and no more than that.
    let created = create(&gateway, "a", Some(&basic(WRITER)), &job::smallest());
    assert_eq!(created.status(), 200, "{}", created.text());
    let again = create(&gateway, "a", Some(&basic(WRITER)), &job::smallest());
    assert_eq!(again.json()["error"]["type"], "resource_already_exists_exception");

    // By now the gateway knows the cluster; a caller it does not know is still told nothing but that.
    assert_eq!(create(&gateway, "b", None, "{").status(), 401);
    assert_eq!(create(&gateway, "b", Some(&basic(WRITER)), "{").status(), 400);

    // Forwarded calls carry them too.
    let reader = basic(READER);
    let fields = [("Authorization", reader.as_str())];
    let target = "/anomaly-detectors/_doc/anomaly_detector-a";
    assert_eq!(wire::call(gateway.address, "GET", target, &fields, "").status(), 200);
    assert_eq!(gateway.call("GET", target, "").status(), 401);
}
