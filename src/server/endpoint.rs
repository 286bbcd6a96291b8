//! What can be asked of the listener for those who run the gateway: every path, its methods, and what it is for.

use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::json_answer::written;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    List,
    Live,
    Ready,
    Metrics,
    Policies,
    PolicyReport,
    Decisions,
    Decision,
    Config,
    LogLevel,
    Dashboard,
    DashboardPart,
    Try,
}

/// Something that can be asked for.
struct Endpoint {
    page: Page,
    path: &'static str,
    /// In the form of the field `Allow`.
    methods: &'static str,
    about: &'static str,
}

const READ: &str = "GET, HEAD";

/// What the variable end of a path is called in the list.
const VARIABLE: &str = "<id>";

const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        page: Page::List,
        path: "/",
        methods: READ,
        about: "this list",
    },
    Endpoint {
        page: Page::Live,
        path: "/live",
        methods: READ,
        about: "200 for as long as the process does its work",
    },
    Endpoint {
        page: Page::Ready,
        path: "/ready",
        methods: READ,
        about: "200 while the gateway is of use to new clients, otherwise 503, and why",
    },
    Endpoint {
        page: Page::Metrics,
        path: "/metrics",
        methods: READ,
        about: "metrics in Prometheus's text format",
    },
    Endpoint {
        page: Page::Policies,
        path: "/policies",
        methods: READ,
        about: "the policies in use, the shadow set, and their revisions",
    },
    Endpoint {
        page: Page::PolicyReport,
        path: "/policies/report",
        methods: READ,
        about: "which stored jobs violate which policies, and since when (`jobs.scan`)",
    },
    Endpoint {
        page: Page::Decisions,
        path: "/decisions",
        methods: READ,
        about: "the last decisions on claimed requests (`admin.decisions`)",
    },
    Endpoint {
        page: Page::Decision,
        path: "/decisions/<id>",
        methods: READ,
        about: "one of them: what matched, what was filled in, what was violated",
    },
    Endpoint {
        page: Page::Config,
        path: "/config",
        methods: READ,
        about: "the value of each key of the configuration, and where it was set",
    },
    Endpoint {
        page: Page::LogLevel,
        path: "/log-level",
        methods: "GET, HEAD, PUT",
        about: "what is logged; PUT changes it to the level in the body",
    },
    Endpoint {
        page: Page::Dashboard,
        path: "/dashboard",
        methods: READ,
        about: "a page for browsers that shows all this live, and tries requests out",
    },
    Endpoint {
        page: Page::DashboardPart,
        path: "/dashboard/<id>",
        methods: READ,
        about: "what the page is made of",
    },
    Endpoint {
        page: Page::Try,
        path: "/try",
        methods: "GET, HEAD, POST",
        about: "what can be tried out; POST judges the body by the policies in use, as a dry run does, without asking the cluster",
    },
];

impl Endpoint {
    /// What of a path is the variable end of this one, if it is this one.
    fn matches<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.path.strip_suffix(VARIABLE) {
            None => (path == self.path).then_some(""),
            Some(prefix) => path
                .strip_prefix(prefix)
                .filter(|id| !id.is_empty() && !id.contains('/')),
        }
    }
}

/// What answers a request, with the variable end of its path; or the answer to one that nothing here is for.
pub(super) fn find<'p>(method: &Method, path: &'p str) -> Result<(Page, &'p str), Box<Response<Full<Bytes>>>> {
    let mut endpoints = ENDPOINTS.iter();
    let found = endpoints.find_map(|endpoint| Some((endpoint, endpoint.matches(path)?)));
    let Some((endpoint, id)) = found else {
        let paths: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
        let text = format!("there is nothing at [{path}]; there are [{}]", paths.join("], ["));
        return Err(Box::new(written(StatusCode::NOT_FOUND, &json!({ "error": text }))));
    };
    if endpoint.methods.split(", ").any(|allowed| allowed == method.as_str()) {
        return Ok((endpoint.page, id));
    }
    let allowed = endpoint.methods;
    let text = format!("[{method}] is not allowed here, but one of [{allowed}] is");
    let mut answer = written(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": text }));
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    Err(Box::new(answer))
}

/// The list of all of them.
pub(super) fn list() -> Value {
    let endpoints = ENDPOINTS
        .iter()
        .map(|endpoint| json!({"path": endpoint.path, "methods": endpoint.methods, "about": endpoint.about}));
    json!({
        "name": "anomaly-gateway",
        "version": env!("CARGO_PKG_VERSION"),
        "paths": endpoints.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_whole() {
        let page = |path| find(&Method::GET, path).ok();
        assert_eq!(page("/policies"), Some((Page::Policies, "")));
        assert_eq!(page("/policies/report"), Some((Page::PolicyReport, "")));
        assert_eq!(page("/decisions/a-1"), Some((Page::Decision, "a-1")));
        for path in ["", "/live/", "/decisions/", "/decisions/a/b", "/policies/x", "//"] {
            assert_eq!(page(path), None, "{path}");
        }
        assert!(find(&Method::PUT, "/log-level").is_ok() && find(&Method::PUT, "/config").is_err());
    }
}
