//! The units for systemd: settings that systemd knows, which go together with each other and with the configuration that is
//! installed with them, and a command that the gateway takes.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::{configured, deployed, seconds, stopping};
use crate::support::gateway::{ANY_PORT, BINARY, Gateway};
use crate::support::service_manager::Notifications;

/// The settings that a unit may have, as systemd 252 documents them (`systemd.unit(5)`, `systemd.service(5)`, `systemd.exec(5)`,
/// `systemd.kill(5)`, `systemd.socket(5)`). A name that systemd does not know it ignores, with a warning that nobody reads.
const KNOWN: [(&str, &[&str]); 4] = [
    ("Unit", &["Description", "Documentation", "Wants", "After", "Requires"]),
    (
        "Service",
        &[
            "Type",
            "ExecStart",
            "ExecReload",
            "WatchdogSec",
            "Restart",
            "RestartSec",
            "RestartPreventExitStatus",
            "TimeoutStartSec",
            "TimeoutStopSec",
            "LimitNOFILE",
            "User",
            "Group",
            "LogsDirectory",
            "LogsDirectoryMode",
            "UMask",
            "CapabilityBoundingSet",
            "AmbientCapabilities",
            "NoNewPrivileges",
            "ProtectSystem",
            "ProtectHome",
            "ProtectProc",
            "ProtectClock",
            "ProtectHostname",
            "ProtectKernelLogs",
            "ProtectKernelModules",
            "ProtectKernelTunables",
            "ProtectControlGroups",
            "PrivateTmp",
            "PrivateDevices",
            "RestrictAddressFamilies",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "LockPersonality",
            "MemoryDenyWriteExecute",
            "RemoveIPC",
            "SystemCallArchitectures",
            "SystemCallFilter",
            "SystemCallErrorNumber",
            "Sockets",
        ],
    ),
    (
        "Socket",
        &["ListenStream", "FileDescriptorName", "Backlog", "NoDelay", "Service"],
    ),
    ("Install", &["WantedBy"]),
];

/// The settings of a unit, by section and name.
pub(super) type Unit = BTreeMap<(String, String), Vec<String>>;

pub(super) fn unit(name: &str) -> Unit {
    let text = fs::read_to_string(deployed("systemd").join(name)).expect("a unit");
    let (mut unit, mut section) = (Unit::new(), String::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no setting: {line}"));
        let values = unit.entry((section.clone(), name.to_owned())).or_default();
        values.push(value.to_owned());
    }
    unit
}

/// The one value of a setting.
pub(super) fn value<'u>(unit: &'u Unit, section: &str, name: &str) -> &'u str {
    let values = unit.get(&(section.to_owned(), name.to_owned()));
    let [value] = values.map_or(&[][..], Vec::as_slice) else {
        panic!("{name}: {values:?}");
    };
    value
}

/// What a key has in the configuration that is installed.
fn installed(key: &str) -> String {
    configured(&deployed("package/gateway.yml"), key)
}

#[test]
fn systemd_knows_every_setting_of_the_units() {
    for file in fs::read_dir(deployed("systemd")).expect("a folder") {
        let name = file.expect("an entry").file_name().into_string().expect("text");
        let unit = unit(&name);
        assert!(!unit.is_empty(), "{name}");
        for (section, setting) in unit.keys() {
            let known = KNOWN.iter().find(|(known, _)| known == section);
            let is_known = known.is_some_and(|(_, settings)| settings.contains(&setting.as_str()));
            assert!(is_known, "{name}: [{section}] {setting}");
        }
    }
}

#[test]
fn the_command_of_the_unit_starts_a_gateway_with_the_configuration_that_is_installed() {
    let unit = unit("anomaly-gateway.service");
    assert_eq!(value(&unit, "Service", "Type"), "notify");
    let mut words = value(&unit, "Service", "ExecStart").split(' ');
    assert_eq!(words.next(), Some("/usr/bin/anomaly-gateway"));
    let config = deployed("package/gateway.yml");
    let arguments: Vec<_> = words
        .map(|word| match word {
            "/etc/anomaly-gateway/gateway.yml" => config.to_str().expect("text"),
            word => word,
        })
        .collect();
    assert_eq!(arguments.first(), Some(&"serve"));
    let manager = Notifications::new();
    let path = manager.path();
    let mut command = Command::new(BINARY);
    command
        .args(&arguments)
        .env("NOTIFY_SOCKET", &path)
        .env("ANOMALY_GATEWAY_ADMIN_LISTEN", ANY_PORT);
    // What it would be started with, and a port of the test's own.
    command.args(["--listen", ANY_PORT]);
    let mut child = command.spawn().expect("the gateway's binary starts");
    let heard = manager.next();
    child.kill().and_then(|()| child.wait()).expect("it runs");
    assert_eq!(heard, "READY=1\n");
}

#[test]
fn the_unit_leaves_the_gateway_the_time_that_it_takes_to_stop() {
    let unit = unit("anomaly-gateway.service");
    let allowed = seconds(value(&unit, "Service", "TimeoutStopSec"));
    let taken = stopping(&deployed("package/gateway.yml"));
    assert!(allowed > taken, "{allowed:?} for {taken:?}");
}

#[test]
fn the_sockets_are_where_the_configuration_has_the_gateway_listen() {
    for (name, key, used_for) in [
        ("anomaly-gateway.socket", "listen", "listen"),
        ("anomaly-gateway-admin.socket", "admin.listen", "admin"),
    ] {
        let unit = unit(name);
        assert_eq!(value(&unit, "Socket", "ListenStream"), installed(key), "{name}");
        assert_eq!(value(&unit, "Socket", "FileDescriptorName"), used_for, "{name}");
    }
}

/// Started by hand, without a service manager, the same configuration serves as well.
#[test]
fn the_configuration_that_is_installed_is_one_without_mistakes() {
    let config = deployed("package/gateway.yml");
    let checked = Command::new(BINARY).args(["check", "--config"]).arg(&config).output();
    let checked = checked.expect("the gateway's binary starts");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let config = config.to_str().expect("text");
    let arguments = ["--config", config, "--admin-listen", ANY_PORT];
    let gateway = Gateway::with(&["http://127.0.0.1:1"], &arguments);
    assert_eq!(gateway.ask_admin("GET", "/live").status(), 200);
}
