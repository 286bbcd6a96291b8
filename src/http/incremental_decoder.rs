//! Removes a body's content coding as the body comes, a bounded amount at a time.
//!
//! [`super::content_coding`] decodes bodies that are there as a whole. Here what comes out is only looked at, while the
//! bytes that came in go on, so whatever two readers could decode differently is refused.

#![expect(clippy::disallowed_methods, reason = "the decoders are fed piece by piece here")]

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, HeaderMap};

/// How many bytes go into a decoder at once. What comes out of them is a thousand times as much at most, and comes in
/// pieces of 32 KiB.
const STEP: usize = 1024;

/// How much work a step counts for, at least, in bytes of output: the start of a member costs about as much.
const STEP_COST: usize = 256;

/// A coding other than those that Elasticsearch's HTTP layer knows (http.md §2.5), or more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content coding is not gzip, deflate or identity")]
pub struct UnknownCoding;

/// Decodes a body.
#[derive(Debug)]
pub struct IncrementalDecoder(State);

#[derive(Debug)]
enum State {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// `deflate`, of which the first two bytes tell which of two formats it is.
    Undecided(Vec<u8>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Deflate(Box<DeflateDecoder<Vec<u8>>>),
}

impl IncrementalDecoder {
    /// The decoder for a message with these fields; none when it has no coding.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, UnknownCoding> {
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let Some(coding) = codings.next() else {
            return Ok(None);
        };
        if codings.next().is_some() {
            return Err(UnknownCoding);
        }
        match coding.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
            b"identity" => Ok(None),
            b"gzip" | b"x-gzip" => Ok(Some(Self(State::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))))),
            b"deflate" | b"x-deflate" => Ok(Some(Self(State::Undecided(Vec::new())))),
            _ => Err(UnknownCoding),
        }
    }

    /// Decodes some of the next bytes, until about `limit` bytes have come out, and says how many were taken.
    pub fn decode(&mut self, bytes: &[u8], limit: usize, output: &mut Vec<u8>) -> io::Result<usize> {
        let (mut taken, mut cost) = (0, 0);
        while cost < limit
            && let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty())
        {
            let before = output.len();
            let step = rest.get(..STEP.min(rest.len())).unwrap_or_default();
            match self.write(step)? {
                // Behind the end of what was compressed. Nobody reads it.
                0 => taken = bytes.len(),
                written => taken += written,
            }
            self.take(output);
            cost += (output.len() - before).max(STEP_COST);
        }
        Ok(taken)
    }

    /// Gives all that can be decoded of what was taken.
    pub fn flush(&mut self, output: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.0 {
            State::Gzip(decoder) => decoder.flush()?,
            State::Undecided(_) => {}
            State::Zlib(decoder) => decoder.flush()?,
            State::Deflate(decoder) => decoder.flush()?,
        }
        self.take(output);
        Ok(())
    }

    /// Gives the rest. Fails if what was compressed is not whole.
    pub fn finish(&mut self, output: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.0 {
            State::Gzip(decoder) => decoder.try_finish()?,
            State::Undecided(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
            State::Zlib(decoder) => decoder.try_finish()?,
            State::Deflate(decoder) => decoder.try_finish()?,
        }
        self.take(output);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            State::Gzip(decoder) => decoder.write(bytes),
            State::Zlib(decoder) => decoder.write(bytes),
            State::Deflate(decoder) => decoder.write(bytes),
            State::Undecided(start) => {
                let more = bytes
                    .get(..(2 - start.len().min(2)).min(bytes.len()))
                    .unwrap_or_default();
                start.extend_from_slice(more);
                if let [first, second] = *start.as_slice() {
                    let start = [first, second];
                    self.0 = State::of_deflate(start)?;
                    self.write_all(&start)?;
                }
                Ok(more.len())
            }
        }
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write(bytes)? {
                0 => return Ok(()),
                written => bytes = bytes.get(written..).unwrap_or_default(),
            }
        }
        Ok(())
    }

    fn take(&mut self, output: &mut Vec<u8>) {
        let held = match &mut self.0 {
            State::Gzip(decoder) => decoder.get_mut(),
            State::Undecided(_) => return,
            State::Zlib(decoder) => decoder.get_mut(),
            State::Deflate(decoder) => decoder.get_mut(),
        };
        output.append(held);
    }
}

