//! Before a real OpenSearch with users and roles.

use std::time::{Duration, Instant};

use cluster::{ADMIN, Node, READER, User, WRITER};
use serde_json::{Value, json};

use super::{Guarded, basic, statuses};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::wire::{self, Answer, eventually};

/// May see who the cluster is and who it is itself, and has no privilege on any index.
const CREATOR: (&str, &str) = ("creator", "Quiet-Lantern-7");

fn of(user: User) -> String {
    basic(user.name, user.password)
}

fn creator() -> String {
    basic(CREATOR.0, CREATOR.1)
}

fn as_admin(node: &Node, method: &str, target: &str, body: &Value) -> Answer {
    let admin = of(ADMIN);
    let fields = [("content-type", "application/json"), ("authorization", admin.as_str())];
    let answer = wire::call(wire::address_of(node.url()), method, target, &fields, &body.to_string());
    assert!(answer.status() < 300, "{method} {target}: {}", answer.text());
    answer
}

/// Gives the role to these users and to nobody else.
fn give_role(node: &Node, users: &Value) {
    as_admin(
        node,
        "PUT",
        "/_plugins/_security/api/rolesmapping/job_creators",
        &json!({ "users": users }),
    );
}

fn cluster() -> Node {
    let node = node::start_secured();
    let role = json!({"cluster_permissions": ["cluster_monitor"], "index_permissions": []});
    as_admin(&node, "PUT", "/_plugins/_security/api/roles/job_creators", &role);
    let user = json!({"password": CREATOR.1});
    as_admin(
        &node,
        "PUT",
        &format!("/_plugins/_security/api/internalusers/{}", CREATOR.0),
        &user,
    );
    give_role(&node, &json!([CREATOR.0]));
    node
}

#[test]
fn callers_are_served_by_what_they_may_do_themselves_or_by_their_roles() {
    let node = cluster();
    let wrong = basic(WRITER.name, "wrong");
    let callers: [(&str, Option<String>); 6] = [
        ("nobody", None),
        ("wrong", Some(wrong)),
        ("reader", Some(of(READER))),
        ("writer", Some(of(WRITER))),
        ("creator", Some(creator())),
        ("admin", Some(of(ADMIN))),
    ];
    let by_themselves = Guarded::before(node.url(), None, "");
    let by_account = Guarded::before(node.url(), Some(&of(WRITER)), "");
    // Somebody has to have made the index before it can be searched.
    assert_eq!(
        by_account.create("first", &[("authorization", &creator())]).status(),
        200
    );
    let expected = [
        // create, dry run, no job, forwarded
        ("nobody", [401, 401, 401, 401], [401, 401, 401, 401]),
        ("wrong", [401, 401, 401, 401], [401, 401, 401, 401]),
        ("reader", [403, 403, 400, 200], [403, 403, 400, 200]),
        ("writer", [200, 200, 400, 200], [403, 403, 400, 200]),
        ("creator", [403, 403, 400, 403], [200, 200, 400, 403]),
        ("admin", [200, 200, 400, 200], [200, 200, 400, 200]),
    ];
    for ((name, caller), (expected_name, of_themselves, of_account)) in callers.iter().zip(expected) {
        assert_eq!(*name, expected_name);
        let own = statuses(&by_themselves, &format!("own-{name}"), caller.as_deref());
        assert_eq!(own, of_themselves, "{name}, as themselves");
        let served = statuses(&by_account, &format!("served-{name}"), caller.as_deref());
        assert_eq!(served, of_account, "{name}, served by the account");
    }
    let refused = by_account.create("x", &[("authorization", &of(READER))]).json();
    assert_eq!(refused["error"]["type"], "security_exception");
    let reason = refused["error"]["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("[reader]") && reason.contains("[access.roles]"),
        "{reason}"
    );

    // What is secret of the account is nowhere to be seen.
    let password = WRITER.password;
    let account = of(WRITER);
    let secret = account.strip_prefix("Basic ").expect("basic");
    let metrics = by_account.gateway.ask_admin("GET", "/metrics").text();
    let ready = by_account.gateway.ask_admin("GET", "/ready").text();
    for text in [by_account.gateway.log(), metrics, ready] {
        // The writer has called by themselves, too, through the other gateway only.
        assert!(!text.contains(password) && !text.contains(&format!("Basic {secret}")));
    }
}

#[test]
fn a_role_that_is_taken_away_works_no_longer_than_the_cache_remembers() {
    let node = cluster();
    let guarded = Guarded::before(node.url(), Some(&of(ADMIN)), "");
    let creator = creator();
    let caller = [("authorization", creator.as_str())];
    assert_eq!(guarded.create("a", &caller).status(), 200);
    give_role(&node, &json!(["somebody"]));
    let taken = Instant::now();
    let mut number = 0;
    eventually("the role's end", || {
        number += 1;
        guarded.create(&format!("b{number}"), &caller).status() == 403
    });
    // The cache's second, and what a request and a busy machine take.
    assert!(taken.elapsed() < Duration::from_secs(4), "{:?}", taken.elapsed());
    give_role(&node, &json!([CREATOR.0]));
    assert_eq!(
        guarded.create("c", &caller).status(),
        200,
        "a refusal is not remembered"
    );
}

