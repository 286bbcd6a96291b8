//! How the problems of a configuration file read.

use insta::assert_snapshot;

use super::*;

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let yaml = "\
listen: 9280
upstream:
  node: http://a:9200
jobs:
  index: Anomaly-Detectors
  api: 6.8
  api: 7.0
";
    assert_snapshot!(problems_of(yaml), @r"
    error: `listen`: expected an address and port such as `127.0.0.1:9280`, found the number 9280
     --> gateway.yml:1:9
      |
    1 | listen: 9280
      |         ^^^^ the number 9280

    error: unknown key `upstream.node`
     --> gateway.yml:3:3
      |
    3 |   node: http://a:9200
      |   ^^^^
      |
      = help: did you mean `upstream.nodes`?

    error: `jobs.index`: an index name is all lower case
     --> gateway.yml:5:10
      |
    5 |   index: Anomaly-Detectors
      |          ^^^^^^^^^^^^^^^^^

    error: `jobs.api`: the gateway answers as Elasticsearch 7.0 to 9.5 and as no other version
     --> gateway.yml:6:8
      |
    6 |   api: 6.8
      |        ^^^

    error: the key `jobs.api` is given twice
     --> gateway.yml:7:3
      |
    6 |   api: 6.8
      |   --- first given
    7 |   api: 7.0
      |   ^^^ given again
    ");
}

