//! What a configuration means, and which value wins.

use super::*;
use crate::es::version::Version;

#[test]
fn nothing_set_means_the_documented_defaults() {
    let config = load(&ServeFlags::default(), []).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9280");
    assert_eq!(nodes_of(&config), ["http://127.0.0.1:9200"]);
    assert_eq!(config.jobs.index.as_str(), "anomaly-detectors");
    assert_eq!(config.jobs.api, Api::Auto);
    assert_eq!(config, Config::default());
}

#[test]
fn a_file_without_keys_means_the_defaults() {
    for yaml in [
        "",
        "\n",
        "# only a comment\n",
        "---\n",
        "{}",
        "~",
        "jobs:\n",
        "upstream: {}\n",
        "\u{feff}",
    ] {
        assert_eq!(config_of(yaml), Config::default(), "{yaml:?}");
    }
}

#[test]
fn every_key_can_be_set_in_the_file() {
    let config = config_of(
        "listen: '[::1]:80'\nupstream:\n  nodes:\n    - http://a:9200\n    - http://b\njobs:\n  index: jobs\n  api: 7.10\n",
    );
    assert_eq!(config.listen.to_string(), "[::1]:80");
    assert_eq!(nodes_of(&config), ["http://a:9200", "http://b:80"]);
    assert_eq!(config.jobs.index.as_str(), "jobs");
    assert_eq!(config.jobs.api, Api::Fixed(Version::new(7, 10, 0)));
}

#[test]
fn one_node_needs_no_list() {
    assert_eq!(nodes_of(&config_of("upstream: {nodes: 'http://a:1'}")), ["http://a:1"]);
}

#[test]
fn a_version_is_what_was_written_not_the_number_yaml_makes_of_it() {
    for (yaml, version) in [
        ("7.10", (7, 10)),
        ("7.1", (7, 1)),
        ("7.0", (7, 0)),
        ("'7.0'", (7, 0)),
        ("\"8\"", (8, 19)),
        ("9", (9, 5)),
        ("!!str 8", (8, 19)),
        ("7.17", (7, 17)),
    ] {
        let api = config_of(&format!("jobs:\n  api: {yaml}\n")).jobs.api;
        assert_eq!(api, Api::Fixed(Version::new(version.0, version.1, 0)), "{yaml}");
    }
}

#[test]
fn anchors_and_aliases_are_read_through() {
    let config = config_of(
        "listen: &here localhost:1\nupstream: &all\n  nodes: [&a http://a:1]\naccess_log: {redact: [&b x, *b]}\n",
    );
    assert_eq!(nodes_of(&config), ["http://a:1"]);
    assert_eq!(config.access_log.redact, ["x", "x"]);
    assert_eq!(config.listen.to_string(), "127.0.0.1:1");
}

#[test]
fn lines_may_end_the_windows_way() {
    assert_eq!(config_of("jobs:\r\n  index: x\r\n").jobs.index.as_str(), "x");
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let yaml = "jobs:\n  index: from-file\n  api: 7.0\nupstream:\n  nodes: http://file\nlisten: 127.0.0.1:1\n";
    let variables = [
        ("ANOMALY_GATEWAY_JOBS_INDEX", "from-environment"),
        ("ANOMALY_GATEWAY_JOBS_API", "8.0"),
        ("ANOMALY_GATEWAY_UPSTREAM", "http://one:1, http://two:2"),
    ];
    let flags = ServeFlags::default().with("jobs-index", "from-flag");
    let config = load_all(yaml, &variables, flags.clone()).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.jobs.index.as_str(), "from-flag");
    assert_eq!(config.jobs.api, Api::Fixed(Version::new(8, 0, 0)));
    assert_eq!(nodes_of(&config), ["http://one:1", "http://two:2"]);

    let flags = flags.with("upstream", "http://a").with("upstream", "http://b");
    assert_eq!(
        nodes_of(&load_all(yaml, &variables, flags).unwrap()),
        ["http://a:80", "http://b:80"]
    );
}

#[test]
fn the_environment_can_name_the_file_and_a_flag_another() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("one.yml"), "jobs: {index: one}").unwrap();
    fs::write(file("two.yml"), "jobs: {index: two}").unwrap();
    let variables = || [("ANOMALY_GATEWAY_CONFIG".into(), file("one.yml").into_os_string())];
    let index = |flags: &ServeFlags| load(flags, variables()).unwrap().jobs.index.to_string();
    assert_eq!(index(&ServeFlags::default()), "one");
    assert_eq!(index(&ServeFlags::default().config(file("two.yml"))), "two");
}

#[test]
fn variables_of_others_and_of_the_platform_are_left_alone() {
    let variables = [
        ("PATH", ""),
        ("ANOMALY_DETECTOR", "x"),
        ("ANOMALY_GATEWAY_SERVICE_HOST", "10.0.0.7"),
        ("ANOMALY_GATEWAY_PORT", "tcp://10.0.0.7:9280"),
    ];
    assert_eq!(
        load_all("", &variables, ServeFlags::default()).unwrap(),
        Config::default()
    );
}

#[test]
fn a_log_that_nothing_is_written_to_is_a_mistake() {
    let config = config_of("access_log: {format: json, file: /var/log/a.log, redact: [a, b]}");
    assert_eq!(config.access_log.file, Some("/var/log/a.log".into()));
    assert_eq!(config.access_log.redact, ["a", "b"]);
    for yaml in [
        "access_log: {file: /var/log/a.log}",
        "access_log: {format: off, file: a}",
    ] {
        let problems = problems_of(yaml);
        assert!(problems.contains("as `access_log.format` is `off`"), "{problems}");
    }
}

#[test]
fn every_key_reads_its_own_default() {
    for key in reference().into_iter().filter(|key| !key.default.is_empty()) {
        let sections = key.path.split('.').enumerate();
        let nested: Vec<_> = sections
            .map(|(depth, name)| format!("{}{name}:", "  ".repeat(depth)))
            .collect();
        let value = if key.is_list {
            format!("[{}]", key.default)
        } else {
            key.default.clone()
        };
        let file = format!("{} {value}", nested.join("\n"));
        assert_eq!(config_of(&file), Config::default(), "{file}");
        let Some(name) = key.name else { continue };
        let loaded = load(&ServeFlags::default().with(name, key.default), []);
        assert_eq!(loaded.unwrap(), Config::default(), "{name}");
    }
}
