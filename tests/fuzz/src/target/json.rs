//! The JSON reader: what `serde_json` reads it reads alike, and every position lies in the text.

use anomaly_gateway::xcontent::json::{Document, FaultKind, Node, Token};
use anomaly_gateway::xcontent::utf16;
use serde_json::Value;

pub(super) fn check(bytes: &[u8]) {
    let document = Document::read(bytes);
    // Other encodings become UTF-8 first, where two bytes can take three; an overlong form becomes an escape of six.
    let longest = bytes.len() * 3;
    if let Some(fault) = document.fault() {
        assert!(fault.offset <= longest, "a fault beyond the text");
        assert!(fault.token.is_none_or(|token| token <= longest));
        let place = document.place(fault.offset);
        let line = place.line.expect("a text has lines");
        assert!(line >= 1 && place.column >= 1 && line + place.column <= longest + 8);
    }
    if let Some(root) = document.root() {
        let parts = inside(root, 0, longest);
        assert!(parts <= longest + 1, "more values than bytes");
        assert!(document.fault().is_some() || root.is_complete());
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    match document.fault().map(|fault| &fault.kind) {
        None => {
            let root = document.root().expect("serde_json found a value");
            assert!(is_same(root, &value), "read otherwise than by serde_json");
        }
        // What Elasticsearch refuses and serde_json does not.
        Some(FaultKind::DuplicateName(_) | FaultKind::LongNumber(_)) => {}
        Some(other) => panic!("refused what is JSON: {other}"),
    }
}

/// How many values there are, all of them between the ends of what is around them.
fn inside(node: Node<'_>, from: usize, to: usize) -> usize {
    assert!(
        from <= node.start() && node.start() <= to,
        "a value outside of its place"
    );
    assert!(node.end() <= to, "a value ends outside of its place");
    let end = if node.is_complete() { node.end() } else { to };
    let members = node.members().map(|member| {
        assert!(node.start() < member.name_start && member.name_start < member.value.start());
        inside(member.value, member.name_start, end)
    });
    let elements = node.elements().map(|element| inside(element, node.start(), end));
    1 + members.sum::<usize>() + elements.sum::<usize>()
}

fn is_same(node: Node<'_>, value: &Value) -> bool {
    match (node.token(), value) {
        (Token::Null, Value::Null) => true,
        (Token::Boolean, Value::Bool(boolean)) => node.as_boolean() == Some(*boolean),
        (Token::String, Value::String(text)) => node.as_text().is_some_and(|own| is_same_text(&own, text)),
        (Token::Number, Value::Number(number)) => {
            let double = |text: &str| text.parse::<f64>().ok();
            node.as_number().and_then(double) == double(number.as_str())
        }
        (Token::Array, Value::Array(elements)) => {
            node.elements().count() == elements.len()
                && node.elements().zip(elements).all(|(node, value)| is_same(node, value))
        }
        (Token::Object, Value::Object(members)) => {
            node.members().count() == members.len()
                && node
                    .members()
                    .zip(members)
                    .all(|(member, (name, value))| is_same_text(&member.name, name) && is_same(member.value, value))
        }
        _ => false,
    }
}

/// The document keeps some characters as their halves.
fn is_same_text(own: &str, text: &str) -> bool {
    utf16::units(own).eq(text.encode_utf16())
}
