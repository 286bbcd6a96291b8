//! What a client may send: tables of shapes, each with what has to become of it.
//!
//! In the bytes, `{N}` is the shape's number, `{H}` a create of a job that is to be smuggled, `{L}` and `{X}` its length
//! in decimal and in hexadecimal digits. The request itself is for `/s{N}`.

mod chunks;
mod codings;
mod heads;
mod lengths;
mod lines;

/// The target of what is hidden, less the shape's number.
pub(super) const HIDDEN: &str = "/_ml/anomaly_detectors/hidden";

/// What has to become of a shape's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is forwarded, whole.
    Once,
    /// Nothing of it is forwarded.
    Never,
    /// Its head may be forwarded before its body turns out to be broken: then the connection ends before the body does.
    Begun,
}

/// A row of a table: a name, a verdict, and the bytes.
type Row = (&'static str, Verdict, &'static [u8]);

pub(crate) struct Shape {
    pub(super) number: usize,
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    text: &'static [u8],
}

pub(crate) fn all() -> Vec<Shape> {
    let tables = [lengths::ROWS, codings::ROWS, chunks::ROWS, lines::ROWS, heads::ROWS];
    let rows = tables.into_iter().flatten().enumerate();
    rows.map(|(number, (name, verdict, text))| Shape {
        number,
        name,
        verdict: *verdict,
        text,
    })
    .collect()
}

impl Shape {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let number = self.number;
        let hidden = format!("PUT {HIDDEN}{number} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}");
        let (length, hexadecimal) = (hidden.len().to_string(), format!("{:x}", hidden.len()));
        let number = number.to_string();
        let words: [(&[u8], &str); 4] = [
            (b"{N}", &number),
            (b"{H}", &hidden),
            (b"{L}", &length),
            (b"{X}", &hexadecimal),
        ];
        words
            .iter()
            .fold(self.text.to_vec(), |bytes, (word, text)| replace(&bytes, word, text))
    }
}

fn replace(bytes: &[u8], word: &[u8], text: &str) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = rest.windows(word.len()).position(|window| window == word) {
        replaced.extend_from_slice(&rest[..place]);
        replaced.extend_from_slice(text.as_bytes());
        rest = &rest[place + word.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
