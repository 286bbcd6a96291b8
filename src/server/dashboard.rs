//! `/dashboard` of the listener for those who run the gateway: a page that shows what the listener answers elsewhere, and its
//! parts. They are in the program as they are here: nothing is built, nothing comes from elsewhere, and nothing is filled in.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::json_answer::written;

/// A part of the page.
struct Part {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

const PAGE: Part = Part {
    name: "",
    media_type: "text/html; charset=utf-8",
    text: include_str!("dashboard/page.html"),
};

const PARTS: [Part; 5] = [
    Part {
        name: "style.css",
        media_type: "text/css; charset=utf-8",
        text: include_str!("dashboard/style.css"),
    },
    Part {
        name: "main.js",
        media_type: SCRIPT,
        text: include_str!("dashboard/main.js"),
    },
    Part {
        name: "figures.js",
        media_type: SCRIPT,
        text: include_str!("dashboard/figures.js"),
    },
    Part {
        name: "view.js",
        media_type: SCRIPT,
        text: include_str!("dashboard/view.js"),
    },
    Part {
        name: "trial.js",
        media_type: SCRIPT,
        text: include_str!("dashboard/trial.js"),
    },
];

/// The page may load its own parts, ask its own listener, and nothing else; and nobody may show it inside of another page.
/// The icon is empty, so that browsers do not ask for one.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);

/// What is told to browsers of the page besides.
const FIELDS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// `GET /dashboard`.
pub(super) fn page() -> Response<Full<Bytes>> {
    answer(&PAGE)
}

/// `GET /dashboard/<id>`.
pub(super) fn part(name: &str) -> Response<Full<Bytes>> {
    if let Some(part) = PARTS.iter().find(|part| part.name == name) {
        return answer(part);
    }
    let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
    let text = format!("the dashboard has no [{name}]; it has [{}]", names.join("], ["));
    written(StatusCode::NOT_FOUND, &json!({ "error": text }))
}

fn answer(part: &Part) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(part.text));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(part.media_type));
    headers.extend(FIELDS);
    answer
}
