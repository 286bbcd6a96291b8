//! Takes secrets out of targets: the values of query parameters with these names.

use percent_encoding::percent_decode_str;

/// What is written in place of a value.
const REDACTED: &str = "[redacted]";

/// The parameters whose values are not logged unless the operator says otherwise: what Elasticsearch's clients, signed URLs
/// and logins call their secrets.
pub const DEFAULT_NAMES: [&str; 12] = [
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "authorization",
    "client_secret",
    "password",
    "passwd",
    "secret",
    "sig",
    "signature",
    "token",
];

/// A target in which the values of parameters with one of these names, in any case and however they are escaped, are
/// replaced.
pub(super) fn redacted(target: &str, names: &[String]) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let query: Vec<String> = query.split('&').map(|part| redacted_part(part, names)).collect();
    format!("{path}?{}", query.join("&"))
}

/// What is between two `&`. Elasticsearch before 8.0 separates parameters by `;` as well, others do not: what follows
/// the name of a secret belongs to it either way.
fn redacted_part(part: &str, names: &[String]) -> String {
    let mut start = 0;
    for parameter in part.split(';') {
        if let Some((name, _)) = parameter.split_once('=')
            && is_secret(name, names)
        {
            let kept = part.get(..start + name.len() + 1).unwrap_or_default();
            return format!("{kept}{REDACTED}");
        }
        start += parameter.len() + 1;
    }
    part.to_owned()
}

fn is_secret(name: &str, names: &[String]) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy();
    names.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_named_parameters_are_replaced_wherever_they_are() {
        let names = DEFAULT_NAMES.map(str::to_owned);
        for (target, shown) in [
            ("/_search", "/_search"),
            ("/_search?q=token", "/_search?q=token"),
            ("/a?api_key=abc", "/a?api_key=[redacted]"),
            ("/a?q=1&API_Key=abc&size=2", "/a?q=1&API_Key=[redacted]&size=2"),
            ("/a?api%5Fkey=abc", "/a?api%5Fkey=[redacted]"),
            ("/a?q=1;token=a;b=c&size=2", "/a?q=1;token=[redacted]&size=2"),
            ("/a?token=a?b=c", "/a?token=[redacted]"),
            ("/a?token=", "/a?token=[redacted]"),
            ("/a?token", "/a?token"),
            ("/a?tokens=5&&=", "/a?tokens=5&&="),
            ("/a?x=1&x=2&password=p%26q", "/a?x=1&x=2&password=[redacted]"),
        ] {
            assert_eq!(redacted(target, &names), shown, "{target}");
        }
    }

    #[test]
    fn without_names_nothing_is_replaced() {
        assert_eq!(redacted("/a?token=b", &[]), "/a?token=b");
    }
}
