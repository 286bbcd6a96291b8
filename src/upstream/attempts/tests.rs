//! How often a request is sent, where to, and what is said when there is no answer.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use http::Request;

use super::*;
use crate::telemetry::request_record::{Account, Origin};
use crate::telemetry::traffic::Traffic;

/// What a connection does with a request that is sent on it.
#[derive(Debug, Clone, Copy)]
enum Does {
    Answer,
    Fail,
    /// It ends before anything of the request is written.
    EndUnused,
    /// It ends after that.
    EndSilent,
    /// So does one to a node that wants a certificate.
    RefuseCertificate,
}

/// A sender that does as it was told, and notes what it was asked to do.
#[derive(Default)]
struct Scripted {
    /// What connections do that are idle, to which node.
    idle: VecDeque<(usize, Does)>,
    /// What new ones do, or none if the node cannot be reached.
    new: VecDeque<Option<Does>>,
    asked: Vec<String>,
}

impl Sender for Scripted {
    type Connection = (&'static str, Does);
    type Request = &'static str;
    type End = Result<usize, ForwardError>;

    fn idle(&mut self, place: usize, _: Instant) -> Option<Self::Connection> {
        self.idle.front().filter(|(at, _)| *at == place)?;
        self.idle.pop_front().map(|(_, does)| ("idle", does))
    }

    async fn connect(&mut self, place: usize, node: &NodeUrl) -> Result<Self::Connection, ConnectError> {
        let does = self.new.pop_front().expect("no further connection is asked for");
        if does.is_none() {
            self.asked.push(format!("{place} out"));
        }
        does.map(|does| ("new", does)).ok_or_else(|| refused(node))
    }

    async fn send(
        &mut self,
        (kind, does): Self::Connection,
        (place, node): (usize, &NodeUrl),
        request: &'static str,
        kept: bool,
    ) -> Sent<&'static str, Self::End> {
        assert_eq!(request, "the request");
        self.asked.push(format!("{place} {kind}"));
        let kept = kept.then_some(request);
        match does {
            Does::Answer => Sent::Ended(Ok(place)),
            Does::Fail => Sent::Ended(Err(ForwardError::Withheld)),
            Does::EndUnused => Sent::Unsent {
                request,
                reason: refused(node),
            },
            Does::EndSilent => Sent::Unanswered {
                kept,
                source: "it has ended".into(),
            },
            Does::RefuseCertificate => {
                let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired);
                let source = io::Error::new(io::ErrorKind::InvalidData, alert).into();
                Sent::Unanswered { kept, source }
            }
        }
    }
}

fn refused(node: &NodeUrl) -> ConnectError {
    ConnectError::Refused {
        node: node.clone(),
        source: io::ErrorKind::ConnectionRefused.into(),
    }
}

fn two() -> Arc<Nodes> {
    let urls = ["http://a:1", "http://b:1"].map(|url| NodeUrl::parse(url).expect("a URL"));
    Nodes::new(urls.to_vec(), None)
}

/// What comes of a request at two nodes: who was asked in turn, and what it ends in.
fn asked(
    (method, has_body): (&Method, bool),
    idle: &[(usize, Does)],
    new: &[Option<Does>],
) -> (Vec<String>, Result<usize, ForwardError>) {
    asked_of(&two(), (method, has_body), idle, new)
}