impl State {
    /// RFC 1950 §2.2, as Netty looks at it: a window of 32 KiB, and a check. With another window it would take for the bare
    /// format what other readers do not.
    fn of_deflate(start: [u8; 2]) -> io::Result<Self> {
        let [method, _] = start;
        let is_checked = u16::from_be_bytes(start).is_multiple_of(31);
        match (is_checked && method & 0x0f == 8, method) {
            (true, 0x78) => Ok(Self::Zlib(Box::new(ZlibDecoder::new(Vec::new())))),
            (true, _) => Err(io::ErrorKind::InvalidData.into()),
            (false, _) => Ok(Self::Deflate(Box::new(DeflateDecoder::new(Vec::new())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    use super::*;

    fn decoder(coding: &'static str) -> IncrementalDecoder {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]);
        let decoder = IncrementalDecoder::of(&headers).expect("it is known");
        decoder.expect("it is a coding")
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    fn deflate(body: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    /// Decodes a body that comes in pieces, and checks that no step gives much more than it may.
    fn decode(coding: &'static str, body: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let (mut decoder, mut all) = (decoder(coding), Vec::new());
        for mut piece in body.chunks(size) {
            while !piece.is_empty() {
                let before = all.len();
                let taken = decoder.decode(piece, 64 * 1024, &mut all)?;
                assert!(
                    all.len() - before <= 96 * 1024,
                    "{} bytes in one go",
                    all.len() - before
                );
                piece = &piece[taken..];
            }
            decoder.flush(&mut all)?;
        }
        decoder.finish(&mut all)?;
        Ok(all)
    }

    #[test]
    fn every_coding_is_removed_in_whatever_pieces_it_comes() {
        let text: Vec<u8> = (0_u32..40_000)
            .flat_map(|number| format!("{number}\n").into_bytes())
            .collect();
        for (coding, body) in [
            ("gzip", gzip(&text)),
            ("X-Deflate", zlib(&text)),
            ("deflate", deflate(&text)),
        ] {
            for size in [1, 7, 1000, body.len()] {
                assert_eq!(decode(coding, &body, size).expect("whole"), text, "{coding} by {size}");
            }
        }
    }

    #[test]
    fn what_was_taken_is_there_after_a_flush() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let mut decoder = decoder("gzip");
        for line in ["first\n", "second\n"] {
            encoder.write_all(line.as_bytes()).expect("memory takes it");
            encoder.flush().expect("memory takes it");
            let piece = std::mem::take(encoder.get_mut());
            let mut output = Vec::new();
            assert_eq!(decoder.decode(&piece, 1000, &mut output).expect("gzip"), piece.len());
            decoder.flush(&mut output).expect("gzip");
            assert_eq!(output, line.as_bytes());
        }
    }

    #[test]
    fn members_are_one_body_and_a_bomb_comes_in_pieces() {
        let members = [gzip(b"a"), gzip(b""), gzip(b"b")].concat();
        assert_eq!(decode("gzip", &members, 5).expect("whole"), b"ab");
        let zeros = vec![0; 50_000_000];
        assert_eq!(
            decode("gzip", &gzip(&zeros), 1_000_000).expect("whole").len(),
            zeros.len()
        );
    }

    #[test]
    fn what_readers_decode_differently_is_refused() {
        for coding in ["br", "gzip, gzip", "gzip,identity", ""] {
            let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]);
            assert!(IncrementalDecoder::of(&headers).is_err(), "{coding}");
        }
        let mut twice = HeaderMap::new();
        twice.append(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        twice.append(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(IncrementalDecoder::of(&twice).is_err());
        assert!(decode("deflate", b"\x48\x89\x00\x00", 4).is_err(), "a window of 4 KiB");
        assert!(decode("gzip", b"{}{}{}{}{}{}", 5).is_err());
        let whole = gzip(b"{}");
        assert!(decode("gzip", &whole[..whole.len() - 4], 5).is_err());
    }
}
