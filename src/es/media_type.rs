//! Content negotiation as Elasticsearch does it: what `Content-Type` a request may have, which media type its answer
//! gets, and how the two are tied by the version of the REST API that they ask for (http.md §2.3, §2.4).

mod parsed;

use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::error::{Exception, Kind, Refusal};
use crate::xcontent::format::Format;
use crate::xcontent::java;
use crate::xcontent::version::Version;
use parsed::MediaType;

/// From this version on vendor media types are known, and `Accept` is looked at as closely as `Content-Type`.
const NEGOTIATES: Version = Version::new(8, 0, 0);

/// What the subtypes of vendor media types begin with.
const VENDOR: &str = "vnd.elasticsearch+";

/// What came of a negotiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The `Content-Type` of the answer.
    pub answer: HeaderValue,
    /// What the answer is written in.
    pub format: Format,
    /// What the body is written in; refused where nobody can tell.
    pub body: Result<Format, Refusal>,
}

/// Why no request can be made of a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFields {
    /// What the client is told.
    pub exception: Exception,
    /// The fields without which there would be a request.
    pub names: &'static [HeaderName],
}

/// Negotiates for a request that is answered here. `format` is the query parameter of that name.
pub fn negotiate(
    headers: &HeaderMap,
    has_body: bool,
    format: Option<&str>,
    api: Version,
) -> Result<Negotiated, BadFields> {
    let content_type = single(headers, &CONTENT_TYPE, api)?;
    let accept = accepted(headers, api)?;
    if api >= NEGOTIATES {
        check_versions(
            accept.as_ref(),
            content_type.as_ref().filter(|_| has_body),
            has_body,
            api,
        )?;
    }
    let known = content_type.as_ref().and_then(|media_type| media_type.format(api));
    let body = if has_body && known.is_none() {
        let raw = headers
            .get(CONTENT_TYPE)
            .map(|raw| String::from_utf8_lossy(raw.as_bytes()))
            .unwrap_or_default();
        let text = format!("Content-Type header [{raw}] is not supported");
        let status = StatusCode::NOT_ACCEPTABLE;
        Err(Refusal::Text { status, text })
    } else {
        Ok(known.unwrap_or_default())
    };
    let (format, answer) = answer_type(format, accept, content_type, api);
    Ok(Negotiated { answer, format, body })
}

/// The `Content-Type` and, where it has to be another, the `Accept` of a request whose body is JSON from here on, so that
/// it asks for the same version of the API and for the same form of its answer as before.
#[must_use]
pub fn of_json(headers: &HeaderMap, api: Version) -> (HeaderValue, Option<HeaderValue>) {
    let plain_json = HeaderValue::from_static("application/json");
    let Some(sent) = single(headers, &CONTENT_TYPE, api).ok().flatten() else {
        return (plain_json, None);
    };
    let format = sent.format(api).unwrap_or_default();
    let content_type = if sent.is_vendor() {
        HeaderValue::try_from(sent.of_json()).unwrap_or(plain_json)
    } else {
        plain_json
    };
    let says_nothing = || {
        let accept = accepted(headers, api).ok().flatten();
        accept.is_none_or(|accept| accept.format(api).is_none())
    };
    // An answer is in the format of the body unless something else says more.
    let accept = (format != Format::Json && says_nothing()).then(|| plain(format, api));
    (content_type, accept)
}

