//! The line of the log about a request that was not done: whose business it is, and who asked.

use http::StatusCode;

use super::context::RequestContext;
use super::failure::{Failure, Weight, described};
use crate::telemetry::asked::Seconds;
use crate::telemetry::events::requests::{AccountRefused, NoNode, NotServed, RequestFailed, RequestRefused};
use crate::telemetry::sampler::Sampler;
use crate::telemetry::turned_away::turned_away;

/// What the log is to say of a failure, once its answer is known.
pub(super) struct FailureLine {
    weight: Weight,
    error: String,
}

impl FailureLine {
    /// Of a failure. If it is about a limit, that is counted.
    pub(super) fn of(failure: &Failure) -> Self {
        if let Some(reason) = failure.limit() {
            turned_away(reason);
        }
        Self {
            weight: failure.weight(),
            error: described(failure),
        }
    }

    /// Writes it.
    pub(super) fn log(&self, context: &RequestContext, status: StatusCode) {
        static ACCOUNT: Sampler = Sampler::new();
        static NOT_SERVED: Sampler = Sampler::new();
        let error = self.error.as_str();
        let (status, duration) = (status.as_u16(), &Seconds(context.record.elapsed()));
        match &self.weight {
            Weight::Fault => {
                let asked = &context.asked();
                RequestFailed {
                    asked,
                    status,
                    duration,
                    error,
                }
                .log();
            }
            Weight::Account { status, target } => {
                if let Some(unsaid) = ACCOUNT.take() {
                    let (asked, refused_with) = (&context.asked(), *status);
                    AccountRefused {
                        asked,
                        refused_with,
                        target,
                        unsaid,
                    }
                    .log();
                }
            }
            Weight::NotServed => {
                if let Some(unsaid) = NOT_SERVED.take() {
                    let (asked, node) = (&context.asked(), context.record.node());
                    NotServed {
                        asked,
                        status,
                        duration,
                        node,
                        error,
                        unsaid,
                    }
                    .log();
                }
            }
            // Clients can have these written at will.
            Weight::NoNode | Weight::Refused if !is_debugged() => {}
            Weight::NoNode => {
                let asked = &context.asked();
                NoNode {
                    asked,
                    status,
                    duration,
                    error,
                }
                .log();
            }
            Weight::Refused => {
                let asked = &context.asked();
                RequestRefused {
                    asked,
                    status,
                    duration,
                    error,
                }
                .log();
            }
        }
    }
}

/// Whether lines for a search of causes are wanted, so that they are worth being made.
fn is_debugged() -> bool {
    tracing::enabled!(target: "anomaly_gateway::proxy", tracing::Level::DEBUG)
}
