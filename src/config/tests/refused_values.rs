//! Which values are refused though they have the right form, alone or beside others, and what is said of them.

use insta::assert_snapshot;

use super::*;

/// Amounts that are well-formed, and with which the gateway could do nothing, or would overflow.
#[test]
fn amounts_that_make_no_sense_are_refused_with_the_reason() {
    let too_short = "less than `1ms`";
    let too_long = "no time is longer than a year";
    let none_fits = "no job would fit in there";
    let too_short_head = "not every client's requests would fit in there";
    let counts = "expected a number from 1 on, or `none`";
    for (key, values) in [
        (
            "upstream.connect_timeout",
            [
                ("0s", too_short),
                ("1ns", too_short),
                ("400days", too_long),
                ("500000000000y", too_long),
            ]
            .as_slice(),
        ),
        (
            "upstream.response_timeout",
            &[("0s", too_short), ("1us", too_short), ("500000000000y", too_long)],
        ),
        (
            "upstream.idle_timeout",
            &[("-1s", "expected a time"), ("500000000000y", too_long)],
        ),
        (
            "limits.head_timeout",
            &[("0s", too_short), ("999us", too_short), ("500000000000y", too_long)],
        ),
        (
            "limits.handshake_timeout",
            &[("0s", too_short), ("500000000000y", too_long)],
        ),
        (
            "limits.body_timeout",
            &[("0s", too_short), ("999us", too_short), ("500000000000y", too_long)],
        ),
        (
            "limits.body_rate",
            &[("0b", "there has to be room"), ("17179869184gb", "expected a size")],
        ),
        (
            "limits.head",
            &[
                ("0b", "there has to be room"),
                ("1b", too_short_head),
                ("1023b", too_short_head),
            ],
        ),
        (
            "limits.heads",
            &[
                ("0b", "there has to be room"),
                ("65535b", "a single head of `limits.head`"),
            ],
        ),
        ("shutdown.delay", &[("500000000000y", too_long)]),
        ("shutdown.timeout", &[("500000000000y", too_long)]),
        (
            "limits.connections",
            &[
                ("0", counts),
                ("-1", counts),
                ("1.5", counts),
                ("99999999999999999999", counts),
            ],
        ),
        ("limits.requests", &[("0", counts), ("99999999999999999999", counts)]),
        (
            "limits.bodies",
            &[
                ("0b", "there has to be room"),
                ("1b", none_fits),
                ("1023b", none_fits),
                ("17179869184gb", "expected a size"),
            ],
        ),
    ] {
        for (value, told) in values {
            let yaml = key
                .split('.')
                .rev()
                .fold((*value).to_owned(), |value, name| format!("{{{name}: {value}}}"));
            let problems = problems_of(&yaml);
            assert!(problems.contains(&format!("`{key}`: ")), "{yaml}: {problems}");
            assert!(problems.contains(told), "{yaml}: {problems}");
        }
    }
}

#[test]
fn what_is_for_clients_and_what_is_not_have_addresses_of_their_own() {
    assert_snapshot!(problems_of("listen: '127.0.0.1:9280'\nadmin: {listen: 'localhost:9280'}\n"), @r"
    error: `admin.listen`: `listen` has the same address
     --> gateway.yml:2:17
      |
    2 | admin: {listen: 'localhost:9280'}
      |                 ^^^^^^^^^^^^^^^^
      |
      = help: choose another port: what is answered there is not for clients
    ");
    config_of("listen: '127.0.0.1:0'\nadmin: {listen: '127.0.0.1:0'}\n");
}

#[test]
fn a_gateway_that_would_ask_itself_is_told_so() {
    assert_snapshot!(problems_of("listen: 0.0.0.0:9280\nupstream: {nodes: ['http://es:9200', 'http://localhost:9280']}\n"), @r"
    error: `upstream.nodes`: the gateway itself listens at http://localhost:9280, so that it would ask itself
     --> gateway.yml:2:19
      |
    2 | upstream: {nodes: ['http://es:9200', 'http://localhost:9280']}
      |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name the nodes of the cluster, or let the gateway listen elsewhere
    ");
    // The nodes are the default one.
    let problems = problems_of("listen: 127.0.0.1:9200");
    assert!(
        problems.contains("`listen`: the gateway itself listens at http://127.0.0.1:9200"),
        "{problems}"
    );
    let problems = problems_of("admin: {listen: 'localhost:9200'}");
    assert!(
        problems.contains("`admin.listen`: the gateway itself listens at"),
        "{problems}"
    );
}

#[test]
fn a_node_that_is_named_twice_is_told() {
    let told = problems_of("upstream: {nodes: ['http://a:9200', 'http://b:9200', 'http://a:9200']}");
    assert!(told.contains("http://a:9200 is named twice"), "{told}");
}

#[test]
fn a_scan_that_cannot_find_anything_or_is_made_all_the_time_is_a_mistake() {
    assert_snapshot!(problems_of("jobs: { scan: 500ms }\n"), @r"
    error: `jobs.scan`: the cluster would do nothing else than answer
     --> gateway.yml:1:15
      |
    1 | jobs: { scan: 500ms }
      |               ^^^^^
      |
      = help: write `1s` or more, or `none`; a quarter of an hour is usual
    ");
    assert_snapshot!(problems_of("jobs: { scan: 15m, commit: forward }\n"), @r"
    error: `jobs.scan`: with `jobs.commit: forward` there are no jobs in the index of jobs
     --> gateway.yml:1:15
      |
    1 | jobs: { scan: 15m, commit: forward }
      |               ^^^
      |
      = help: leave one of the two keys out
    ");
    let _ = config_of("jobs: { scan: 15m, commit: both }\n");
}

/// What is decided is not a job, and what is written nowhere needs no credentials.
#[test]
fn an_audit_trail_that_cannot_be_is_a_mistake() {
    assert_snapshot!(problems_of("jobs: { index: both }\naudit: { index: both }\n"), @r"
    error: `audit.index`: `jobs.index` is the same one, and decisions are no jobs
     --> gateway.yml:2:17
      |
    2 | audit: { index: both }
      |                 ^^^^
      |
      = help: name another index for decisions
    ");
    for (yaml, told) in [
        ("audit: { index: anomaly-detectors }\n", "`jobs.index` is the same one"),
        ("audit: { index: Decisions }\n", "all lower case"),
        ("audit: { queue: 10 }\n", "decisions are not written to an index"),
        (
            "audit: { index: decisions, queue: 0 }\n",
            "expected a number from 1 to 100000",
        ),
        (
            "audit: { index: decisions, authorization: /nowhere }\n",
            "`audit.authorization`",
        ),
        ("audit: { indexx: decisions }\n", "`audit.index`"),
    ] {
        let problems = problems_of(yaml);
        assert!(problems.contains(told), "{yaml}: {problems}");
    }
    let config = config_of("audit: { index: decisions, queue: 10 }\n");
    assert_eq!(
        config.audit.index.map(|index| index.to_string()).as_deref(),
        Some("decisions")
    );
    assert_eq!(config_of("audit: { index: none }\n").audit.index, None);
}
