//! The words by which requests are counted and logged: how one ended, why its client was turned away, its method, its
//! status, what was decided on it, and how policies agree. No client adds another.

use http::{Method, StatusCode};

use super::word::words;

words! {
    /// Why a client is turned away.
    Reason {
        /// `limits.connections`.
        Connections = "connections",
        /// `limits.requests`.
        Requests = "requests",
        /// `limits.bodies`.
        Bodies = "bodies",
        /// `limits.heads`.
        Heads = "heads",
        /// The request came back to the gateway itself.
        Loop = "loop",
        /// `limits.head`.
        LongHead = "head",
        /// `limits.head_timeout`.
        SlowHead = "head_timeout",
        /// `limits.body_timeout` or `limits.body_rate`.
        SlowBody = "body_timeout",
    }
}

words! {
    /// Why a request ended.
    Outcome {
        /// Its answer, from a node or from a plugin, was sent whole, whatever its status.
        Complete = "complete",
        /// It was refused, by the gateway or by the cluster that the gateway asked: for its head, its body, the rules of
        /// Elasticsearch, a policy, or its caller's credentials or privileges.
        Refused = "refused",
        /// A limit of the gateway turned it away.
        Limit = "limit",
        /// Its body ended early or came too slowly.
        BrokenBody = "broken_body",
        /// Its client left, or did not take the answer in time.
        ClientGone = "client_gone",
        /// The node that had it closed the connection, or sent something that is not an answer.
        NodeGone = "node_gone",
        /// The node that had it did not begin its answer within `upstream.response_timeout`.
        NodeTimeout = "node_timeout",
        /// No node could be reached, or the cluster did not say what has to be known first. Nothing of it was done.
        Unavailable = "unavailable",
        /// A fault of the gateway or of its configuration.
        Failed = "failed",
        /// The gateway stopped before the answer was whole.
        Stopped = "stopped",
    }
}

words! {
    /// A request's method, as far as metrics tell methods apart.
    MethodClass {
        /// `GET`.
        Get = "GET",
        /// `HEAD`.
        Head = "HEAD",
        /// `POST`.
        Post = "POST",
        /// `PUT`.
        Put = "PUT",
        /// `DELETE`.
        Delete = "DELETE",
        /// Any other method, and that of a head which could not be read.
        Other = "other",
    }
}

impl MethodClass {
    /// The class of a method.
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
}

words! {
    /// The first digit of an answer's status.
    StatusClass {
        /// 200 to 299.
        Success = "2xx",
        /// 300 to 399.
        Redirection = "3xx",
        /// 400 to 499.
        ClientError = "4xx",
        /// 500 and above.
        ServerError = "5xx",
        /// There was no answer.
        Absent = "none",
    }
}

impl StatusClass {
    /// The class of a status, if there is one. No answer ends with a status below 200.
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
}

words! {
    /// What was decided on a claimed request.
    Verdict {
        /// It ended before anything was decided.
        Undecided = "undecided",
        /// The plugin and the policies admit it.
        Admitted = "admitted",
        /// The plugin or a policy refuses it.
        Refused = "refused",
    }
}

words! {
    /// What became of an admitted request that was to be done.
    CommitOutcome {
        /// It is stored, or the cluster has done it.
        Stored = "stored",
        /// Its id, or another name that it needs, is in use.
        Exists = "exists",
        /// Who asks, or the gateway's own account, is not known to the cluster or may not do it.
        Forbidden = "forbidden",
        /// The index takes no writes (`cluster_block_exception`, for example because a disk is full), or the cluster is too busy.
        Blocked = "blocked",
        /// Others went on changing the document that was to be changed, so that it never was the one that was judged.
        Outdated = "outdated",
        /// The index has a mapping, a pipeline or an alias that the gateway cannot store with.
        UnusableIndex = "unusable_index",
        /// The cluster does not take it for another reason.
        Refused = "refused",
        /// No node could be reached, or the cluster did not say what has to be known first. Nothing was done.
        Unavailable = "unavailable",
        /// The cluster failed, or the gateway did.
        Failed = "failed",
        /// The answer of the cluster was lost, or the client left before it came: it may have been done or not.
        Unknown = "unknown",
    }
}

words! {
    /// Why a decision event is not written to its index.
    AuditDrop {
        /// As many wait as there is room for (`audit.queue`): the cluster is down or slow.
        Full = "full",
        /// The cluster does not take the event as it is.
        Refused = "refused",
        /// The gateway stopped before it was written.
        Stopped = "stopped",
    }
}

words! {
    /// Why TLS was not set up with a client.
    HandshakeFailure {
        /// The client does not speak TLS, for example `http://` in place of `https://`.
        NotTls = "not_tls",
        /// It shows no certificate, and has to.
        NoCertificate = "no_certificate",
        /// Its certificate is not accepted: who signed it is not in `tls.client_ca`, or it has expired.
        BadCertificate = "bad_certificate",
        /// It does not accept the gateway's certificate.
        Rejected = "rejected",
        /// It has no version of TLS, or no cipher, in common with the gateway.
        Incompatible = "incompatible",
        /// It was not done within `limits.handshake_timeout`.
        Timeout = "timeout",
        /// It left before it had said anything wrong. Health checks that only connect do.
        Gone = "gone",
        /// The gateway stopped.
        Stopped = "stopped",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How the shadow set agrees with the active one.
    Agreement {
        /// In everything.
        Same = "same",
        /// It would refuse what the active set admits.
        Refuses = "refuses",
        /// It would admit what the active set refuses.
        Admits = "admits",
        /// In the verdict, but not in violations or in the document.
        Differs = "differs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_declared_once() {
        assert_eq!(Verdict::ALL.map(Verdict::name), ["undecided", "admitted", "refused"]);
        assert_eq!(Verdict::ALL.map(|verdict| verdict as usize), [0, 1, 2]);
        let unavailable =
            "No node could be reached, or the cluster did not say what has to be known first. Nothing of it was done.";
        let words = Outcome::words();
        let word = words.iter().find(|word| word.name == Outcome::Unavailable.name());
        assert_eq!(word.map(|word| word.meaning), Some(unavailable));
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
