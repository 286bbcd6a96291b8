//! A job that was found in a file.

use serde_json::Value;

use crate::xcontent::json::Node;

/// A job that was found.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    /// Where in the value, as a JSON Pointer.
    pub(super) pointer: String,
    pub(super) body: Body<'a>,
    /// What is around it says this id, if the job itself does not.
    pub(super) id: Option<String>,
    /// It is as a server shows or keeps it, with what only the server sets.
    pub(super) is_stored: bool,
    /// It is one that the cluster has already.
    pub(super) exists: bool,
}

/// What a job is written in.
#[derive(Debug, Clone)]
pub(super) enum Body<'a> {
    /// A part of the file.
    Part(Node<'a>),
    /// A description of it that was translated; the part of the file that it is made from.
    Made(Value, Node<'a>),
}
