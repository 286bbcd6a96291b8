//! The keys of TLS: how they belong together, and whether the files that they name can be used.

pub(super) mod value;

use std::path::PathBuf;
use std::time::Duration;

use self::value::{ClientAuth, OptionalFile, OptionalName};
use super::Time;
use super::key::Key;
use super::reader::Reader;
use crate::tls::{
    Authorities, ClientCertificates, IdentityFiles, NodeTlsSettings, Part, ServerSettings, TlsError, Verification,
};
use crate::upstream::node_url::NodeUrl;

const CERTIFICATE: Key = Key::new(
    "tls.certificate",
    "The certificate that clients are shown, and its chain; with one, the gateway speaks TLS and nothing else.",
)
.detail("TLS is 1.2 or 1.3, and HTTP in it 1.1.")
.named("tls-certificate");
const KEY: Key = Key::new("tls.key", "The key of that certificate.").named("tls-key");
const CLIENT_CA: Key = Key::new(
    "tls.client_ca",
    "The authorities that have to have signed the certificates of clients.",
)
.named("tls-client-ca")
.special();
const CLIENT_AUTH: Key = Key::new("tls.client_auth", "Whether clients have to show a certificate.")
    .named("tls-client-auth")
    .special();

const WARN_BEFORE: Key = Key::new(
    "tls.warn_before",
    "How long before one of the gateway's own certificates expires the log and `/ready` say so.",
)
.detail("This is about `tls.certificate`, `upstream.tls.certificate` and `access.certificate`.");

/// Enough time for somebody who comes back from a holiday.
const DEFAULT_WARN_BEFORE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

const UPSTREAM_CA: Key = Key::new(
    "upstream.tls.ca",
    "The authorities that have to have signed the certificates of nodes.",
)
.detail("`system` is what OpenSSL would take.")
.named("upstream-tls-ca");
const UPSTREAM_CERTIFICATE: Key = Key::new(
    "upstream.tls.certificate",
    "The certificate that nodes are shown when they ask for one, and its chain.",
)
.named("upstream-tls-certificate")
.special();
const UPSTREAM_KEY: Key = Key::new("upstream.tls.key", "The key of that certificate.")
    .named("upstream-tls-key")
    .special();
const UPSTREAM_SERVER_NAME: Key = Key::new(
    "upstream.tls.server_name",
    "The name to ask for and to find in a node's certificate, in place of the host of its URL.",
)
.named("upstream-tls-server-name")
.special();
const UPSTREAM_VERIFY: Key = Key::new(
    "upstream.tls.verify",
    "What is checked of a node's certificate: signature and name, the signature only, or nothing.",
)
.detail("`certificate` takes any name in it, `none` is no protection.")
.named("upstream-tls-verify")
.special();

/// TLS to clients, if there is any.
pub(super) fn to_clients(keys: &mut Reader<'_>) -> Option<ServerSettings> {
    let certificate = keys.one(CERTIFICATE, OptionalFile(None)).0;
    let key = keys.one(KEY, OptionalFile(None)).0;
    let client_ca = keys.one(CLIENT_CA, OptionalFile(None)).0;
    let client_auth = keys.one(CLIENT_AUTH, ClientAuth::None);
    let is_half_set = certificate.is_some() != key.is_some();
    let identity = identity(keys, (CERTIFICATE, certificate), (KEY, key));
    let clients = match (client_auth, client_ca) {
        (ClientAuth::None, None) => Some(ClientCertificates::NotAsked),
        (ClientAuth::Optional, Some(file)) => Some(ClientCertificates::Optional(file)),
        (ClientAuth::Required, Some(file)) => Some(ClientCertificates::Required(file)),
        (ClientAuth::None, Some(_)) => {
            let message = "no client is asked for a certificate, so none can be checked";
            keys.refuse_set(
                &[CLIENT_CA],
                message,
                Some("set `tls.client_auth` to `required` or `optional`"),
            );
            None
        }
        (ClientAuth::Optional | ClientAuth::Required, None) => {
            let help = "set `tls.client_ca` to the authorities that sign them";
            keys.refuse_set(
                &[CLIENT_AUTH],
                "nobody is named who may sign certificates of clients",
                Some(help),
            );
            None
        }
    };
    let Some(identity) = identity else {
        if !is_half_set && clients != Some(ClientCertificates::NotAsked) {
            let help = "set `tls.certificate` and `tls.key`";
            let message = "without a certificate of its own the gateway speaks no TLS";
            keys.refuse_set(&[CLIENT_CA, CLIENT_AUTH], message, Some(help));
        }
        return None;
    };
    let settings = ServerSettings {
        identity,
        clients: clients?,
    };
    for error in settings.problems() {
        let key = match error.part {
            Part::Certificate => CERTIFICATE,
            Part::Key => KEY,
            Part::Authorities => CLIENT_CA,
        };
        refuse(keys, &[key], &error);
    }
    Some(settings)
}

