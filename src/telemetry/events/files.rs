//! Files that were read again, and the file of the access log.

use std::fmt::Display;

use super::super::event::events;
use super::super::families::{CERTIFICATE_RELOADS, CONFIGURATION_RELOADS, REFUSED, USED};

events! {
    /// The configuration was read again on SIGHUP. `changed` names the keys whose new values hold from now on.
    INFO "anomaly_gateway::server" "the configuration was reloaded"
    ConfigurationInUse<'a> { changed: &'a str } counted by CONFIGURATION_RELOADS;

    /// The configuration was read again, and these keys have values that hold only after a restart.
    WARN "anomaly_gateway::server" "changes of the configuration need a restart"
    RestartNeeded<'a> { keys: &'a str } counted by CONFIGURATION_OUTDATED;

    /// The configuration was read again on SIGHUP and is wrong. Correct the file: `error` has all mistakes with their places.
    ERROR "anomaly_gateway::server" "the configuration could not be reloaded; the previous one stays in use"
    ConfigurationRefused<'a> { error: &'a str } counted by CONFIGURATION_RELOADS;

    /// The files of a side were read again and are in use for new connections.
    INFO "anomaly_gateway::server" "certificates were reloaded"
    CertificatesInUse<'a> { side: &'a str, cause: &'a str } counted by CERTIFICATE_RELOADS;

    /// The files of a side were read again and are wrong. Correct them: `error` says which.
    ERROR "anomaly_gateway::server" "certificates could not be reloaded; the previous ones stay in use"
    CertificatesRefused<'a> { side: &'a str, cause: &'a str, error: &'a str } counted by CERTIFICATE_RELOADS;

    /// One of the gateway's certificates, or the first of its chain, expires soon (`tls.warn_before`). Renew it: the files are
    /// read again when they change. There is one such line a day.
    WARN "anomaly_gateway::server" "a certificate expires soon"
    CertificateExpires<'a> { side: &'a str, %not_after: &'a dyn Display, %left: &'a dyn Display }
    counted by CERTIFICATE_NOT_AFTER;

    /// One of the gateway's certificates, or the first of its chain, has expired. The other side refuses it by now, unless it
    /// does not look. Renew it: the files are read again when they change. There is one such line a day.
    ERROR "anomaly_gateway::server" "a certificate has expired"
    CertificateExpired<'a> { side: &'a str, %not_after: &'a dyn Display } counted by CERTIFICATE_NOT_AFTER;

    /// The gateway has started with a certificate that has expired, as there is no other one. Renew it: the files are read
    /// again when they change.
    WARN "anomaly_gateway::server" "an expired certificate is in use"
    ExpiredCertificateUsed<'a> { side: &'a str, %not_after: &'a dyn Display } counted by CERTIFICATE_NOT_AFTER;

    /// Nodes are not checked. Set `upstream.tls.verify` to `full`.
    WARN "anomaly_gateway::server" "`upstream.tls.verify` is `none`: anybody between the gateway and the cluster can impersonate it"
    NodesUnverified {};

    /// Read what SECURITY.md says of it.
    WARN "anomaly_gateway::server" "`upstream.tls.certificate` is shown for every client: if the cluster authenticates by certificates, a client without credentials acts as the certificate's user; see SECURITY.md"
    SharedCertificate {};

    /// The file of the access log was reopened after SIGUSR1.
    INFO "anomaly_gateway::telemetry" "the access log was reopened"
    AccessLogReopened<'a> { %file: &'a dyn Display };

    /// After SIGUSR1 the file of the access log could not be opened. Look at the folder and its permissions; lines go to the
    /// previous file.
    ERROR "anomaly_gateway::telemetry" "the access log could not be reopened; lines still go to the previous file"
    AccessLogNotReopened<'a> { %error: &'a dyn Display, %file: &'a dyn Display };

    /// Lines of the access log could not be written. Look at the disk, or at what reads the pipe. The next line of this kind
    /// comes after lines could be written again.
    ERROR "anomaly_gateway::telemetry" "the access log cannot be written"
    AccessLogNotWritten<'a> { %error: &'a dyn Display } counted by ACCESS_LOG_DROPPED;

    /// The gateway stopped while lines of the access log were waiting: nothing reads the pipe, or the disk is slow.
    WARN "anomaly_gateway::telemetry" "the last lines of the access log could not be written in time"
    AccessLogUnfinished {};
}

impl ConfigurationInUse<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        CONFIGURATION_RELOADS.add(&[USED], 1);
        self.log();
    }
}

impl ConfigurationRefused<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        CONFIGURATION_RELOADS.add(&[REFUSED], 1);
        self.log();
    }
}

impl CertificatesInUse<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        CERTIFICATE_RELOADS.add(&[self.side, USED], 1);
        self.log();
    }
}

impl CertificatesRefused<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        CERTIFICATE_RELOADS.add(&[self.side, REFUSED], 1);
        self.log();
    }
}
