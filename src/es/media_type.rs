//! Content negotiation as Elasticsearch does it: what `Content-Type` a request may have, which media type its answer
//! gets, and how the two are tied by the version of the REST API that they ask for (contract http.md §2.3, §2.4).

use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::error::{Exception, Kind, Refusal};
use super::version::Version;

/// From this version on vendor media types are known, and `Accept` is looked at as closely as `Content-Type`.
const NEGOTIATES: Version = Version::new(8, 0, 0);
/// Between this version and 8.0 vendor media types are taken for what stands behind their `+`.
const STRIPS_VENDOR: Version = Version::new(7, 12, 0);
/// From this version on newline-delimited JSON is read as JSON (7.0 itself: not verified).
const READS_NDJSON: Version = Version::new(7, 8, 0);

/// The parameter that asks for the REST API of an earlier major version.
const COMPATIBLE_WITH: &str = "compatible-with";

/// What of the negotiation the rest of a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The `Content-Type` of the answer.
    pub answer: HeaderValue,
}

/// Negotiates for a request that is answered here. `format` is the query parameter of that name.
pub fn negotiate(
    headers: &HeaderMap,
    has_body: bool,
    format: Option<&str>,
    api: Version,
) -> Result<Negotiated, Refusal> {
    let content_type = single(headers, &CONTENT_TYPE, api)?;
    let accept = if api >= NEGOTIATES {
        single(headers, &ACCEPT, api)?
    } else {
        None
    };
    if api >= NEGOTIATES {
        check_versions(
            accept.as_ref(),
            content_type.as_ref().filter(|_| has_body),
            has_body,
            api,
        )?;
    }
    let is_json = content_type.as_ref().is_some_and(|media_type| media_type.is_json(api));
    if has_body && !is_json {
        let raw = headers
            .get(CONTENT_TYPE)
            .map(|raw| String::from_utf8_lossy(raw.as_bytes()))
            .unwrap_or_default();
        let text = format!("Content-Type header [{raw}] is not supported");
        return Err(Refusal::Text {
            status: StatusCode::NOT_ACCEPTABLE,
            text,
        });
    }
    Ok(Negotiated {
        answer: answer_type(format, accept, content_type, api),
    })
}

/// The media type of a JSON answer to a request of which no more is known.
#[must_use]
pub const fn json(api: Version) -> HeaderValue {
    if api.major < NEGOTIATES.major {
        HeaderValue::from_static("application/json; charset=UTF-8")
    } else {
        HeaderValue::from_static("application/json")
    }
}

fn answer_type(
    format: Option<&str>,
    accept: Option<MediaType>,
    content_type: Option<MediaType>,
    api: Version,
) -> HeaderValue {
    if api < NEGOTIATES || format == Some("json") {
        return json(api);
    }
    let recognised = accept
        .filter(|media_type| media_type.is_json(api))
        .map(|accept| accept.with_parameters());
    // Without an Accept that says more, the answer comes in the request's own type.
    let own = || {
        content_type
            .filter(|media_type| media_type.is_vendor() && media_type.is_json(api))
            .map(|media_type| media_type.essence())
    };
    let text = recognised.or_else(own);
    text.and_then(|text| HeaderValue::try_from(text).ok())
        .unwrap_or_else(|| json(api))
}

