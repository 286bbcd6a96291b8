//! Compose and Kubernetes: names that refer to each other, times that the gateway has for its end, and configurations that it
//! takes, each in the place where it is mounted. `docs/operate/installing.md` says against which schemas the manifests were
//! checked by hand.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::{configured, configured_by, deployed, seconds, stopping, stopping_by};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::BINARY;

const PLACE: &str = "/etc/anomaly-gateway/";

fn yaml(path: &str) -> String {
    fs::read_to_string(deployed(path)).expect("a file")
}

fn parsed(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

/// The manifests, by their kind and name.
struct Manifests(Vec<Value>);

impl Manifests {
    fn read() -> Self {
        let text = yaml("kubernetes/anomaly-gateway.yaml");
        Self(text.split("\n---\n").map(parsed).collect())
    }

    fn get(&self, kind: &str, name: &str) -> &Value {
        let of = |manifest: &&Value| manifest["kind"] == kind && manifest["metadata"]["name"] == name;
        self.0.iter().find(of).unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    /// What the pods are made of.
    fn pod(&self) -> &Value {
        &self.get("Deployment", "anomaly-gateway")["spec"]["template"]
    }

    fn container(&self) -> &Value {
        &self.pod()["spec"]["containers"][0]
    }

    /// A folder with what the container has in its `/etc/anomaly-gateway`.
    fn mounted(&self) -> Files {
        let files = Files::new();
        for mount in self.container()["volumeMounts"].as_array().expect("mounts") {
            let volumes = self.pod()["spec"]["volumes"].as_array().expect("volumes");
            let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]);
            let map = volume.expect("a volume of that name")["configMap"]["name"].as_str();
            let place = mount["mountPath"].as_str().and_then(|path| path.strip_prefix(PLACE));
            let folder = files.path(place.expect("a place in the folder"));
            fs::create_dir(&folder).expect("a folder");
            let data = &self.get("ConfigMap", map.expect("a ConfigMap"))["data"];
            for (name, text) in data.as_object().expect("files") {
                fs::write(folder.join(name), text.as_str().expect("a text")).expect("a file");
            }
        }
        files
    }
}

/// The configuration that these arguments name, with `/etc/anomaly-gateway` in this folder.
fn config(arguments: &Value, files: &Files) -> std::path::PathBuf {
    let [command, flag, path] = [0, 1, 2].map(|number| arguments[number].as_str().unwrap_or_default());
    assert_eq!((command, flag, &arguments[3]), ("serve", "--config", &Value::Null));
    files.path(path.strip_prefix(PLACE).expect("a file in the folder"))
}

