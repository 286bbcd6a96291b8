//! What a schema cannot say, said in the Common Expression Language: `size(job.analysis_config.detectors) <= 20`.
//!
//! An expression cannot loop but over what a document has, and what it may cost is bounded before it is evaluated: by
//! its own size, the size of the document and how its loops nest ([`cost`]). So it ends, and soon.

mod cost;
mod names;
mod tree;

use std::collections::HashMap;
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context, ExecutionError, Program, Value};

use crate::es::json::{Member, Node, Token};

/// The longest expression, in bytes.
const MOST_BYTES: usize = 4096;

/// The name of the document in expressions.
const DOCUMENT: &str = "job";

/// An expression over a document.
pub struct Expression {
    text: String,
    program: Program,
}

/// A text that is no expression over a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is longer than expressions are.
    #[error("an expression has {MOST_BYTES} bytes at most")]
    TooLong,
    /// It is not of the language.
    #[error("this is not an expression: {0}")]
    Syntax(String),
    /// It asks for something that there is not.
    #[error("`{0}` is not known here; the document is `{DOCUMENT}`")]
    Unknown(String),
}

/// Why an expression has no answer for a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The document is so large that it might take too long.
    #[error("the document is too large to evaluate `{0}`")]
    TooCostly(String),
    /// Usual cause: a member that is not there, which `has(…)` asks for.
    #[error("`{text}`: {reason}")]
    Failed {
        /// The expression.
        text: String,
        /// What went wrong.
        reason: String,
    },
    /// The value of the expression is neither true nor false.
    #[error("`{0}` is neither true nor false")]
    NoBoolean(String),
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MOST_BYTES {
            return Err(ExpressionError::TooLong);
        }
        let program = Program::compile(text).map_err(|error| ExpressionError::Syntax(one_line(&error.to_string())))?;
        if let Some(name) = names::unknown(program.expression(), DOCUMENT) {
            return Err(ExpressionError::Unknown(name.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            program,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is true of a document.
    pub fn holds(&self, document: Node<'_>) -> Result<bool, EvaluationError> {
        if !cost::is_affordable(self.program.expression(), document) {
            return Err(EvaluationError::TooCostly(self.text.clone()));
        }
        let failed = |error: &ExecutionError| EvaluationError::Failed {
            text: self.text.clone(),
            reason: one_line(&error.to_string()),
        };
        let mut context = Context::default();
        context.add_variable_from_value(DOCUMENT, value(document));
        match self.program.execute(&context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(EvaluationError::NoBoolean(self.text.clone())),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

/// The library's texts point into the expression over several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A document's value as the language has it: whole numbers are `int`, others `double`. Documents nest a thousand
/// levels at most, so this ends.
fn value(node: Node<'_>) -> Value {
    match node.token() {
        Token::Object => {
            let members = node.members().map(|Member { name, value: inner, .. }| {
                let name = Arc::new(name.into_owned());
                (Key::String(name), value(inner))
            });
            let map: HashMap<Key, Value> = members.collect();
            Value::Map(Map { map: Arc::new(map) })
        }
        Token::Array => Value::List(Arc::new(node.elements().map(value).collect())),
        Token::String => Value::String(Arc::new(node.as_text().unwrap_or_default().into_owned())),
        Token::Number => {
            let whole = node.as_number().and_then(|number| number.parse().ok());
            whole.map_or_else(|| Value::Float(node.as_double().unwrap_or(f64::NAN)), Value::Int)
        }
        Token::Boolean => Value::Bool(node.as_boolean().unwrap_or_default()),
        Token::Null | Token::Binary | Token::Nothing => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::es::json::Document;

    fn holds(expression: &str, document: &str) -> Result<bool, EvaluationError> {
        let document = Document::read(document.as_bytes());
        let expression = Expression::parse(expression).expect("an expression");
        expression.holds(document.root().expect("a value"))
    }

    #[test]
    fn a_document_is_asked() {
        let job = r#"{"a": {"list": [{"f": "count"}, {"f": "sum"}]}, "n": 2, "x": 1.5, "t": true, "z": null}"#;
        for (expression, expected) in [
            ("size(job.a.list) <= 2", true),
            ("size(job.a.list) > 2", false),
            ("job.a.list.all(d, d.f in ['count', 'sum'])", true),
            ("job.a.list.exists(d, d.f == 'mean')", false),
            ("has(job.a) && !has(job.b)", true),
            ("job.n == 2 && job.x > 1.0 && job.t && job.z == null", true),
            ("job.a.list.map(d, d.f).size() == 2", true),
            ("job.a.list[0].f.matches('^c.*t$')", true),
        ] {
            assert_eq!(holds(expression, job), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told() {
        assert!(matches!(holds("job.b == 1", "{}"), Err(EvaluationError::Failed { .. })));
        assert!(matches!(holds("size(job)", "{}"), Err(EvaluationError::NoBoolean(_))));
        assert!(matches!(
            holds("1 / size(job) == 1", "{}"),
            Err(EvaluationError::Failed { .. })
        ));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        assert!(matches!(Expression::parse("job.a <"), Err(ExpressionError::Syntax(_))));
        assert_eq!(
            Expression::parse("jobs.a == 1").err(),
            Some(ExpressionError::Unknown("jobs".to_owned()))
        );
        let shadowed = "job.l.all(x, x > 0) && x > 0";
        assert_eq!(
            Expression::parse(shadowed).err(),
            Some(ExpressionError::Unknown("x".to_owned()))
        );
        assert_eq!(
            Expression::parse(&format!("job == '{}'", "x".repeat(MOST_BYTES))).err(),
            Some(ExpressionError::TooLong)
        );
    }

    #[test]
    fn an_expression_that_could_take_too_long_is_not_evaluated() {
        let nested = "job.l.all(a, job.l.all(b, job.l.all(c, a + b + c >= 0)))";
        let list = |length: usize| format!("{{\"l\": [{}]}}", vec!["1"; length].join(","));
        assert_eq!(holds(nested, &list(10)), Ok(true));
        assert!(matches!(holds(nested, &list(1000)), Err(EvaluationError::TooCostly(_))));
        assert_eq!(holds("job.l.all(a, a == 1)", &list(10_000)), Ok(true));
    }
}
