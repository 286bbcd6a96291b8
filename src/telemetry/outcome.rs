//! The words by which requests are counted and logged: how one ended, its method, its status, and what was decided on it.
//! Each is one of a few, and no client adds another.

use http::{Method, StatusCode};

/// Why a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its answer, a node's or a plugin's, was sent whole.
    Complete,
    /// It was refused, by the gateway or by the cluster that the gateway asked: for its head, its body, the rules of
    /// Elasticsearch, a policy, or its caller's credentials or privileges.
    Refused,
    /// A limit of the gateway turned it away.
    Limit,
    /// Its body ended early or came too slowly.
    BrokenBody,
    /// Its client left, or did not take the answer in time.
    ClientGone,
    /// The node that had it closed the connection, or sent what is no answer.
    NodeGone,
    /// The node that had it did not begin its answer in time.
    NodeTimeout,
    /// No node could be reached, or the cluster did not say what has to be known first. Nothing of it was done.
    Unavailable,
    /// A fault of the gateway or of its configuration.
    Failed,
    /// The gateway stopped before the answer was whole.
    Stopped,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Complete,
        Self::Refused,
        Self::Limit,
        Self::BrokenBody,
        Self::ClientGone,
        Self::NodeGone,
        Self::NodeTimeout,
        Self::Unavailable,
        Self::Failed,
        Self::Stopped,
    ];

    /// Its name in metrics and in the access log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Refused => "refused",
            Self::Limit => "limit",
            Self::BrokenBody => "broken_body",
            Self::ClientGone => "client_gone",
            Self::NodeGone => "node_gone",
            Self::NodeTimeout => "node_timeout",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// A request's method, as far as metrics tell methods apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodClass {
    /// `GET`.
    Get,
    /// `HEAD`.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
    /// Any other, and that of a head which could not be read.
    Other,
}

impl MethodClass {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Delete, Self::Other];

    /// That of a method.
    #[must_use]
    pub fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            Method::POST => Self::Post,
            Method::PUT => Self::Put,
            Method::DELETE => Self::Delete,
            _ => Self::Other,
        }
    }

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Other => "other",
        }
    }
}

/// The first digit of an answer's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// 2xx, and the 1xx that no answer ends with.
    Success,
    /// 3xx.
    Redirection,
    /// 4xx.
    ClientError,
    /// 5xx, and whatever has no class.
    ServerError,
    /// There was no answer.
    Absent,
}

impl StatusClass {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Success,
        Self::Redirection,
        Self::ClientError,
        Self::ServerError,
        Self::Absent,
    ];

    /// That of a status, if there is one.
    #[must_use]
    pub fn of(status: Option<StatusCode>) -> Self {
        match status.map(|status| status.as_u16()) {
            None => Self::Absent,
            Some(100..=299) => Self::Success,
            Some(300..=399) => Self::Redirection,
            Some(400..=499) => Self::ClientError,
            Some(_) => Self::ServerError,
        }
    }

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
            Self::Absent => "none",
        }
    }
}

/// What was decided on a claimed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It ended before anything was decided.
    Undecided,
    /// The plugin and the policies admit it.
    Admitted,
    /// The plugin or a policy refuses it.
    Refused,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Undecided, Self::Admitted, Self::Refused];

    /// Its name in metrics and in the access log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Admitted => "admitted",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names are indices into what is counted.
    #[test]
    fn every_word_is_listed_at_its_place() {
        assert!(Outcome::ALL.iter().enumerate().all(|(at, word)| *word as usize == at));
        assert!(
            MethodClass::ALL
                .iter()
                .enumerate()
                .all(|(at, word)| *word as usize == at)
        );
        assert!(
            StatusClass::ALL
                .iter()
                .enumerate()
                .all(|(at, word)| *word as usize == at)
        );
        assert!(Verdict::ALL.iter().enumerate().all(|(at, word)| *word as usize == at));
    }

    #[test]
    fn an_answer_has_the_class_of_its_first_digit() {
        for (status, name) in [(200, "2xx"), (304, "3xx"), (404, "4xx"), (503, "5xx"), (999, "5xx")] {
            let status = StatusCode::from_u16(status).ok();
            assert_eq!(StatusClass::of(status).name(), name);
        }
        assert_eq!(StatusClass::of(None).name(), "none");
    }
}
