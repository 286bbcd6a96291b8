//! The letter of RFC 9112, as narrow as it can be read: what the gateway sends up has one meaning only.

/// Says what in the bytes of a connection is not by the letter. The last request may be cut off.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    let mut rest = text.as_str();
    while let Some((head, after)) = rest.split_once("\r\n\r\n") {
        let mut lines = head.split("\r\n");
        check_request_line(lines.next().unwrap_or_default())?;
        let fields: Vec<(&str, &str)> = lines.map(field).collect::<Result<_, _>>()?;
        rest = match framing(&fields)? {
            Framing::Sized(length) => after.get(length..).unwrap_or_default(),
            Framing::Chunked => after_chunks(after)?,
        };
    }
    Ok(())
}

enum Framing {
    Sized(usize),
    Chunked,
}

fn is_token(text: &str) -> bool {
    let is_mark = |character| "!#$%&'*+-.^_`|~".contains(character);
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || is_mark(character))
}

fn check_request_line(line: &str) -> Result<(), String> {
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else {
        return Err(format!("no request line: {line:?}"));
    };
    let is_plain = |character: char| character > ' ' && character != '\u{7f}';
    if !is_token(method) || target.is_empty() || !target.chars().all(is_plain) {
        return Err(format!("no request line: {line:?}"));
    }
    Ok(())
}

fn field(line: &str) -> Result<(&str, &str), String> {
    let is_plain = |character: char| character >= ' ' && character != '\u{7f}' || character == '\t';
    let (name, value) = line.split_once(':').unwrap_or_default();
    match value.strip_prefix(' ').or(Some("").filter(|_| value.is_empty())) {
        Some(value) if is_token(name) && value.chars().all(is_plain) && value.trim_matches([' ', '\t']) == value => {
            Ok((name, value))
        }
        _ => Err(format!("no field: {line:?}")),
    }
}

fn framing(fields: &[(&str, &str)]) -> Result<Framing, String> {
    let mut found = Vec::new();
    for (name, value) in fields {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let length: usize = value.parse().map_err(|_| format!("no length: {value:?}"))?;
                if length.to_string() != *value {
                    return Err(format!("a length spelled oddly: {value:?}"));
                }
                found.push(Framing::Sized(length));
            }
            "transfer-encoding" if *value == "chunked" => found.push(Framing::Chunked),
            "transfer-encoding"
            | "connection"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "upgrade"
            | "http2-settings"
            | "expect"
            | "proxy-authorization" => return Err(format!("{name}: {value} was sent on")),
            _ => {}
        }
    }
    if found.len() > 1 {
        return Err(format!("two framings in {fields:?}"));
    }
    Ok(found.pop().unwrap_or(Framing::Sized(0)))
}

/// What follows a body in chunks; nothing if the body is cut off.
fn after_chunks(mut rest: &str) -> Result<&str, String> {
    loop {
        let Some((size, after)) = rest.split_once("\r\n") else {
            return Ok("");
        };
        let length = usize::from_str_radix(size, 16).map_err(|_| format!("no chunk size: {size:?}"))?;
        if !size.chars().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(format!("a chunk size spelled oddly: {size:?}"));
        }
        let Some(end) = after.get(length..) else { return Ok("") };
        rest = match end.strip_prefix("\r\n") {
            Some(rest) => rest,
            None if end.len() < 2 => return Ok(""),
            None => return Err(format!("no line end behind a chunk: {end:?}")),
        };
        if length == 0 {
            return Ok(rest);
        }
    }
}
