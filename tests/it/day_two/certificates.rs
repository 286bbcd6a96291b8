//! Certificates that expire.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::ALL_VERSIONS;
use serde_json::Value;

use super::{ADMIN, OK};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::{BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::tls::{client, connect};
use crate::support::wire::eventually;

const NAME: &str = "gateway.example.org";
const DAY: u64 = 24 * 60 * 60;

/// The seconds since 1970, so many of them from now.
fn in_seconds(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    now.as_secs() + seconds
}

/// A gateway with a certificate, and the files that it reads.
struct Secured {
    files: Files,
    authority: Authority,
    upstream: ScriptedUpstream,
}

impl Secured {
    fn until(not_after: u64) -> Self {
        let secured = Self {
            files: Files::new(),
            authority: Authority::new("the gateway's authority"),
            upstream: ScriptedUpstream::answering(OK),
        };
        secured.renew(not_after);
        let [certificate, key] = ["gateway.pem", "gateway-key.pem"].map(|name| secured.files.text(name));
        let yaml = format!("{{{ADMIN}, tls: {{certificate: '{certificate}', key: '{key}'}}}}");
        secured.files.write("gateway.yml", &yaml);
        secured
    }

    fn renew(&self, not_after: u64) {
        let identity = self.authority.sign_until("gateway", &[NAME], not_after);
        self.files.write_identity("gateway", &identity);
    }

    fn start(&self) -> Gateway {
        Gateway::with(&[&self.upstream.url], &["--config", &self.files.text("gateway.yml")])
    }

    fn is_accepted(&self, gateway: &Gateway) -> bool {
        let trusting = client(self.authority.roots(), ALL_VERSIONS, None);
        connect(gateway.address, NAME, trusting).is_ok()
    }
}

fn validity(gateway: &Gateway) -> Value {
    gateway.ask_admin("GET", "/ready").json()["certificates"][0]["validity"].clone()
}

fn not_after(gateway: &Gateway) -> u64 {
    gateway.metric("anomaly_gateway_certificate_not_after_seconds{side=\"tls\"}")
}

#[test]
fn a_certificate_that_expires_in_use_is_told_before_and_when_it_does_and_a_restart_is_possible() {
    let end = in_seconds(15);
    let secured = Secured::until(end);
    let gateway = secured.start();
    let line = gateway.logged(&["WARN", "a certificate expires soon", "side=\"tls\""]);
    assert!(line.contains("not_after=") && line.contains("left="), "{line}");
    assert_eq!(
        (validity(&gateway), not_after(&gateway)),
        (Value::from("expiring"), end)
    );
    assert!(secured.is_accepted(&gateway));
    gateway.logged(&["ERROR", "a certificate has expired", "side=\"tls\""]);
    assert_eq!(validity(&gateway), "expired");
    eventually("that no client accepts it", || !secured.is_accepted(&gateway));
    drop(gateway);

    let gateway = secured.start();
    gateway.logged(&["WARN", "an expired certificate is in use"]);
    assert_eq!(validity(&gateway), "expired");
    secured.renew(in_seconds(90 * DAY));
    eventually("that the new one is in use", || validity(&gateway) == "valid");
    assert!(secured.is_accepted(&gateway));
}

#[test]
fn an_expired_certificate_does_not_take_the_place_of_a_valid_one() {
    let end = in_seconds(90 * DAY);
    let secured = Secured::until(end);
    let gateway = secured.start();
    let outdated = || gateway.metric("anomaly_gateway_certificates_outdated{side=\"tls\"}");
    assert_eq!((validity(&gateway), outdated()), (Value::from("valid"), 0));
    secured.renew(in_seconds(0) - DAY);
    let line = gateway.logged(&["ERROR", "certificates could not be reloaded", "side=\"tls\""]);
    assert!(line.contains("has expired"), "{line}");
    assert_eq!(
        (validity(&gateway), not_after(&gateway), outdated()),
        (Value::from("valid"), end, 1)
    );
    let told = gateway.ask_admin("GET", "/ready").json()["outdated_certificates"].to_string();
    assert!(told.contains("has expired"), "{told}");
    assert!(secured.is_accepted(&gateway));
    assert!(!gateway.log().contains("expires soon"), "{}", gateway.log());
}

#[test]
fn how_long_before_it_is_told_can_be_chosen_and_check_tells_it_as_well() {
    let secured = Secured::until(in_seconds(20 * DAY));
    let check = || {
        let config = secured.files.text("gateway.yml");
        let output = Command::new(BINARY)
            .args(["check", "--config", &config])
            .output()
            .expect("it runs");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    assert_eq!(check(), (Some(0), String::new()));
    let [certificate, key] = ["gateway.pem", "gateway-key.pem"].map(|name| secured.files.text(name));
    let yaml = format!("{{{ADMIN}, tls: {{certificate: '{certificate}', key: '{key}', warn_before: 30days}}}}");
    secured.files.write("gateway.yml", &yaml);
    let (code, told) = check();
    assert!(
        code == Some(0) && told.contains(&format!("{certificate} expires at")),
        "{told}"
    );
    let gateway = secured.start();
    gateway.logged(&["WARN", "a certificate expires soon", "left=\"19days "]);
    secured.renew(in_seconds(0) - DAY);
    let (code, told) = check();
    assert!(
        code == Some(0) && told.contains(&format!("{certificate} has expired at")),
        "{told}"
    );
}
