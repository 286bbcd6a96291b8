//! The TLS configurations of a running gateway, and how they are kept in step with the files that they are made from.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::{ClientConfig, ServerConfig};

use super::expiry::{Expiries, ExpiryWarnings};
use super::reload::Trigger;
use crate::cluster::account::read_credentials;
use crate::config::{AccessMode, Config};
use crate::http::authorization::CredentialsError;
use crate::http::caller::Caller;
use crate::telemetry::events::files::{CertificatesInUse, CertificatesRefused, NodesUnverified, SharedCertificate};
use crate::tls::to_nodes::trusting_nobody;
use crate::tls::{
    Current, Exchange, Expired, IdentityFiles, NodeTls, NodeTlsSettings, TlsError, Verification, current,
};

/// How often it is looked at whether a certificate expires.
const REVIEW_INTERVAL: Duration = Duration::from_secs(1);

/// The configurations, and what keeps them in step.
pub(super) struct Certificates {
    /// What clients are met with, if it is in TLS.
    pub(super) to_clients: Option<Current<ServerConfig>>,
    /// What nodes are met with.
    pub(super) to_nodes: NodeTls,
    /// The gateway's own account, if jobs are stored with it.
    pub(super) account: Option<Account>,
    /// Who keeps both in step.
    pub(super) keeper: Keeper,
    /// What the keeper could not do.
    pub(super) faults: Faults,
    /// When certificates expire.
    pub(super) expiries: Expiries,
}

/// An account of the gateway's own: its credentials, and how nodes are met for it.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) caller: Current<Caller>,
    pub(super) tls: NodeTls,
}

/// Why files cannot be used. Usual cause: they were changed after the configuration was read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A certificate, a key, or authorities.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The credentials of the gateway's own account.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

/// Reads files again.
pub(super) struct Keeper {
    sides: Vec<Side>,
    faults: Faults,
    expiries: Expiries,
}

/// One side: what is read for it, and how.
struct Side {
    name: &'static str,
    files: Vec<PathBuf>,
    renew: Box<dyn Fn(Expired) -> Result<(), String>>,
    /// The certificate that is shown on this side, if there is one.
    identity: Option<IdentityFiles>,
}

/// Why files that were read again are not in use, side by side, with those whose files are.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Arc<Mutex<BTreeMap<&'static str, Option<String>>>>);

impl Faults {
    /// Each side with what is wrong, if something is.
    pub(super) fn list(&self) -> Vec<(&'static str, String)> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let faults = faults.iter().filter_map(|(side, fault)| Some((*side, fault.clone()?)));
        faults.collect()
    }

    /// Every side, and whether something is wrong.
    pub(super) fn sides(&self) -> Vec<(&'static str, bool)> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().map(|(side, fault)| (*side, fault.is_some())).collect()
    }

    fn set(&self, side: &'static str, fault: Option<String>) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.insert(side, fault);
    }
}

impl Certificates {
    /// Reads what a configuration names.
    pub(super) fn load(config: &Config) -> Result<Self, FileError> {
        let mut sides = Vec::new();
        // At the start there is none in use that would be better than one that has expired.
        let first = Expired::Used;
        let to_clients = match config.tls.clone() {
            None => None,
            Some(settings) => {
                let (exchange, now) = current(settings.load(first)?);
                let files = settings.files().map(Path::to_owned).collect();
                let identity = settings.identity.clone();
                let load = move |expired| settings.load(expired);
                sides.push(Side::new("tls", files, exchange, load).showing(Some(identity)));
                Some(now)
            }
        };
        let settings = config.upstream.tls.clone();
        let has_tls = config.upstream.nodes.iter().any(|node| node.server_name().is_some());
        let loaded = if has_tls {
            settings.load(first)?
        } else {
            trusting_nobody()?
        };
        let (exchange, now): (_, Current<ClientConfig>) = current(loaded);
        let server_name = settings.server_name.clone();
        if has_tls {
            if settings.verification == Verification::None {
                NodesUnverified {}.log();
            }
            if settings.identity.is_some() {
                SharedCertificate {}.log();
            }
            let files = settings.files().map(Path::to_owned).collect();
            let identity = settings.identity.clone();
            let load = move |expired| settings.load(expired);
            sides.push(Side::new("upstream.tls", files, exchange, load).showing(identity));
        }
        let to_nodes = NodeTls {
            config: now,
            server_name,
        };
        let account = (config.access.mode == AccessMode::Service).then(|| account(config, &to_nodes, &mut sides));
        let (faults, expiries) = (Faults::default(), Expiries::new(config.warn_before.0));
        let account = account.transpose()?;
        for side in &sides {
            side.note_expiry(&expiries);
            faults.set(side.name, None);
        }
        Ok(Self {
            to_clients,
            to_nodes,
            account,
            keeper: Keeper {
                sides,
                faults: faults.clone(),
                expiries: expiries.clone(),
            },
            faults,
            expiries,
        })
    }
}

