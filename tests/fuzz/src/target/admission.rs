//! Admission: it always decides, holds no more than a few times the body, and admits its own answer again.

use std::sync::LazyLock;

use anomaly_gateway::admission::{Admitted, Candidate, Verdict};
use anomaly_gateway::es::error::Traces;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::json::{Document, Node, Token};
use serde_json::Value;

use crate::{Taken, measured};

/// One version of every sort: where something changed, before and after it.
const VERSIONS: [Version; 8] = [
    Version::BASE,
    Version::new(7, 8, 1),
    Version::new(7, 10, 2),
    Version::new(7, 17, 28),
    Version::new(8, 0, 0),
    Version::new(8, 11, 0),
    Version::new(8, 19, 21),
    Version::new(9, 5, 3),
];

static CALL: LazyLock<AnomalyJob> = LazyLock::new(|| {
    let call = AnomalyJob::new(Version::BASE).expect("the schema is sound");
    for api in VERSIONS {
        call.schema(api).expect("the schema is sound");
    }
    call
});

/// What a job costs however small it is: the words that are filled in, messages, and what 1000 open objects take.
const HELD_FOR_ANY: usize = 256 * 1024;
/// What a byte of the body costs at most.
const HELD_PER_BYTE: usize = 20;

pub(super) fn check(body: &[u8]) {
    warm_up();
    for api in VERSIONS {
        let (verdict, Taken { held, .. }) = measured(|| admit(body, Format::Json, api));
        let bound = HELD_FOR_ANY + HELD_PER_BYTE * body.len();
        assert!(held <= bound, "{api}: {held} bytes held for a body of {}", body.len());
        match verdict {
            Verdict::Admitted(admitted) => {
                check_documents(&admitted);
                check_round_trip(&admitted, api);
            }
            Verdict::Refused(refusal) => {
                let (status, body) = (refusal.status().as_u16(), refusal.to_body(Traces::Absent));
                assert!(status == 400 || status == 500 && stumbles(&body, api), "{api}: {body}");
            }
        }
    }
}

/// Whether Elasticsearch's own reader stumbles over a body, as it did before 7.7 over escapes with digits beyond ASCII.
fn stumbles(error: &Value, api: Version) -> bool {
    let kind = error.pointer("/error/type").and_then(Value::as_str);
    api < Version::new(7, 7, 0) && kind == Some("array_index_out_of_bounds_exception")
}

/// Makes what is made once, which is no body's doing.
pub(super) fn warm_up() {
    LazyLock::force(&CALL);
}

/// What the product decides of a body.
pub fn admit(body: &[u8], format: Format, api: Version) -> Verdict {
    CALL.admit(&Candidate {
        id: "job",
        query: "",
        path: "/_ml/anomaly_detectors/job",
        body,
        format,
        api,
        now_millis: 1_500_000_000_000,
        current: None,
    })
}

/// What is answered and what is stored is JSON, and a job.
pub(super) fn check_documents(admitted: &Admitted) {
    for text in [admitted.effective(), &admitted.stored()] {
        let document = Document::read(text.as_bytes());
        let root = document.root().expect("a job is an object");
        assert!(document.fault().is_none() && root.token() == Token::Object && root.member("job_id").is_some());
    }
}

fn check_round_trip(admitted: &Admitted, api: Version) {
    // Elasticsearch prints this for a script that is none, and does not read it.
    if admitted.effective().contains(r#""script":null"#) {
        return;
    }
    let answer = Document::read(admitted.effective().as_bytes());
    let again = match admit(as_request(&answer, api).as_bytes(), Format::Json, api) {
        Verdict::Admitted(again) => again,
        Verdict::Refused(refusal) => panic!(
            "{api}: the answer {} is refused: {}",
            admitted.effective(),
            refusal.to_body(Traces::Absent)
        ),
    };
    assert_eq!(
        again.effective(),
        admitted.effective(),
        "{api}: the answer is answered otherwise"
    );
}

/// An answer without what a client cannot set in that version (create-job.md §3).
fn as_request(answer: &Document<'_>, api: Version) -> String {
    let schema = CALL.schema(api).expect("the schema is sound");
    let can_be_set = |name: &str| {
        let properties = schema.effective.pointer("/$defs/job_details/properties");
        name != "create_time" && properties.is_some_and(|properties| properties.get(name).is_some())
    };
    let members = answer.root().into_iter().flat_map(Node::members);
    let kept: Vec<String> = members
        .filter(|member| can_be_set(&member.name))
        .map(|member| format!("\"{}\":{}", member.name, member.value.raw()))
        .collect();
    format!("{{{}}}", kept.join(","))
}
