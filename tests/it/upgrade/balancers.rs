//! Two gateways behind nginx and `HAProxy`, as `deploy/` configures them, restarted one after the other; and what those send again
//! by themselves.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{OK, load};
use crate::support::gateway::{BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{address_of, call, eventually};

/// Longer than either takes to notice.
const STOPPING: &str = "shutdown: {delay: 3s, timeout: 60s}";

/// A load balancer, which ends with this value.
struct Balancer {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens at, for a moment.
fn free() -> SocketAddr {
    let bound = TcpListener::bind("127.0.0.1:0").expect("a free port");
    bound.local_addr().expect("it is bound")
}

fn deployed(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path);
    fs::read_to_string(path).expect("a file")
}

/// The text with each of these replaced, all of which are there.
fn replaced(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no {from} in {text}");
        text.replace(from, to)
    })
}

fn start(mut command: Command, address: SocketAddr, folder: TempDir) -> Balancer {
    let child = command
        .stdin(Stdio::null())
        .spawn()
        .expect("the load balancer is installed");
    let balancer = Balancer {
        child,
        address,
        _folder: folder,
    };
    eventually("a load balancer that listens", || TcpStream::connect(address).is_ok());
    balancer
}

/// nginx as `deploy/nginx` has it, before these two, with further changes.
fn nginx(before: [SocketAddr; 2], changes: &[(&str, &str)]) -> Balancer {
    let (folder, address) = (tempfile::tempdir().expect("a folder"), free());
    let [first, second] = before.map(|address| address.to_string());
    let server = replaced(
        &deployed("nginx/anomaly-gateway.conf"),
        &[
            ("gateway-1.example.org:9280", &first),
            ("gateway-2.example.org:9280", &second),
            ("listen 9200;", &format!("listen {address};")),
        ],
    );
    let server = replaced(&server, changes);
    // One process, without a user of its own and without files outside of the folder.
    let places =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|place| format!("{place}_temp_path {place};"));
    let whole = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr warn; events {{}}\nhttp {{ access_log off; {}\n{server}}}",
        places.join(" ")
    );
    fs::write(folder.path().join("nginx.conf"), whole).expect("it is written");
    let mut command = Command::new("nginx");
    command
        .arg("-p")
        .arg(folder.path())
        .args(["-c", "nginx.conf", "-e", "stderr"]);
    start(command, address, folder)
}

/// `HAProxy` as `deploy/haproxy` has it, before these two gateways.
fn haproxy(before: [&Gateway; 2]) -> Balancer {
    let (folder, address) = (tempfile::tempdir().expect("a folder"), free());
    let [first, second] = before.map(|gateway| format!("{} port {}", gateway.address, gateway.admin().port()));
    let whole = replaced(
        &deployed("haproxy/anomaly-gateway.cfg"),
        &[
            ("gateway-1.example.org:9280 port 9281", &first),
            ("gateway-2.example.org:9280 port 9281", &second),
            ("bind :9200", &format!("bind {address}")),
        ],
    );
    fs::write(folder.path().join("haproxy.cfg"), whole).expect("it is written");
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(folder.path().join("haproxy.cfg"));
    start(command, address, folder)
}

fn gateway(upstream: &ScriptedUpstream, listen: SocketAddr, admin: SocketAddr) -> Gateway {
    let yaml = format!("{STOPPING}\nadmin: {{listen: '{admin}'}}");
    Gateway::configured_by(Command::new(BINARY), &listen.to_string(), &[&upstream.url], &yaml)
}

/// Restarts one gateway after the other, each when the one before has clients again.
fn restart_under_load(balancer: &Balancer, mut gateways: [Gateway; 2], upstream: &ScriptedUpstream) -> u64 {
    let has_clients = |gateway: &Gateway| gateway.metric("anomaly_gateway_client_connections_opened_total") > 0;
    let mut place = 0;
    load::ask_during(balancer.address, || {
        for gateway in &gateways {
            eventually("both have clients", || has_clients(gateway));
        }
        let stopped = &mut gateways[place];
        stopped.terminate();
        assert_eq!(stopped.wait(), Some(0), "{}", stopped.log());
        *stopped = gateway(upstream, stopped.address, stopped.admin());
        place = 1 - place;
    })
}

#[test]
#[ignore = "nginx has to be installed"]
fn behind_nginx_no_request_fails_while_two_gateways_are_restarted() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateways = [(); 2].map(|()| gateway(&upstream, free(), free()));
    let balancer = nginx(gateways.each_ref().map(|gateway| gateway.address), &[]);
    assert_eq!(restart_under_load(&balancer, gateways, &upstream), 0);
}

#[test]
#[ignore = "HAProxy has to be installed"]
fn behind_haproxy_no_request_fails_while_two_gateways_are_restarted() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateways = [(); 2].map(|()| gateway(&upstream, free(), free()));
    let balancer = haproxy(gateways.each_ref());
    assert_eq!(restart_under_load(&balancer, gateways, &upstream), 0);
}

/// How many of two gateways that break off after they have read a request get it from nginx, and what its client sees.
fn tries(method: &str, changes: &[(&str, &str)]) -> (usize, u16) {
    let breaks_off = || {
        ScriptedUpstream::new(|head, stream| {
            if head.starts_with('P') {
                stream.read_exact(&mut [0; 2]).expect("the body");
            }
            let _ = stream.shutdown(std::net::Shutdown::Both);
        })
    };
    let nodes = [breaks_off(), breaks_off()];
    let balancer = nginx(nodes.each_ref().map(|node| address_of(&node.url)), changes);
    let body = if method.starts_with('P') { "{}" } else { "" };
    let answer = call(balancer.address, method, "/_ml/anomaly_detectors/j", &[], body);
    (nodes.iter().map(ScriptedUpstream::requests).sum(), answer.status())
}

#[test]
#[ignore = "nginx has to be installed"]
fn nginx_sends_a_put_that_broke_off_to_the_other_gateway_unless_it_is_told_not_to() {
    let off = [("proxy_next_upstream error;", "proxy_next_upstream off;")];
    let by_default = [("proxy_next_upstream error;", "")];
    for (method, changes, expected) in [
        ("GET", &[][..], 2),
        ("PUT", &[], 2),
        ("PUT", &by_default, 2),
        ("PUT", &off, 1),
        ("POST", &[], 1),
        ("POST", &by_default, 1),
    ] {
        assert_eq!(tries(method, changes), (expected, 502), "{method}, {changes:?}");
    }
}
