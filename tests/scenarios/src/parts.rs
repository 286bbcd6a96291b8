//! What of an exchange is compared: its answer, part by part.

use crate::transcript::Exchange;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Version, status and reason.
    StatusLine,
    /// The names of the fields: their case, number and order.
    FieldNames,
    /// What follows the name of this field, from the colon on; with a number where there are several.
    Field(String, usize),
    /// The body, without its framing and coding.
    Content,
    /// The body as it was coded, where it was.
    CodedBody,
    /// The fields after a chunked body.
    Trailers,
}

impl Part {
    pub(crate) fn is_body(&self) -> bool {
        matches!(self, Self::Content | Self::CodedBody)
    }
}

/// The parts of an exchange's answer, byte for byte.
pub(crate) fn parts(exchange: &Exchange) -> Vec<(Part, Vec<u8>)> {
    let answer = &exchange.answer;
    let mut parts = vec![
        (Part::StatusLine, answer.status_line.clone()),
        (
            Part::FieldNames,
            answer
                .fields
                .iter()
                .map(|line| name(line))
                .collect::<Vec<_>>()
                .join(&b'\n'),
        ),
    ];
    for line in &answer.fields {
        let (name, value) = line.split_at(name(line).len());
        let name = String::from_utf8_lossy(name).to_lowercase();
        let is_same = |part: &&(Part, Vec<u8>)| matches!(&part.0, Part::Field(other, _) if *other == name);
        let number = parts.iter().filter(is_same).count();
        parts.push((Part::Field(name, number), value.to_vec()));
    }
    parts.push((Part::Content, exchange.content.clone()));
    if answer.body != exchange.content {
        parts.push((Part::CodedBody, answer.body.clone()));
    }
    parts.push((Part::Trailers, answer.trailers.join(&b'\n')));
    parts
}

fn name(line: &[u8]) -> &[u8] {
    line.split(|byte| *byte == b':').next().unwrap_or_default()
}

/// How many lines of the head one list of names has that the other has not, or 1 if only the order differs.
pub(crate) fn differing_names(first: &[u8], second: &[u8]) -> usize {
    let names = |list: &[u8]| -> Vec<Vec<u8>> { list.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect() };
    let (first, mut second) = (names(first), names(second));
    let mut missing = 0;
    for name in first {
        match second.iter().position(|other| *other == name) {
            Some(at) => drop(second.swap_remove(at)),
            None => missing += 1,
        }
    }
    (missing + second.len()).max(1)
}
