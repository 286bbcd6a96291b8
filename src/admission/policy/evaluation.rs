//! Puts a final document to the policies that concern it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::examined::Examined;
use super::matching::Subject;
use super::schema::Fault;
use super::violation::told;
use super::{Enforcement, OnError, Policy, PolicySet, Violation};
use crate::xcontent::json::{Node, Token};

/// The longest value that a violation shows, in bytes.
const MOST_SHOWN: usize = 256;

/// What the policies found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Where the document does not keep them.
    pub violations: Vec<Violation>,
    /// Which could not be evaluated.
    pub problems: Vec<Problem>,
    /// Which policies concern the document, also those that were not asked: their places in the set.
    pub concerning: Vec<usize>,
}

/// A policy that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy [{policy}] could not be evaluated: {reason}")]
pub struct Problem {
    /// Its name.
    pub policy: String,
    /// Why.
    pub reason: String,
}

impl PolicySet {
    /// Judges a document by the policies that concern it and of which `wanted` wants what comes of them.
    #[must_use]
    pub fn evaluate(
        &self,
        document: Node<'_>,
        subject: Subject<'_>,
        now_millis: i64,
        wanted: impl Fn(Enforcement) -> bool,
    ) -> Evaluation {
        let mut evaluation = Evaluation::default();
        let mut examined = None;
        for (place, policy, enforcement) in self.concerning_places(subject, now_millis) {
            evaluation.concerning.push(place);
            if policy.judges() && wanted(enforcement) {
                let examined = examined.get_or_insert_with(|| Examined::new(document, self.needs()));
                evaluation.add(policy, enforcement, examined);
            }
        }
        evaluation
    }
}

impl Evaluation {
    fn add(&mut self, policy: &Policy, enforcement: Enforcement, examined: &Examined<'_>) {
        // Neither crate is known to panic, and a document that makes one of them panic is no reason to fail a request.
        match catch_unwind(AssertUnwindSafe(|| examined.faults(policy))) {
            Ok(Ok(faults)) => {
                let document = examined.document();
                let violations = faults
                    .into_iter()
                    .map(|fault| policy.violation(enforcement, fault, document));
                self.violations.extend(violations);
            }
            Ok(Err(reason)) => self.fail(policy, enforcement, reason.to_string()),
            Err(_) => self.fail(policy, enforcement, "its evaluation panicked".to_owned()),
        }
    }

    /// A policy has not been evaluated.
    pub(in crate::admission) fn fail(&mut self, policy: &Policy, enforcement: Enforcement, reason: String) {
        let problem = Problem {
            policy: policy.name.clone(),
            reason,
        };
        if policy.on_error == OnError::Refuse {
            // The reason quotes the rule. The log has it in any case.
            let text = match &policy.message {
                None => format!("it could not be evaluated: {}", problem.reason),
                Some(_) => "it could not be evaluated".to_owned(),
            };
            self.violations.push(Violation {
                policy: policy.name.clone(),
                enforcement,
                fault: text.clone(),
                text,
                message: policy.message.clone(),
                link: policy.link.clone(),
                ..Violation::default()
            });
        }
        self.problems.push(problem);
    }
}

impl Policy {
    /// Whether it says anything of a final document.
    const fn judges(&self) -> bool {
        self.schema.is_some() || self.rule.is_some()
    }

    fn violation(&self, enforcement: Enforcement, fault: Fault, document: Node<'_>) -> Violation {
        let value = at(document, &fault.pointer).map_or(Value::Null, shown);
        Violation {
            policy: self.name.clone(),
            enforcement,
            text: told(&fault.pointer, &value, None, &fault.text),
            fault: fault.text,
            origin: None,
            pointer: fault.pointer,
            value,
            limit: fault.limit,
            message: self.message.clone(),
            link: self.link.clone(),
        }
    }
}

/// The value that a JSON Pointer leads to (RFC 6901).
pub(super) fn at<'a>(document: Node<'a>, pointer: &str) -> Option<Node<'a>> {
    pointer.split('/').skip(1).try_fold(document, |node, step| {
        let name = step.replace("~1", "/").replace("~0", "~");
        match node.token() {
            Token::Array => node.elements().nth(name.parse().ok()?),
            _ => node.member(&name),
        }
    })
}

/// A value as a violation has it: null for one that is long, or that would be.
pub(super) fn shown(node: Node<'_>) -> Value {
    let is_short = node.raw().len() <= MOST_SHOWN;
    match node.token() {
        Token::String if is_short => node.as_text().map(Value::from).unwrap_or_default(),
        Token::Number | Token::Boolean if is_short => serde_json::from_str(node.raw()).unwrap_or_default(),
        _ => Value::Null,
    }
}
