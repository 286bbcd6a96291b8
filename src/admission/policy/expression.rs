//! What a schema cannot say, said in the Common Expression Language: `size(job.analysis_config.detectors) <= 20`.
//!
//! An expression cannot loop but over what a document has, and what it may cost is known before it is evaluated
//! (`cost`). So it ends, and soon.

mod cost;
mod members;
mod names;
mod needs;
mod patterns;
mod reads;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use std::sync::{Arc, LazyLock};
use std::thread;

use cel::extractors::This;
use cel::{Context, Env, ExecutionError, Program, Value};

use super::measure::Measure;
use crate::xcontent::json::Node;
pub use members::{Step, ValueKind};
pub use needs::Needs;
use patterns::Patterns;
use reads::Reads;

/// The longest expression, in bytes.
const MOST_BYTES: usize = 4096;

/// How deep an expression may nest: it is evaluated part in part.
const MOST_LEVELS: usize = 64;

/// How much stack the parser has, in bytes; memory only as far as it is used.
const PARSER_STACK: usize = 64 * 1024 * 1024;

/// The name of the document in expressions.
const DOCUMENT: &str = "job";

/// The function that matches a text with a pattern.
const MATCHES: &str = "matches";

/// The language's types and functions.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// An expression over a document.
pub struct Expression {
    text: String,
    program: Program,
    patterns: Patterns,
}

/// A text that is no expression over a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is longer than expressions are.
    #[error("an expression has {MOST_BYTES} bytes at most")]
    TooLong,
    /// It nests deeper than expressions do.
    #[error("an expression nests {MOST_LEVELS} levels at most")]
    TooDeep,
    /// It is not of the language.
    #[error("this is not an expression: {0}")]
    Syntax(String),
    /// It asks for something that there is not.
    #[error("`{0}` is not known here; the document is `{DOCUMENT}`")]
    Unknown(String),
    /// The pattern of `matches` is no regular expression, or a very large one.
    #[error("the pattern of `{MATCHES}` cannot be used: {0}")]
    Pattern(String),
    /// The pattern of `matches` is not known before there is a document.
    #[error("the pattern of `{MATCHES}` is a text that is written in the expression")]
    UnwrittenPattern,
}

/// Why an expression has no answer for a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
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

/// A document as expressions see it.
pub(super) struct Surroundings<'d>(Context<'d, 'd>);

impl<'d> Surroundings<'d> {
    /// Makes a document ready for expressions that need this.
    pub(super) fn of(document: Node<'d>, needs: &Arc<Needs>) -> Self {
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_as_val(DOCUMENT, value::value(document, &needs.reads));
        let needs = Arc::clone(needs);
        let matches = move |This(text): This<Arc<String>>, pattern: Arc<String>| {
            let known = needs.patterns.get(pattern.as_str());
            let known = known.ok_or_else(|| ExecutionError::function_error(MATCHES, "the pattern is not known"))?;
            Ok::<bool, ExecutionError>(known.is_match(&text))
        };
        // The name is free: the library's own function of it is not compiled in.
        let _ = context.add_function(MATCHES, matches);
        Self(context)
    }
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MOST_BYTES {
            return Err(ExpressionError::TooLong);
        }
        let program = compile(text)?;
        if tree::is_deeper_than(MOST_LEVELS, program.expression()) {
            return Err(ExpressionError::TooDeep);
        }
        if let Some(name) = names::unknown(program.expression(), DOCUMENT) {
            return Err(ExpressionError::Unknown(name.to_owned()));
        }
        let mut patterns = Patterns::new();
        patterns::patterns(program.expression(), &mut patterns)?;
        Ok(Self {
            text: text.to_owned(),
            program,
            patterns,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether what it reads is the same in two documents, so that it says the same of both.
    pub(super) fn reads_alike(&self, before: Node<'_>, after: Node<'_>) -> bool {
        let mut reads = Reads::default();
        reads.add(self.program.expression());
        reads.are_alike(before, after)
    }

    /// The parts of the document that it names.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<Step>> {
        members::members(self.program.expression())
    }

    /// The part of the document that it is, if it is nothing else.
    #[must_use]
    pub fn member(&self) -> Option<Vec<Step>> {
        members::path_of(self.program.expression())
    }

    /// What its value is, as far as it is known without a document.
    #[must_use]
    pub fn value_kind(&self) -> ValueKind {
        members::kind(self.program.expression())
    }

    /// How many steps it may take over a document of this measure.
    pub(super) fn steps(&self, document: &Measure) -> u64 {
        cost::steps(self.program.expression(), document)
    }

    /// Whether it is true of a document.
    pub(super) fn holds(&self, document: &Surroundings<'_>) -> Result<bool, EvaluationError> {
        let failed = |error: &ExecutionError| EvaluationError::Failed {
            text: self.text.clone(),
            reason: one_line(&error.to_string()),
        };
        match self.program.execute(&document.0) {
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

/// Compiles an expression, on a thread of its own: the library's parser takes tens of kilobytes of stack for each level
/// that an expression nests, and looks how many there are once it is in them.
fn compile(text: &str) -> Result<Program, ExpressionError> {
    let syntax = ExpressionError::Syntax;
    thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(PARSER_STACK);
        let compiling = parser.spawn_scoped(scope, || {
            Program::compile(text).map_err(|error| one_line(&error.to_string()))
        });
        let compiling = compiling.map_err(|error| syntax(format!("there is no thread to read it: {error}")))?;
        let compiled = compiling.join().map_err(|_| syntax("the parser panicked".to_owned()))?;
        compiled.map_err(syntax)
    })
}

/// The library's texts point into the expression over several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