/// The gateway's own account. Its files are read again like all others.
fn account(config: &Config, to_nodes: &NodeTls, sides: &mut Vec<Side>) -> Result<Account, FileError> {
    let access = &config.access;
    let first = access.authorization.as_deref().map(read_credentials).transpose()?;
    let (exchange, caller) = current(Arc::new(first.unwrap_or_default()));
    if let Some(file) = access.authorization.clone() {
        let files = vec![file.clone()];
        let load = move |_| read_credentials(&file).map(Arc::new);
        sides.push(Side::new("access.authorization", files, exchange, load));
    }
    let tls = match access.identity.clone() {
        None => to_nodes.clone(),
        Some(identity) => {
            let settings = NodeTlsSettings {
                identity: Some(identity.clone()),
                ..config.upstream.tls.clone()
            };
            let (exchange, now) = current(settings.load(Expired::Used)?);
            let files = settings.files().map(Path::to_owned).collect();
            let side = Side::new("access.certificate", files, exchange, move |expired| {
                settings.load(expired)
            });
            sides.push(side.showing(Some(identity)));
            NodeTls {
                config: now,
                server_name: to_nodes.server_name.clone(),
            }
        }
    };
    Ok(Account { caller, tls })
}

impl Side {
    fn new<T: 'static, E: Display>(
        name: &'static str,
        files: Vec<PathBuf>,
        exchange: Exchange<T>,
        load: impl Fn(Expired) -> Result<Arc<T>, E> + 'static,
    ) -> Self {
        let renew = move |expired| match load(expired) {
            Ok(next) => {
                exchange.set(next);
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        };
        Self {
            name,
            files,
            renew: Box::new(renew),
            identity: None,
        }
    }

    fn note_expiry(&self, expiries: &Expiries) {
        if let Some(identity) = &self.identity {
            expiries.note(self.name, identity.not_after());
        }
    }

    /// The same, with the certificate that is shown on it.
    fn showing(self, identity: Option<IdentityFiles>) -> Self {
        Self { identity, ..self }
    }
}

impl Keeper {
    /// The files to look at.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.sides
            .iter()
            .flat_map(|side| side.files.iter().map(PathBuf::as_path))
    }

    /// Reads files again, for ever, when the trigger says so, and warns of certificates that expire. Connections that there are keep what they were made with,
    /// and what cannot be used is not: the last that could stays.
    pub(super) async fn keep(self, mut trigger: Trigger) {
        let mut warnings = ExpiryWarnings::default();
        loop {
            warnings.review(&self.expiries);
            let Some(cause) = trigger.next_within(REVIEW_INTERVAL).await else {
                continue;
            };
            let cause = cause.name();
            for side in &self.sides {
                let expired = if self.expiries.is_expired(side.name) {
                    Expired::Used
                } else {
                    Expired::Refused
                };
                let fault = (side.renew)(expired).err();
                match &fault {
                    None => {
                        side.note_expiry(&self.expiries);
                        CertificatesInUse { side: side.name, cause }.emit();
                    }
                    Some(error) => {
                        let event = CertificatesRefused {
                            side: side.name,
                            cause,
                            error,
                        };
                        event.emit();
                    }
                }
                self.faults.set(side.name, fault);
            }
        }
    }
}
