//! The schema of the configuration file beside what reads the file.

use serde_json::{Value, json};

use super::*;
use crate::config::source::{Origin, Source};

/// Values of every kind that a key can have, right and wrong ones.
fn values() -> Vec<Value> {
    let texts = [
        "",
        "x",
        "none",
        "system",
        "auto",
        "true",
        "off",
        "store",
        "Store",
        "client",
        "node",
        "caller",
        "full",
        "required",
        "forwarded",
        "connect",
        "text",
        "0",
        "8",
        "+8",
        "8.19",
        "8.19.1",
        "7",
        "6.8",
        "9.5",
        "-1",
        "2%",
        "101%",
        "1e3",
        "0s",
        "30s",
        "1m 30s",
        "1.5h",
        "500 ms",
        "1ms",
        "100us",
        "5",
        "5 parsecs",
        "128mb",
        "512 KB",
        "1.5gb",
        "0b",
        "1e2kb",
        "mb",
        "127.0.0.1:9280",
        "[::1]:9280",
        "localhost:0",
        "LOCALHOST:80",
        "gateway:9280",
        ":80",
        "*:80",
        "http://a:9200",
        "HTTPS://a.example.org/",
        "http://[::1]:9200",
        "http://a/b",
        "http://u:p@a",
        "a:9200",
        "10.0.0.0/8",
        "::1",
        "10.0.0.1",
        "es.example.org",
        "es.example.org:9200",
        "x-forwarded-for",
        "x y",
        "Index",
        "_index",
        ".index",
        "index-1",
        "a,b",
        "policies/*.yml",
        "[",
        "../folder/file.pem",
    ];
    let others = [
        json!(true),
        json!(false),
        json!(0),
        json!(8),
        json!(7.17),
        json!(-1),
        json!(null),
        json!({}),
        json!([]),
    ];
    texts.into_iter().map(Value::from).chain(others).collect()
}

/// A file with this value of this key.
fn file_with(path: &str, value: &Value) -> Value {
    path.rsplit('.')
        .fold(value.clone(), |inner, name| json!({ name: inner }))
}

fn is_taken(file: &Value) -> bool {
    let source = Source::new(Origin::File("gateway.yml".to_owned()), file.to_string());
    let document = document::read(&source).unwrap();
    let mut reader = Reader::new(document.as_ref(), std::path::Path::new(""), &[]);
    Config::read(&mut reader);
    reader.finish().0.is_empty()
}

#[test]
fn no_file_that_the_gateway_takes_is_refused_by_the_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut taken = 0;
    for key in reference() {
        for value in values()
            .into_iter()
            .chain([json!(["x-a", "x-b"]), json!(["http://a", "http://b"])])
        {
            let file = file_with(key.path, &value);
            if is_taken(&file) {
                taken += 1;
                assert!(schema.is_valid(&file), "{file}");
            }
        }
    }
    assert!(taken > 200, "{taken}");
}

/// What a form says exactly: words, switches, numbers, times, sizes and addresses to listen on. Of files, globs, hosts and
/// networks it says less than their readers.
#[test]
fn a_slip_in_a_value_is_refused_by_the_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for key in reference() {
        for value in [json!(""), json!({}), json!([]), json!(null)] {
            let file = file_with(key.path, &value);
            assert!(!schema.is_valid(&file) || value == "", "{file}");
        }
    }
    for (path, value) in [
        ("jobs.commit", json!("Store")),
        ("jobs.commit", json!(true)),
        ("jobs.dry_run", json!("true")),
        ("jobs.protect", json!("on")),
        ("jobs.api", json!("6.8")),
        ("jobs.api", json!(6.8)),
        ("jobs.index", json!("Index")),
        ("jobs.index", json!("a*")),
        ("limits.connections", json!(0)),
        ("limits.connections", json!("0")),
        ("limits.connections", json!("many")),
        ("limits.head", json!(65536)),
        ("limits.head", json!("64")),
        ("limits.head", json!("64 mib")),
        ("limits.head_timeout", json!(30)),
        ("limits.head_timeout", json!("30")),
        ("limits.head_timeout", json!("5 parsecs")),
        ("shutdown.delay", json!("none")),
        ("listen", json!("gateway:9280")),
        ("listen", json!("9280")),
        ("listen", json!(9280)),
        ("upstream.nodes", json!("localhost:9200")),
        ("upstream.nodes", json!(["http://a:9200", "b:9200"])),
        ("upstream.probe", json!("tcp")),
        ("upstream.strip_headers", json!("x y")),
        ("trusted_proxies", json!("proxy")),
        ("access.mode", json!("Service")),
        ("access_log.format", json!("JSON")),
        ("access_log.redact", json!("api_key=")),
        ("policies.blast_radius.refuse_over", json!("few")),
    ] {
        let file = file_with(path, &value);
        assert!(!schema.is_valid(&file), "{file}");
        assert!(
            load_all(&file.to_string(), &[], ServeFlags::default()).is_err(),
            "{file}"
        );
    }
}
