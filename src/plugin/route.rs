//! How a plugin says which requests it claims (http.md §1.2).

use std::fmt;

use http::Method;

use crate::es::version::Version;

/// One claimed shape of request: `METHOD [/]<prefix>[/<tail>][/…]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The exact method.
    pub method: &'static str,
    /// The literal segments that it begins with, joined by `/`, without a slash at either end.
    pub prefix: &'static str,
    /// What follows them.
    pub tail: Tail,
    /// Values of the variable segment that Elasticsearch routes to other calls.
    pub reserved: &'static [&'static str],
    /// The methods that Elasticsearch takes on such a path, in alphabetical order.
    pub allowed: &'static [&'static str],
    /// Where the route is an older spelling of another: its place in Elasticsearch's history.
    pub deprecation: Option<Deprecation>,
}

/// What follows the literal segments that a route begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Nothing: no segment is variable.
    Nothing,
    /// The variable segment, which is not empty.
    Variable,
    /// The variable segment, which may be empty, and this literal one.
    VariableThen(&'static str),
    /// The same, and whatever comes after it.
    VariableThenBelow(&'static str),
    /// Nothing, or whatever comes: the route is all that is at or below its literal segments.
    Below,
}

impl fmt::Display for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Variable => f.write_str("/{}"),
            Self::VariableThen(literal) => write!(f, "/{{}}/{literal}"),
            Self::VariableThenBelow(literal) => write!(f, "/{{}}/{literal}/**"),
            Self::Below => f.write_str("/**"),
        }
    }
}

/// An older spelling that Elasticsearch serves only up to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// From this version on only a request that asks for compatibility with the version before it is served.
    pub compatible_only_since: Version,
    /// From this version on nobody is served.
    pub removed_in: Version,
    /// The text of the `Warning` that the older spelling earns.
    pub warning: &'static str,
}

impl Route {
    /// The text of the `Warning` that the route's spelling earns.
    #[must_use]
    pub fn warning(&self) -> Option<&'static str> {
        self.deprecation.map(|deprecation| deprecation.warning)
    }

    /// The variable segment's raw bytes, when the path has this route's shape: empty where no segment is variable. Literal
    /// segments are compared byte for byte, before any decoding; a missing leading slash and trailing slashes make no
    /// difference.
    #[must_use]
    pub fn variable_segment<'p>(&self, method: &Method, path: &'p str) -> Option<&'p str> {
        if method.as_str() != self.method {
            return None;
        }
        let rest = path.strip_prefix('/').unwrap_or(path).strip_prefix(self.prefix)?;
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest.trim_end_matches('/'),
            None if rest.is_empty() => rest,
            None => return None,
        };
        let variable = match self.tail {
            Tail::Nothing => rest.is_empty().then_some(rest)?,
            Tail::Variable if rest.is_empty() => return None,
            Tail::Variable => rest,
            Tail::VariableThen(literal) => rest.strip_suffix(literal)?.strip_suffix('/')?,
            Tail::VariableThenBelow(literal) => {
                let (variable, below) = rest.split_once('/')?;
                let below = below.strip_prefix(literal)?;
                (below.is_empty() || below.starts_with('/')).then_some(variable)?
            }
            Tail::Below => return Some(""),
        };
        (!variable.contains('/') && !self.reserved.contains(&variable)).then_some(variable)
    }
}