/// TLS to the cluster; without effect if no node has it. `nodes_key` is where the nodes are named.
pub(super) fn to_nodes(keys: &mut Reader<'_>, nodes: &[NodeUrl], nodes_key: Key) -> NodeTlsSettings {
    let authorities = keys.one(UPSTREAM_CA, Authorities::System);
    let certificate = keys.one(UPSTREAM_CERTIFICATE, OptionalFile(None)).0;
    let key = keys.one(UPSTREAM_KEY, OptionalFile(None)).0;
    let server_name = keys.one(UPSTREAM_SERVER_NAME, OptionalName(None)).0;
    let verification = keys.one(UPSTREAM_VERIFY, Verification::Full);
    let is_half_set = certificate.is_some() != key.is_some();
    let settings = NodeTlsSettings {
        authorities,
        verification,
        server_name,
        identity: identity(keys, (UPSTREAM_CERTIFICATE, certificate), (UPSTREAM_KEY, key)),
    };
    if nodes.iter().all(|node| node.server_name().is_none()) {
        let default = NodeTlsSettings::default();
        let unused = [
            (UPSTREAM_CA, settings.authorities != default.authorities),
            (UPSTREAM_CERTIFICATE, settings.identity.is_some()),
            (UPSTREAM_SERVER_NAME, settings.server_name.is_some()),
            (UPSTREAM_VERIFY, settings.verification != default.verification),
        ];
        let unused: Vec<Key> = unused
            .into_iter()
            .filter_map(|(key, is_set)| is_set.then_some(key))
            .collect();
        let help = "write `https://` in `upstream.nodes`, or leave the key out";
        keys.refuse_set(&unused, "no node is spoken to in TLS", Some(help));
    } else if !is_half_set {
        for error in settings.problems() {
            let key = match error.part {
                Part::Certificate => UPSTREAM_CERTIFICATE,
                Part::Key => UPSTREAM_KEY,
                Part::Authorities => UPSTREAM_CA,
            };
            // The system's authorities have no key of their own: the problem is shown at the URL that needs them.
            refuse(keys, &[key, nodes_key], &error);
        }
    }
    settings
}

/// How long before a certificate of the gateway expires a warning is logged.
pub(super) fn warn_before(keys: &mut Reader<'_>) -> Time {
    keys.one(WARN_BEFORE, Time(DEFAULT_WARN_BEFORE))
}

/// A certificate and its key, which are set together or not at all.
pub(super) fn identity(
    keys: &mut Reader<'_>,
    (certificate_key, certificate): (Key, Option<PathBuf>),
    (key_key, key): (Key, Option<PathBuf>),
) -> Option<IdentityFiles> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => return Some(IdentityFiles { certificate, key }),
        (None, None) => {}
        (Some(_), None) => lacks(keys, certificate_key, key_key),
        (None, Some(_)) => lacks(keys, key_key, certificate_key),
    }
    None
}

fn lacks(keys: &mut Reader<'_>, set: Key, missing: Key) {
    let help = format!("set `{}` to its file", missing.path);
    let message = format!(
        "a certificate and its key belong together, and `{}` is not set",
        missing.path
    );
    keys.refuse_set(&[set], &message, Some(&help));
}

fn refuse(keys: &mut Reader<'_>, places: &[Key], error: &TlsError) {
    keys.refuse_set(places, &error.to_string(), None);
}
