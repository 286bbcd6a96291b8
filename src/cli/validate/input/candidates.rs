//! Finds what is to be judged in a part of a file: jobs, and what is taken for one.

use super::super::found::{Body, Found};
use super::super::jobs;
use super::InputError;
use crate::cli::places::{Lines, Position};
use crate::xcontent::json::{Document, Fault, Node};

/// A part of a file and its document.
pub(super) struct Part<'f> {
    pub(super) start: usize,
    pub(super) document: Document<'f>,
    /// The id that a request's path says.
    pub(super) id: Option<String>,
    pub(super) trailing: Option<String>,
}

/// A job, or what is taken for one, in a part of a file.
pub(super) struct Candidate<'p> {
    pub(super) part: &'p Part<'p>,
    pub(super) found: Found<'p>,
    /// Nothing is between it and what follows the part.
    pub(super) is_last: bool,
}

/// Finds them.
pub(super) struct Finder<'f> {
    /// Whether the file is one of a folder, in which there may be files of something else.
    pub(super) in_folder: bool,
    /// The file's lines, for positions.
    pub(super) lines: &'f Lines,
}

impl Finder<'_> {
    /// Whether the only value of a file is a job itself, which is judged as it is.
    pub(super) fn is_only_job(&self, part: &Part<'_>) -> bool {
        let root = part.document.root();
        let is_broken = part.document.fault().is_some();
        match root {
            _ if part.id.is_some() => false,
            None => !self.in_folder,
            Some(root) if is_broken => !jobs::is_container(root) && self.is_meant(root),
            Some(root) => {
                let finds = jobs::find(root);
                let is_all = |found: &Found<'_>| found.pointer.is_empty() && !found.is_stored;
                match finds.jobs.as_slice() {
                    [] => !finds.is_known && !self.in_folder,
                    [only] => is_all(only) && matches!(only.body, Body::Part(_)),
                    _ => false,
                }
            }
        }
    }

    pub(super) fn candidates<'p>(&self, part: &'p Part<'_>) -> Result<Vec<Candidate<'p>>, InputError> {
        let taken_for_job = |pointer: String, node: Node<'p>| Found {
            pointer,
            body: Body::Part(node),
            id: None,
            is_stored: false,
            exists: false,
        };
        let root = part.document.root();
        if let Some(fault) = part.document.fault() {
            // Whoever judges it says where it breaks off, if it is one job.
            let is_one = |root: &Node<'_>| !jobs::is_container(*root) && root.is_complete() && self.is_meant(*root);
            return match root.filter(is_one) {
                Some(root) => Ok(vec![Candidate {
                    part,
                    found: taken_for_job(String::new(), root),
                    is_last: true,
                }]),
                None => Err(self.malformed(part, fault)),
            };
        }
        let Some(root) = root else {
            return Ok(Vec::new());
        };
        let finds = jobs::find(root);
        // In a folder it is something else, unless it is in a row with jobs.
        let is_judged = !self.in_folder || !finds.jobs.is_empty();
        let unknown = finds.unknown.into_iter().filter(|_| is_judged);
        let unknown = unknown.map(|(pointer, node)| taken_for_job(pointer, node));
        let found: Vec<Found<'p>> = finds.jobs.into_iter().chain(unknown).collect();
        let count = found.len();
        let candidates = found.into_iter().enumerate().map(|(place, found)| Candidate {
            part,
            found,
            is_last: place + 1 == count,
        });
        Ok(candidates.collect())
    }

    /// Whether a broken document is one of a job: in a folder there may be others.
    fn is_meant(&self, root: Node<'_>) -> bool {
        !self.in_folder || jobs::is_job(root)
    }

    fn malformed(&self, part: &Part<'_>, fault: &Fault) -> InputError {
        let place = part.document.place_of(fault);
        let inside = Position {
            line: place.line.unwrap_or(1),
            column: place.column,
        };
        InputError::Malformed {
            position: self.lines.position(part.start).of_part(inside),
            reason: fault.kind.to_string(),
        }
    }
}

/// The id that a job has in itself.
pub(super) fn id_of(node: Node<'_>) -> Option<String> {
    let id = node.member("job_id").and_then(Node::as_text);
    id.map(std::borrow::Cow::into_owned)
}
