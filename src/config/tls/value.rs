//! What the keys of TLS can be.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::pki_types::ServerName;
use serde_json::Value;

use crate::config::form;
use crate::config::setting::{Fault, Setting, one_of};
use crate::tls::{Authorities, Verification};

/// What switches off what is optional.
const NONE: &str = "none";

/// A file, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct OptionalFile(pub(in crate::config) Option<PathBuf>);

impl fmt::Display for OptionalFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(file) => file.display().fmt(f),
            None => f.write_str(NONE),
        }
    }
}

impl Setting for OptionalFile {
    const EXPECTED: &'static str = "the path of a file, or `none`";
    const PLACEHOLDER: &'static str = "FILE";

    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(Self((text != NONE).then(|| PathBuf::from(text))))
    }

    fn written_in(self, folder: &Path) -> Self {
        Self(self.0.map(|file| folder.join(file)))
    }
}

/// The word for the authorities of the system.
const SYSTEM: &str = "system";

impl fmt::Display for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str(SYSTEM),
            Self::File(file) => file.display().fmt(f),
        }
    }
}

impl Setting for Authorities {
    const EXPECTED: &'static str = "a file in PEM form, or `system`";
    const PLACEHOLDER: &'static str = "FILE";

    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(match text {
            SYSTEM => Self::System,
            file => Self::File(PathBuf::from(file)),
        })
    }

    fn written_in(self, folder: &Path) -> Self {
        match self {
            Self::System => Self::System,
            Self::File(file) => Self::File(folder.join(file)),
        }
    }
}

/// A name in certificates, if one is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OptionalName(pub(super) Option<ServerName<'static>>);

impl fmt::Display for OptionalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => name.to_str().fmt(f),
            None => f.write_str(NONE),
        }
    }
}

impl Setting for OptionalName {
    const EXPECTED: &'static str = "a host name or IP address, or `none`";
    const PLACEHOLDER: &'static str = "NAME";

    fn parse(text: &str) -> Result<Self, Fault> {
        if text == NONE {
            return Ok(Self(None));
        }
        let name = ServerName::try_from(text.to_owned());
        name.map(|name| Self(Some(name)))
            .map_err(|_| Fault::new(format!("expected {}", Self::EXPECTED)))
    }
}

/// Whether clients show certificates, in the words of Elasticsearch's `ssl.client_authentication`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    None,
    Optional,
    Required,
}

impl ClientAuth {
    const ALL: [Self; 3] = [Self::None, Self::Optional, Self::Required];
}

impl fmt::Display for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => NONE,
            Self::Optional => "optional",
            Self::Required => "required",
        })
    }
}

impl Setting for ClientAuth {
    const EXPECTED: &'static str = "`none`, `optional` or `required`";
    const PLACEHOLDER: &'static str = "WORD";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::Certificate => "certificate",
            Self::None => NONE,
        })
    }
}

impl Setting for Verification {
    const EXPECTED: &'static str = "`full`, `certificate` or `none`";
    const PLACEHOLDER: &'static str = "WORD";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}
