//! Turns whatever went wrong with a request into its answer.

use http::{Response, StatusCode};

use super::context::RequestContext;
use super::failure::{Failure, TurnedAway, described};
use super::failure_line::FailureLine;
use super::own_body::{Content, OwnBody};
use crate::cluster::identity::IdentityError;
use crate::cluster::{CallError, ReplyError};
use crate::es::error::{Kind, Refusal};
use crate::es::percent::MalformedEscape;
use crate::es::version::Version;
use crate::guard::Reason;
use crate::http::body::ReadBodyError;
use crate::http::client_body::ClientBodyError;
use crate::http::content_coding::DecodeError;
use crate::plugin::{CommitError, Permission};
use crate::store::StoreError;
use crate::upstream::ForwardError;

/// The answer to a request that was not done. The one place where an error becomes a status.
pub(super) fn of(failure: Failure, context: &RequestContext) -> Response<Content> {
    context.record.ends(failure.outcome());
    let line = FailureLine::of(&failure);
    let answer = answer(failure, context);
    line.log(context, answer.status());
    answer
}

fn answer(failure: Failure, context: &RequestContext) -> Response<Content> {
    match failure {
        Failure::NoTarget => context.exception(Kind::IllegalArgument, failure.to_string()),
        Failure::TransferCoding(error) => context.exception(Kind::IllegalArgument, error.to_string()),
        // Elasticsearch answers these two below its REST layer, with nothing in them (http.md §2.7).
        Failure::Expectation(_) => context.bare(StatusCode::EXPECTATION_FAILED, OwnBody::empty()),
        Failure::LineTooLong(error) => context.too_long(error),
        Failure::Body(ReadBodyError::TooLarge(_)) | Failure::Coding(DecodeError::TooLarge(_)) => {
            context.bare(StatusCode::PAYLOAD_TOO_LARGE, OwnBody::empty())
        }
        Failure::Body(ReadBodyError::NoRoom(_)) | Failure::Coding(DecodeError::NoRoom(_)) => {
            context.later(Kind::CircuitBreaking, &failure)
        }
        Failure::Coding(error @ (DecodeError::Corrupt { .. } | DecodeError::TooManyMembers)) => {
            context.exception(Kind::IllegalArgument, described(&error))
        }
        Failure::Body(ReadBodyError::Client(error)) => context.exception(kind_of(&error), error.to_string()),
        Failure::Escape(error) => broken_escape(&error, context),
        Failure::Refused(refusal) | Failure::Commit(CommitError::Refused(refusal)) => context.refused(&refusal),
        Failure::Protected(ref refused) if refused.reason == Reason::NamesUnknown => {
            context.later(Kind::UpstreamUnavailable, &failure)
        }
        Failure::Protected(refused) => context.exception(Kind::Security, refused.to_string()),
        Failure::Told { status, body } => context.written(status, body),
        Failure::PluginPanicked(_) | Failure::Panicked(_) => context.exception(Kind::Internal, failure.to_string()),
        Failure::Identity(IdentityError::NotACluster) => context.about_the_cluster(Kind::UpstreamFailure),
        Failure::Identity(IdentityError::Reply(error)) | Failure::Unknown(error) => match error {
            ReplyError::Refused(refused) => context.relayed(refused),
            ReplyError::Call(error) => context.about_the_cluster(unsent(&error)),
        },
        Failure::NotPermitted { permission, user } => {
            context.exception(Kind::Security, not_permitted(&user, permission))
        }
        Failure::NoRole { .. } | Failure::Unguarded => context.exception(Kind::Security, failure.to_string()),
        Failure::Unchecked(_) | Failure::Unidentified | Failure::Account(_) => {
            context.exception(Kind::UpstreamUnavailable, failure.to_string())
        }
        Failure::Commit(CommitError::Store(error)) => match error {
            StoreError::Refused(refused) => context.relayed(refused),
            StoreError::NotSent(error) => context.about_the_cluster(unsent(&error)),
            StoreError::OutcomeUnknown(_) => context.about_the_cluster(Kind::OutcomeUnknown),
            StoreError::Outdated => context.exception(Kind::VersionConflict, error.to_string()),
            StoreError::Exists => context.exception(Kind::ResourceAlreadyExists, error.to_string()),
            StoreError::Untrusted(_) | StoreError::NotStored { .. } => {
                context.exception(Kind::UntrustedIndex, error.to_string())
            }
        },
        Failure::TooManyRequests | Failure::NoTurn => context.later(Kind::RejectedExecution, &failure),
        Failure::TurnedAway(TurnedAway::Loop) => context.exception(Kind::LoopDetected, failure.to_string()),
        Failure::TurnedAway(TurnedAway::TooManyConnections | TurnedAway::TooManyHeads) => {
            context.later(Kind::TooManyConnections, &failure)
        }
        Failure::TurnedAway(TurnedAway::HeadTooLong(_)) => context.exception(Kind::TooLongHead, failure.to_string()),
        Failure::Forward(error) => {
            let kind = match error {
                ForwardError::StalledBody(_) => return context.exception(Kind::RequestTimeout, error.to_string()),
                ForwardError::BrokenBody(_) | ForwardError::Withheld => {
                    return context.exception(Kind::IllegalArgument, error.to_string());
                }
                ForwardError::Unreachable(_) => Kind::UpstreamUnavailable,
                ForwardError::Lost { safe_method: true, .. } | ForwardError::Unfit { safe_method: true, .. } => {
                    Kind::UpstreamFailure
                }
                ForwardError::NoAnswer { safe_method: true, .. } => Kind::UpstreamTimeout,
                // Clients repeat a request on 502 to 504, and this one may have been done (http.md §4.4).
                ForwardError::Lost { .. } | ForwardError::Unfit { .. } | ForwardError::NoAnswer { .. } => {
                    Kind::OutcomeUnknown
                }
            };
            context.about_the_cluster(kind)
        }
    }
}

/// What it means that a body did not come to its end.
const fn kind_of(error: &ClientBodyError) -> Kind {
    match error {
        ClientBodyError::Broken(_) => Kind::IllegalArgument,
        ClientBodyError::Stalled(_) => Kind::RequestTimeout,
    }
}

/// What a failed call means to a client whose request has changed nothing: it may be repeated.
const fn unsent(error: &CallError) -> Kind {
    match error {
        CallError::Unreachable(_) => Kind::UpstreamUnavailable,
        CallError::AnswerLost(_)
        | CallError::ReplyTooLong
        | CallError::NoAnswerBehind(_)
        | CallError::Unexpected { .. } => Kind::UpstreamFailure,
        CallError::Client(_) => Kind::Internal,
    }
}

/// create-job.md §6: the action and the user are named.
fn not_permitted(user: &str, permission: Permission) -> String {
    let Permission { action, granted_by, .. } = permission;
    format!(
        "the user [{user}] may not do [{action}], which one of the cluster privileges [{granted_by}] allows; ask for one of them"
    )
}

/// 405 up to 8.4 and 400 from then on (http.md §1.1).
fn broken_escape(error: &MalformedEscape, context: &RequestContext) -> Response<Content> {
    if context.api >= Version::new(8, 5, 0) {
        return context.exception(Kind::IllegalArgument, error.to_string());
    }
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let text = format!("{error}, allowed: [{}]", context.allowed.join(", "));
    context.refused(&Refusal::Text { status, text })
}
