//! Elasticsearch's errors as its REST layer prints them: the chain of causes, the choice of `root_cause` and the
//! envelope (create-job.md §2.1, http.md §2.8). The types of exception are in `kind`.

mod kind;

use http::StatusCode;
use serde_json::{Map, Value, json};

pub use kind::Kind;

/// One exception and, through [`Exception::cause`], the chain of those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its type.
    pub kind: Kind,
    /// What happened, for people.
    pub reason: String,
    /// The exception that this one wraps.
    pub cause: Option<Box<Exception>>,
    /// What else is told of it, beside its type and reason.
    pub metadata: Box<[(&'static str, Value)]>,
    /// Exceptions that were less important: of an attempt that this one was to save, or of what was looked at after it.
    pub suppressed: Box<[Exception]>,
    /// The id of the rule that it tells of; no part of an answer.
    rule: Option<&'static str>,
}

impl Exception {
    /// An exception without a cause.
    #[must_use]
    pub fn new(kind: Kind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            cause: None,
            metadata: Box::default(),
            suppressed: Box::default(),
            rule: None,
        }
    }

    /// An exception that says nothing, whose reason is printed as `null`.
    #[must_use]
    pub fn without_reason(kind: Kind) -> Self {
        Self::new(kind, String::new())
    }

    /// The same exception, wrapping `cause`.
    #[must_use]
    pub fn caused_by(mut self, cause: Self) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// The same exception, more important than `suppressed`.
    #[must_use]
    pub fn suppressing(mut self, suppressed: Self) -> Self {
        self.suppressed = self.suppressed.into_iter().chain([suppressed]).collect();
        self
    }

    /// The same exception, which tells of the rule with this id.
    #[must_use]
    pub const fn by(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The id of the rule that it, or what it wraps, tells of; of several, the innermost one's.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        let inner = self.cause.as_deref().and_then(Self::rule);
        inner.or(self.rule)
    }

    /// The status of an answer that reports this exception.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The exception that Elasticsearch lists under `root_cause`: down from the outermost for as long as a parse
    /// exception wraps a parse exception or another one of the server's own, or a check what a query is refused for.
    #[must_use]
    pub fn root_cause(&self) -> &Self {
        let mut root = self;
        while let Some(cause) = &root.cause {
            let goes_on = match root.kind {
                Kind::XContentParse => cause.kind.is_of_the_server(),
                Kind::Status(_) => cause.kind == Kind::Parsing,
                _ => false,
            };
            if !goes_on {
                break;
            }
            root = cause;
        }
        root
    }

    /// The whole answer body: `{"error": {…}, "status": …}`.
    #[must_use]
    pub fn to_body(&self, traces: Traces) -> Value {
        let root = self.root_cause();
        let mut root_cause = root.members(false, traces);
        if !root.kind.is_of_the_server() {
            // It is listed as one of the server's own that has its type and reason, and nothing else.
            root_cause.remove("suppressed");
        }
        self.body_with(json!([root_cause]), traces)
    }

    fn body_with(&self, root_causes: Value, traces: Traces) -> Value {
        let mut error = Map::new();
        error.insert("root_cause".to_owned(), root_causes);
        error.extend(self.members(true, traces));
        json!({ "error": error, "status": self.status().as_u16() })
    }

    /// About how long it is in an answer, with its trace.
    fn length(&self) -> usize {
        let inner = self.cause.as_deref().map_or(0, Self::length);
        let suppressed: usize = self.suppressed.iter().map(Self::length).sum();
        2 * self.reason.len() + 2 * inner + suppressed + SHORT * (1 + self.metadata.len())
    }

    /// This exception and those below it, a line each.
    fn trace(&self) -> String {
        let causes = std::iter::successors(self.cause.as_deref(), |cause| cause.cause.as_deref());
        let headlines = std::iter::once(self).chain(causes);
        let lines: Vec<String> = headlines
            .map(|exception| format!("{}: {}\n", exception.kind.name(), exception.reason))
            .collect();
        lines.join("Caused by: ")
    }

    fn members(&self, with_cause: bool, traces: Traces) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("type".to_owned(), self.kind.name().into());
        let reason = (!self.reason.is_empty()).then_some(self.reason.as_str());
        object.insert("reason".to_owned(), reason.into());
        let metadata = self.metadata.iter();
        object.extend(metadata.map(|(name, value)| ((*name).to_owned(), value.clone())));
        if with_cause && let Some(cause) = &self.cause {
            object.insert("caused_by".to_owned(), Value::Object(cause.members(true, traces)));
        }
        traces.add(self, &mut object);
        if !self.suppressed.is_empty() {
            let suppressed = self.suppressed.iter().map(|other| other.members(with_cause, traces));
            object.insert("suppressed".to_owned(), suppressed.collect::<Vec<_>>().into());
        }
        object
    }
}

