//! The TLS configurations of a running gateway, and how they are kept in step with the files that they are made from.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::{ClientConfig, ServerConfig};

use super::reload::Trigger;
use crate::cluster::account::read_credentials;
use crate::config::{AccessMode, Config};
use crate::http::authorization::CredentialsError;
use crate::http::caller::Caller;
use crate::telemetry::events::files::{CertificatesInUse, CertificatesRefused, NodesUnverified, SharedCertificate};
use crate::tls::client::trusting_nobody;
use crate::tls::{ClientSettings, ClientTls, Current, Exchange, IdentityFiles, TlsError, Verification, current};

/// The configurations, and what keeps them in step.
pub(super) struct Certificates {
    /// What clients are met with, if it is in TLS.
    pub(super) to_clients: Option<Current<ServerConfig>>,
    /// What nodes are met with.
    pub(super) to_nodes: ClientTls,
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
    pub(super) tls: ClientTls,
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
    renew: Box<dyn Fn() -> Result<(), String>>,
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

/// When the certificate of each side expires, in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub(super) struct Expiries(Arc<Mutex<Vec<(&'static str, u64)>>>);

impl Expiries {
    /// Each side that has a certificate.
    pub(super) fn list(&self) -> Vec<(&'static str, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the certificate of a side whose files were just read.
    fn note(&self, side: &Side) {
        let Some(identity) = &side.identity else { return };
        let seconds = identity.not_after();
        let mut expiries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        expiries.retain(|(other, _)| *other != side.name);
        expiries.extend(seconds.map(|seconds| (side.name, seconds)));
    }
}

impl Certificates {
    /// Reads what a configuration names.
    pub(super) fn load(config: &Config) -> Result<Self, FileError> {
        let mut sides = Vec::new();
        let to_clients = match config.tls.clone() {
            None => None,
            Some(settings) => {
                let (exchange, now) = current(settings.load()?);
                let files = settings.files().map(Path::to_owned).collect();
                let identity = settings.identity.clone();
                sides.push(Side::new("tls", files, exchange, move || settings.load()).showing(Some(identity)));
                Some(now)
            }
        };
        let settings = config.upstream.tls.clone();
        let has_tls = config.upstream.nodes.iter().any(|node| node.server_name().is_some());
        let first = if has_tls { settings.load()? } else { trusting_nobody()? };
        let (exchange, now): (_, Current<ClientConfig>) = current(first);
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
            sides.push(Side::new("upstream.tls", files, exchange, move || settings.load()).showing(identity));
        }
        let to_nodes = ClientTls {
            config: now,
            server_name,
        };
        let account = (config.access.mode == AccessMode::Service).then(|| account(config, &to_nodes, &mut sides));
        let (faults, expiries) = (Faults::default(), Expiries::default());
        let account = account.transpose()?;
        for side in &sides {
            expiries.note(side);
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
fn account(config: &Config, to_nodes: &ClientTls, sides: &mut Vec<Side>) -> Result<Account, FileError> {
    let access = &config.access;
    let first = access.authorization.as_deref().map(read_credentials).transpose()?;
    let (exchange, caller) = current(Arc::new(first.unwrap_or_default()));
    if let Some(file) = access.authorization.clone() {
        let files = vec![file.clone()];
        let load = move || read_credentials(&file).map(Arc::new);
        sides.push(Side::new("access.authorization", files, exchange, load));
    }
    let tls = match access.identity.clone() {
        None => to_nodes.clone(),
        Some(identity) => {
            let settings = ClientSettings {
                identity: Some(identity.clone()),
                ..config.upstream.tls.clone()
            };
            let (exchange, now) = current(settings.load()?);
            let files = settings.files().map(Path::to_owned).collect();
            let side = Side::new("access.certificate", files, exchange, move || settings.load());
            sides.push(side.showing(Some(identity)));
            ClientTls {
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
        load: impl Fn() -> Result<Arc<T>, E> + 'static,
    ) -> Self {
        let renew = move || match load() {
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

    /// Reads files again, for ever, when the trigger says so. Connections that there are keep what they were made with,
    /// and what cannot be used is not: the last that could stays.
    pub(super) async fn keep(self, mut trigger: Trigger) {
        loop {
            let cause = trigger.next().await;
            let cause = cause.name();
            for side in &self.sides {
                let fault = (side.renew)().err();
                match &fault {
                    None => {
                        self.expiries.note(side);
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
