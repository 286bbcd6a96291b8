//! Reads a file: its values one after the other, and what comes of the jobs in them.

use std::ops::Range;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::super::body::{self, Made};
use super::super::documents;
use super::super::found::Body;
use super::super::values::{self, Piece, PieceKind};
use super::candidates::{Candidate, Finder, Part, id_of};
use super::{InputError, Place, Read};
use crate::cli::engine::Submission;
use crate::cli::places::{Lines, Places, Position};
use crate::es::percent::decode_segment;
use crate::es::version::Version;
use crate::xcontent::format::Format;
use crate::xcontent::json::Document;

/// How much of a text that is no job is shown, in characters.
const MAX_SHOWN: usize = 40;

/// A file that is being read.
pub(super) struct Reader<'f, F> {
    pub(super) bytes: &'f [u8],
    pub(super) lines: Lines,
    pub(super) id: Option<&'f str>,
    /// The file's name without its ending, which is the id of its only job.
    pub(super) stem: Option<String>,
    pub(super) in_folder: bool,
    pub(super) each: F,
}

impl<T: Send, F: Fn(Submission) -> T + Sync> Reader<'_, F> {
    const fn finder(&self) -> Finder<'_> {
        Finder {
            in_folder: self.in_folder,
            lines: &self.lines,
        }
    }

    fn slice(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    pub(super) fn read_json(&self) -> Vec<Read<T>> {
        let (parts, mut failed) = self.parts(values::of_json(self.bytes));
        // Without a single value the whole of it is judged, whatever it is.
        if parts.is_empty() && !self.in_folder {
            return vec![self.whole(self.bytes.to_vec(), None, Format::Json, None)];
        }
        if let [part] = parts.as_slice()
            && failed.is_empty()
            && self.finder().is_only_job(part)
        {
            return vec![self.only_job(part, Format::Json)];
        }
        let mut read = self.judged(&parts, |Candidate { part, found, .. }| {
            (body::of_json(found, &self.lines, part.start), Format::Json)
        });
        read.append(&mut failed);
        self.or_no_job(read)
    }

    pub(super) fn read_yaml(&self) -> Vec<Read<T>> {
        let documents = documents::of_yaml(self.bytes);
        let part = |range: &Range<usize>| {
            let document = self.slice(range.clone());
            Part {
                start: range.start,
                document: Format::Yaml.read(document, Version::BASE),
                id: None,
                trailing: documents::after_flow(document).map(shown),
            }
        };
        let parts: Vec<Part<'_>> = documents.iter().map(part).collect();
        if parts.is_empty() && !self.in_folder {
            return vec![self.whole(self.bytes.to_vec(), None, Format::Yaml, None)];
        }
        if let [part] = parts.as_slice()
            && self.finder().is_only_job(part)
        {
            return vec![self.only_job(part, Format::Yaml)];
        }
        let ends: Vec<usize> = documents.iter().map(|document| document.end).collect();
        let read = self.judged(&parts, |Candidate { part, found, .. }| {
            let is_all = found.pointer.is_empty() && !found.is_stored;
            let end = ends.iter().find(|end| **end > part.start).copied();
            match end.filter(|_| is_all) {
                // A document among others stays as it is written, on its lines.
                Some(end) => {
                    let made = Made {
                        bytes: self.slice(part.start..end).to_vec(),
                        left_out: Vec::new(),
                        places: Places::From(self.lines.position(part.start)),
                    };
                    (made, Format::Yaml)
                }
                None => (body::of_yaml(found), Format::Json),
            }
        });
        self.or_no_job(read)
    }

    /// The values of a file of JSON, and what between them is none.
    fn parts(&self, pieces: Vec<Piece>) -> (Vec<Part<'_>>, Vec<Read<T>>) {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut failed = Vec::new();
        // What the last line of a request says of the values after it: none of the others is a job to create.
        let mut request: Option<Option<String>> = None;
        for Piece { bytes, kind } in pieces {
            match kind {
                PieceKind::Request { method, path } => request = Some(created_by(&method, &path)),
                PieceKind::Value => {
                    let id = match &request {
                        None => None,
                        Some(Some(id)) => Some(id.clone()),
                        Some(None) => continue,
                    };
                    parts.push(Part {
                        start: bytes.start,
                        document: Document::read(self.slice(bytes)),
                        id,
                        trailing: None,
                    });
                }
                PieceKind::Text => {
                    let text = shown(self.slice(bytes.clone()));
                    let is_all = parts.is_empty() && bytes.end == self.bytes.len();
                    match parts.last_mut() {
                        Some(part) if request.is_none() => {
                            part.trailing.get_or_insert(text);
                        }
                        _ if self.in_folder => {}
                        // Alone, it is the body.
                        _ if is_all => {}
                        _ => failed.push(Read::failed(Some(self.place(bytes.start, "")), InputError::Text(text))),
                    }
                }
            }
        }
        (parts, failed)
    }

    pub(super) fn place(&self, at: usize, pointer: &str) -> Place {
        Place {
            position: self.lines.position(at),
            pointer: pointer.to_owned(),
        }
    }

    /// A file whose only value is a job.
    fn only_job(&self, part: &Part<'_>, format: Format) -> Read<T> {
        let id = part.document.root().and_then(id_of);
        self.whole(self.bytes.to_vec(), id, format, part.trailing.clone())
    }

    /// A file that is one job.
    fn whole(&self, body: Vec<u8>, id: Option<String>, format: Format, trailing: Option<String>) -> Read<T> {
        let id = self.id.map(str::to_owned).or(id).or_else(|| self.stem.clone());
        Read {
            place: None,
            left_out: Vec::new(),
            trailing,
            exists: false,
            outcome: id.ok_or(InputError::NoId).map(|id| {
                let outcome = (self.each)(Submission {
                    id: id.clone(),
                    body,
                    format: Some(format),
                    ..Submission::default()
                });
                (id, outcome)
            }),
        }
    }

    /// What comes of the jobs in the parts of a file.
    fn judged(&self, parts: &[Part<'_>], made: impl Fn(&Candidate<'_>) -> (Made, Format) + Sync) -> Vec<Read<T>> {
        let mut failed = Vec::new();
        let mut candidates = Vec::new();
        for part in parts {
            match self.finder().candidates(part) {
                Ok(found) => candidates.extend(found),
                Err(error) => failed.push(Read::failed(Some(self.place(part.start, "")), error)),
            }
        }
        let is_only = candidates.len() == 1;
        let mut read: Vec<Read<T>> = candidates
            .par_iter()
            .map(|candidate| self.judge(candidate, is_only, &made))
            .collect();
        read.append(&mut failed);
        read
    }

    fn judge(
        &self,
        candidate: &Candidate<'_>,
        is_only: bool,
        made: impl Fn(&Candidate<'_>) -> (Made, Format),
    ) -> Read<T> {
        let Candidate { part, found, is_last } = candidate;
        let (Body::Part(node) | Body::Made(_, node)) = found.body;
        let place = if part.document.is_in_another_format() {
            let place = part.document.place(node.start());
            let inside = Position {
                line: place.line.unwrap_or(1),
                column: place.column,
            };
            Place {
                position: self.lines.position(part.start).of_part(inside),
                pointer: found.pointer.clone(),
            }
        } else {
            self.place(part.start + node.start(), &found.pointer)
        };
        let (made, format) = made(candidate);
        // The id of a request, or of a module's job, is the one that is asked for: a body may not have another.
        let asked = self.id.filter(|_| is_only).map(str::to_owned);
        let asked = asked.or_else(|| part.id.clone()).or_else(|| found.id.clone());
        let id = asked.or_else(|| id_of(node));
        let id = id.or_else(|| self.stem.clone().filter(|_| is_only));
        Read {
            place: Some(place),
            left_out: made.left_out,
            trailing: part.trailing.clone().filter(|_| *is_last),
            exists: found.exists,
            outcome: id.ok_or(InputError::NoId).map(|id| {
                let outcome = (self.each)(Submission {
                    id: id.clone(),
                    body: made.bytes,
                    format: Some(format),
                    places: made.places,
                    ..Submission::default()
                });
                (id, outcome)
            }),
        }
    }

    /// What was read, or that it was nothing: no surprise in a folder.
    fn or_no_job(&self, read: Vec<Read<T>>) -> Vec<Read<T>> {
        if read.is_empty() && !self.in_folder {
            return vec![Read::failed(None, InputError::NoJob)];
        }
        read
    }
}

/// The id of the job that a request creates, if that is what it does.
fn created_by(method: &str, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix('/').unwrap_or(path);
    let calls = ["_ml/anomaly_detectors/", "_xpack/ml/anomaly_detectors/"];
    let id = calls.iter().find_map(|call| path.strip_prefix(call))?;
    let id = id.trim_end_matches('/');
    let is_create = method == "PUT" && !id.is_empty() && !id.contains('/');
    is_create.then(|| decode_segment(id).ok()).flatten()
}

/// The beginning of a text, for a message.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
