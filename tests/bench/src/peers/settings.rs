//! How the other proxies are configured: for the same work as the gateway, with the settings that those who run them choose
//! for speed.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use super::tls::Identity;

/// How many connections a proxy may have with clients.
pub const CONNECTIONS: u64 = 11_000;

/// What a proxy has to do.
#[derive(Debug, Clone, Copy)]
pub struct Task<'t> {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The nodes that it passes requests on to.
    pub nodes: &'t [SocketAddr],
    /// How many workers, threads or processes, it has.
    pub workers: usize,
    /// What it shows to clients, if they speak TLS with it.
    pub identity: Option<&'t Identity>,
    /// How many files it may have open.
    pub files: u64,
}

/// The configuration of nginx, whose files go into a folder.
///
/// Requests and answers stream, as they do through the others, in buffers of 64 KiB: with its own small ones a large answer
/// costs nginx five times as much. Connections stay, on either side.
#[must_use]
pub fn nginx(task: &Task<'_>, folder: &Path) -> String {
    let Task {
        listen, workers, files, ..
    } = task;
    let folder = folder.display();
    let nodes: Vec<String> = task.nodes.iter().map(|node| format!("server {node}; ")).collect();
    let nodes = nodes.concat();
    let (ssl, identity) = match task.identity {
        None => ("", String::new()),
        Some(identity) => (
            " ssl",
            format!(
                "ssl_certificate {}; ssl_certificate_key {}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets on; ssl_session_cache shared:tls:10m;",
                identity.certificate.display(),
                identity.key.display()
            ),
        ),
    };
    let reuseport = if *workers > 1 { " reuseport" } else { "" };
    format!(
        "daemon off;
worker_processes {workers};
worker_rlimit_nofile {files};
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections {CONNECTIONS}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  upstream nodes {{ {nodes}keepalive 256; keepalive_timeout 1h; keepalive_requests 1000000000; }}
  server {{
    listen {listen}{ssl} backlog=4096{reuseport};
    {identity}
    location / {{
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_set_header Host $host;
      proxy_request_buffering off;
      proxy_buffers 16 64k;
      proxy_busy_buffers_size 128k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"
    )
}

/// The configuration of `HAProxy`, which splices bodies if it `splices`. It wants two files for each connection, which it does
/// not need where connections to nodes are shared, and may not get.
#[must_use]
pub fn haproxy(task: &Task<'_>, splices: bool) -> String {
    let Task { listen, workers, .. } = task;
    let identity = task
        .identity
        .map(|identity| format!(" ssl crt {}", identity.both.display()));
    let identity = identity.unwrap_or_default();
    let shards = if *workers > 1 { " shards by-thread" } else { "" };
    let splice = if splices {
        "  option splice-request\n  option splice-response\n"
    } else {
        ""
    };
    let mut configuration = format!(
        "global
  nbthread {workers}
  maxconn {CONNECTIONS}
  no strict-limits
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
{splice}frontend clients
  bind {listen}{identity} backlog 4096{shards}
  default_backend nodes
backend nodes
"
    );
    for (number, node) in task.nodes.iter().enumerate() {
        let line = writeln!(configuration, "  server node{number} {node}");
        debug_assert!(line.is_ok(), "a text takes everything");
    }
    configuration
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_nodes_and_certificates_are_as_the_task_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = Identity::make(folder.path()).expect("a certificate");
        let nodes = [9201, 9202].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let plain = Task {
            listen: ([127, 0, 0, 1], 8080).into(),
            nodes: &nodes[..1],
            workers: 1,
            identity: None,
            files: 20_000,
        };
        let task = Task {
            nodes: &nodes,
            workers: 2,
            identity: Some(&identity),
            ..plain
        };
        let text = nginx(&task, Path::new("/f"));
        assert!(
            text.contains("worker_processes 2;") && text.contains("listen 127.0.0.1:8080 ssl backlog=4096 reuseport;")
        );
        assert!(
            text.contains("server 127.0.0.1:9201; server 127.0.0.1:9202; keepalive"),
            "{text}"
        );
        assert!(
            text.contains(&format!("ssl_certificate_key {};", identity.key.display())),
            "{text}"
        );
        let text = haproxy(&task, true);
        assert!(
            text.contains("nbthread 2") && text.contains("shards by-thread"),
            "{text}"
        );
        assert!(
            text.contains("server node1 127.0.0.1:9202") && text.contains("option splice-response"),
            "{text}"
        );
        assert!(text.contains(&format!("ssl crt {}", identity.both.display())), "{text}");
        let text = nginx(&plain, Path::new("/f")) + &haproxy(&plain, false);
        assert!(
            !text.contains("ssl") && !text.contains("splice") && !text.contains("9202"),
            "{text}"
        );
        assert!(!text.contains("shards") && !text.contains("reuseport"), "{text}");
    }
}