/// The account's password is changed, and the file with it.
#[test]
fn the_accounts_credentials_are_exchanged_while_the_gateway_runs() {
    let node = cluster();
    let guarded = Guarded::before(node.url(), Some(&basic("admin", "wrong")), "");
    let creator = creator();
    let caller = [("authorization", creator.as_str())];
    let refused = guarded.create("a", &caller);
    assert_eq!(refused.status(), 503, "{}", refused.text());
    assert!(
        refused.text().contains("the gateway's own account"),
        "{}",
        refused.text()
    );
    assert!(!refused.text().contains("admin"), "{}", refused.text());
    assert!(
        refused.values("www-authenticate").is_empty(),
        "the client's credentials are fine"
    );
    std::fs::write(guarded.account(), of(ADMIN)).expect("a file");
    eventually("the new credentials", || guarded.create("a", &caller).status() == 200);
    std::fs::write(guarded.account(), "nonsense").expect("a file");
    eventually("a word about the file", || {
        guarded
            .gateway
            .ask_admin("GET", "/ready")
            .text()
            .contains("access.authorization")
    });
    assert_eq!(guarded.create("b", &caller).status(), 200, "the last ones stay");
}

/// Policies for users see who asks, and not the account.
#[test]
fn policies_are_about_the_caller() {
    let node = cluster();
    let folder = tempfile::tempdir().expect("a folder");
    let policies = folder.path().join("p.yml");
    let policy = "policies: [{ name: no, match: { users: [creator] }, enforcement: enforce, rule: 'false' }]";
    std::fs::write(&policies, policy).expect("a file");
    let more = format!("policies: {{ files: ['{}'] }}\n", policies.display());
    let guarded = Guarded::before(node.url(), Some(&of(WRITER)), &more);
    let create = |caller: &str| {
        let caller = [("authorization", caller)];
        guarded.call("PUT", "/_ml/anomaly_detectors/a", &caller, &job::smallest())
    };
    let refused = create(&creator());
    assert_eq!(
        refused.json()["error"]["type"],
        "policy_violation_exception",
        "{}",
        refused.text()
    );
    assert_eq!(create(&of(ADMIN)).status(), 200);
}

/// The account is known by a client certificate, which is shown on no connection that carries a client's call.
#[test]
fn an_account_may_have_a_certificate_in_place_of_a_password() {
    let node = node::start_in_tls();
    let files = cluster::certificates().expect("certificates");
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("gateway.yml");
    let text = format!(
        "upstream: {{ tls: {{ ca: '{}' }} }}\naccess: {{ mode: service, certificate: '{}', key: '{}', roles: [all_access] }}\n",
        files.authority.display(),
        files.admin.display(),
        files.admin_key.display()
    );
    std::fs::write(&config, text).expect("a file");
    let gateway = Gateway::with(&[node.url()], &["--config", config.to_str().expect("a path")]);
    let guarded = Guarded { gateway, folder };
    for (caller, expected) in [
        (None, [401, 401, 401, 401]),
        (Some(of(READER)), [403, 403, 400, 404]),
        (Some(of(ADMIN)), [200, 200, 400, 200]),
        (Some(of(READER)), [403, 403, 400, 200]),
        (None, [401, 401, 401, 401]),
    ] {
        assert_eq!(statuses(&guarded, "a-job", caller.as_deref()), expected, "{caller:?}");
    }
}

/// With `jobs.serve: all`: who may not read the index gets the cluster's refusal, and whom the account serves is served.
#[test]
fn jobs_are_served_to_those_who_may_have_them() {
    let node = cluster();
    let serve = "jobs: { serve: all, api: '8.19' }\n";
    let by_themselves = Guarded::before(node.url(), None, serve);
    let by_account = Guarded::before(node.url(), Some(&of(WRITER)), serve);
    let wrong = basic(WRITER.name, "wrong");
    let callers: [(Option<String>, u16, u16); 5] = [
        (None, 401, 401),
        (Some(wrong), 401, 401),
        (Some(of(READER)), 403, 403),
        (Some(creator()), 403, 200),
        (Some(of(WRITER)), 200, 403),
    ];
    for (guarded, is_account) in [(&by_themselves, false), (&by_account, true)] {
        for (caller, of_themselves, of_account) in &callers {
            let expected = if is_account { *of_account } else { *of_themselves };
            let caller: Vec<_> = caller.iter().map(|value| ("authorization", value.as_str())).collect();
            let owner = of(if is_account { ADMIN } else { WRITER });
            let made = guarded.create("a", &[("authorization", &owner)]);
            assert!([200, 400].contains(&made.status()), "{}", made.text());
            for (method, rest) in [("GET", ""), ("GET", "/a"), ("DELETE", "/a")] {
                let answer = guarded.call(method, &format!("/_ml/anomaly_detectors{rest}"), &caller, "");
                assert_eq!(
                    answer.status(),
                    expected,
                    "{method} {caller:?} {is_account}: {}",
                    answer.text()
                );
                if expected == 403 {
                    assert_eq!(
                        answer.json()["error"]["type"],
                        "security_exception",
                        "{}",
                        answer.text()
                    );
                }
            }
            // Nobody unknown learns what is served here.
            let open = guarded.call("POST", "/_ml/anomaly_detectors/a/_open", &caller, "");
            let expected = if expected == 401 { 401 } else { 501 };
            assert_eq!(open.status(), expected, "{}", open.text());
        }
    }
    let refused = by_account.call("GET", "/_ml/anomaly_detectors", &[("authorization", &of(READER))], "");
    let reason = refused.json()["error"]["reason"].as_str().expect("a reason").to_owned();
    assert!(
        reason.contains("[reader]") && reason.contains("[access.roles]") && reason.contains("job/get"),
        "{reason}"
    );
}
