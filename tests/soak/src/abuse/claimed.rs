//! Hostile requests for the call that the gateway answers itself: bodies that are long, or become long, or take long to be
//! judged, in every form of answer.

use std::io::Write;
use std::sync::Arc;

use anyhow::ensure;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::hostile::{Attack, Hostile, Memory, Size};
use super::request::ask;
use crate::gateway::Gateway;

const TARGET: &str = "/_ml/anomaly_detectors/hostile";

const MEBIBYTE: usize = 1024 * 1024;

/// The longest request line that the call takes, in bytes.
const LONGEST_LINE: usize = 4096;

/// With which query an answer comes in which form.
const FORMS: [(&str, &str); 6] = [
    ("json", ""),
    ("pretty", "pretty"),
    ("yaml", "format=yaml"),
    ("cbor", "format=cbor"),
    ("smile", "format=smile"),
    ("filter_path", "filter_path=**.a,-*.nothing"),
];

/// What the gateway makes of an admitted job.
const BOTH: &str = "jobs: {commit: both}\n";

/// All of them.
pub(super) fn rows(size: Size) -> Vec<Hostile> {
    let (bomb, plain) = match size {
        Size::Full => (96 * MEBIBYTE, 10 * MEBIBYTE),
        Size::Short => (MEBIBYTE, MEBIBYTE / 2),
    };
    let mut rows = Vec::new();
    let forms: &[&str] = match size {
        Size::Full => &["json", "pretty", "yaml", "cbor", "smile", "filter_path"],
        Size::Short => &["json", "yaml"],
    };
    let kinds: [(&str, Body, &[&str]); 6] = [
        ("ones", Body::plain(job_of_ones(plain)), &FORMS.map(|(form, _)| form)),
        ("gzip bomb", Body::gzip(&job_of_ones(bomb)), forms),
        ("small objects", Body::plain(job_of("{\"a\":1}", plain)), forms),
        ("nested lists", Body::plain(nested(plain)), &["pretty", "yaml"]),
        ("one text", Body::plain(job_of(&text(plain), 0)), forms),
        ("detectors", Body::plain(detectors(plain)), &["json"]),
    ];
    for (name, body, forms) in kinds {
        bodies(&mut rows, name, &body, forms);
    }
    rows.extend(filters());
    rows.push(members(size));
    rows.push(refused(
        "long unknown name",
        format!("{{\"{}\":1}}", "u".repeat(plain)).into_bytes(),
    ));
    rows.push(refused("many groups", groups(plain)));
    rows
}

/// A body, and the fields that describe it.
#[derive(Clone)]
pub(super) struct Body {
    fields: &'static [(&'static str, &'static str)],
    bytes: Arc<Vec<u8>>,
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

impl Body {
    pub(super) fn plain(bytes: Vec<u8>) -> Self {
        Self {
            fields: &[JSON],
            bytes: Arc::new(bytes),
        }
    }

    fn gzip(bytes: &[u8]) -> Self {
        Self {
            fields: &[JSON, ("Content-Encoding", "gzip")],
            bytes: Arc::new(gzip(bytes)),
        }
    }

