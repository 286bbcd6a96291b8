//! The types of exception: their names, and the status of an answer that reports one (create-job.md §2.1).

use http::StatusCode;

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
    /// A query, an aggregation or a script that could not be read.
    Parsing,
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
    /// A document that does not fit the mapping of its index (before 8.8).
    MapperParsing,
    /// The same (8.8 and later).
    DocumentParsing,
    /// The id, or a group of that name, is in use.
    ResourceAlreadyExists,
    /// There is nothing of that id.
    ResourceNotFound,
    /// A document has changed since it was looked up.
    VersionConflict,
    /// A `Content-Type` that is no media type (before 8.0).
    ContentTypeHeader,
    /// A `Content-Type` or `Accept` that is no media type, or one of another version (8.0 and later).
    MediaTypeHeader,
    /// The caller may not do this.
    Security,
    /// The operator's policies forbid it. Ours.
    PolicyViolation,
    /// The cluster could not be reached; nothing of the request was sent. Ours, in Elasticsearch's manner.
    UpstreamUnavailable,
    /// The cluster's answer could not be read to its head. Ours.
    UpstreamFailure,
    /// The cluster did not answer in time. Ours.
    UpstreamTimeout,
    /// A write was sent and its answer was lost: it may or may not have happened. Ours.
    OutcomeUnknown,
    /// As many requests are under way as the operator allows. Elasticsearch's own, when its queues are full.
    RejectedExecution,
    /// There is no room for a body now. Elasticsearch's own, when the bodies under way take too much of its memory.
    CircuitBreaking,
    /// A client did not send its request in time. Ours.
    RequestTimeout,
    /// The head of a request is longer than the operator allows. Elasticsearch's own, with 400.
    TooLongHead,
    /// As many connections are open as the operator allows. Ours.
    TooManyConnections,
    /// The index in which the gateway keeps documents is not one to keep them in. Ours.
    UntrustedIndex,
    /// A request line that is too long to be read.
    TooLongHttpLine,
    /// The same before 7.17.
    TooLongFrame,
    /// The gateway has sent the request to itself. Ours.
    LoopDetected,
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
            Self::Parsing => "parsing_exception",
            Self::NumberFormat => "number_format_exception",
            Self::Library(name) => name,
            Self::InputCoercion => "input_coercion_exception",
            Self::Settings => "settings_exception",
            Self::BadParameter => "bad_parameter_exception",
            Self::DateTime => "date_time_exception",
            Self::ClassCast => "class_cast_exception",
            Self::MapperParsing => "mapper_parsing_exception",
            Self::DocumentParsing => "document_parsing_exception",
            Self::ResourceAlreadyExists => "resource_already_exists_exception",
            Self::ResourceNotFound => "resource_not_found_exception",
            Self::VersionConflict => "version_conflict_engine_exception",
            Self::ContentTypeHeader => "content_type_header_exception",
            Self::MediaTypeHeader => "media_type_header_exception",
            Self::Security => "security_exception",
            Self::PolicyViolation => "policy_violation_exception",
            Self::UpstreamUnavailable => "upstream_unavailable_exception",
            Self::UpstreamFailure => "upstream_failure_exception",
            Self::UpstreamTimeout => "upstream_timeout_exception",
            Self::OutcomeUnknown => "outcome_unknown_exception",
            Self::RejectedExecution => "es_rejected_execution_exception",
            Self::CircuitBreaking => "circuit_breaking_exception",
            Self::RequestTimeout => "request_timeout_exception",
            Self::TooLongHead => "too_long_http_header_exception",
            Self::TooManyConnections => "too_many_connections_exception",
            Self::UntrustedIndex => "untrusted_index_exception",
            Self::TooLongHttpLine => "too_long_http_line_exception",
            Self::TooLongFrame => "too_long_frame_exception",
            Self::LoopDetected => "loop_detected_exception",
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
            | Self::Parsing
            | Self::NumberFormat
            | Self::InputCoercion
            | Self::BadParameter
            | Self::MapperParsing
            | Self::DocumentParsing
            | Self::ResourceAlreadyExists
            | Self::PolicyViolation
            | Self::ContentTypeHeader
            | Self::MediaTypeHeader
            | Self::TooLongHttpLine
            | Self::TooLongFrame => StatusCode::BAD_REQUEST,
            Self::IllegalState
            | Self::Settings
            | Self::DateTime
            | Self::ClassCast
            | Self::Library(_)
            | Self::OutcomeUnknown
            | Self::UntrustedIndex
            | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Security => StatusCode::FORBIDDEN,
            Self::ResourceNotFound => StatusCode::NOT_FOUND,
            Self::VersionConflict => StatusCode::CONFLICT,
            Self::RejectedExecution | Self::CircuitBreaking => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLongHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UpstreamUnavailable | Self::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamFailure => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
            // Clients repeat 502, 503 and 504.
            Self::LoopDetected => StatusCode::LOOP_DETECTED,
        }
    }

    /// Whether the type is one of the server's own exceptions, which may be a root cause below a parse exception.
    pub(super) const fn is_of_the_server(self) -> bool {
        matches!(
            self,
            Self::XContentParse
                | Self::XContentEof
                | Self::Status(_)
                | Self::Parse
                | Self::Parsing
                | Self::Settings
                | Self::MapperParsing
                | Self::DocumentParsing
                | Self::ResourceAlreadyExists
        )
    }
}
