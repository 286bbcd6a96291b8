//! What a request of a run asks for. All of it is in the request's target, so that any node can answer it.

use fastrand::Rng;

/// What ends a body in chunks.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The path before a request's number.
const PATH: &str = "/soak/";

/// What is before a request's number where the gateway passes it on with its own calls.
const OPAQUE_ID: &str = "soak-";

/// How an answer's body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerFraming {
    Sized,
    Chunked,
    Closing,
}

const FRAMINGS: [(AnswerFraming, &str); 3] = [
    (AnswerFraming::Sized, "sized"),
    (AnswerFraming::Chunked, "chunked"),
    (AnswerFraming::Closing, "closing"),
];

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) framing: AnswerFraming,
    pub(crate) length: u64,
}

/// A request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// No other request of the run has it.
    pub(crate) id: u64,
    /// The length of the request's body.
    pub(crate) body: u64,
    pub(crate) answer: Answer,
}

impl Exchange {
    /// An exchange with an answer such as clusters give.
    pub(crate) fn draw(id: u64, body: u64, rng: &mut Rng) -> Self {
        let (framing, _) = rng.choice(FRAMINGS).unwrap_or(FRAMINGS[0]);
        // What is closed makes a new connection, and is rare.
        let framing = match framing {
            AnswerFraming::Closing if rng.u8(..10) > 0 => AnswerFraming::Sized,
            other => other,
        };
        let length = length(rng);
        Self {
            id,
            body,
            answer: Answer { framing, length },
        }
    }

    /// The target of its request.
    pub(crate) fn target(&self) -> String {
        let framing = FRAMINGS.iter().find(|(framing, _)| *framing == self.answer.framing);
        let framing = framing.map_or("", |(_, word)| *word);
        format!(
            "{PATH}{}?body={}&answer={framing}&length={}",
            self.id, self.body, self.answer.length
        )
    }

    /// Reads it from its target.
    pub(crate) fn parse(target: &str) -> Option<Self> {
        let (id, query) = target.strip_prefix(PATH)?.split_once('?')?;
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let framing = FRAMINGS.iter().find(|(_, word)| value("answer") == Some(*word))?.0;
        Some(Self {
            id: id.parse().ok()?,
            body: value("body")?.parse().ok()?,
            answer: Answer {
                framing,
                length: value("length")?.parse().ok()?,
            },
        })
    }

    /// The head of its answer.
    pub(crate) fn answer_head(&self) -> String {
        let framing = match self.answer.framing {
            AnswerFraming::Sized => format!("content-length: {}\r\n", self.answer.length),
            AnswerFraming::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
            AnswerFraming::Closing => "connection: close\r\n".to_owned(),
        };
        format!("HTTP/1.1 200 OK\r\nx-soak: {}\r\n{framing}\r\n", self.id)
    }
}

/// The length of a body: most are short, some are long.
pub(crate) fn length(rng: &mut Rng) -> u64 {
    match rng.u8(..100) {
        0..10 => rng.u64(..2),
        10..70 => rng.u64(..2_000),
        70..90 => rng.u64(..20_000),
        90..98 => rng.u64(..300_000),
        _ => rng.u64(..3_000_000),
    }
}

/// Makes a chunk of some bytes.
pub(crate) fn chunk(bytes: &mut Vec<u8>) {
    let size = format!("{:x}\r\n", bytes.len());
    bytes.splice(0..0, size.into_bytes());
    bytes.extend_from_slice(b"\r\n");
}

/// What the gateway passes on with each of its own calls for a request.
pub(crate) fn opaque_id(id: u64) -> String {
    format!("{OPAQUE_ID}{id}")
}

/// The request behind a call of the gateway's own.
pub(crate) fn job_of_opaque_id(text: &str) -> Option<u64> {
    text.strip_prefix(OPAQUE_ID)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_it_all() {
        for framing in FRAMINGS.map(|(framing, _)| framing) {
            let exchange = Exchange {
                id: 12,
                body: 3,
                answer: Answer { framing, length: 45 },
            };
            assert_eq!(Exchange::parse(&exchange.target()), Some(exchange));
        }
        assert_eq!(Exchange::parse("/"), None);
        assert_eq!(job_of_opaque_id(&opaque_id(7)), Some(7));
    }
}
