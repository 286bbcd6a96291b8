//! What became of an admitted request that was to be done: counted and logged once, whatever happened, also when the client
//! left before anybody knew.

use std::rc::Rc;

use http::{Response, StatusCode};

use super::CommitMode;
use super::audited::Audited;
use super::evaluate::Submission;
use super::failure::{Failure, described};
use super::own_body::Content;
use crate::admission::policy::Revision;
use crate::cluster::identity::IdentityError;
use crate::cluster::{Reply, ReplyError};
use crate::es::error::{Kind, Refusal};
use crate::plugin::CommitError;
use crate::store::StoreError;
use crate::telemetry::asked::{Asked, Seconds, shortened};
use crate::telemetry::events::requests::{Committed, HandedOver, NotCommitted};
use crate::telemetry::outcome::CommitOutcome;
use crate::telemetry::request_record::RequestRecord;
use crate::upstream::ForwardError;

/// The cluster's word for an index that takes no writes.
const BLOCK: &str = "cluster_block_exception";

/// The account of one admitted request. Dropped without being settled, nobody knows what became of it.
pub(super) struct CommitAccount {
    plugin: &'static str,
    id: String,
    revision: Revision,
    asked: Asked,
    record: Rc<RequestRecord>,
    mode: CommitMode,
    /// The decision, where what becomes of it is written to an index.
    audited: Option<Box<Audited>>,
    is_settled: bool,
}

/// Why a request was not done.
#[derive(Default)]
struct Reason {
    /// The cluster's status.
    status: Option<StatusCode>,
    text: String,
    index: Option<String>,
}

impl CommitAccount {
    /// Of a request that is about to be done in this way.
    pub(super) fn open(
        plugin: &'static str,
        submission: &Submission,
        record: &Rc<RequestRecord>,
        mode: CommitMode,
        audited: Option<Box<Audited>>,
    ) -> Self {
        Self {
            plugin,
            id: submission.id.clone(),
            revision: submission.policies.active.revision().clone(),
            asked: submission.asked.clone(),
            record: Rc::clone(record),
            mode,
            audited,
            is_settled: false,
        }
    }

    /// It was done, or not.
    pub(super) fn settle(mut self, done: &Result<Response<Content>, Failure>) {
        self.is_settled = true;
        match done {
            Ok(answer) => self.done(answer.status()),
            Err(failure) => self.not_done(outcome(failure), &reason(failure)),
        }
    }

    /// It was not done, and will be tried again.
    pub(super) fn withdraw(mut self) {
        self.is_settled = true;
        self.note(CommitOutcome::Outdated);
    }

    fn note(&mut self, outcome: CommitOutcome) {
        if let Some(audited) = &mut self.audited {
            audited.became(outcome);
        }
    }

    fn done(&mut self, status: StatusCode) {
        let outcome = match self.mode {
            CommitMode::Store => CommitOutcome::Stored,
            CommitMode::Forward | CommitMode::Both => outcome_of(status, None),
        };
        self.note(outcome);
        let Self {
            plugin,
            id,
            revision,
            asked,
            ..
        } = self;
        let (plugin, duration) = (*plugin, &Seconds(self.record.elapsed()));
        if self.mode == CommitMode::Store {
            Committed {
                asked,
                plugin,
                id,
                revision,
                duration,
            }
            .emit();
        } else {
            let status = status.as_u16();
            HandedOver {
                asked,
                plugin,
                id,
                revision,
                status,
                duration,
            }
            .emit(outcome);
        }
    }

    fn not_done(&mut self, outcome: CommitOutcome, reason: &Reason) {
        self.note(outcome);
        let event = NotCommitted {
            asked: &self.asked,
            plugin: self.plugin,
            id: &self.id,
            revision: &self.revision,
            outcome: outcome.name(),
            status: reason.status.map(|status| status.as_u16()),
            reason: &reason.text,
            index: reason.index.as_deref(),
            duration: &Seconds(self.record.elapsed()),
        };
        event.emit(outcome);
    }
}

impl Drop for CommitAccount {
    fn drop(&mut self) {
        if !self.is_settled {
            let reason = Reason {
                text: "the client left before the cluster had answered".to_owned(),
                ..Reason::default()
            };
            self.not_done(CommitOutcome::Unknown, &reason);
        }
    }
}