fn assert_no_mistake_in(config: &Path) {
    let mut command = Command::new(BINARY);
    let output = command
        .args(["check", "--config"])
        .arg(config)
        .env("NO_COLOR", "1")
        .output();
    let output = output.expect("the gateway's binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn port(config: &Path, key: &str) -> Value {
    let address = configured(config, key);
    let (_, port) = address.rsplit_once(':').expect("an address");
    json!(port.parse::<u16>().expect("a port"))
}

#[test]
fn each_manifest_is_there_once_with_its_version() {
    let manifests = Manifests::read();
    let found: Vec<_> = manifests
        .0
        .iter()
        .map(|manifest| (manifest["apiVersion"].as_str(), manifest["kind"].as_str()))
        .collect();
    let expected = [
        ("v1", "ConfigMap"),
        ("v1", "ConfigMap"),
        ("apps/v1", "Deployment"),
        ("v1", "Service"),
        ("policy/v1", "PodDisruptionBudget"),
    ];
    assert_eq!(found, expected.map(|(version, kind)| (Some(version), Some(kind))));
}

#[test]
fn what_selects_pods_selects_those_of_the_deployment() {
    let manifests = Manifests::read();
    let labels = &manifests.pod()["metadata"]["labels"];
    let name = "anomaly-gateway";
    for selector in [
        &manifests.get("Deployment", name)["spec"]["selector"]["matchLabels"],
        &manifests.get("Service", name)["spec"]["selector"],
        &manifests.get("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"],
        &manifests.pod()["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ] {
        assert_eq!(selector, labels);
    }
}

#[test]
fn the_configuration_in_kubernetes_has_no_mistake_and_listens_at_the_ports_that_are_named() {
    let manifests = Manifests::read();
    let (files, container) = (manifests.mounted(), manifests.container());
    let config = config(&container["args"], &files);
    assert_no_mistake_in(&config);
    let (clients, admin) = (port(&config, "listen"), port(&config, "admin.listen"));
    let expected = json!([
        {"name": "http", "containerPort": clients},
        {"name": "admin", "containerPort": admin},
    ]);
    assert_eq!(container["ports"], expected);
    for (probe, path) in [
        ("startupProbe", "/live"),
        ("livenessProbe", "/live"),
        ("readinessProbe", "/ready"),
    ] {
        assert_eq!(
            container[probe]["httpGet"],
            json!({"path": path, "port": "admin"}),
            "{probe}"
        );
    }
    let service = manifests.get("Service", "anomaly-gateway");
    assert_eq!(service["spec"]["ports"][0]["targetPort"], "http");
    let annotations = &manifests.pod()["metadata"]["annotations"];
    assert_eq!(annotations["prometheus.io/port"], admin.to_string());
}

#[test]
fn kubernetes_notices_that_a_gateway_leaves_and_waits_until_it_has() {
    let manifests = Manifests::read();
    let (files, container) = (manifests.mounted(), manifests.container());
    let config = config(&container["args"], &files);
    let grace = &manifests.pod()["spec"]["terminationGracePeriodSeconds"];
    let grace = Duration::from_secs(grace.as_u64().expect("seconds"));
    assert!(grace > stopping(&config), "{grace:?}");
    let probe = &container["readinessProbe"];
    let [period, failures, timeout] =
        ["periodSeconds", "failureThreshold", "timeoutSeconds"].map(|name| probe[name].as_u64().expect("a number"));
    let noticed = Duration::from_secs(period * failures + timeout);
    assert!(seconds(&configured(&config, "shutdown.delay")) > noticed, "{noticed:?}");
}

#[test]
fn in_kubernetes_the_gateway_may_do_nothing_that_it_does_not_need() {
    let manifests = Manifests::read();
    let expected = json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    });
    assert_eq!(manifests.container()["securityContext"], expected);
    let pod = &manifests.pod()["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["automountServiceAccountToken"], false);
    // As in the image.
    let image = include_str!("../../../Dockerfile");
    let (user, group) = (
        &pod["securityContext"]["runAsUser"],
        &pod["securityContext"]["runAsGroup"],
    );
    assert!(image.contains(&format!("\nUSER {user}:{group}\n")));
}

/// The trial at the top of the project has no file: the image and the variables say how the gateway is started.
#[test]
fn the_trial_waits_until_its_gateway_has_stopped() {
    let compose = parsed(include_str!("../../../docker-compose.yml"));
    let image = include_str!("../../../Dockerfile");
    let arguments = image.lines().find_map(|line| line.strip_prefix("CMD ["));
    let arguments = arguments.and_then(|list| list.strip_suffix(']')).expect("arguments");
    let mut arguments = arguments.split(", ").map(|argument| argument.trim_matches('"'));
    assert_eq!(arguments.next(), Some("serve"));
    let in_image = image
        .lines()
        .filter_map(|line| line.strip_prefix("ENV ")?.split_once('='));
    let gateway = &compose["services"]["gateway"];
    let variables = gateway["environment"].as_object().expect("variables");
    let mut command = Command::new(BINARY);
    command.arg("config").args(arguments).envs(in_image);
    for (name, value) in variables {
        command.env(name, value.as_str().expect("a text"));
    }
    assert_eq!(configured_by(&mut command, "listen"), "0.0.0.0:9280");
    assert_eq!(configured_by(&mut command, "upstream.nodes"), "http://opensearch:9200");
    assert_eq!(configured_by(&mut command, "admin.listen"), "127.0.0.1:9281");
    let stopping = stopping_by(|key| configured_by(&mut command, key));
    let grace = seconds(gateway["stop_grace_period"].as_str().expect("a text"));
    assert!(grace > stopping, "{grace:?} for {stopping:?}");
}

#[test]
fn what_compose_mounts_is_a_configuration_without_mistakes_and_it_waits_until_the_gateway_has_stopped() {
    let compose = parsed(&yaml("compose/docker-compose.yml"));
    let gateway = &compose["services"]["gateway"];
    let files = Files::new();
    for mount in gateway["volumes"].as_array().expect("mounts") {
        let mount = mount.as_str().expect("a text");
        let [from, to, mode] = mount.split(':').collect::<Vec<_>>()[..] else {
            panic!("{mount}");
        };
        assert_eq!(mode, "ro", "{mount}");
        let to = files.path(to.strip_prefix(PLACE).expect("a place in the folder"));
        fs::create_dir(&to).expect("a folder");
        // What is there: certificates and policies are for the operator to put there.
        for file in fs::read_dir(deployed("compose").join(from)).into_iter().flatten() {
            let file = file.expect("an entry");
            fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
    }
    let authority = Authority::new("nodes");
    let identity = authority.sign("gateway", &["localhost"]);
    files.write("certificates/gateway.pem", &identity.certificate);
    files.write("certificates/gateway-key.pem", &identity.key);
    files.write("certificates/nodes.pem", &authority.certificate);
    let config = config(&gateway["command"], &files);
    assert_no_mistake_in(&config);
    let grace = seconds(gateway["stop_grace_period"].as_str().expect("a text"));
    assert!(grace > stopping(&config), "{grace:?}");
    let asked = gateway["healthcheck"]["test"].as_array().and_then(|words| words.last());
    let ready = format!("http://127.0.0.1:{}/ready", port(&config, "admin.listen"));
    assert_eq!(asked, Some(&json!(ready)));
    let published = format!("9280:{}", port(&config, "listen"));
    assert_eq!(gateway["ports"], json!([published]));
}
