//! The printed schema beside Elasticsearch's own parser: what the parser takes, no validator may refuse by the schema; and
//! of what it refuses for something in the body, the schema says most, and the rest is listed in it by rule.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use anomaly_gateway::xcontent::format::Format;
use anyhow::Context;
use serde_json::Value;

use crate::{
    case::Case,
    deviation,
    generate::Generator,
    oracle::Oracle,
    product::Product,
    release::Release,
    validators::{Validator, Verdict},
};

/// Bodies in memory at once.
const BATCH: usize = 2500;
/// Bodies that are shown of each sort.
const MOST_SHOWN: usize = 5;

/// What came of it in one version.
#[derive(Debug)]
pub struct Measured {
    /// The version that judged.
    pub release: Release,
    /// Bodies that the parser takes and the validators read.
    pub taken: usize,
    /// Those of them that a validator refuses: its name and the body.
    pub wrongly_refused: Vec<(&'static str, String)>,
    /// How many of them there are.
    pub unsound: usize,
    /// Documents that would be stored for them, by the product, and do not fit the schema of stored documents; with the
    /// validator's name.
    pub wrongly_stored: Vec<(&'static str, String)>,
    /// Bodies that the parser refuses for something in them.
    pub refused: usize,
    /// Those of them that both validators refuse, too.
    pub also_refused: usize,
    /// The others by rule: how many, and one of them.
    pub passed: BTreeMap<String, (usize, String)>,
    /// The rules that the schema lists as not said, or not all.
    listed: HashSet<String>,
    /// Bodies that a reader of JSON does not take, and cases that cannot be compared.
    pub unread: usize,
}

impl Measured {
    /// The part of the refused bodies that the schema refuses.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a few hundred thousand")]
    pub fn completeness(&self) -> f64 {
        self.also_refused as f64 / (self.refused.max(1)) as f64
    }

    /// The rules by which bodies are refused that the schema takes and does not list.
    pub fn unlisted(&self) -> impl Iterator<Item = &String> {
        self.passed.keys().filter(|rule| !self.listed.contains(*rule))
    }
}

/// Measures until so many bodies have been taken.
pub fn measure(release: Release, taken: usize, seed: u64) -> anyhow::Result<Measured> {
    let mut oracle = Oracle::start(release)?;
    let product = Product::new(release.profile())?;
    let schema = product.printed_schema()?;
    let stored_schema = product.stored_schema()?;
    let mut generator = Generator::new(release.profile(), Format::Json, seed).damaging(0);
    let mut measured = Measured {
        release,
        taken: 0,
        wrongly_refused: Vec::new(),
        unsound: 0,
        wrongly_stored: Vec::new(),
        refused: 0,
        also_refused: 0,
        passed: BTreeMap::new(),
        listed: listed(&schema).context("the schema does not list the rules that it does not say")?,
        unread: 0,
    };
    while measured.taken < taken {
        let cases = generator_cases(&mut generator);
        measured.batch(&cases, &mut oracle, &product, &schema)?;
        measured.stored(&cases, &product, &stored_schema)?;
    }
    Ok(measured)
}

/// Cases in which nothing but the body can be wrong.
fn generator_cases(generator: &mut Generator) -> Vec<Case> {
    let cases = std::iter::repeat_with(|| generator.case());
    let plain = cases.map(|case| Case {
        query: String::new(),
        accept: None,
        content_type: Some("application/json".to_owned()),
        ..case
    });
    plain.filter(|case| is_id(&case.id)).take(BATCH).collect()
}

fn is_id(id: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = id.bytes().next().into_iter().chain(id.bytes().last());
    id.len() <= 64
        && ends.clone().count() > 0
        && ends.into_iter().all(is_end)
        && id
            .bytes()
            .all(|byte| is_end(byte) || matches!(byte, b'.' | b'-' | b'_'))
}

impl Measured {
    fn batch(&mut self, cases: &[Case], oracle: &mut Oracle, product: &Product, schema: &Value) -> anyhow::Result<()> {
        let bodies: Vec<&[u8]> = cases.iter().map(|case| case.body.as_slice()).collect();
        let (theirs, python, ajv) = std::thread::scope(|scope| {
            let python = scope.spawn(|| Validator::Jsonschema.judge(schema, &bodies));
            let theirs = oracle.ask(cases);
            let ajv = Validator::Ajv.judge(schema, &bodies);
            (theirs, python.join(), ajv)
        });
        let python = python.map_err(|_| anyhow::anyhow!("the validator's side panicked"))??;
        let verdicts = python.into_iter().zip(ajv?);
        for ((case, theirs), (python, ajv)) in cases.iter().zip(theirs?).zip(verdicts) {
            let is_read = python != Verdict::Unread && ajv != Verdict::Unread;
            if !is_read || !deviation::is_comparable(self.release, case, &theirs) {
                self.unread += 1;
                continue;
            }
            let body = || String::from_utf8_lossy(&case.body).into_owned();
            let by = [(Validator::Jsonschema, python), (Validator::Ajv, ajv)];
            let mut refusing = by.into_iter().filter(|(_, verdict)| *verdict == Verdict::Invalid);
            if theirs.status == 200 {
                self.taken += 1;
                if let Some((validator, _)) = refusing.next() {
                    self.unsound += 1;
                    if self.wrongly_refused.len() < MOST_SHOWN {
                        self.wrongly_refused.push((validator.name(), body()));
                    }
                }
                continue;
            }
            self.refused += 1;
            if python == Verdict::NameTwice {
                self.pass("body.duplicate_name", case);
                continue;
            }
            if refusing.count() == by.len() {
                self.also_refused += 1;
                continue;
            }
            // Which queries there are, the cluster knows.
            let of_cluster = || theirs.body.contains(" not parsable").then_some("cluster.query");
            let rule = product.rule(case).or_else(of_cluster);
            self.pass(rule.unwrap_or("no rule"), case);
        }
        Ok(())
    }

    /// Puts what would be stored to its schema.
    fn stored(&mut self, cases: &[Case], product: &Product, schema: &Value) -> anyhow::Result<()> {
        let stored: Vec<String> = cases.iter().filter_map(|case| product.ask(case).stored).collect();
        let documents: Vec<&[u8]> = stored.iter().map(String::as_bytes).collect();
        for validator in Validator::ALL {
            let verdicts = validator.judge(schema, &documents)?;
            let wrong = verdicts
                .iter()
                .zip(&stored)
                .filter(|(verdict, _)| **verdict == Verdict::Invalid);
            self.wrongly_stored
                .extend(wrong.map(|(_, document)| (validator.name(), document.clone())));
        }
        Ok(())
    }

    /// Notes a refused body that the schema takes.
    fn pass(&mut self, rule: &str, case: &Case) {
        let body = || String::from_utf8_lossy(&case.body).into_owned();
        let passed = self.passed.entry(rule.to_owned()).or_insert_with(|| (0, body()));
        passed.0 += 1;
        // The shortest one tells most.
        if case.body.len() < passed.1.len() {
            passed.1 = body();
        }
    }
}

/// The ids that the schema lists.
fn listed(schema: &Value) -> Option<HashSet<String>> {
    let rules = schema.pointer("/$defs/rules_not_said_here/oneOf")?.as_array()?;
    let ids = rules.iter().filter_map(|rule| rule.get("const")?.as_str());
    Some(ids.map(str::to_owned).collect())
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.release;
        writeln!(
            f,
            "== Elasticsearch {version}: of {} bodies that it takes, {} are refused by the schema; of {} that it refuses, {} \
             ({:.1} %) are; {} were not compared",
            self.taken,
            self.unsound,
            self.refused,
            self.also_refused,
            100.0 * self.completeness(),
            self.unread
        )?;
        for (validator, document) in self.wrongly_stored.iter().take(MOST_SHOWN) {
            writeln!(f, "refused by {validator}, though it is stored: {document}")?;
        }
        for (validator, body) in &self.wrongly_refused {
            writeln!(f, "refused by {validator}: {body}")?;
        }
        let mut passed: Vec<_> = self.passed.iter().collect();
        passed.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (rule, (count, body)) in passed {
            let is_listed = if self.listed.contains(rule) {
                "listed"
            } else {
                "NOT LISTED"
            };
            writeln!(f, "{count:>7} {rule} ({is_listed}), such as {body}")?;
        }
        Ok(())
    }
}
