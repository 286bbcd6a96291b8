//! The lines of checklist group I that are about what official clients do: read out of their transcripts.

use clients::{Client, Step, catalogue};

use crate::both_ways::BothWays;

const PYTHON: [Client; 6] = [
    catalogue::PYTHON_7_0,
    catalogue::PYTHON_7_10,
    catalogue::PYTHON_7_13,
    catalogue::PYTHON_7_17,
    catalogue::PYTHON_8,
    catalogue::PYTHON_9,
];

const JAVASCRIPT: [Client; 4] = [
    catalogue::JAVASCRIPT_7_13,
    catalogue::JAVASCRIPT_7_17,
    catalogue::JAVASCRIPT_8,
    catalogue::JAVASCRIPT_9,
];

/// What a client's step shows directly and through the gateway.
fn steps(client: Client, name: &str) -> (Step, Step) {
    let runs = BothWays::of(client);
    let runs = runs.get().expect("both runs are made");
    let of = |transcript: &clients::Transcript| transcript.step(name).expect("the script has it").clone();
    (of(&runs.direct), of(&runs.through))
}

/// The nodes have no API of jobs, so that the other calls are the nodes' own errors.
fn jobs_are_created_and_the_other_calls_forwarded(client: Client) {
    let (refused, created) = steps(client, "create job");
    assert!(refused.exception().is_some(), "{client}: {refused:?}");
    assert!(created.exception().is_none(), "{client}: {created:?}");
    assert!(created.body().is_object(), "{client}: {created:?}");
    for name in ["get job", "open job", "delete job"] {
        let (direct, through) = steps(client, name);
        assert!(direct.exception().is_some(), "{client}: {direct:?}");
        assert_eq!(
            (direct.exception(), direct.status(), direct.body()),
            (through.exception(), through.status(), through.body()),
            "{client}"
        );
    }
}

#[test]
fn line_104_python_gets_parsed_answers_and_no_exceptions() {
    for client in PYTHON {
        jobs_are_created_and_the_other_calls_forwarded(client);
        assert_eq!(steps(client, "create job").1.shown["type"], "dict", "{client}");
    }
}

#[test]
fn line_105_javascript_gets_objects_not_strings() {
    for client in JAVASCRIPT {
        jobs_are_created_and_the_other_calls_forwarded(client);
        assert_eq!(steps(client, "create job").1.shown["type"], "object", "{client}");
    }
}

/// The script's last client makes one call, before an upstream that records what it is asked.
#[test]
fn line_106_from_7_14_on_the_first_call_asks_who_answers() {
    for (client, asks) in [
        (catalogue::PYTHON_7_13, false),
        (catalogue::PYTHON_7_17, true),
        (catalogue::JAVASCRIPT_7_13, false),
        (catalogue::JAVASCRIPT_7_17, true),
    ] {
        let runs = BothWays::of(client);
        let requests = &runs.get().expect("both runs are made").retried_through;
        assert_eq!(requests[0] == "GET / HTTP/1.1", asks, "{client}: {requests:?}");

        let (direct, through) = steps(client, "info");
        assert_eq!(direct, through);
        assert_eq!(through.body()["tagline"], "You Know, for Search");
        assert!(through.body()["version"]["build_flavor"].is_string());
    }
    let (_, info) = steps(catalogue::JAVASCRIPT_7_17, "info");
    assert_eq!(
        info.header("x-elastic-product"),
        Some("Elasticsearch"),
        "Python does not show fields"
    );
}

#[test]
fn line_107_fifty_calls_each_name_the_product() {
    let (_, calls) = steps(catalogue::JAVASCRIPT_9, "fifty calls");
    assert_eq!(calls.body()["200 Elasticsearch"], 50, "{calls:?}");
    // The Java client looks itself, and throws where the name is missing.
    let (_, calls) = steps(catalogue::JAVA_9, "fifty calls");
    assert_eq!(
        (calls.exception(), &calls.body()["200"]),
        (None, &50.into()),
        "{calls:?}"
    );
}

#[test]
fn line_109_opensearchs_python_client_gets_a_parsed_answer() {
    let (_, created) = steps(catalogue::PYTHON_OPENSEARCH, "create job");
    assert_eq!(
        (created.exception(), &created.shown["type"]),
        (None, &"dict".into()),
        "{created:?}"
    );
}

/// The addresses are the nodes' own: who sniffs goes around the gateway from then on (http.md §4.5).
#[test]
fn line_113_who_sniffs_goes_to_the_nodes_themselves() {
    for client in [PYTHON.as_slice(), &JAVASCRIPT].concat() {
        let (_, nodes) = steps(client, "nodes");
        assert_eq!(nodes.exception(), None, "{client}: {nodes:?}");
        let (_, sniffed) = steps(client, "sniff");
        assert_eq!(sniffed.body(), &serde_json::json!([true]), "{client}: {sniffed:?}");
    }
}

#[test]
fn line_114_what_is_unavailable_twice_is_asked_three_times() {
    let runs = BothWays::of(catalogue::PYTHON_9);
    let runs = runs.get().expect("both runs are made");
    assert_eq!(
        runs.retried_through, ["POST /clients/_count HTTP/1.1"; 3],
        "the gateway adds none"
    );
    assert_eq!(runs.retried_through, runs.retried_directly);
    let (_, counted) = steps(catalogue::PYTHON_9, "retries");
    assert_eq!(counted.body()["count"], 20, "{counted:?}");
}
