//! The keys of TLS: what they mean, and what is told of files that cannot be used.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd};

use super::*;
use crate::tls::{Authorities, ClientCertificates, IdentityFiles, Verification};

/// A folder with a certificate, its key, and what can be wrong with either.
struct Pems(TempDir);

impl Pems {
    fn new() -> Self {
        let pems = Self(TempDir::new().unwrap());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut parameters = CertificateParams::new(vec!["gateway.example.org".to_owned()]).unwrap();
        pems.write("own.pem", &parameters.self_signed(&key).unwrap().pem());
        pems.write("own.key", &key.serialize_pem());
        pems.write("other.key", &KeyPair::generate().unwrap().serialize_pem());
        pems.write(
            "locked.key",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        );
        parameters.not_before = date_time_ymd(1999, 1, 1);
        parameters.not_after = date_time_ymd(2000, 1, 1);
        pems.write("old.pem", &parameters.self_signed(&key).unwrap().pem());
        parameters.not_before = date_time_ymd(2999, 1, 1);
        parameters.not_after = date_time_ymd(3000, 1, 1);
        pems.write("new.pem", &parameters.self_signed(&key).unwrap().pem());
        pems.write("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        pems.write(
            "odd.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        );
        pems.write("empty.pem", "");
        pems
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A text with `@` for the folder.
    fn within(&self, text: &str) -> String {
        text.replace('@', &format!("{}/", self.folder().display()))
    }

    /// What is told of a file, which names files with `@`.
    fn problems(&self, yaml: &str) -> String {
        problems_of(&self.within(yaml)).replace(&format!("{}/", self.folder().display()), "@")
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }
}

#[test]
fn every_key_has_its_meaning() {
    let pems = Pems::new();
    let config = config_of(&pems.within(
        "tls: {certificate: @own.pem, key: @own.key, client_ca: @own.pem, client_auth: optional}\nupstream:\n  nodes: https://node\n  \
         tls: {ca: @own.pem, certificate: @own.pem, key: @own.key, server_name: es.example.org, verify: certificate}\n",
    ));
    let identity = IdentityFiles {
        certificate: pems.path("own.pem"),
        key: pems.path("own.key"),
    };
    let tls = config.tls.unwrap();
    assert_eq!(tls.identity, identity);
    assert_eq!(tls.clients, ClientCertificates::Optional(pems.path("own.pem")));
    let tls = config.upstream.tls;
    assert_eq!(tls.authorities, Authorities::File(pems.path("own.pem")));
    assert_eq!(tls.identity, Some(identity));
    assert_eq!(tls.server_name.unwrap().to_str(), "es.example.org");
    assert_eq!(tls.verification, Verification::Certificate);
}

#[test]
fn keys_that_need_each_other_say_so() {
    let pems = Pems::new();
    assert_snapshot!(pems.problems("tls: {certificate: own.pem}\nupstream: {tls: {verify: none}}\n"), @r"
    error: `tls.certificate`: a certificate and its key belong together, and `tls.key` is not set
     --> gateway.yml:1:20
      |
    1 | tls: {certificate: own.pem}
      |                    ^^^^^^^
      |
      = help: set `tls.key` to its file

    error: `upstream.tls.verify`: no node is spoken to in TLS
     --> gateway.yml:2:26
      |
    2 | upstream: {tls: {verify: none}}
      |                          ^^^^
      |
      = help: write `https://` in `upstream.nodes`, or leave the key out
    ");
    for (keys, told) in [
        ("tls: {key: x}", "`tls.certificate` is not set"),
        ("tls: {client_auth: required}", "`tls.client_auth`: nobody is named"),
        (
            "tls: {client_auth: required}",
            "`tls.client_auth`: without a certificate of its own",
        ),
        ("tls: {client_ca: x}", "`tls.client_ca`: no client is asked"),
        (
            "upstream: {nodes: 'https://a', tls: {verify: none, key: x}}",
            "`upstream.tls.certificate` is not set",
        ),
        ("tls: {client_auth: yes}", "expected `none`, `optional` or `required`"),
        (
            "upstream: {tls: {verify: true}}",
            "expected `full`, `certificate` or `none`, found the boolean",
        ),
        (
            "upstream: {tls: {server_name: a b}}",
            "expected a host name or IP address",
        ),
    ] {
        let text = pems.problems(keys);
        assert!(text.contains(told), "{keys}: {text}");
    }
}

#[test]
fn files_that_cannot_be_used_are_told_with_the_reason() {
    let pems = Pems::new();
    for (certificate, key, told) in [
        (
            "@no.pem",
            "@own.key",
            "`tls.certificate`: @no.pem cannot be read: No such file",
        ),
        (
            "@empty.pem",
            "@own.key",
            "`tls.certificate`: there is no certificate in @empty.pem",
        ),
        (
            "@own.key",
            "@own.key",
            "`tls.certificate`: there is no certificate in @own.key",
        ),
        ("@cut.pem", "@own.key", "`tls.certificate`: @cut.pem is not PEM"),
        (
            "@odd.pem",
            "@own.key",
            "`tls.certificate`: a certificate in @odd.pem cannot be used",
        ),
        (
            "@new.pem",
            "@own.key",
            "`tls.certificate`: the certificate in @new.pem is not valid yet",
        ),
        ("@own.pem", "@no.key", "`tls.key`: @no.key cannot be read: No such file"),
        ("@own.pem", "@own.pem", "`tls.key`: there is no private key in @own.pem"),
        (
            "@own.pem",
            "@locked.key",
            "`tls.key`: the private key in @locked.key is encrypted",
        ),
        (
            "@own.pem",
            "@other.key",
            "`tls.key`: the private key in @other.key is not that of the certificate in @own.pem",
        ),
    ] {
        let text = pems.problems(&format!("tls: {{certificate: '{certificate}', key: '{key}'}}"));
        assert!(text.starts_with(&format!("error: {told}")), "{text}");
        let upstream = format!(
            "upstream: {{nodes: 'https://a', tls: {{ca: '@own.pem', certificate: '{certificate}', key: '{key}'}}}}"
        );
        let text = pems.problems(&upstream);
        assert!(
            text.starts_with(&format!("error: {}", told.replacen("`tls", "`upstream.tls", 1))),
            "{text}"
        );
    }
    for authority in ["@no.pem", "@empty.pem", "@cut.pem", "@odd.pem"] {
        let own = "certificate: '@own.pem', key: '@own.key'";
        let text = pems.problems(&format!(
            "tls: {{{own}, client_auth: required, client_ca: '{authority}'}}"
        ));
        assert!(text.starts_with("error: `tls.client_ca`: "), "{text}");
        let text = pems.problems(&format!("upstream: {{nodes: 'https://a', tls: {{ca: '{authority}'}}}}"));
        assert!(text.starts_with("error: `upstream.tls.ca`: "), "{text}");
    }
}

#[test]
fn without_https_nothing_is_read() {
    let default = Config::default();
    assert_eq!(
        config_of("tls: {client_auth: none, key: none}\nupstream: {tls: {verify: full}}"),
        default
    );
    assert_eq!(
        config_of("upstream: {nodes: 'http://a'}").upstream.tls,
        default.upstream.tls
    );
}
