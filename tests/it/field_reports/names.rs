//! Names and addresses.

use std::io::Write;
use std::net::TcpListener;

use super::OK;
use crate::support::gateway::{ANY_PORT, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::eventually;

/// Upstreams at one port of these addresses, each of which says which one it is.
fn at(addresses: &[&'static str]) -> (Vec<ScriptedUpstream>, u16) {
    'ports: loop {
        let first = TcpListener::bind((addresses[0], 0)).expect("a free port");
        let port = first.local_addr().expect("it is bound").port();
        let mut listeners = vec![first];
        for address in &addresses[1..] {
            let Ok(listener) = TcpListener::bind((*address, port)) else {
                continue 'ports;
            };
            listeners.push(listener);
        }
        let upstreams = listeners.into_iter().zip(addresses).map(|(listener, address)| {
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{address}", address.len());
            ScriptedUpstream::on(listener, move |_, stream| {
                let _ = stream.write_all(answer.as_bytes());
            })
        });
        return (upstreams.collect(), port);
    }
}

/// kubernetes/ingress-nginx#9546: a name's address changes while the gateway runs. What was looked up before is not kept.
#[test]
fn a_name_that_moves_is_followed() {
    let (_upstreams, port) = at(&["127.0.0.1", "127.0.0.2"]);
    let url = format!("http://moving.example.org:{port}");
    let names = "127.0.0.1 moving.example.org\n";
    let arguments = ["--upstream", &url];
    let gateway = Gateway::with_names(names, ANY_PORT, &[], &arguments);
    assert_eq!(gateway.call("GET", "/a", "").text(), "127.0.0.1");
    gateway.rename("127.0.0.2 moving.example.org\n");
    // Connections that there are go on; each client beside the others needs one of its own.
    eventually("the new address", || {
        let answers = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| gateway.call("GET", "/a", "").text()))
                .collect();
            asking
                .into_iter()
                .map(|asked| asked.join().expect("an answer"))
                .collect::<Vec<_>>()
        });
        answers.iter().any(|answer| answer == "127.0.0.2")
    });
}

/// orlikoski/Skadi#80: a name has two addresses, and a node listens at one of them only, whichever it is.
#[test]
fn an_address_that_refuses_is_passed_over() {
    for living in ["127.0.0.1", "127.0.0.2"] {
        let (_upstream, port) = at(&[living]);
        let names = "127.0.0.1 two.example.org\n127.0.0.2 two.example.org\n";
        let url = format!("http://two.example.org:{port}");
        let gateway = Gateway::with_names(names, ANY_PORT, &[&url], &[]);
        for _ in 0..3 {
            assert_eq!(gateway.call("GET", "/a", "").text(), living);
        }
    }
}

/// elasticsearch-py-async#64.
#[test]
fn addresses_of_ipv6_are_listened_at_and_connected_to() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("this machine has no IPv6");
        return;
    };
    let upstream = ScriptedUpstream::on(listener, |_, stream| {
        let _ = stream.write_all(OK.as_bytes());
    });
    assert!(upstream.url.starts_with("http://[::1]:"), "{}", upstream.url);
    for listen in ["[::1]:0", "[::]:0"] {
        let gateway = Gateway::listening(listen, &[&upstream.url]);
        let address = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, gateway.address.port()));
        let answer = crate::support::wire::call(address, "GET", "/a", &[], "");
        assert_eq!(answer.text(), "ok", "{listen}");
    }
}