/// The version of the REST API that `Accept` asks for, if it asks for one: a number, however it is spelled.
#[must_use]
pub fn compatible_with(headers: &HeaderMap) -> Option<u16> {
    let accept = single(headers, &ACCEPT, NEGOTIATES).ok().flatten();
    accept.and_then(|accept| accept.version())
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

/// The media type of an answer in a format.
const fn plain(format: Format, api: Version) -> HeaderValue {
    match format {
        Format::Json => json(api),
        Format::Yaml => HeaderValue::from_static("application/yaml"),
        Format::Cbor => HeaderValue::from_static("application/cbor"),
        Format::Smile => HeaderValue::from_static("application/smile"),
    }
}

/// The first of these that names a format: the parameter, the field Accept, the request's own type; else JSON.
fn answer_type(
    parameter: Option<&str>,
    accept: Option<MediaType>,
    content_type: Option<MediaType>,
    api: Version,
) -> (Format, HeaderValue) {
    let with_format = |media_type: MediaType| Some((media_type.format(api)?, media_type));
    let own = content_type.and_then(with_format);
    if api < NEGOTIATES {
        // A parameter that says nothing still keeps Accept from being asked.
        let asked = match parameter {
            Some(name) => Format::named(name).or_else(|| MediaType::parse(name, api)?.format(api)),
            None => accept.and_then(|accept| accept.format(api)),
        };
        let format = asked.or(own.map(|(format, _)| format)).unwrap_or_default();
        return (format, plain(format, api));
    }
    let (format, text) = if let Some((format, is_vendor)) = parameter.and_then(by_name) {
        (
            format,
            is_vendor.then(|| format!("application/{VENDOR}{}", format.name())),
        )
    } else if let Some((format, accept)) = accept.and_then(with_format) {
        (format, Some(accept.with_parameters()))
    } else {
        let own = own.map(|(format, own)| (format, own.is_vendor().then(|| own.essence())));
        own.unwrap_or_default()
    };
    let answer = text.and_then(|text| HeaderValue::try_from(text).ok());
    (format, answer.unwrap_or_else(|| plain(format, api)))
}

/// The format that the parameter `format` names, and whether by its vendor's type.
fn by_name(name: &str) -> Option<(Format, bool)> {
    let lower = name.to_ascii_lowercase();
    match lower.strip_prefix("vnd_") {
        Some(name) => Format::named(name).map(|format| (format, true)),
        None => Format::named(&lower).map(|format| (format, false)),
    }
}

/// The media type in `Accept`. Before 8.0 nobody minds one that is none.
fn accepted(headers: &HeaderMap, api: Version) -> Result<Option<MediaType>, BadFields> {
    if api >= NEGOTIATES {
        return single(headers, &ACCEPT, api);
    }
    let first = headers.get(ACCEPT).map(|raw| String::from_utf8_lossy(raw.as_bytes()));
    Ok(first.and_then(|raw| MediaType::parse(&raw, api)))
}

/// The media type in a field that a request may have once. A list, or `*/*`, says nothing from 8.0 on.
fn single(headers: &HeaderMap, name: &HeaderName, api: Version) -> Result<Option<MediaType>, BadFields> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let (shown, names) = if *name == ACCEPT {
        ("Accept", &[ACCEPT])
    } else {
        ("Content-Type", &[CONTENT_TYPE])
    };
    let refused = |reason: &str| BadFields {
        exception: broken(shown, reason, api),
        names,
    };
    if values.next().is_some() {
        return Err(refused(&format!("the field {shown} is given more than once")));
    }
    let raw = String::from_utf8_lossy(value.as_bytes());
    if api >= NEGOTIATES && (raw.contains(',') || java::trim(&raw) == "*/*") {
        return Ok(None);
    }
    let parsed = MediaType::parse(&raw, api);
    parsed
        .map(Some)
        .ok_or_else(|| refused(&format!("invalid {shown} header [{raw}]")))
}

fn broken(field: &str, reason: &str, api: Version) -> Exception {
    let argument = Exception::new(Kind::IllegalArgument, reason);
    if api >= NEGOTIATES {
        return header_exception(&format!("[{field}]"), argument);
    }
    let outer = format!("java.lang.IllegalArgumentException: {reason}");
    Exception::new(Kind::ContentTypeHeader, outer).caused_by(argument)
}

fn header_exception(fields: &str, cause: Exception) -> Exception {
    let reason = format!("Invalid media-type value on headers {fields}");
    Exception::new(Kind::MediaTypeHeader, reason).caused_by(cause)
}

/// The versions that the two fields ask for are ones that are spoken, and, where there is a body, the same one.
fn check_versions(
    accept: Option<&MediaType>,
    content_type: Option<&MediaType>,
    has_body: bool,
    api: Version,
) -> Result<(), BadFields> {
    let asked = [("Accept", accept), ("Content-Type", content_type)];
    let refused = |reason: String| {
        let seen = asked.map(|(name, media_type)| format!("{name}={}", media_type.map_or("null", |seen| &seen.raw)));
        let status = Kind::Status(StatusCode::BAD_REQUEST);
        let cause = Exception::new(status, format!("{reason}. {}", seen.join(", ")));
        BadFields {
            exception: header_exception("[Accept, Content-Type]", cause),
            names: &[ACCEPT, CONTENT_TYPE],
        }
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
