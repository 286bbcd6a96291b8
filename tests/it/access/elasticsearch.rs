//! Before stand-ins of Elasticsearch with security: 7.17, 8 and 9.

use serde_json::json;

use super::{Guarded, basic, statuses};
use crate::support::stand_in::{Call, StandIn, with_fields};

const VERSIONS: [&str; 3] = ["7.17.28", "8.19.21", "9.5.3"];

/// The gateway's account, which may write the index and nothing else.
const ACCOUNT: (&str, &str) = ("gateway", "planted-secret");

/// Users with their password, and whether they may create jobs.
const USERS: [(&str, bool); 4] = [
    ("kibana", true),
    ("creator", true),
    ("reader", false),
    ("gateway", false),
];

fn of(user: &str) -> String {
    match user {
        "gateway" => basic(ACCOUNT.0, ACCOUNT.1),
        user => basic(user, "password"),
    }
}

/// Who makes a call, as this cluster knows them, and whether they may create jobs.
fn user(head: &str) -> Option<(&'static str, bool)> {
    USERS
        .into_iter()
        .find(|(name, _)| head.contains(&format!("\r\nauthorization: {}\r\n", of(name))))
}

fn unknown() -> String {
    let challenge = "WWW-Authenticate: Basic realm=\"security\" charset=\"UTF-8\"";
    let error = json!({"type": "security_exception", "reason": "unable to authenticate"});
    let body = json!({"error": {"root_cause": [error], "type": "security_exception", "reason": "unable to authenticate"}, "status": 401});
    with_fields("401 Unauthorized", &[challenge], &body.to_string())
}

fn forbidden() -> String {
    let body = json!({"error": {"type": "security_exception", "reason": "unauthorized"}, "status": 403});
    with_fields("403 Forbidden", &[], &body.to_string())
}

/// Security answers first; whatever it lets pass is answered as without it.
fn guard((line, head): Call<'_>) -> Option<String> {
    let Some((name, may_create)) = user(head) else {
        return Some(unknown());
    };
    if line.contains("/_authenticate") {
        let page = json!({"username": name, "roles": [format!("{name}-role")], "enabled": true});
        return Some(with_fields("200 OK", &[], &page.to_string()));
    }
    if line.contains("/_has_privileges") {
        let answer = json!({"username": name, "has_all_requested": may_create, "cluster": {"manage_ml": may_create}});
        return Some(with_fields("200 OK", &[], &answer.to_string()));
    }
    let is_of_the_index = line.contains("/anomaly%2Ddetectors") || line.contains("/anomaly-detectors");
    if is_of_the_index && name != "gateway" && name != "kibana" {
        return Some(forbidden());
    }
    line.contains("/anomaly-detectors/_search")
        .then(|| with_fields("200 OK", &[], "{}"))
}

#[test]
fn callers_are_served_by_what_they_may_do_themselves_or_by_their_privilege() {
    for version in VERSIONS {
        let cluster = StandIn::answering(version, guard);
        let by_themselves = Guarded::before(cluster.url(), None, "");
        let by_account = Guarded::before(cluster.url(), Some(&of("gateway")), "");
        for (name, of_themselves, of_account) in [
            // create, dry run, no job, forwarded
            ("nobody", [401, 401, 401, 401], [401, 401, 401, 401]),
            ("stranger", [401, 401, 401, 401], [401, 401, 401, 401]),
            ("reader", [403, 403, 400, 403], [403, 403, 400, 403]),
            // May create jobs, and write into no index.
            ("creator", [403, 403, 400, 403], [200, 200, 400, 403]),
            ("kibana", [200, 200, 400, 200], [200, 200, 400, 200]),
            // The account itself lacks the privilege: knowing its password makes nobody create jobs.
            ("gateway", [403, 403, 400, 200], [403, 403, 400, 200]),
        ] {
            let caller = (name != "nobody").then(|| of(name));
            let own = statuses(&by_themselves, &format!("own-{name}"), caller.as_deref());
            assert_eq!(own, of_themselves, "{version}: {name}, as themselves");
            let served = statuses(&by_account, &format!("served-{name}"), caller.as_deref());
            assert_eq!(served, of_account, "{version}: {name}, served by the account");
        }
    }
}