/// A media type in lower case, as Elasticsearch compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MediaType {
    raw: String,
    kind: String,
    subtype: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// RFC 9110 §8.3.1, as strictly as the version reads it.
    fn parse(raw: &str, api: Version) -> Option<Self> {
        let lower = raw.to_ascii_lowercase();
        let mut parts = lower.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        for parameter in parts.map(str::trim).filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some((name, value)) if is_token(name) && !value.contains([' ', '=']) => {
                    parameters.push((name.to_owned(), value.to_owned()));
                }
                _ if api < NEGOTIATES => {}
                _ => return None,
            }
        }
        Some(Self {
            raw: raw.to_owned(),
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            parameters,
        })
    }

    fn is_vendor(&self) -> bool {
        self.subtype.starts_with("vnd.elasticsearch+")
    }

    fn is_json(&self, api: Version) -> bool {
        let format = match self.subtype.strip_prefix("vnd.elasticsearch+") {
            Some(_) if api < STRIPS_VENDOR => return false,
            Some(format) => format,
            None => self.subtype.as_str(),
        };
        let is_json = match format {
            "json" => true,
            "x-ndjson" => api >= READS_NDJSON,
            "*" => api >= NEGOTIATES && !self.is_vendor(),
            _ => false,
        };
        self.kind == "application" && is_json
    }

    /// The version that it asks for.
    fn version(&self) -> Option<u16> {
        let (_, version) = self.parameters.iter().find(|(name, _)| name == COMPATIBLE_WITH)?;
        version.parse().ok()
    }

    fn essence(&self) -> String {
        let subtype = match self.subtype.as_str() {
            "*" | "x-ndjson" => "json",
            "vnd.elasticsearch+x-ndjson" => "vnd.elasticsearch+json",
            other => other,
        };
        format!("{}/{subtype}", self.kind)
    }

    fn with_parameters(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| format!(";{name}={value}"));
        self.essence() + &parameters.collect::<String>()
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The media type in a field that a request may have once. A list, or `*/*`, says nothing from 8.0 on.
fn single(headers: &HeaderMap, name: &HeaderName, api: Version) -> Result<Option<MediaType>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let shown = if *name == ACCEPT { "Accept" } else { "Content-Type" };
    if values.next().is_some() {
        return Err(broken(
            shown,
            &format!("the field {shown} is given more than once"),
            api,
        ));
    }
    let raw = String::from_utf8_lossy(value.as_bytes());
    if api >= NEGOTIATES && (raw.contains(',') || raw.trim() == "*/*") {
        return Ok(None);
    }
    let parsed = MediaType::parse(&raw, api);
    parsed
        .map(Some)
        .ok_or_else(|| broken(shown, &format!("invalid {shown} header [{raw}]"), api))
}

fn broken(field: &str, reason: &str, api: Version) -> Refusal {
    let argument = Exception::new(Kind::IllegalArgument, reason);
    if api >= NEGOTIATES {
        return header_exception(&format!("[{field}]"), argument);
    }
    let outer = format!("java.lang.IllegalArgumentException: {reason}");
    Exception::new(Kind::ContentTypeHeader, outer)
        .caused_by(argument)
        .into()
}

fn header_exception(fields: &str, cause: Exception) -> Refusal {
    let reason = format!("Invalid media-type value on headers {fields}");
    Exception::new(Kind::MediaTypeHeader, reason).caused_by(cause).into()
}

/// The versions that the two fields ask for are ones that are spoken, and, where there is a body, the same one.
fn check_versions(
    accept: Option<&MediaType>,
    content_type: Option<&MediaType>,
    has_body: bool,
    api: Version,
) -> Result<(), Refusal> {
    let asked = [("Accept", accept), ("Content-Type", content_type)];
    let refused = |reason: String| {
        let seen = asked.map(|(name, media_type)| format!("{name}={}", media_type.map_or("null", |seen| &seen.raw)));
        let status = Kind::Status(StatusCode::BAD_REQUEST);
        header_exception(
            "[Accept, Content-Type]",
            Exception::new(status, format!("{reason}. {}", seen.join(", "))),
        )
    };
    for (name, media_type) in asked {
        let version = media_type.and_then(MediaType::version);
        if let Some(version) = version.filter(|version| *version != api.major && *version + 1 != api.major) {
            let spoken = format!("{} and {}", api.major, api.major - 1);
            return Err(refused(format!(
                "{name} asks for version {version}; spoken are {spoken}"
            )));
        }
    }
    let [accept, content_type] = asked.map(|(_, media_type)| media_type.and_then(MediaType::version));
    if has_body && accept != content_type {
        return Err(refused(
            "Accept and Content-Type must ask for the same version, or neither for any".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
