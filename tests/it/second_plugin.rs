//! A second plugin, which is there for this test alone: another route, and another document, that of a calendar. What is
//! generic, routing and admission with the operator's policies, treats it as it treats the first one.

use std::fs;
use std::sync::Arc;

use anomaly_gateway::admission::engine::{Call, Engine};
use anomaly_gateway::admission::{Admitted, Candidate, Names, Verdict};
use anomaly_gateway::config::policies::load_paths_about_others;
use anomaly_gateway::es::error::{Exception, Kind};
use anomaly_gateway::es::version::Version;
use anomaly_gateway::http::target::Target;
use anomaly_gateway::plugin::anomaly_job::AnomalyJobPlugin;
use anomaly_gateway::plugin::{Commit, Permission, Plugin, Profile, Recording, Route, Tail};
use anomaly_gateway::route::Table;
use anomaly_gateway::store::{IndexName, Store};
use anomaly_gateway::xcontent::elided_text::ElidedText;
use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::json::Node;
use http::Method;
use serde_json::Value;
use tempfile::TempDir;

/// Creates calendars, whose jobs are the groups that policies see.
struct Calendars;

const ROUTES: &[Route] = &[Route {
    method: "PUT",
    prefix: "_ml/calendars",
    tail: Tail::Variable,
    reserved: &["_all"],
    allowed: &["DELETE", "GET", "PUT"],
    deprecation: None,
}];

const PROFILE: Profile = Profile {
    name: "calendar",
    routes: ROUTES,
    permission: Permission {
        action: "cluster:admin/xpack/ml/calendars/put",
        privilege: "manage_ml",
        granted_by: "manage_ml,manage,all",
    },
    body_limit: 1024,
};

impl Call for Calendars {
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        let document = candidate.format.read(candidate.body, candidate.api);
        let Some(root) = document.root().filter(|_| document.fault().is_none()) else {
            return Verdict::Refused(Exception::new(Kind::XContentParse, "a calendar is an object").into());
        };
        let jobs: Vec<String> = self.groups(root);
        let calendar = serde_json::json!({"calendar_id": candidate.id, "job_ids": jobs});
        Verdict::Admitted(Admitted {
            document_id: format!("calendar_{}", candidate.id),
            documents: ElidedText::new(calendar.to_string(), Vec::new()),
            set_by_server: Vec::new(),
            names: Names {
                own: candidate.id.to_owned(),
                others: Vec::new(),
            },
            companion: None,
            unsettled: None,
            warnings: Vec::new(),
            before: None,
            replaces: None,
        })
    }

    fn groups(&self, document: Node<'_>) -> Vec<String> {
        let jobs = document.member("job_ids").into_iter().flat_map(Node::elements);
        jobs.filter_map(Node::as_text).map(Into::into).collect()
    }
}

impl Plugin for Calendars {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn dry_run<'a>(&'a self, admitted: Admitted, _: Store<'a>) -> Commit<'a> {
        Box::pin(async { Ok(admitted.documents) })
    }

    fn commit<'a>(&'a self, admitted: Admitted, _: Store<'a>) -> Commit<'a> {
        Box::pin(async { Ok(admitted.documents) })
    }

    fn record<'a>(&'a self, _: Admitted, _: Store<'a>) -> Recording<'a> {
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn each_plugin_claims_its_own_route_and_no_other() {
    let jobs = AnomalyJobPlugin::new(IndexName::default()).expect("a plugin");
    let table = Table::new(vec![Arc::new(jobs), Arc::new(Calendars)]).expect("no conflict");
    let claimed = |method: &Method, path: &str| {
        let target = Target::of(&path.parse().expect("a target")).expect("a target");
        let claim = table.claim(method, &target);
        claim.map(|claim| (claim.claimant.name(), claim.raw_id.to_owned()))
    };
    let put = Method::PUT;
    assert_eq!(claimed(&put, "/_ml/calendars/a"), Some(("calendar", "a".to_owned())));
    assert_eq!(
        claimed(&put, "/_ml/anomaly_detectors/a/"),
        Some(("anomaly_job", "a".to_owned()))
    );
    assert_eq!(claimed(&put, "/_ml/calendars/_all"), None);
    assert_eq!(claimed(&Method::GET, "/_ml/calendars/a"), None);
}

#[test]
fn policies_judge_the_document_of_any_plugin() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("policies.yml");
    let policies = "policies:
  - name: few-jobs
    match: {job_id: ['ops-*']}
    enforcement: enforce
    schema: {properties: {job_ids: {maxItems: 1}}}
  - name: no-web
    match: {groups: [web]}
    enforcement: warn
    schema: {properties: {calendar_id: {pattern: '^web-'}}}
";
    fs::write(&file, policies).expect("a file");
    let policies = load_paths_about_others(&[file]).unwrap_or_else(|problems| panic!("{problems}"));
    let engine = Engine {
        call: &Calendars,
        policies: &policies,
    };
    let decide = |id: &str, body: &str| {
        let candidate = Candidate {
            id,
            query: "",
            path: "/_ml/calendars",
            body: body.as_bytes(),
            format: Format::Json,
            api: Version::new(8, 19, 0),
            now_millis: 0,
            current: None,
        };
        engine.decide(&candidate, None)
    };
    let decision = decide("ops-1", r#"{"job_ids":["a"]}"#);
    let Verdict::Admitted(admitted) = decision.verdict else {
        panic!("{decision:?}")
    };
    let document: Value = serde_json::from_str(admitted.effective()).expect("JSON");
    assert_eq!(document, serde_json::json!({"calendar_id": "ops-1", "job_ids": ["a"]}));

    let decision = decide("ops-1", r#"{"job_ids":["a","b"]}"#);
    assert!(matches!(decision.verdict, Verdict::Refused(_)), "{decision:?}");
    assert_eq!(decision.violations[0].policy, "few-jobs");

    let decision = decide("x", r#"{"job_ids":["web","b"]}"#);
    assert!(matches!(decision.verdict, Verdict::Admitted(_)), "{decision:?}");
    assert_eq!(decision.warnings().len(), 1, "{decision:?}");

    assert!(matches!(decide("x", "[").verdict, Verdict::Refused(_)));
}
