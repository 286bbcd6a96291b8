//! Which addresses are those of nodes, and what is in them.

use super::*;

/// The parts of an address, and how it is shown.
fn read(text: &str) -> Result<(String, u16, String), NodeUrlError> {
    NodeUrl::parse(text).map(|url| (url.host().to_owned(), url.port(), url.to_string()))
}

fn parts(host: &str, port: u16, shown: &str) -> (String, u16, String) {
    (host.to_owned(), port, shown.to_owned())
}

#[test]
fn reads_names_and_addresses() {
    assert_eq!(
        read("http://127.0.0.1:9200"),
        Ok(parts("127.0.0.1", 9200, "http://127.0.0.1:9200"))
    );
    assert_eq!(
        read("HTTP://Node-1.Example.org:1"),
        Ok(parts("node-1.example.org", 1, "http://node-1.example.org:1"))
    );
    assert_eq!(
        read("http://open_search:9200/"),
        Ok(parts("open_search", 9200, "http://open_search:9200"))
    );
    assert_eq!(
        read("http://[0:0::1]:9200"),
        Ok(parts("::1", 9200, "http://[::1]:9200"))
    );
}

#[test]
fn a_host_field_has_the_port_unless_it_is_the_schemes_own() {
    for (url, field) in [
        ("http://es-1:9200", "es-1:9200"),
        ("http://es-1", "es-1"),
        ("http://es-1:80", "es-1"),
        ("http://es-1:443", "es-1:443"),
        ("https://es-1:443", "es-1"),
        ("https://es-1:80", "es-1:80"),
        ("http://[::1]:9200", "[::1]:9200"),
        ("http://[::1]", "[::1]"),
    ] {
        assert_eq!(NodeUrl::parse(url).expect(url).host_field(), field, "{url}");
    }
}

#[test]
fn a_missing_port_is_the_schemes_own() {
    assert_eq!(read("http://node"), Ok(parts("node", 80, "http://node:80")));
    assert_eq!(read("http://[::1]"), Ok(parts("::1", 80, "http://[::1]:80")));
    assert_eq!(read("https://node"), Ok(parts("node", 443, "https://node:443")));
}

#[test]
fn tls_knows_a_host_by_its_name_or_address() {
    let name = |text: &str| {
        let url = NodeUrl::parse(text).expect("a URL");
        url.server_name().map(|name| name.to_str().into_owned())
    };
    assert_eq!(name("http://node:9200"), None);
    assert_eq!(
        name("https://Node.example.org.:9200").as_deref(),
        Some("node.example.org")
    );
    assert_eq!(name("https://open_search").as_deref(), Some("open_search"));
    assert_eq!(name("https://127.0.0.1:9200").as_deref(), Some("127.0.0.1"));
    assert_eq!(name("https://[::1]:9200").as_deref(), Some("::1"));
}

#[test]
fn the_default_reads_as_itself() {
    let default = NodeUrl::default();
    assert_eq!(NodeUrl::parse("http://127.0.0.1:9200"), Ok(default.clone()));
    assert_eq!(NodeUrl::parse(&default.to_string()), Ok(default));
}

#[test]
fn refuses_everything_else() {
    for (text, error) in [
        ("localhost:9200", NodeUrlError::NoScheme),
        ("", NodeUrlError::NoScheme),
        ("htp://node:9200", NodeUrlError::OtherScheme),
        ("https:/node:9200", NodeUrlError::NoScheme),
        ("https://", NodeUrlError::NoHost),
        ("http://", NodeUrlError::NoHost),
        ("http://:9200", NodeUrlError::NoHost),
        ("unix:///run/es.sock", NodeUrlError::UnixSocket),
        ("unix:/run/es.sock", NodeUrlError::UnixSocket),
        ("http://a:9200,http://b:9200", NodeUrlError::Several),
        ("http://node:9200/es", NodeUrlError::MoreThanAddress),
        ("http://node:9200?pretty", NodeUrlError::MoreThanAddress),
        ("http://node#x", NodeUrlError::MoreThanAddress),
        ("http://no de", NodeUrlError::BadHost),
        ("http://a..b", NodeUrlError::BadHost),
        ("http://a,b", NodeUrlError::Several),
        ("http://käse", NodeUrlError::BadHost),
        ("http://127.1", NodeUrlError::BadHost),
        ("http://1.2.3.256", NodeUrlError::BadHost),
        ("http://::1", NodeUrlError::BadHost),
        ("http://[::1", NodeUrlError::BadHost),
        ("http://[node]", NodeUrlError::BadHost),
        ("http://[::1]9200", NodeUrlError::BadHost),
        ("http://node:", NodeUrlError::BadPort),
        ("http://node:0", NodeUrlError::BadPort),
        ("http://node:+80", NodeUrlError::BadPort),
        ("http://node:65536", NodeUrlError::BadPort),
    ] {
        assert_eq!(read(text), Err(error), "{text:?}");
    }
}

#[test]
fn refuses_credentials_whatever_a_password_holds() {
    for text in [
        "http://elastic:secret@node",
        "http://token@node",
        "http://u:p/w@node",
        "http://u:p#?@node:x",
    ] {
        assert_eq!(read(text), Err(NodeUrlError::Credentials), "{text:?}");
    }
}
