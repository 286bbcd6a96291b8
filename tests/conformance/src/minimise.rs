//! Makes a disagreement small enough to read: leaves out of the body what is not needed for it.

use serde_json::Value;

use crate::{
    case::Case,
    judge::{Judge, Judged},
};

/// More rounds than this would not pay: each asks the oracle.
const MOST_ROUNDS: usize = 200;

/// So many candidates are tried at a time; the first of them that does is taken.
const AT_A_TIME: usize = 40;

/// The smallest case found that disagrees in the same aspects.
pub(crate) fn minimised(judge: &mut Judge, judged: &Judged) -> anyhow::Result<Judged> {
    let mut smallest = judged.clone();
    for _ in 0..MOST_ROUNDS {
        match next_smaller(judge, &smallest)? {
            Some(smaller) => smallest = smaller,
            None => break,
        }
    }
    Ok(smallest)
}

fn next_smaller(judge: &mut Judge, judged: &Judged) -> anyhow::Result<Option<Judged>> {
    let sort = judged.sort();
    for candidates in smaller(&judged.case).chunks(AT_A_TIME) {
        let answered = judge.judge(candidates)?;
        let is_like_it = |other: &Judged| other.is_comparable && other.sort() == sort;
        if let Some(found) = answered.into_iter().find(is_like_it) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Cases with a little less in them, those with much less first.
fn smaller(case: &Case) -> Vec<Case> {
    let with_body = |body: Vec<u8>| Case { body, ..case.clone() };
    let mut candidates = Vec::new();
    if !case.query.is_empty() {
        candidates.push(Case {
            query: String::new(),
            ..case.clone()
        });
    }
    if case.id != "a" && case.job.is_none() {
        candidates.push(Case {
            id: "a".to_owned(),
            ..case.clone()
        });
    }
    if let Ok(document) = serde_json::from_slice::<Value>(&case.body) {
        let bodies = without_a_part(&document);
        candidates.extend(bodies.iter().map(|body| with_body(body.to_string().into_bytes())));
    }
    candidates.extend(without_bytes(&case.body).into_iter().map(with_body));
    candidates.retain(|candidate| candidate.body.len() < case.body.len() || candidate.body == case.body);
    candidates
}

/// The document without one of its members or elements, at any depth, the outer ones first.
fn without_a_part(document: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match document {
        Value::Object(members) => {
            for name in members.keys() {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                found.push(Value::Object(fewer));
            }
            for (name, member) in members {
                for smaller in without_a_part(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), smaller);
                    found.push(Value::Object(changed));
                }
            }
        }
        Value::Array(items) => {
            for place in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(place);
                found.push(Value::Array(fewer));
            }
            for (place, item) in items.iter().enumerate() {
                for smaller in without_a_part(item) {
                    let mut changed = items.clone();
                    if let Some(changed) = changed.get_mut(place) {
                        *changed = smaller;
                    }
                    found.push(Value::Array(changed));
                }
            }
        }
        _ => {}
    }
    found
}

/// The bytes without a run of them: halves first, single bytes last, as far as the body is short enough.
fn without_bytes(body: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut run = body.len() / 2;
    while run > 0 && found.len() < 2000 {
        for start in (0..body.len()).step_by(run) {
            let end = (start + run).min(body.len());
            let kept = body.get(..start).into_iter().chain(body.get(end..)).flatten();
            found.push(kept.copied().collect());
        }
        run /= 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_loses_one_part_at_a_time() {
        let document: Value = serde_json::from_str(r#"{"a":[1,{"b":2}],"c":3}"#).unwrap();
        let smaller: Vec<String> = without_a_part(&document).iter().map(Value::to_string).collect();
        assert_eq!(
            smaller,
            [
                r#"{"c":3}"#,
                r#"{"a":[1,{"b":2}]}"#,
                r#"{"a":[{"b":2}],"c":3}"#,
                r#"{"a":[1],"c":3}"#,
                r#"{"a":[1,{}],"c":3}"#,
            ]
        );
    }

    #[test]
    fn bytes_go_in_halves_then_in_ever_shorter_runs() {
        assert_eq!(without_bytes(b"ab"), [b"b".to_vec(), b"a".to_vec()]);
        assert_eq!(without_bytes(b"abcd").len(), 6);
        assert!(without_bytes(b"").is_empty());
    }
}
