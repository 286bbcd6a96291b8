//! The keys of access: with whose credentials jobs are stored, and for whom.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use serde_json::Value;

use super::form;
use super::key::Key;
use super::reader::Reader;
use super::setting::{Fault, Setting, one_of};
use super::tls::identity;
use super::tls::value::OptionalFile;
use super::{Time, Upstream};
use crate::cluster::account::read_credentials;
use crate::tls::{IdentityFiles, NodeTlsSettings, Part};

/// Whose credentials jobs are stored with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessMode {
    /// The caller's own.
    Caller,
    /// Those of an account of the gateway's.
    Service,
}

/// Who may create jobs, and with whose credentials they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whose credentials jobs are stored with.
    pub mode: AccessMode,
    /// The file with the value of `Authorization` of the gateway's account.
    pub authorization: Option<PathBuf>,
    /// The certificate that the account is known by.
    pub identity: Option<IdentityFiles>,
    /// The roles that may create jobs before OpenSearch.
    pub roles: Vec<String>,
    /// How long a permission that was found is believed.
    pub cache: Time,
}

const MODE: Key = Key::new(
    "access.mode",
    "With whose credentials jobs are stored: the `caller`'s, or those of an account of the gateway's own (`service`).",
)
.detail("In `service` mode the gateway asks the cluster whether the caller may create jobs, and writes the job with its own account.")
.named("access-mode");
const AUTHORIZATION: Key = Key::new(
    "access.authorization",
    "The file with the value of `Authorization` of the gateway's own account; it is read again when it changes.",
)
.detail("Such as `ApiKey …`. In `caller` mode it only asks for the aliases of a protected index.")
.named("access-authorization")
.special();
const CERTIFICATE: Key = Key::new(
    "access.certificate",
    "The client certificate of the gateway's own account, and its chain.",
)
.detail("It is shown on the account's own connections only.")
.named("access-certificate")
.special();
const CERTIFICATE_KEY: Key = Key::new("access.key", "The key of that certificate.")
    .named("access-key")
    .special();
const ROLES: Key = Key::new(
    "access.roles",
    "The roles of users who may create jobs before OpenSearch, if the gateway's own account stores them.",
)
.detail("OpenSearch has no privilege for it.")
.named("access-roles")
.special();
const CACHE: Key = Key::new(
    "access.cache",
    "How long the cluster's word that a caller may create jobs is remembered.",
)
.named("access-cache")
.special();

/// Short, because a role that was taken away works for as long.
const DEFAULT_CACHE: Duration = Duration::from_secs(10);

/// Who may create jobs. `upstream` is how nodes are reached.
pub(super) fn access(keys: &mut Reader<'_>, upstream: &Upstream) -> Access {
    let mode = keys.one(MODE, AccessMode::Caller);
    let authorization = keys.one(AUTHORIZATION, OptionalFile(None)).0;
    let certificate = keys.one(CERTIFICATE, OptionalFile(None)).0;
    let key = keys.one(CERTIFICATE_KEY, OptionalFile(None)).0;
    let identity = identity(keys, (CERTIFICATE, certificate), (CERTIFICATE_KEY, key));
    let roles = keys.many(ROLES, Vec::<Role>::new());
    let cache = keys.one(CACHE, Time(DEFAULT_CACHE));
    if mode == AccessMode::Service && authorization.is_none() && identity.is_none() {
        let help = "set `access.authorization` to a file with the value of `Authorization`, or `access.certificate` and \
                    `access.key`";
        keys.refuse_set(&[MODE], "the gateway has no account to store jobs with", Some(help));
    }
    if let Some(file) = &authorization
        && let Err(error) = read_credentials(file)
    {
        keys.refuse_set(&[AUTHORIZATION], &error.to_string(), None);
    }
    if let Some(identity) = &identity {
        check_certificate(keys, identity, upstream);
    }
    Access {
        mode,
        authorization,
        identity,
        roles: roles.into_iter().map(|role| role.0).collect(),
        cache,
    }
}

fn check_certificate(keys: &mut Reader<'_>, identity: &IdentityFiles, upstream: &Upstream) {
    let has_tls = upstream.nodes.iter().any(|node| node.server_name().is_some());
    if !has_tls {
        let help = "write `https://` in `upstream.nodes`, or use `access.authorization`";
        let message = "no node is spoken to in TLS, so none asks for a certificate";
        keys.refuse_set(&[CERTIFICATE], message, Some(help));
        return;
    }
    let settings = NodeTlsSettings {
        identity: Some(identity.clone()),
        ..upstream.tls.clone()
    };
    for error in settings.problems() {
        match error.part {
            Part::Certificate => keys.refuse_set(&[CERTIFICATE], &error.to_string(), None),
            Part::Key => keys.refuse_set(&[CERTIFICATE_KEY], &error.to_string(), None),
            // Those are reported where they are set.
            Part::Authorities => {}
        }
    }
}

impl AccessMode {
    const ALL: [Self; 2] = [Self::Caller, Self::Service];
}

impl fmt::Display for AccessMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "caller",
            Self::Service => "service",
        })
    }
}

impl Setting for AccessMode {
    const EXPECTED: &'static str = "`caller` or `service`";
    const PLACEHOLDER: &'static str = "MODE";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

/// The name of a role.
#[derive(Debug, Clone)]
struct Role(String);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Role {
    const EXPECTED: &'static str = "the name of a role";
    const PLACEHOLDER: &'static str = "ROLE";

    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(Self(text.to_owned()))
    }
}

/// A header field that is not forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrippedHeader(pub HeaderName);

/// Fields that a request does not keep its meaning without.
const NEEDED: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING];

impl fmt::Display for StrippedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Setting for StrippedHeader {
    const EXPECTED: &'static str = "the name of a header field such as `x-forwarded-for`";
    const PLACEHOLDER: &'static str = "NAME";

    fn parse(text: &str) -> Result<Self, Fault> {
        let name = HeaderName::try_from(text).map_err(|_| Fault::new(format!("expected {}", Self::EXPECTED)))?;
        if NEEDED.contains(&name) {
            return Err(Fault::new(format!("a request cannot do without `{name}`")));
        }
        Ok(Self(name))
    }

    fn form() -> Value {
        form::text("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_as_they_are_shown() {
        for mode in AccessMode::ALL {
            assert_eq!(AccessMode::parse(&mode.to_string()).ok(), Some(mode));
        }
        assert!(AccessMode::parse("Service").is_err());
    }

    #[test]
    fn fields_that_frame_a_request_stay() {
        assert_eq!(
            StrippedHeader::parse("X-Forwarded-For").expect("a name").to_string(),
            "x-forwarded-for"
        );
        for name in ["Content-Length", "transfer-encoding", "host", "a b", "é"] {
            assert!(StrippedHeader::parse(name).is_err(), "{name}");
        }
    }
}
