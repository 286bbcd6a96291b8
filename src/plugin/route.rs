//! How a plugin says which requests it claims (http.md §1.2).

use http::Method;

use crate::es::version::Version;

/// One claimed shape of request: `METHOD [/]<prefix>/<variable>[/<suffix>][/…]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The exact method.
    pub method: &'static str,
    /// The literal segments before the variable one, joined by `/`, without a slash at either end.
    pub prefix: &'static str,
    /// The literal segment after the variable one, if there is one. The variable one may then be empty.
    pub suffix: Option<&'static str>,
    /// Values of the variable segment that Elasticsearch routes to other calls.
    pub reserved: &'static [&'static str],
    /// The methods that Elasticsearch takes on such a path, in alphabetical order.
    pub allowed: &'static [&'static str],
    /// Where the route is an older spelling of another: its place in Elasticsearch's history.
    pub deprecation: Option<Deprecation>,
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

    /// The variable segment's raw bytes, when the path has this route's shape. Literal segments are compared byte for
    /// byte, before any decoding; a missing leading slash and trailing slashes make no difference.
    #[must_use]
    pub fn variable_segment<'p>(&self, method: &Method, path: &'p str) -> Option<&'p str> {
        if method.as_str() != self.method {
            return None;
        }
        let rest = path
            .strip_prefix('/')
            .unwrap_or(path)
            .strip_prefix(self.prefix)?
            .strip_prefix('/')?;
        let rest = rest.trim_end_matches('/');
        let variable = match self.suffix {
            Some(suffix) => rest.strip_suffix(suffix)?.strip_suffix('/')?,
            None if rest.is_empty() => return None,
            None => rest,
        };
        (!variable.contains('/') && !self.reserved.contains(&variable)).then_some(variable)
    }
}