fn asked_of(
    nodes: &Nodes,
    (method, has_body): (&Method, bool),
    idle: &[(usize, Does)],
    new: &[Option<Does>],
) -> (Vec<String>, Result<usize, ForwardError>) {
    let worker = Traffic::new(["a".to_owned(), "b".to_owned()], None)
        .counters()
        .on_this_thread();
    let origin = Origin {
        address: ([127, 0, 0, 1], 40210).into(),
        tls: None,
    };
    let account = Account::of(&worker, origin, &Request::new(()));
    let attempts = Attempts {
        nodes,
        traffic: &worker,
        record: &account,
        method,
        has_body,
    };
    let mut sender = Scripted {
        idle: idle.iter().copied().collect(),
        new: new.iter().copied().collect(),
        asked: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let end = runtime.block_on(attempts.make(&mut sender, "the request", 0));
    assert!(
        sender.new.is_empty(),
        "connections that nobody has asked for: {:?}",
        sender.new
    );
    (sender.asked, end.and_then(|end| end))
}

const GET: (&Method, bool) = (&Method::GET, false);
const POST: (&Method, bool) = (&Method::POST, true);

#[test]
fn a_connection_that_is_there_is_used_and_a_new_one_is_made_where_none_is() {
    let (asked_in_turn, end) = asked(POST, &[(0, Does::Answer)], &[]);
    assert_eq!(asked_in_turn, ["0 idle"]);
    assert_eq!(end.expect("an answer"), 0);
    let (asked_in_turn, end) = asked(POST, &[(1, Does::Answer)], &[Some(Does::Answer)]);
    assert_eq!(asked_in_turn, ["0 new"]);
    assert_eq!(end.expect("an answer"), 0);
}

#[test]
fn what_was_not_written_is_sent_on_every_connection_there_is_whatever_the_method() {
    let gone = (0, Does::EndUnused);
    let (asked_in_turn, end) = asked(POST, &[gone, gone, gone], &[Some(Does::Answer)]);
    assert_eq!(asked_in_turn, ["0 idle", "0 idle", "0 idle", "0 new"]);
    assert_eq!(end.expect("an answer"), 0);
}

#[test]
fn a_node_that_cannot_be_reached_is_noted_and_the_next_one_asked() {
    for first in [None, Some(Does::EndUnused)] {
        let nodes = two();
        let (asked_in_turn, end) = asked_of(&nodes, POST, &[], &[first, Some(Does::Answer)]);
        assert_eq!(asked_in_turn.last().map(String::as_str), Some("1 new"));
        assert_eq!(end.expect("an answer"), 1);
        assert!(nodes.is_out(0) && !nodes.is_out(1));
    }
}

#[test]
fn when_no_node_can_be_reached_the_reason_of_each_is_given() {
    let nodes = two();
    let (asked_in_turn, end) = asked_of(&nodes, GET, &[], &[None, None]);
    assert_eq!(asked_in_turn, ["0 out", "1 out"]);
    assert!(nodes.is_out(0) && nodes.is_out(1));
    let Err(ForwardError::Unreachable(reasons)) = end else {
        panic!("{end:?}");
    };
    let reasons = reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(
        reasons[0].starts_with("http://a:1") && reasons[1].starts_with("http://b:1"),
        "{reasons:?}"
    );
}

#[test]
fn a_get_whose_idle_connection_has_ended_is_sent_once_more_and_on_a_new_one() {
    let gone = (0, Does::EndSilent);
    for method in [Method::GET, Method::HEAD] {
        let (asked_in_turn, end) = asked((&method, false), &[gone, gone], &[Some(Does::Answer)]);
        assert_eq!(asked_in_turn, ["0 idle", "0 new"]);
        assert_eq!(end.expect("an answer"), 0);
    }
    let (asked_in_turn, end) = asked(GET, &[gone], &[Some(Does::EndSilent)]);
    assert_eq!(asked_in_turn, ["0 idle", "0 new"]);
    assert!(matches!(end, Err(ForwardError::Lost { is_first: true, .. })), "{end:?}");
    // The next node takes it where this one does not, and where none does the first loss is what there is to say.
    let (asked_in_turn, end) = asked(GET, &[gone, (1, Does::Answer)], &[None, Some(Does::Answer)]);
    assert_eq!(asked_in_turn, ["0 idle", "0 out", "1 new"]);
    assert_eq!(end.expect("an answer"), 1);
    let (_, end) = asked(GET, &[gone], &[None, None]);
    assert!(
        matches!(end, Err(ForwardError::Lost { is_first: false, .. })),
        "{end:?}"
    );
}

#[test]
fn what_a_node_may_have_done_is_not_asked_for_again() {
    for request in [
        POST,
        (&Method::POST, false),
        (&Method::GET, true),
        (&Method::DELETE, false),
    ] {
        let (asked_in_turn, end) = asked(request, &[(0, Does::EndSilent), (0, Does::Answer)], &[]);
        assert_eq!(asked_in_turn, ["0 idle"], "{request:?}");
        assert!(
            matches!(end, Err(ForwardError::Lost { is_first: false, .. })),
            "{end:?}"
        );
    }
    let (asked_in_turn, end) = asked(GET, &[], &[Some(Does::EndSilent)]);
    assert_eq!(
        asked_in_turn,
        ["0 new"],
        "on a new connection it was the request that ended it"
    );
    assert!(matches!(end, Err(ForwardError::Lost { is_first: true, .. })), "{end:?}");
    let (asked_in_turn, end) = asked(GET, &[(0, Does::Fail), (0, Does::Answer)], &[]);
    assert_eq!(asked_in_turn, ["0 idle"]);
    assert!(matches!(end, Err(ForwardError::Withheld)), "{end:?}");
}

#[test]
fn a_node_that_wants_a_certificate_is_one_that_cannot_be_reached() {
    let (asked_in_turn, end) = asked(POST, &[], &[None, Some(Does::RefuseCertificate)]);
    assert_eq!(asked_in_turn, ["0 out", "1 new"]);
    let Err(ForwardError::Unreachable(reasons)) = end else {
        panic!("{end:?}");
    };
    assert!(
        matches!(reasons[..], [ConnectError::Refused { .. }, ConnectError::Tls { .. }]),
        "{reasons:?}"
    );
    // One that it had taken before is a loss like any other.
    let (_, end) = asked(POST, &[(0, Does::RefuseCertificate)], &[]);
    assert!(matches!(end, Err(ForwardError::Lost { .. })), "{end:?}");
}