#[test]
fn a_key_in_the_wrong_section_is_recognised() {
    assert_snapshot!(problems_of("index: jobs\nport: 80\njobs:\n  name: x\n"), @r"
    error: unknown key `index`
     --> gateway.yml:1:1
      |
    1 | index: jobs
      | ^^^^^
      |
      = help: did you mean `jobs.index`?

    error: unknown key `port`
     --> gateway.yml:2:1
      |
    2 | port: 80
      | ^^^^
      |
      = help: known here: `listen`, `reuse_port`, `lane`, `trusted_proxies`, `tls`, `upstream`, `access`, `jobs`, `policies`, `audit`, `limits`, `shutdown`, `admin`, `ready`, `log`, `access_log`

    error: unknown key `jobs.name`
     --> gateway.yml:4:3
      |
    4 |   name: x
      |   ^^^^
      |
      = help: known here: `index`, `api`, `commit`, `dry_run`, `serve`, `updates`, `update_turns`, `protect`, `decision_id`, `scan`
    ");
}

#[test]
fn wrong_types_say_what_was_expected_and_what_was_found() {
    let yaml = "listen:\nupstream:\n  nodes:\n    a: http://a\n    b: http://b\njobs: [index, api]\n";
    assert_snapshot!(problems_of(yaml), @r"
    error: `listen`: expected an address and port such as `127.0.0.1:9280`, found nothing
     --> gateway.yml:1:1
      |
    1 | listen:
      | ^^^^^^ nothing

    error: `upstream.nodes`: expected the URL of a node such as `http://127.0.0.1:9200`, or a list of such, found a mapping
     --> gateway.yml:4:5
      |
    4 |     a: http://a
      |     ^^^^^^^^^^^ a mapping

    error: `jobs`: expected a section with keys, found a list
     --> gateway.yml:6:7
      |
    6 | jobs: [index, api]
      |       ^^^^^^^^^^^^ a list
      |
      = help: known here: `index`, `api`, `commit`, `dry_run`, `serve`, `updates`, `update_turns`, `protect`, `decision_id`, `scan`
    ");
}

#[test]
fn what_yaml_takes_for_a_boolean_or_number_is_no_name() {
    assert_snapshot!(problems_of("jobs: {index: true}\nupstream: {nodes: [http://a, 9200, [], ~]}\n"), @r"
    error: `jobs.index`: expected the name of an index, found the boolean `true`
     --> gateway.yml:1:15
      |
    1 | jobs: {index: true}
      |               ^^^^ the boolean `true`

    error: `upstream.nodes`: expected the URL of a node such as `http://127.0.0.1:9200`, found the number 9200
     --> gateway.yml:2:30
      |
    2 | upstream: {nodes: [http://a, 9200, [], ~]}
      |                              ^^^^ the number 9200

    error: `upstream.nodes`: expected the URL of a node such as `http://127.0.0.1:9200`, found a list
     --> gateway.yml:2:36
      |
    2 | upstream: {nodes: [http://a, 9200, [], ~]}
      |                                    ^^ a list

    error: `upstream.nodes`: expected the URL of a node such as `http://127.0.0.1:9200`, found nothing
     --> gateway.yml:2:40
      |
    2 | upstream: {nodes: [http://a, 9200, [], ~]}
      |                                        ^ nothing
    ");
    assert_eq!(config_of("jobs: {index: 'true'}").jobs.index.as_str(), "true");
}

#[test]
fn columns_count_characters_and_underlines_hit_them() {
    assert_snapshot!(problems_of("# ключ\njobs: {index: \"ключ/日本\", αpi: 7}\n"), @r#"
    error: `jobs.index`: an index name does not contain `/`
     --> gateway.yml:2:15
      |
    2 | jobs: {index: "ключ/日本", αpi: 7}
      |               ^^^^^^^^^^^

    error: unknown key `jobs.αpi`
     --> gateway.yml:2:26
      |
    2 | jobs: {index: "ключ/日本", αpi: 7}
      |                            ^^^
      |
      = help: did you mean `jobs.api`?
    "#);
}

#[test]
fn broken_yaml_is_shown_where_it_breaks_together_with_other_problems() {
    let variables = [("ANOMALY_GATEWAY_JOBS_API", "latest")];
    assert_snapshot!(problems("jobs:\n\tindex: x\n", &variables, ServeFlags::default()), @r"
    error: this is not YAML: tabs disallowed within this context (block indentation)
     --> gateway.yml:2:2
      |
    2 |     index: x
      |     ^

    error: `jobs.api`: expected `auto` or a version such as `7.17`
     |
     | ANOMALY_GATEWAY_JOBS_API=latest
     |                          ^^^^^^
     |
     = note: from the environment
    ");
}

#[test]
fn a_second_document_is_refused() {
    assert_snapshot!(problems_of("listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2\n"), @r"
    error: the configuration is a single YAML document
     --> gateway.yml:2:1
      |
    2 | ---
      | ^^^ a second document starts here
    ");
}

#[test]
fn a_file_of_another_shape_is_refused() {
    assert_snapshot!(problems_of("127.0.0.1:9280\n"), @r"
    error: the configuration is a mapping of keys to values, not a text
     --> gateway.yml:1:1
      |
    1 | 127.0.0.1:9280
      | ^^^^^^^^^^^^^^ a text
      |
      = help: known here: `listen`, `reuse_port`, `lane`, `trusted_proxies`, `tls`, `upstream`, `access`, `jobs`, `policies`, `audit`, `limits`, `shutdown`, `admin`, `ready`, `log`, `access_log`
    ");
}

#[test]
fn tags_have_no_meaning() {
    assert_snapshot!(problems_of("listen: !env LISTEN\n"), @r"
    error: the tag `!env` means nothing here
     --> gateway.yml:1:9
      |
    1 | listen: !env LISTEN
      |         ^^^^^^^^^^^
      |
      = help: write the value without it
    ");
}

#[test]
fn odd_files_are_refused_and_nothing_worse() {
    let deep = "- ".repeat(100_000);
    let flow = "[".repeat(100_000);
    let aliases = "a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    for yaml in [
        &deep,
        &flow,
        aliases,
        "a: &a [*a]",
        "a: *nope",
        "'",
        "[listen]: x",
        "&a *a",
        "upstream: {nodes: []}",
    ] {
        assert!(load_all(yaml, &[], ServeFlags::default()).is_err(), "{yaml:.20}");
    }
}

#[test]
fn a_file_that_is_no_text_is_shown_where_it_stops_being_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gateway.yml");
    fs::write(&path, b"jobs:\n  index: k\xe4se\n").unwrap();
    let text = load(&ServeFlags::default().config(&path), []).unwrap_err().to_string();
    assert!(
        text.contains("not UTF-8") && text.contains("gateway.yml:2:11"),
        "{text}"
    );
    fs::write(&path, vec![b'#'; 1024 * 1024 + 1]).unwrap();
    let text = load(&ServeFlags::default().config(&path), []).unwrap_err().to_string();
    assert!(text.contains("larger than 1 MiB"), "{text}");
}

#[test]
fn colours_are_only_there_when_asked_for() {
    let problems = load_all("lisen: x", &[], ServeFlags::default()).unwrap_err();
    assert!(problems.render(true).contains('\u{1b}'));
    assert!(!problems.render(false).contains('\u{1b}'));
}
