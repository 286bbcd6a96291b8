//! Elasticsearch's errors as its REST layer prints them: exception types, the chain of causes, the choice of
//! `root_cause` and the envelope (contract job.md §2.1, http.md §2.8).

use http::StatusCode;
use serde_json::{Map, Value, json};

/// The types of exception a client can see. [`Kind::name`] gives the text that Elasticsearch prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body does not fit what the API reads; the outermost type of every fault found while reading.
    XContentParse,
    /// The JSON text itself is broken.
    JsonParse,
    /// The JSON text ends too early.
    JsonEof,
    /// More levels, or a longer number, than the JSON library reads (8.10 and later).
    StreamConstraints,
    /// The same as later versions report it, around the other.
    XContentEof,
    /// A value that the API reads but does not accept.
    IllegalArgument,
    /// An element of a kind that a reader of lists did not expect.
    IllegalState,
    /// A check of the machine-learning code, with its own status.
    Status(StatusCode),
    /// A text such as a byte size that could not be read.
    Parse,
    /// A text that is not a number.
    NumberFormat,
    /// An exception of a library, by the name of its type. The server gives it no status of its own.
    Library(&'static str),
    /// A number that is too large for what it is read as (from 7.1 on; before it is a fault of the JSON).
    InputCoercion,
    /// Settings, such as those of an analyzer's component, that could not be read.
    Settings,
    /// A query that cannot be decoded.
    BadParameter,
    /// A pattern that gives no whole timestamp.
    DateTime,
    /// A value of another kind than the code casts it to.
    ClassCast,
    /// The id, or a group of that name, is in use.
    ResourceAlreadyExists,
    /// A `Content-Type` that is no media type (before 8.0).
    ContentTypeHeader,
    /// A `Content-Type` or `Accept` that is no media type, or one of another version (8.0 and later).
    MediaTypeHeader,
    /// The caller may not do this.
    Security,
    /// The cluster could not be reached; nothing of the request was sent. Ours, in Elasticsearch's manner.
    UpstreamUnavailable,
    /// The cluster's answer could not be read to its head. Ours.
    UpstreamFailure,
    /// The cluster did not answer in time. Ours.
    UpstreamTimeout,
    /// A write was sent and its answer was lost: it may or may not have happened. Ours.
    OutcomeUnknown,
    /// A fault of the gateway. Ours.
    Internal,
}

impl Kind {
    /// The type's name in an error body.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XContentParse => "x_content_parse_exception",
            Self::JsonParse => "json_parse_exception",
            Self::JsonEof => "json_e_o_f_exception",
            Self::StreamConstraints => "stream_constraints_exception",
            Self::XContentEof => "x_content_e_o_f_exception",
            Self::IllegalArgument => "illegal_argument_exception",
            Self::IllegalState => "illegal_state_exception",
            Self::Status(_) => "status_exception",
            Self::Parse => "parse_exception",
            Self::NumberFormat => "number_format_exception",
            Self::Library(name) => name,
            Self::InputCoercion => "input_coercion_exception",
            Self::Settings => "settings_exception",
            Self::BadParameter => "bad_parameter_exception",
            Self::DateTime => "date_time_exception",
            Self::ClassCast => "class_cast_exception",
            Self::ResourceAlreadyExists => "resource_already_exists_exception",
            Self::ContentTypeHeader => "content_type_header_exception",
            Self::MediaTypeHeader => "media_type_header_exception",
            Self::Security => "security_exception",
            Self::UpstreamUnavailable => "upstream_unavailable_exception",
            Self::UpstreamFailure => "upstream_failure_exception",
            Self::UpstreamTimeout => "upstream_timeout_exception",
            Self::OutcomeUnknown => "outcome_unknown_exception",
            Self::Internal => "gateway_internal_exception",
        }
    }

    /// The status of an answer whose outermost exception is of this type.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Status(status) => status,
            Self::XContentParse
            | Self::JsonParse
            | Self::JsonEof
            | Self::StreamConstraints
            | Self::XContentEof
            | Self::IllegalArgument
            | Self::Parse
            | Self::NumberFormat
            | Self::InputCoercion
            | Self::BadParameter
            | Self::ResourceAlreadyExists
            | Self::ContentTypeHeader
            | Self::MediaTypeHeader => StatusCode::BAD_REQUEST,
            Self::IllegalState
            | Self::Settings
            | Self::DateTime
            | Self::ClassCast
            | Self::Library(_)
            | Self::OutcomeUnknown
            | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Security => StatusCode::FORBIDDEN,
            Self::UpstreamUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamFailure => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Whether the type is one of the server's own exceptions, which may be a root cause below a parse exception.
    const fn is_of_the_server(self) -> bool {
        matches!(
            self,
            Self::XContentParse
                | Self::XContentEof
                | Self::Status(_)
                | Self::Parse
                | Self::Settings
                | Self::ResourceAlreadyExists
        )
    }
}

/// One exception and, through [`Exception::cause`], the chain of those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its type.
    pub kind: Kind,
    /// What happened, for people.
    pub reason: String,
    /// The exception that this one wraps.
    pub cause: Option<Box<Exception>>,
    /// Exceptions that were less important: of an attempt that this one was to save, or of what was looked at after it.
    pub suppressed: Vec<Exception>,
}

impl Exception {
    /// An exception without a cause.
    #[must_use]
    pub fn new(kind: Kind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            cause: None,
            suppressed: Vec::new(),
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
        self.suppressed.push(suppressed);
        self
    }

    /// The status of an answer that reports this exception.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The exception that Elasticsearch lists under `root_cause`: down from the outermost for as long as a parse
    /// exception wraps a parse exception or another one of the server's own.
    #[must_use]
    pub fn root_cause(&self) -> &Self {
        let mut root = self;
        while root.kind == Kind::XContentParse {
            match &root.cause {
                Some(cause) if cause.kind.is_of_the_server() => root = cause,
                _ => break,
            }
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
        let mut error = Map::new();
        error.insert("root_cause".to_owned(), json!([root_cause]));
        error.extend(self.members(true, traces));
        json!({ "error": error, "status": self.status().as_u16() })
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
    /// The short form of faults found before a request has a handler, such as 406: `{"error": "…", "status": …}`.
    Text {
        /// The status of the answer.
        status: StatusCode,
        /// What is wrong.
        text: String,
    },
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Exception(exception) => exception.status(),
            Self::Text { status, .. } => *status,
        }
    }

    /// The answer's body.
    #[must_use]
    pub fn to_body(&self, traces: Traces) -> Value {
        match self {
            Self::Exception(exception) => exception.to_body(traces),
            Self::Text { status, text } => json!({ "error": text, "status": status.as_u16() }),
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
