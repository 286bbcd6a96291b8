//! What those who run the gateway are shown. Their listener answers what [`super::endpoint`] lists; of that
//!
//! - `GET /live` is 200 for as long as the process does its work;
//! - `GET /ready` is 200 while the gateway serves new clients: from when a node of its cluster answers (unless
//!   `ready.require` asks for less) to when it is told to stop, and otherwise 503. What else is shown does not decide:
//!   certificates or policies that could not be read again, or jobs of the cluster that could not be recorded.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::{Map, Value, json};

use super::budgets::Budgets;
use super::certificates::Faults;
use super::configuration::ConfigurationState;
use super::dashboard;
use super::endpoint::{self, Page};
use super::expiry::{Expiries, Expiry};
use super::json_answer::written;
use super::log_level;
use super::operator_pages;
use super::other_site;
use super::phase::{Phase, PhaseWatch};
use super::policies::PolicyState;
use super::scan::ScanState;
use super::scan_report;
use super::try_out::TryOut;
use crate::config::ReadyRequirement;
use crate::proxy::{Decisions, LostRecords};
use crate::telemetry::Telemetry;
use crate::telemetry::traffic::Traffic;
use crate::upstream::Nodes;

/// What is shown of the gateway.
pub(super) struct Shown {
    pub(super) nodes: Arc<Nodes>,
    pub(super) phase: PhaseWatch,
    pub(super) requirement: ReadyRequirement,
    pub(super) faults: Faults,
    pub(super) expiries: Expiries,
    pub(super) lost_records: LostRecords,
    pub(super) policies: PolicyState,
    pub(super) configuration: ConfigurationState,
    pub(super) decisions: Decisions,
    /// What is known of the stored jobs, where they are scanned.
    pub(super) scan: Option<ScanState>,
    pub(super) telemetry: Telemetry,
    pub(super) traffic: Traffic,
    pub(super) budgets: Budgets,
    pub(super) try_out: TryOut,
}

/// Prometheus's text format.
const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

impl Shown {
    /// Answers a request. What clients of the cluster have sent may be in the answer: a browser takes it for what it says it
    /// is, and for nothing else.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let mut answer = self.answer_to(request).await;
        let headers = answer.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answer
    }

    /// Answers from what is known already: nothing is waited for but a body, and its turn to be tried out.
    async fn answer_to(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (page, id) = match endpoint::find(request.method(), request.uri().path()) {
            Ok(found) => found,
            Err(answer) => return *answer,
        };
        if !request.method().is_safe()
            && let Some(site) = other_site::of(request.headers())
        {
            let text = format!("the request comes from a page of another site, [{site}], which may not ask for this");
            return written(StatusCode::FORBIDDEN, &json!({ "error": text }));
        }
        match page {
            Page::List => written(StatusCode::OK, &endpoint::list()),
            Page::Live => written(StatusCode::OK, &json!({ "live": true })),
            Page::Ready => self.readiness(),
            Page::Metrics => {
                let mut answer = Response::new(Full::from(self.metrics()));
                answer.headers_mut().insert(CONTENT_TYPE, PROMETHEUS);
                answer
            }
            Page::Policies => operator_pages::policies(&self.policies),
            Page::PolicyReport => scan_report::answer(self.scan.as_ref()),
            Page::Decisions => operator_pages::decisions(&self.decisions),
            Page::Decision => operator_pages::decision(&self.decisions, id),
            Page::Config => operator_pages::config(&self.configuration, &self.telemetry.log),
            Page::LogLevel => log_level::answer(&self.telemetry.log, request).await,
            Page::Dashboard => dashboard::page(),
            Page::DashboardPart => dashboard::part(id),
            Page::Try => self.try_out.answer(request).await,
        }
    }

    /// Why the gateway is not ready, if it is not.
    pub(super) fn unready_because(&self) -> Option<&'static str> {
        if self.phase.now() != Phase::Serving {
            return Some("the gateway was told to stop");
        }
        let needs_node = self.requirement == ReadyRequirement::Cluster;
        let lacks_node = needs_node && !self.nodes.iter().any(|node| node.answers);
        lacks_node.then_some("no node of the cluster is known to answer")
    }

    fn readiness(&self) -> Response<Full<Bytes>> {
        let reason = self.unready_because();
        let status = match reason {
            None => StatusCode::OK,
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let nodes = self.nodes.iter();
        let nodes = nodes.map(|node| {
            let mut shown = Map::from_iter([
                ("url".to_owned(), node.url.to_string().into()),
                ("answers".to_owned(), node.answers.into()),
            ]);
            // How many of its answers in a row were 401, where it answers nothing else.
            shown.extend(node.unauthorized.map(|count| ("unauthorized".to_owned(), count.into())));
            Value::Object(shown)
        });
        let mut body = json!({
            "ready": reason.is_none(),
            "requires": self.requirement.name(),
            "nodes": nodes.collect::<Vec<_>>(),
        });
        let faults = self.faults.list().into_iter();
        let faults: Vec<_> = faults
            .map(|(side, fault)| json!({ "side": side, "error": fault }))
            .collect();
        let lost_records = self.lost_records.count();
        if let Value::Object(body) = &mut body {
            body.extend(reason.map(|reason| ("reason".to_owned(), reason.into())));
            let certificates = self
                .expiries
                .list()
                .into_iter()
                .map(|(side, Expiry { not_after, validity })| {
                    let end = UNIX_EPOCH + Duration::from_secs(not_after);
                    json!({
                        "side": side,
                        "not_after": humantime::format_rfc3339_seconds(end).to_string(),
                        "validity": validity.name(),
                    })
                });
            let certificates: Vec<_> = certificates.collect();
            if !certificates.is_empty() {
                body.insert("certificates".to_owned(), certificates.into());
            }
            if !faults.is_empty() {
                body.insert("outdated_certificates".to_owned(), faults.into());
            }
            let configuration = self.configuration.get();
            body.extend(
                configuration
                    .fault
                    .map(|fault| ("outdated_configuration".to_owned(), fault.into())),
            );
            if !configuration.needs_restart.is_empty() {
                body.insert("needs_restart".to_owned(), configuration.needs_restart.into());
            }
            let policies = self.policies.get();
            if let Some(revision) = policies.revision {
                let mut shown = Map::from_iter([("revision".to_owned(), revision.into())]);
                shown.extend(policies.shadow.map(|shadow| ("shadow".to_owned(), shadow.into())));
                body.insert("policies".to_owned(), shown.into());
            }
            if let Some(fault) = policies.fault {
                body.insert("outdated_policies".to_owned(), fault.into());
            }
            if lost_records > 0 {
                body.insert("lost_records".to_owned(), lost_records.into());
            }
        }
        written(status, &body)
    }
}