/// What the type of an exception takes in an answer, or an entry of its metadata, mostly.
const SHORT: usize = 128;

/// Whether each exception of a body comes with its `stack_trace`, as the parameter `error_trace` asks. Ours names the
/// exceptions, and no places in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Traces {
    /// None has one.
    #[default]
    Absent,
    /// Each has one.
    Shown,
}

impl Traces {
    fn add(self, exception: &Exception, object: &mut Map<String, Value>) {
        if self == Self::Shown {
            object.insert("stack_trace".to_owned(), exception.trace().into());
        }
    }
}

/// What a client is told when its request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An exception in the full envelope.
    Exception(Exception),
    /// An exception with several causes, each of which is told.
    Several {
        /// What is told of all of them.
        exception: Box<Exception>,
        /// The causes.
        causes: Vec<Exception>,
    },
    /// The short form of faults found before a request has a handler, such as 406: `{"error": "…", "status": …}`.
    Text {
        /// The status of the answer.
        status: StatusCode,
        /// What is wrong.
        text: String,
    },
    /// No call has this path: 400, and `{"error": "…"}` alone.
    NoHandler {
        /// What is wrong.
        text: String,
    },
}

impl Refusal {
    /// What Elasticsearch says of a path that it does not know (http.md §2.8).
    #[must_use]
    pub fn no_handler(target: &str, method: &str) -> Self {
        let text = format!("no handler found for uri [{target}] and method [{method}]");
        Self::NoHandler { text }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Exception(exception) => exception.status(),
            Self::Several { exception, .. } => exception.status(),
            Self::Text { status, .. } => *status,
            Self::NoHandler { .. } => StatusCode::BAD_REQUEST,
        }
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Exception(exception) => &exception.reason,
            Self::Several { exception, .. } => &exception.reason,
            Self::Text { text, .. } | Self::NoHandler { text } => text,
        }
    }

    /// The id of the rule that it tells of, if there is one.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Exception(exception) => exception.rule(),
            Self::Several { exception, .. } => exception.rule(),
            Self::Text { .. } | Self::NoHandler { .. } => None,
        }
    }

    /// The same refusal, whose answer names the rule.
    #[must_use]
    pub fn naming_rule(mut self) -> Self {
        if let (Some(rule), Self::Exception(exception)) = (self.rule(), &mut self) {
            let told = std::mem::take(&mut exception.metadata);
            exception.metadata = told.into_iter().chain([("rule", rule.into())]).collect();
        }
        self
    }

    /// About how long the answer's body is, in bytes, or longer.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Self::Exception(exception) => 2 * exception.length(),
            Self::Several { exception, causes } => {
                exception.length() + causes.iter().map(Exception::length).sum::<usize>()
            }
            Self::Text { text, .. } | Self::NoHandler { text } => text.len(),
        }
    }

    /// The answer's body.
    #[must_use]
    pub fn to_body(&self, traces: Traces) -> Value {
        match self {
            Self::Exception(exception) => exception.to_body(traces),
            Self::Several { exception, causes } => {
                let causes = causes.iter().map(|cause| Value::Object(cause.members(false, traces)));
                exception.body_with(causes.collect(), traces)
            }
            Self::Text { status, text } => json!({ "error": text, "status": status.as_u16() }),
            Self::NoHandler { text } => json!({ "error": text }),
        }
    }
}

impl From<Exception> for Refusal {
    fn from(exception: Exception) -> Self {
        Self::Exception(exception)
    }
}

#[cfg(test)]
mod tests;