/// What a failure means for what was to be done.
fn outcome(failure: &Failure) -> CommitOutcome {
    if let Some(reply) = reply(failure) {
        return outcome_of(reply.status, reply.error_type().as_deref());
    }
    match failure {
        Failure::NotPermitted { .. } | Failure::NoRole { .. } | Failure::Unguarded => CommitOutcome::Forbidden,
        Failure::Commit(CommitError::Refused(Refusal::Exception(exception)))
            if exception.kind == Kind::ResourceAlreadyExists =>
        {
            CommitOutcome::Exists
        }
        Failure::Commit(CommitError::Refused(_)) => CommitOutcome::Refused,
        Failure::Commit(CommitError::Store(StoreError::Exists)) => CommitOutcome::Exists,
        Failure::NoTurn | Failure::Commit(CommitError::Store(StoreError::Outdated)) => CommitOutcome::Outdated,
        Failure::Commit(CommitError::Store(StoreError::OutcomeUnknown(_))) => CommitOutcome::Unknown,
        Failure::Commit(CommitError::Store(StoreError::Untrusted(_) | StoreError::NotStored { .. })) => {
            CommitOutcome::UnusableIndex
        }
        Failure::Commit(CommitError::Store(StoreError::NotSent(_)))
        | Failure::Unknown(_)
        | Failure::Unchecked(_)
        | Failure::Unidentified
        | Failure::Identity(_)
        | Failure::Forward(ForwardError::Unreachable(_)) => CommitOutcome::Unavailable,
        Failure::Forward(ForwardError::Lost { .. } | ForwardError::Unfit { .. } | ForwardError::NoAnswer { .. }) => {
            CommitOutcome::Unknown
        }
        _ => CommitOutcome::Failed,
    }
}

/// What an answer of the cluster means for what was to be done.
fn outcome_of(status: StatusCode, error_type: Option<&str>) -> CommitOutcome {
    match status {
        _ if error_type == Some(BLOCK) => CommitOutcome::Blocked,
        StatusCode::TOO_MANY_REQUESTS => CommitOutcome::Blocked,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CommitOutcome::Forbidden,
        status if status.is_success() => CommitOutcome::Stored,
        status if status.is_client_error() => CommitOutcome::Refused,
        _ => CommitOutcome::Failed,
    }
}

/// The answer by which the cluster has refused what was to be done.
fn reply(failure: &Failure) -> Option<&Reply> {
    let (Failure::Commit(CommitError::Store(StoreError::Refused(refused)))
    | Failure::Account(refused)
    | Failure::Unknown(ReplyError::Refused(refused))
    | Failure::Unchecked(ReplyError::Refused(refused))
    | Failure::Identity(IdentityError::Reply(ReplyError::Refused(refused)))) = failure
    else {
        return None;
    };
    Some(refused.reply())
}

fn reason(failure: &Failure) -> Reason {
    let reply = reply(failure);
    let told = reply.and_then(|reply| reply.json().pointer("/error/reason")?.as_str().map(shortened));
    let own = || match failure {
        Failure::Commit(CommitError::Refused(refusal)) => shortened(refusal.reason()),
        _ => described(failure),
    };
    Reason {
        status: reply.map(|reply| reply.status),
        text: told.unwrap_or_else(own),
        index: match failure {
            Failure::Commit(CommitError::Store(error)) => error.index(),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_status_and_a_block_by_its_type() {
        for (status, error_type, expected) in [
            (200, None, CommitOutcome::Stored),
            (201, None, CommitOutcome::Stored),
            (400, None, CommitOutcome::Refused),
            (401, None, CommitOutcome::Forbidden),
            (403, Some("security_exception"), CommitOutcome::Forbidden),
            (403, Some(BLOCK), CommitOutcome::Blocked),
            (429, Some(BLOCK), CommitOutcome::Blocked),
            (429, Some("es_rejected_execution_exception"), CommitOutcome::Blocked),
            (500, None, CommitOutcome::Failed),
            (503, None, CommitOutcome::Failed),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(outcome_of(status, error_type), expected, "{status} {error_type:?}");
        }
    }
}