/// Who may not update a job is shown nothing of it, though the account could read it.
#[test]
fn a_job_is_looked_up_for_those_only_who_may_update_it() {
    let index = json!({"anomaly-detectors": {
        "aliases": {},
        "mappings": {"_meta": {"anomaly_gateway": {"revision": 1000}}},
        "settings": {"index": {"default_pipeline": "_none", "final_pipeline": "_none"}}
    }});
    let job = json!({
        "job_id": "a", "analysis_config": {"detectors": [{"function": "count"}]}, "data_description": {},
        "analysis_limits": {"model_memory_limit": "1gb"}
    });
    let found = json!({
        "_index": "anomaly-detectors", "_id": "anomaly_detector-a", "_seq_no": 1, "_primary_term": 1, "found": true,
        "_source": job
    });
    let written = json!({"_index": "anomaly-detectors", "_id": "anomaly_detector-a", "result": "updated"});
    let answers = [
        ("GET /anomaly%2Ddetectors ", index),
        ("GET /anomaly%2Ddetectors/_doc/", found),
        (
            "PUT /anomaly%2Ddetectors/_doc/anomaly_detector-a?if_seq_no=1&if_primary_term=1&",
            written,
        ),
    ];
    let cluster = StandIn::answering("8.19.21", move |call| {
        let (line, _) = call;
        guard(call).or_else(|| {
            let answer = answers.iter().find(|(beginning, _)| line.starts_with(beginning));
            answer.map(|(_, body)| with_fields("200 OK", &[], &body.to_string()))
        })
    });
    let guarded = Guarded::before(cluster.url(), Some(&of("gateway")), "jobs: { updates: judge }\n");
    let update = |user: &str| {
        let caller = of(user);
        let target = "/_ml/anomaly_detectors/a/_update";
        let answer = guarded.call("POST", target, &[("authorization", &caller)], r#"{"description":"x"}"#);
        answer.status()
    };
    for (user, status) in [("stranger", 401), ("reader", 403), ("gateway", 403)] {
        assert_eq!(update(user), status, "{user}");
    }
    assert_eq!(cluster.requests("GET /anomaly%2Ddetectors/_doc/").len(), 0);
    assert_eq!(update("creator"), 200);
    assert_eq!(cluster.requests("PUT /anomaly%2Ddetectors/_doc/").len(), 1);
}

/// The account's credentials are on the calls that are its own, and on no other.
#[test]
fn the_accounts_credentials_go_nowhere_else() {
    let cluster = StandIn::answering("9.5.3", guard);
    let guarded = Guarded::before(cluster.url(), Some(&of("gateway")), "");
    let creator = of("creator");
    let caller = [
        ("authorization", creator.as_str()),
        ("x-opaque-id", "my-id"),
        ("cookie", "mine"),
    ];
    let mut shown = vec![guarded.create("a", &caller), guarded.create("a?dry_run", &caller)];
    shown.push(guarded.create("b", &[("authorization", &of("reader"))]));
    shown.push(guarded.call("GET", "/anomaly-detectors/_search", &caller, ""));
    let account = of("gateway");
    let mut own = 0;
    for (head, _) in cluster.received() {
        let line = head.lines().next().expect("a line");
        if !head.contains(&account) {
            continue;
        }
        own += 1;
        let is_its_business = line.starts_with("GET / ") || line.contains("/anomaly%2Ddetectors");
        assert!(is_its_business && !head.contains("cookie"), "{head}");
        // Its aliases are asked for nobody's request.
        let is_for_a_request = !line.starts_with("GET / ") && !line.contains("/_alias ");
        assert!(!is_for_a_request || head.contains("x-opaque-id: my-id"), "{head}");
    }
    assert!(own >= 5, "{own}");
    let secret = account.strip_prefix("Basic ").expect("basic");
    let mut texts: Vec<String> = shown.iter().map(|answer| format!("{answer:?}")).collect();
    texts.push(guarded.gateway.log());
    for path in ["/metrics", "/ready", "/live"] {
        texts.push(guarded.gateway.ask_admin("GET", path).text());
    }
    for text in texts {
        assert!(!text.contains(secret) && !text.contains(ACCOUNT.1), "{text}");
        assert!(!text.contains(creator.strip_prefix("Basic ").expect("basic")), "{text}");
    }
}

/// Kibana calls as its own user, for a person: both have to be known, and it is about the person.
#[test]
fn a_person_for_whom_somebody_calls_is_who_asks() {
    let policy = "policies: [{ name: no, match: { users: [kibana] }, enforcement: enforce, rule: 'false' }]";
    let folder = tempfile::tempdir().expect("a folder");
    let policies = folder.path().join("p.yml");
    std::fs::write(&policies, policy).expect("a file");
    let more = format!("policies: {{ files: ['{}'] }}\n", policies.display());
    for version in VERSIONS {
        let cluster = StandIn::answering(version, guard);
        let guarded = Guarded::before(cluster.url(), Some(&of("gateway")), &more);
        for (caller, person, expected) in [
            ("kibana", "creator", 200),
            ("kibana", "reader", 403),
            ("kibana", "stranger", 401),
            ("stranger", "creator", 401),
            ("reader", "creator", 200),
            // Refused by the policy for that user.
            ("reader", "kibana", 400),
        ] {
            let (caller, person) = (of(caller), of(person));
            let fields = [
                ("authorization", caller.as_str()),
                ("es-secondary-authorization", person.as_str()),
            ];
            let answer = guarded.create(&format!("j{expected}"), &fields);
            assert_eq!(answer.status(), expected, "{version}: {}", answer.text());
        }
    }
}

/// With an account of its own the gateway asks somebody else than the one who acts, so that no doubt is the caller's
/// benefit.
#[test]
fn a_cluster_that_does_not_answer_permits_nothing() {
    let no_handler = |call: &str, method: &str| {
        json!({"error": format!("no handler found for uri [{call}] and method [{method}]")}).to_string()
    };
    let privileges = "/_security/user/_has_privileges";
    let authenticate = "/_security/_authenticate";
    for (call, answer, expected) in [
        (privileges, with_fields("500 Internal Server Error", &[], "{}"), 503),
        (privileges, with_fields("503 Service Unavailable", &[], "{}"), 503),
        (privileges, with_fields("400 Bad Request", &[], "{}"), 503),
        (privileges, with_fields("200 OK", &[], "{}"), 503),
        (privileges, "nonsense\r\n\r\n".to_owned(), 503),
        (privileges, with_fields("429 Too Many Requests", &[], "{}"), 429),
        (
            privileges,
            with_fields("400 Bad Request", &[], &no_handler(privileges, "POST")),
            403,
        ),
        (authenticate, with_fields("500 Internal Server Error", &[], "{}"), 503),
        (authenticate, with_fields("200 OK", &[], "{}"), 503),
        (
            authenticate,
            with_fields("400 Bad Request", &[], &no_handler(authenticate, "GET")),
            403,
        ),
    ] {
        let cluster = StandIn::answering("9.5.3", move |(line, head)| {
            if line.contains(call) {
                Some(answer.clone())
            } else {
                guard((line, head))
            }
        });
        let guarded = Guarded::before(cluster.url(), Some(&of("gateway")), "");
        let creator = of("creator");
        let refused = guarded.create("a", &[("authorization", &creator)]);
        assert_eq!(refused.status(), expected, "{call}: {}", refused.text());
        assert!(cluster.requests("PUT ").is_empty(), "{call}");
    }
}