    /// Sends it to the call with this query, and expects one of these statuses.
    pub(super) fn put(&self, query: &str, expected: &'static [u16]) -> Attack {
        let (body, target) = (self.clone(), format!("{TARGET}?{query}"));
        Box::new(move |gateway: &Gateway| {
            let answered = ask(gateway.address, "PUT", &target, body.fields, &body.bytes)?;
            ensure!(
                expected.contains(&answered.status),
                "{answered:?} in place of {expected:?}"
            );
            Ok(())
        })
    }
}

/// A body that is created, that is only tried out in each of these forms, and that is created by the cluster and recorded.
fn bodies(rows: &mut Vec<Hostile>, name: &str, body: &Body, forms: &[&str]) {
    let create = format!("create of {name}");
    rows.push(Hostile {
        name: create.clone(),
        settings: "",
        policies: None,
        memory: Memory::Shown,
        attack: body.put("", &[200]),
    });
    for (form, query) in FORMS.iter().filter(|(form, _)| forms.contains(form)) {
        rows.push(Hostile {
            name: format!("dry run of {name}, {form}"),
            settings: "",
            policies: None,
            memory: Memory::As(create.clone()),
            attack: body.put(&format!("dry_run&{query}"), &[200]),
        });
    }
    rows.push(Hostile {
        name: format!("create and record of {name}"),
        settings: BOTH,
        policies: None,
        memory: Memory::As(create.clone()),
        attack: body.put("", &[200]),
    });
}

/// A body for which a refusal is told, however long that is.
fn refused(name: &str, body: Vec<u8>) -> Hostile {
    Hostile {
        name: name.to_owned(),
        settings: "",
        policies: None,
        // What is wrong with a body may be as long as it is, and is told twice.
        memory: Memory::Bytes(12 * body.len() as u64 + 8 * 1024 * 1024),
        attack: Body::plain(body).put("", &[400]),
    }
}

/// The smallest job, with filters that were costly.
fn filters() -> impl Iterator<Item = Hostile> {
    const SMALL: u64 = 16 * 1024 * 1024;
    let paths = |count: usize| (0..count).map(|number| format!("**.a{number}")).collect::<Vec<_>>();
    let stars = "*a*a*a*a*b,".repeat(400);
    let long = [
        ("8,000 paths", paths(8000).join(",")),
        ("paths over the limit", paths(600).join(",")),
    ];
    let within = [
        ("paths within the limit", paths(600).join(",")),
        ("stars within the limit", stars),
    ];
    let row = |name: &str, query: String, expected| Hostile {
        name: name.to_owned(),
        settings: "",
        policies: None,
        memory: Memory::Bytes(SMALL),
        attack: Body::plain(job_of("1", 0)).put(&query, expected),
    };
    let long = long.map(|(name, paths)| row(name, format!("dry_run&filter_path={paths}"), &[400, 414, 431]));
    let within = within.map(|(name, paths)| row(name, longest_query(&paths), &[200]));
    long.into_iter().chain(within)
}

/// A filter with as many of these paths as a request line may have.
fn longest_query(paths: &str) -> String {
    let query = format!("dry_run&filter_path={paths}");
    let rest = "PUT ".len() + TARGET.len() + "?".len() + " HTTP/1.1".len();
    query.chars().take(LONGEST_LINE - rest).collect()
}

/// A job of 71 KB with 6,000 members, and a filter of as many paths as there may be; four at once, over and over.
fn members(size: Size) -> Hostile {
    let members: Vec<String> = (0..6000).map(|number| format!("\"m{number}\":\"\"")).collect();
    let body = Body::plain(job_of(&format!("{{{}}}", members.join(",")), 0));
    let paths: Vec<String> = (0..600).map(|number| format!("**.a{number}")).collect();
    let rounds = if size == Size::Full { 10 } else { 1 };
    let query = longest_query(&paths.join(","));
    Hostile {
        name: "6,000 members and the longest filter".to_owned(),
        settings: "",
        policies: None,
        memory: Memory::Bytes(32 * 1024 * 1024),
        attack: Box::new(move |gateway| {
            let put = || (0..rounds).try_for_each(|_| body.put(&query, &[200])(gateway));
            std::thread::scope(|scope| {
                let clients: Vec<_> = (0..4).map(|_| scope.spawn(put)).collect();
                clients.into_iter().try_for_each(|client| {
                    client
                        .join()
                        .unwrap_or_else(|_| Err(anyhow::anyhow!("a client panicked")))
                })
            })
        }),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes it.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// The smallest job with a custom setting: a value, or a list of as many as have so many bytes.
fn job_of(value: &str, size: usize) -> Vec<u8> {
    let values = vec![value; (size / (value.len() + 1)).max(1)].join(",");
    let value = if size == 0 {
        value.to_owned()
    } else {
        format!("[{values}]")
    };
    format!(
        "{{\"analysis_config\":{{\"detectors\":[{{\"function\":\"count\"}}]}},\"data_description\":{{}},\
         \"custom_settings\":{{\"a\":{value}}}}}"
    )
    .into_bytes()
}

/// A list of ones: no value is shorter.
fn job_of_ones(size: usize) -> Vec<u8> {
    job_of("1", size)
}

/// Lists in lists, a hundred levels deep: laid out they are many times as long.
fn nested(size: usize) -> Vec<u8> {
    job_of(&format!("{}1{}", "[".repeat(100), "]".repeat(100)), size)
}

/// A text with some escapes and characters of every length.
fn text(size: usize) -> String {
    format!("\"{}\"", "a b\\n\u{e9}\u{65e5}\u{1f600}".repeat(size / 14))
}

fn detectors(size: usize) -> Vec<u8> {
    let detector = |number| format!("{{\"function\":\"sum\",\"field_name\":\"f{number}\"}}");
    let detectors: Vec<String> = (0..size / 40).map(detector).collect();
    format!(
        "{{\"analysis_config\":{{\"detectors\":[{}]}},\"data_description\":{{}}}}",
        detectors.join(",")
    )
    .into_bytes()
}

fn groups(size: usize) -> Vec<u8> {
    let groups: Vec<String> = (0..size / 10).map(|number| format!("\"g{number}\"")).collect();
    let job = String::from_utf8(job_of("1", 0)).unwrap_or_default();
    job.replacen('{', &format!("{{\"groups\":[{}],", groups.join(",")), 1)
        .into_bytes()
}
