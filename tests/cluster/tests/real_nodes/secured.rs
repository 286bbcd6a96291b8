//! The kind with TLS, users and roles.

use cluster::{ADMIN, Kind, Node, READER, User, WRITER};

use crate::http::ask_as;

const JOB: &str = "PUT /anomaly-detectors/_create/";

#[test]
fn each_user_may_do_what_its_role_says_and_nobody_else_anything() {
    let kind = Kind::secured_for_this_machine().unwrap();
    let node = Node::builder(kind).start().unwrap();
    assert!(node.url().starts_with("https://"), "{}", node.url());
    roles_hold(&node);
}

#[test]
#[ignore = "downloads and starts every kind; run by cargo xtask kinds"]
fn users_and_roles_hold_without_tls() {
    let kind = Kind::secured_for_this_machine().unwrap();
    let node = Node::builder(kind).without_tls().start().unwrap();
    assert!(node.url().starts_with("http://"), "{}", node.url());
    roles_hold(&node);
}

#[test]
#[ignore = "downloads and starts every kind; run by cargo xtask kinds"]
fn users_and_roles_hold_with_an_older_jdk() {
    let node = Node::builder(Kind::SecuredOpenSearch2).start().unwrap();
    roles_hold(&node);
}

fn roles_hold(node: &Node) {
    let status = |user: Option<User>, request: &str| {
        let body = if request.starts_with("PUT") { r#"{"a":1}"# } else { "" };
        ask_as(user, node, request, body).status
    };
    let wrong = User {
        name: "writer",
        password: "wrong",
    };
    assert_eq!(status(None, "GET /"), 401);
    assert_eq!(status(Some(wrong), "GET /"), 401);
    assert_eq!(status(Some(ADMIN), "GET /"), 200);
    assert_eq!(status(Some(READER), &format!("{JOB}x")), 403);
    assert_eq!(status(Some(WRITER), &format!("{JOB}x")), 201);
    assert_eq!(status(Some(WRITER), &format!("{JOB}x")), 409);
    assert_eq!(status(Some(READER), "GET /anomaly-detectors/_doc/x"), 200);
    assert_eq!(status(Some(WRITER), "PUT /another/_create/x"), 403);
    assert_eq!(status(Some(ADMIN), "PUT /another/_create/x"), 201);
}
