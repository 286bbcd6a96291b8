//! Spells the target of a request line so that hyper can read it.
//!
//! Elasticsearch takes targets that hyper refuses or cuts short (contract http.md §6.1): `<`, `>`, `"` and backticks,
//! which stand in date-math names such as `/<logs-{now/d}>/_search`; a `#`, which hyper takes for the target's end; and
//! a missing leading slash. hyper refuses bytes that are not UTF-8, too, where Elasticsearch takes each byte beyond ASCII
//! for a character of Latin-1. What is written here instead means the same to Elasticsearch.

/// The request line to read instead of this one, or `None` when hyper reads it as it is.
#[must_use]
pub fn respell(line: &[u8]) -> Option<Vec<u8>> {
    let (method, rest) = split_at_space(line)?;
    let (target, version) = split_at_space(rest)?;
    let target = respell_target(method, target)?;
    Some([method, b" ", &target, b" ", version].concat())
}

/// Whether a request line, without its end, ends with a version that hyper reads. It refuses all others.
#[must_use]
pub fn has_version(line: &[u8]) -> bool {
    line.ends_with(b" HTTP/1.1") || line.ends_with(b" HTTP/1.0")
}

fn split_at_space(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let (before, after) = text.split_at_checked(space)?;
    Some((before, after.strip_prefix(b" ")?))
}

fn respell_target(method: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    // Some take these for the target's end: hyper is to see and to refuse them, also behind a number sign.
    if target.iter().any(u8::is_ascii_control) {
        return None;
    }
    // CONNECT has no path, and what it names is no business of a gateway: hyper may see it as it is.
    let has_slash = matches!(target, [] | [b'/', ..] | [b'*']);
    let lacks_slash = !has_slash && !is_absolute(target) && method != b"CONNECT";
    let is_latin1 = std::str::from_utf8(target).is_err();
    if !lacks_slash && !is_latin1 && !target.iter().any(|byte| is_unreadable(*byte)) {
        return None;
    }
    let mut spelled = Vec::with_capacity(target.len() + 16);
    if lacks_slash {
        spelled.push(b'/');
    }
    let mut in_query = false;
    for byte in target {
        in_query |= *byte == b'?';
        match byte {
            // In a query Elasticsearch, too, takes it for the end.
            b'#' if in_query => break,
            unreadable if is_unreadable(*unreadable) => encode(*unreadable, &mut spelled),
            // An escape is decoded as UTF-8, in which a character of Latin-1 has two bytes.
            beyond_ascii @ 0x80.. if is_latin1 => {
                let mut buffer = [0; 4];
                let character = char::from(*beyond_ascii).encode_utf8(&mut buffer);
                character.bytes().for_each(|byte| encode(byte, &mut spelled));
            }
            other => spelled.push(*other),
        }
    }
    Some(spelled)
}

/// RFC 9112 §3.2.2: a proxy takes the absolute form of the scheme it serves.
fn is_absolute(target: &[u8]) -> bool {
    [b"http://".as_slice(), b"https://"].iter().any(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

fn encode(byte: u8, spelled: &mut Vec<u8>) {
    spelled.extend(format!("%{byte:02X}").bytes());
}

const fn is_unreadable(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'"' | b'`' | b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(target: &str) -> Option<String> {
        let line = respell(format!("PUT {target} HTTP/1.1\r\n").as_bytes())?;
        let line = String::from_utf8(line).expect("it was text before");
        Some(
            line.strip_prefix("PUT ")
                .and_then(|rest| rest.strip_suffix(" HTTP/1.1\r\n"))
                .expect("a line")
                .to_owned(),
        )
    }

    #[test]
    fn what_hyper_reads_stays_as_it_is() {
        for text in [
            "/",
            "/a?b=c&d",
            "*",
            "/%3Cx%3E",
            "http://h:9200/x",
            "HTTP://h/x",
            "/{a}|[b]^\\c",
            "/ä",
        ] {
            assert_eq!(target(text), None, "{text}");
        }
        assert_eq!(respell(b"CONNECT h:80 HTTP/1.1\r\n"), None);
        assert_eq!(respell(b"nonsense\r\n"), None);
        assert_eq!(respell(b"GET /<a>?b#c\td HTTP/1.1\r\n"), None);
        assert_eq!(respell(b"\r\n"), None);
    }

    #[test]
    fn date_math_names_and_quotes_are_encoded() {
        assert_eq!(
            target("/<logs-{now/d}>/_search").as_deref(),
            Some("/%3Clogs-{now/d}%3E/_search")
        );
        assert_eq!(target("/_search?q=\"a`b\"").as_deref(), Some("/_search?q=%22a%60b%22"));
    }

    #[test]
    fn a_number_sign_is_part_of_a_path_and_ends_a_query() {
        assert_eq!(
            target("/_ml/anomaly_detectors/j#x").as_deref(),
            Some("/_ml/anomaly_detectors/j%23x")
        );
        assert_eq!(target("/a?b=1#x?c").as_deref(), Some("/a?b=1"));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_characters_of_latin_1() {
        let line = |target: &[u8]| [b"GET ", target, b" HTTP/1.1\r\n"].concat();
        let spelled = |target: &[u8]| respell(&line(target));
        assert_eq!(spelled(b"/caf\xe9?q=\xff"), Some(line(b"/caf%C3%A9?q=%C3%BF")));
        assert_eq!(spelled(b"/\xc3\xa4/\xe4"), Some(line(b"/%C3%83%C2%A4/%C3%A4")));
        assert_eq!(spelled(b"/\xc3\xa4"), None);
    }

    #[test]
    fn a_missing_slash_is_added() {
        assert_eq!(
            target("_ml/anomaly_detectors/j").as_deref(),
            Some("/_ml/anomaly_detectors/j")
        );
        assert_eq!(target("?pretty").as_deref(), Some("/?pretty"));
        assert_eq!(target("host:80").as_deref(), Some("/host:80"));
        assert_eq!(target("*/_search").as_deref(), Some("/*/_search"));
    }
}
