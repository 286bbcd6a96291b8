//! How problems read that come from flags and the environment, and what is kept out of all of them.

use insta::assert_snapshot;

use super::*;

#[test]
fn passwords_are_never_shown() {
    let yaml = "upstream:\n  nodes: [http://elastic:s3cret@a:9200, http://b:9200/x]\n";
    let variables = [("ANOMALY_GATEWAY_UPSTREAM", "http://elastic:s3,cret@a:9200")];
    let flags = ServeFlags::default().with("upstream", "elastic:s3cret@a:9200");
    let load = || load_all(yaml, &variables, flags.clone());
    assert!(!format!("{:?}", load().unwrap_err()).contains("cret"));
    let text = problems(yaml, &variables, flags.clone());
    assert!(!text.contains("s3") && !text.contains("cret"), "{text}");
    assert_snapshot!(text, @r"
    error: `upstream.nodes`: a node's URL holds no user name or password
     --> gateway.yml:2:11
      |
    2 |   nodes: [http://***@a:9200, http://b:9200/x]
      |           ^^^^^^^^^^^^^^^^^
      |
      = help: leave them out: the gateway uses the credentials that each client sends with its request

    error: `upstream.nodes`: a node's URL ends after the port: the gateway passes on the path and query of each request
     --> gateway.yml:2:30
      |
    2 |   nodes: [http://***@a:9200, http://b:9200/x]
      |                              ^^^^^^^^^^^^^^^

    error: `upstream.nodes`: the port of a node's URL is a number from 1 to 65535
     |
     | ANOMALY_GATEWAY_UPSTREAM=http://***@a:9200
     |                          ^^^^^^^^^^
     |
     = note: from the environment

    error: `upstream.nodes`: a node's URL starts with `http://` or `https://`
     |
     | ANOMALY_GATEWAY_UPSTREAM=http://***@a:9200
     |                                 ^^^^^^^^^^
     |
     = note: from the environment
     = help: write it like `http://127.0.0.1:9200`

    error: `upstream.nodes`: a node's URL starts with `http://` or `https://`
     |
     | --upstream ***@a:9200
     |            ^^^^^^^^^^
     |
     = note: from the command line
     = help: write it like `http://127.0.0.1:9200`
    ");
}

#[test]
fn wrong_flags_and_variables_name_themselves() {
    let variables = [
        ("ANOMALY_GATEWAY_JOBS_INDEX", ""),
        ("ANOMALY_GATEWAY_JOBS_API", "10"),
        ("ANOMALY_GATEWAY_UPSTREAM", "http://a:9200,,htp://b:9200"),
    ];
    let flags = ServeFlags::default().with("listen", "gateway:9280");
    assert_snapshot!(problems("", &variables, flags), @r"
    error: `jobs.api`: the gateway answers as Elasticsearch 7.0 to 9.5 and as no other version
     |
     | ANOMALY_GATEWAY_JOBS_API=10
     |                          ^^
     |
     = note: from the environment

    error: ANOMALY_GATEWAY_JOBS_INDEX is set, but empty
     |
     | ANOMALY_GATEWAY_JOBS_INDEX=
     |                            ^
     |
     = note: from the environment
     = help: unset it for its default

    error: `upstream.nodes`: the value is empty; expected the URL of a node such as `http://127.0.0.1:9200`
     |
     | ANOMALY_GATEWAY_UPSTREAM=http://a:9200,,htp://b:9200
     |                                        ^
     |
     = note: from the environment

    error: `upstream.nodes`: the scheme of a node's URL is `http` or `https`
     |
     | ANOMALY_GATEWAY_UPSTREAM=http://a:9200,,htp://b:9200
     |                                         ^^^^^^^^^^^^
     |
     = note: from the environment
     = help: write it like `http://127.0.0.1:9200`

    error: `listen`: the host to listen on is an IPv4 address, an IPv6 address in brackets, or `localhost`
     |
     | --listen gateway:9280
     |          ^^^^^^^^^^^^
     |
     = note: from the command line
    ");
}

#[test]
fn unknown_variables_are_refused_without_showing_their_value() {
    let variables = [
        ("ANOMALY_GATEWAY_LISEN", "x"),
        ("ANOMALY_GATEWAY_PASSWORD", "s3cret"),
        ("ANOMALY_GATEWAY_UPSTREAM_NODES", "http://a"),
    ];
    assert_snapshot!(problems("", &variables, ServeFlags::default()), @r"
    error: unknown environment variable ANOMALY_GATEWAY_LISEN
     |
     | ANOMALY_GATEWAY_LISEN
     | ^^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the environment
     = help: did you mean ANOMALY_GATEWAY_LISTEN?

    error: unknown environment variable ANOMALY_GATEWAY_PASSWORD
     |
     | ANOMALY_GATEWAY_PASSWORD
     | ^^^^^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the environment
     = help: `anomaly-gateway schema keys` prints every key with its variable

    error: unknown environment variable ANOMALY_GATEWAY_UPSTREAM_NODES
     |
     | ANOMALY_GATEWAY_UPSTREAM_NODES
     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the environment
     = help: did you mean ANOMALY_GATEWAY_UPSTREAM?
    ");
}

#[test]
fn a_flag_without_text_is_refused() {
    for empty in ["", " "] {
        let text = load(&ServeFlags::default().with("jobs-api", empty), [])
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("`jobs.api`: the value is empty") && text.contains("| --jobs-api"),
            "{text}"
        );
    }
}

#[test]
fn a_wrong_value_is_told_even_where_another_beats_it() {
    let flags = ServeFlags::default().with("jobs-index", "fine");
    assert_eq!(load_all("jobs: {index: BAD}", &[], flags).unwrap_err().count(), 1);
}

#[test]
fn a_file_that_is_not_there_is_a_problem_of_who_named_it() {
    let flags = ServeFlags::default().config("/nowhere/gateway.yml");
    assert_snapshot!(load(&flags, []).unwrap_err(), @r"
    error: the configuration file cannot be read: No such file or directory (os error 2)
     |
     | --config /nowhere/gateway.yml
     |          ^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the command line
    ");
}

#[test]
fn several_nodes_are_named_with_commas_in_a_flag_as_in_the_environment() {
    let flags = ServeFlags::default()
        .with("upstream", "http://a:1, http://b:2")
        .with("upstream", "http://c:3");
    let config = load_all("", &[], flags).unwrap();
    assert_eq!(nodes_of(&config), ["http://a:1", "http://b:2", "http://c:3"]);
    assert_snapshot!(problems("", &[], ServeFlags::default().with("upstream", "http://a:1,b:2")), @r"
    error: `upstream.nodes`: a node's URL starts with `http://` or `https://`
     |
     | --upstream http://a:1,b:2
     |                       ^^^
     |
     = note: from the command line
     = help: write it like `http://127.0.0.1:9200`
    ");
}

#[test]
fn what_is_not_there_is_said_to_be_so() {
    let told = |name: &'static str, value: &str| problems("", &[], ServeFlags::default().with(name, value));
    assert_snapshot!(told("listen", "unix:/run/gateway.sock"), @r"
    error: `listen`: expected an address and port such as `127.0.0.1:9280`
     |
     | --listen unix:/run/gateway.sock
     |          ^^^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the command line
     = help: the gateway is connected to by TCP, and not by a Unix socket or a URL
    ");
    assert_snapshot!(told("upstream", "unix:///run/es.sock"), @r"
    error: `upstream.nodes`: nodes are reached by TCP, not by a Unix socket
     |
     | --upstream unix:///run/es.sock
     |            ^^^^^^^^^^^^^^^^^^^
     |
     = note: from the command line
     = help: neither Elasticsearch nor OpenSearch listens on one; name its host and port
    ");
    let problems = problems_of("upstream: {nodes: 'http://a:1,http://b:2'}");
    assert!(problems.contains("several nodes are a list"), "{problems}");
    let problems = problems_of("trusted_proxies: [10.0.0.0/8]");
    assert!(
        problems.contains("`trusted_proxies`: nodes are told no addresses"),
        "{problems}"
    );
    let problems = problems_of("{upstream: {forwarded: forwarded}, trusted_proxies: [10.1.2.3/8]}");
    assert!(
        problems.contains("write `10.0.0.0/8` for the network, or `10.1.2.3` for the address"),
        "{problems}"
    );
    let problems = problems_of("upstream: {forwarded: x-forwarded-for, strip_headers: [X-Forwarded-For]}");
    assert!(
        problems.contains("`upstream.forwarded` is `x-forwarded-for`, and the field would not be sent on"),
        "{problems}"
    );
    let problems = problems_of("upstream: {host: 'http://es'}");
    assert!(
        problems.contains("`upstream.host`: expected `client`, `node`, or a host"),
        "{problems}"
    );
}
