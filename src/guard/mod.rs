//! Judges whether a request could write to a protected index.
//!
//! [`IndexGuard::judge`] looks at the method and the target, which are the bytes that go upstream, and at nothing else
//! that a client can choose. A request passes when it cannot write to the index for certain; it is refused when something
//! in its path or query could name the index; and where its body says what it writes to, an [`Inspector`] looks through
//! the body. Nothing here does I/O.

mod body;
mod endpoint;
mod expression;
mod inspector;
mod names;
mod pattern;
mod reason;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::Method;

pub use body::BodyKind;
pub use inspector::Inspector;
pub use names::BELIEVED_FOR;
pub use reason::{Place, Reason, Unjudged};

use crate::es::parameters::Parameters;
use crate::es::percent::decode_segment;
use crate::http::target::Target;
use endpoint::{Endpoint, Reach};
use names::Names;

/// Parameters that name indices where the path does not: every variable of a path can be one.
const NAMING: [&str; 14] = [
    "index",
    "indices",
    "alias",
    "name",
    "new_index",
    "target",
    "target_index",
    "source_index",
    "dest_index",
    "rollup_index",
    "follower_index",
    "index_patterns",
    "template",
    "data_stream",
];

/// The parameter that holds a body in the query.
const SOURCE: &str = "source";

/// What is to be done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It writes to other things, or to none.
    Pass,
    /// It could write to the index.
    Refuse(Reason),
    /// Its body says what it writes to.
    Inspect(BodyKind),
}

/// What is said to those whose request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// What protects the index, such as a key of the configuration.
    pub rule: &'static str,
    /// What to do instead.
    pub remedy: &'static str,
}

/// A request that does not pass, as its client is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// The index.
    pub index: String,
    /// Why.
    pub reason: Reason,
    terms: Terms,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, reason, terms } = self;
        let Terms { rule, remedy } = terms;
        match reason {
            Reason::NamesUnknown => write!(
                f,
                "the index [{index}] is protected by [{rule}], and {reason}; nothing of this request was done, and it can be \
                 repeated"
            ),
            _ => write!(
                f,
                "the index [{index}] is protected by [{rule}], and this request could write to it: {reason}; {remedy}"
            ),
        }
    }
}

/// Guards one index. A copy shares its names.
#[derive(Debug, Clone)]
pub struct IndexGuard {
    names: Arc<Names>,
    terms: Terms,
}

impl IndexGuard {
    /// The guard of an index of which only its own name is known.
    #[must_use]
    pub fn new(index: &str, terms: Terms) -> Self {
        let names = Arc::new(Names::of(index));
        Self { names, terms }
    }

    /// The same guard, with the other names that lead to the index at a moment: its aliases, and what it is an alias of.
    /// They are believed for [`BELIEVED_FOR`].
    #[must_use]
    pub fn knowing(&self, others: impl IntoIterator<Item = String>, at: Instant) -> Self {
        let names = Arc::new(Names::known(&self.names.own, others, at));
        Self { names, ..*self }
    }

    /// Judges a request by its method and target.
    #[must_use]
    pub fn judge(&self, method: &Method, target: &Target) -> Verdict {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Verdict::Pass;
        }
        let Some(endpoint) = Endpoint::of(method, target.path()) else {
            return Verdict::Pass;
        };
        match self.look(&endpoint, target.query()) {
            Err(reason) => Verdict::Refuse(reason),
            Ok(Verdict::Pass) if endpoint.reach == Reach::Nothing => Verdict::Pass,
            Ok(_) if !self.names.are_known() => Verdict::Refuse(Reason::NamesUnknown),
            Ok(verdict) => verdict,
        }
    }

    /// A refusal for this reason.
    #[must_use]
    pub fn refused(&self, reason: Reason) -> Refused {
        Refused {
            index: self.names.own.clone(),
            reason,
            terms: self.terms,
        }
    }

    fn look(&self, endpoint: &Endpoint<'_>, query: &str) -> Result<Verdict, Reason> {
        let kind = match endpoint.reach {
            Reach::Nothing => return Ok(Verdict::Pass),
            Reach::Chunks => return Err(Unjudged::Chunks.into()),
            Reach::Import => return Err(Unjudged::Import.into()),
            Reach::Index => None,
            Reach::Body(kind) => Some(kind),
        };
        let parameters = Parameters::parse(query).map_err(|_| Unjudged::Escape)?;
        for name in NAMING {
            if let Some(list) = parameters.value(name)
                && self.names.in_list(list)
            {
                return Err(Reason::named(Place::Query, list));
            }
        }
        if let Some(raw) = endpoint.index {
            self.look_at_segment(raw, Names::in_path)?;
        }
        for raw in &endpoint.others {
            self.look_at_segment(raw, Names::in_list)?;
        }
        let is_placed = endpoint.index.is_some() || parameters.value("index").is_some();
        let Some(kind) = kind else {
            // Without a name, all are meant.
            return if is_placed {
                Ok(Verdict::Pass)
            } else {
                Err(Reason::named(Place::Path, "_all"))
            };
        };
        if parameters.value(SOURCE).is_some() {
            return Err(Unjudged::SourceParameter.into());
        }
        Ok(Verdict::Inspect(if is_placed { kind } else { kind.without_an_index() }))
    }

    /// Fails if a segment of the path could name the index.
    fn look_at_segment(&self, raw: &str, could_name: fn(&Names, &str) -> bool) -> Result<(), Reason> {
        let decoded = decode_segment(raw).map_err(|_| Unjudged::Escape)?;
        // A byte beyond ASCII that was sent as it is counts as a character of Latin-1. A reader that took it for UTF-8
        // would see the text as it was sent.
        if could_name(&self.names, &decoded) || (!raw.is_ascii() && could_name(&self.names, raw)) {
            return Err(Reason::named(Place::Path, &decoded));
        }
        Ok(())
    }
}
